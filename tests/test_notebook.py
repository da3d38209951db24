"""The package in a notebook: late loading, frames, hidden names, verdicts."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
from support import doc_examples
from support.demo_log import fill_with_demo
from support.store_kit import DAY, NOW, NOW_EPOCH, START_DAY, clock, entry, open_test_database

import tracker
from tracker import demo, notebook
from tracker.analysis.assessment import assess
from tracker.claims import catalogue
from tracker.domain.errors import BadValue, NotFound, NothingToDo
from tracker.domain.question import Question
from tracker.domain.records import Claim, Rollout, Selection
from tracker.evidence.activity import estimate_activity
from tracker.evidence.item_cells import cell_reader
from tracker.store.write import imports, team_data

HEAVY = {
    "pandas",
    "numpy",
    "scipy",
    "sqlalchemy",
    "plotly",
    "alembic",
    "jinja2",
    "rich",
    "click",
    "dataclasses",
}
"""Modules that importing the package must not load."""


@pytest.fixture(scope="module")
def demo_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's database, at the path where ``tracker demo`` creates it."""
    folder = tmp_path_factory.mktemp("home") / "demo"
    folder.mkdir()
    with open_test_database(f"sqlite:///{folder / 'demo.db'}") as database:
        fill_with_demo(database)
    return folder / "demo.db"


@pytest.fixture(scope="module")
def demo_url(demo_log: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a copy with one more rollout, of a developer who never logged."""
    copy = tmp_path_factory.mktemp("log") / "log.db"
    shutil.copy(demo_log, copy)
    with open_test_database(f"sqlite:///{copy}") as database:
        team_data.set_rollout(database, "ann", Rollout("Other", 20_500, developer="nobody-logged"))
    return f"sqlite:///{copy}"


@pytest.fixture
def log(demo_url: str) -> tracker.Log:
    return tracker.open(demo_url, reader="cedar-2", clock=clock)


def run(code: str) -> str:
    """What a new Python process prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_examples_of_the_docs_are_true(demo_log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples of docs/notebook.md print what it says, and its lists of names are complete."""
    monkeypatch.chdir(demo_log.parent.parent)
    session = doc_examples.run("notebook.md")
    assessments = [value for value in session.values() if isinstance(value, tracker.Assessment)]
    assert any(assessment.chart_data for assessment in assessments)
    text = (doc_examples.DOCS / "notebook.md").read_text(encoding="utf-8")
    assert f"`{', '.join(notebook.Options.__annotations__)}`" in text
    functions = {row[0].partition("(")[0] for row in doc_examples.table("notebook.md", "Figures")}
    assert functions == set(tracker.figures.__all__)


def test_importing_the_package_loads_nothing_heavy() -> None:
    """Neither a large library nor another module of the package is loaded."""
    loaded = set(run("import sys, tracker; dir(tracker); print(*sys.modules)").split())
    assert not loaded & HEAVY
    assert not [name for name in loaded if name.startswith("tracker.")]


def test_public_names_load_at_first_use() -> None:
    """In a new process every name of ``__all__`` can be used; another name is an AttributeError."""
    code = (
        "import tracker;"
        "print(*(f'{n}={type(getattr(tracker, n)).__name__}' for n in tracker.__all__))"
    )
    kinds = dict(pair.split("=") for pair in run(code).split())
    assert set(kinds) == set(tracker.__all__) <= set(dir(tracker))
    assert (kinds["open"], kinds["Log"], kinds["figures"]) == ("function", "type", "module")
    with pytest.raises(AttributeError, match="nothing_such"):
        tracker.nothing_such  # noqa: B018 - the access itself raises


def test_assess_equals_the_analysis(demo_url: str, log: tracker.Log) -> None:
    """All options of a log reach the question of the analysis."""
    with open_test_database(demo_url) as database:
        claims = tuple(c for c in catalogue.default_claims() if c.activity == "design")
        question = Question(
            claims=claims,
            activities=("design",),
            selection=Selection(first_day=20_200),
            design="before-after",
            level=0.9,
            seed=3,
            reader="cedar-2",
        )
        expected = assess(database, question, generated_epoch=NOW_EPOCH)
    actual = log.assess(
        activities="design", design="before-after", level=0.9, seed=3, first_day=date(2025, 4, 22)
    )
    assert actual == expected
    assert log.assess("iflytek-2024-design").results[0].claim in log.claims()


def test_claim_need_not_be_stored(log: tracker.Log) -> None:
    """A claim that is in no catalogue can be judged and planned for."""
    offer = Claim("vendor", "design", 1.2, "efficiency_gain", "at_least", "an offer")
    (result,) = log.assess(offer).results
    assert result.verdict == "smaller"
    ((claim, plan),) = log.plan(offer, true_gain=0.38)
    assert claim == offer
    assert plan is not None
    assert plan.of("randomised").items_in_all
    frame = tracker.to_frame(log.assess(offer))
    assert list(frame["claim"]) == ["vendor"]
    assert frame["verdict"][0] == "smaller"


def test_frames_reproduce_the_estimate(log: tracker.Log) -> None:
    """An estimate from the frames equals the log's, and work items add up to moments."""
    (result,) = log.assess("iflytek-2024-design").results
    moments, items = log.moments(activities="design"), log.work_items(activities=["design"])
    estimate = estimate_activity(
        moments,
        activity="design",
        design="staggered",
        level=0.95,
        interval_level=0.95,
        items=cell_reader(lambda: items, "design"),
    )
    assert estimate.log_ratio is not None
    assert result.log_ratio is not None
    assert estimate.log_ratio.estimate == pytest.approx(result.log_ratio.estimate, rel=1e-9)
    assert estimate.log_ratio.low == pytest.approx(result.log_ratio.low, rel=1e-9)
    assert set(moments["study_design"]) == {"staggered"}
    sums = [
        items.groupby(["arm", "status"])["minutes"].sum(),
        moments.groupby(["arm", "status"])["t"].sum(),
    ]
    pd.testing.assert_series_equal(*sums, check_names=False)
    assert (items["day"] <= items["last_day"]).all()


def test_entries_have_minutes_and_utc_instants(log: tracker.Log) -> None:
    """Entries hold minutes of effort, instants in UTC and local days, and filters select some."""
    all_entries, some = (
        log.entries(),
        log.entries(activities="testing", team="Cedar", first_day=date(2025, 9, 1)),
    )
    assert 0 < len(some) < len(all_entries)
    assert set(some["activity"]) == {"testing"}
    assert set(some["team"]) == {"Cedar"}
    assert some["day"].min() >= pd.Timestamp(2025, 9, 1)
    assert str(some["started_at"].dt.tz) == "UTC"
    assert some["minutes"].between(1, 110).all()
    assert log.entries(own_work_only=True)["developer"].unique().tolist() == ["cedar-2"]
    assert not {"note", "tags", "title"} & set(all_entries.columns)


def test_frames_hold_no_name_but_the_readers(log: tracker.Log) -> None:
    """A developer has the same number in every frame, in the order of their first entries."""
    developers = {f"{team.lower()}-{n}" for team, _ in demo.WAVES for n in range(1, 6)}
    frames = [log.entries(), log.work_items(), log.moments(), log.rollouts()]
    for frame in frames:
        text = frame.to_csv()
        assert not [name for name in developers - {"cedar-2"} if name in text]
        assert "nobody-logged" not in text
    assert set(log.rollouts()["developer"].dropna()) == {"a developer without entries"}
    entry_minutes = log.entries(activities="design").groupby("developer")["minutes"].sum()
    moment_minutes = log.moments(activities="design").groupby("developer")["t"].sum()
    assert len(entry_minutes) == 15
    pd.testing.assert_series_equal(entry_minutes, moment_minutes, check_names=False)
    first_starts = frames[0].groupby("developer", sort=False)["started_at"].min()
    assert first_starts.is_monotonic_increasing


def test_small_teams_are_withheld(database_url: str) -> None:
    """There are no frames and verdicts of a team of three, nor for its members but of their own."""
    with open_test_database(database_url) as database:
        rows = [
            entry(n, f"p{n}", team="small" if n < 3 else "large", task=f"T-{n}") for n in range(12)
        ]
        imports.import_records(database, rows, source="test", file="-", now_epoch=NOW_EPOCH)
    for reader in ("p0", "p9"):
        with tracker.open(database_url, reader=reader, clock=clock) as log:
            for method in (log.entries, log.work_items, log.moments, log.assess, log.plan):
                with pytest.raises(NothingToDo, match="withheld"):
                    method(team="small")
    with tracker.open(database_url, reader="p0", clock=clock) as log:
        own_entries = log.entries(team="small", own_work_only=True)
        assert len(own_entries) == 1
        assert own_entries["started_at"][0] == pd.Timestamp(
            START_DAY * DAY + 9 * 3600, unit="s", tz="UTC"
        )
        assert log.entries()["developer"].tolist() == [
            "p0",
            *(f"developer {n}" for n in range(2, 13)),
        ]


def test_without_a_url_the_users_own_log_is_opened(tmp_path: Path) -> None:
    """The path comes from the environment, as on the command line; a missing log is not created."""
    environ = {"HOME": str(tmp_path), "TRACKER_DEVELOPER": "ann"}
    with pytest.raises(NotFound, match="db status"):
        tracker.open(environ=environ, clock=clock)
    path = tmp_path / ".local" / "share" / "tracker" / "tracker.db"
    assert not path.exists()
    path.parent.mkdir(parents=True)
    with open_test_database(f"sqlite:///{path}") as database:
        imports.import_records(
            database, [entry(1), entry(2, "bob")], source="test", file="-", now_epoch=NOW_EPOCH
        )
    with tracker.open(environ=environ, clock=clock) as log:
        assert log.entries()["developer"].tolist() == ["ann", "developer 2"]
        assert "tracker.db" in repr(log)
    with tracker.open(
        environ=environ | {"TRACKER_DATABASE_URL": f"sqlite:///{path}"}, reader="bob"
    ) as log:
        assert log.entries()["developer"].tolist() == ["developer 1", "bob"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tema": "Cedar"}, "option is 'tema'"),
        ({"level": 1.2}, "--level is 1.2"),
        ({"reading": "speed"}, "--reading is 'speed'"),
        ({"design": "divined"}, "--design is divined"),
        ({"now": datetime(2026, 1, 1)}, "now is 2026-01-01"),
        ({"first_day": date(2025, 6, 2), "last_day": date(2025, 6, 1)}, "--from lies after --to"),
    ],
)
def test_impossible_options_are_refused_in_one_line(
    log: tracker.Log, options: dict[str, object], message: str
) -> None:
    """An unknown option or an impossible value is an error that names it."""
    with pytest.raises(BadValue) as raised:
        log.assess(**options)  # type: ignore[arg-type]
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_unknown_activity_is_refused(log: tracker.Log) -> None:
    """As `check --activity` refuses it; one that is cut short is read as the whole."""
    for read in (log.assess, log.work_items):
        with pytest.raises(NotFound, match=r"--activity is 'desgin': did you mean design\?"):
            read(activities="desgin")
    assert set(log.work_items(activities="des")["activity"]) == {"design"}


def test_figures_draw_an_assessment(log: tracker.Log) -> None:
    """With ``charts`` every figure can be drawn, without it only those of the results."""
    assessment = log.assess(activities="design", first_day=date(2025, 7, 1), charts=True, now=NOW)
    figures = [tracker.figures.draw_intervals(assessment), tracker.figures.draw_hours(assessment)]
    figures += [
        draw(assessment.chart_data[0])
        for draw in (tracker.figures.draw_course, tracker.figures.draw_distributions)
    ]
    assert all(figure is not None and len(figure.data) for figure in figures)
    without_charts = log.assess(activities="design")
    assert without_charts.chart_data == ()
    assert tracker.figures.draw_intervals(without_charts) is not None
    assert tracker.figures.draw_hours(without_charts) is None
