"""The package in a notebook: what loads when, what the frames hold, that nobody's name leaves the database."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
from support import doc_examples
from support.store_kit import DAY, NOW, NOW_EPOCH, START_DAY, clock, entry, opened
from test_analysis import bring_demo

import tracker
from tracker import analysis, demo, notebook
from tracker.claims import catalogue
from tracker.domain.errors import BadValue, NotFound, NothingToDo
from tracker.domain.question import Question
from tracker.domain.records import Claim, Rollout, Selection
from tracker.evidence.activity import estimate_activity
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


@pytest.fixture(scope="module")
def demo_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up log, where the demo leaves it."""
    folder = tmp_path_factory.mktemp("home") / "demo"
    folder.mkdir()
    with opened(f"sqlite:///{folder / 'demo.db'}") as database:
        bring_demo(database, folder)
    return folder / "demo.db"


@pytest.fixture(scope="module")
def demo_url(demo_log: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same with one more rollout, of a developer who never logged."""
    copy = tmp_path_factory.mktemp("log") / "log.db"
    shutil.copy(demo_log, copy)
    with opened(f"sqlite:///{copy}") as database:
        team_data.set_rollout(database, "ann", Rollout("Other", 20_500, developer="nobody-logged"))
    return f"sqlite:///{copy}"


@pytest.fixture
def log(demo_url: str) -> tracker.Log:
    return tracker.open(demo_url, reader="cedar-2", clock=clock)


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_the_examples_in_the_docs_print_what_they_say(
    demo_log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/notebook.md, on the log that the demo leaves; every table of names in it is complete."""
    monkeypatch.chdir(demo_log.parent.parent)
    session = doc_examples.run("notebook.md")
    assert session["seen"].chart_data
    text = (doc_examples.DOCS / "notebook.md").read_text(encoding="utf-8")
    assert f"`{', '.join(notebook.Options.__annotations__)}`" in text
    drawn = {row[0].partition("(")[0] for row in doc_examples.table("notebook.md", "Figures")}
    assert drawn == set(tracker.figures.__all__)


def test_importing_the_package_loads_nothing_heavy() -> None:
    """The command line starts through it; even records are loaded only when they are asked for."""
    loaded = set(run("import sys, tracker; dir(tracker); print(*sys.modules)").split())
    assert not loaded & HEAVY
    assert not [name for name in loaded if name.startswith("tracker.")]


def test_every_public_name_is_handed_on() -> None:
    """Those that ``__all__`` and ``dir`` promise are there when asked for in a fresh process; others are not."""
    code = "import tracker; print(*(f'{n}={type(getattr(tracker, n)).__name__}' for n in tracker.__all__))"
    kinds = dict(pair.split("=") for pair in run(code).split())
    assert set(kinds) == set(tracker.__all__) <= set(dir(tracker))
    assert (kinds["open"], kinds["Log"], kinds["figures"]) == ("function", "type", "module")
    with pytest.raises(AttributeError, match="nothing_such"):
        tracker.nothing_such  # noqa: B018 - the attribute is the test


def test_a_log_is_judged_as_the_analysis_judges_it(demo_url: str, log: tracker.Log) -> None:
    """The same frozen results, whatever is asked."""
    with opened(demo_url) as database:
        own = tuple(claim for claim in catalogue.default_claims() if claim.activity == "design")
        question = Question(
            claims=own,
            activities=("design",),
            selection=Selection(first_day=20_200),
            design="before-after",
            level=0.9,
            seed=3,
            reader="cedar-2",
        )
        expected = analysis.assess(database, question, generated_epoch=NOW_EPOCH)
    found = log.assess(
        activities="design", design="before-after", level=0.9, seed=3, first_day=date(2025, 4, 22)
    )
    assert found == expected
    assert log.assess("iflytek-2024-design").results[0].claim in log.claims()


def test_a_claim_made_on_the_spot_is_judged_and_planned(log: tracker.Log) -> None:
    """It need not be kept anywhere."""
    mine = Claim("vendor", "design", 1.2, "efficiency_gain", "at_least", "an offer")
    (result,) = log.assess(mine).results
    assert result.verdict == "smaller"
    ((claim, plan),) = log.plan(mine, true_gain=0.38)
    assert claim == mine
    assert plan is not None
    assert plan.items_in_all
    frame = tracker.to_frame(log.assess(mine))
    assert list(frame["claim"]) == ["vendor"]
    assert frame["verdict"][0] == "smaller"


def test_moments_and_work_items_are_what_the_headline_is_made_of(log: tracker.Log) -> None:
    """Estimating from the frames gives the log's own figures; the work items add up to the moments."""
    (result,) = log.assess("iflytek-2024-design").results
    moments, items = log.moments(activities="design"), log.work_items(activities=["design"])
    again = estimate_activity(
        moments,
        activity="design",
        design="staggered",
        level=0.95,
        interval_level=0.95,
        items=lambda: items,
    )
    assert again.log_ratio is not None
    assert result.log_ratio is not None
    assert again.log_ratio.estimate == pytest.approx(result.log_ratio.estimate, rel=1e-9)
    assert again.log_ratio.low == pytest.approx(result.log_ratio.low, rel=1e-9)
    assert set(moments["study_design"]) == {"staggered"}
    sums = [
        items.groupby(["arm", "status"])["minutes"].sum(),
        moments.groupby(["arm", "status"])["t"].sum(),
    ]
    pd.testing.assert_series_equal(*sums, check_names=False)
    assert (items["day"] <= items["last_day"]).all()


def test_entries_have_units_and_instants(log: tracker.Log) -> None:
    """Minutes of effort, instants in UTC, local days; a part of the log where one is asked for."""
    everything, part = (
        log.entries(),
        log.entries(activities="testing", team="Cedar", first_day=date(2025, 9, 1)),
    )
    assert 0 < len(part) < len(everything)
    assert set(part["activity"]) == {"testing"}
    assert set(part["team"]) == {"Cedar"}
    assert part["day"].min() >= pd.Timestamp(2025, 9, 1)
    assert str(part["started_at"].dt.tz) == "UTC"
    assert part["minutes"].between(1, 110).all()
    assert log.entries(mine=True)["developer"].unique().tolist() == ["cedar-2"]
    assert not {"note", "tags", "title"} & set(everything.columns)


def test_no_name_but_the_readers_leaves_the_database(log: tracker.Log) -> None:
    """Every developer is the same number in every frame, in the order of first entries; the reader is themselves."""
    people = {f"{team.lower()}-{n}" for team, _ in demo.WAVES for n in range(1, 6)}
    frames = [log.entries(), log.work_items(), log.moments(), log.rollouts()]
    for frame in frames:
        text = frame.to_csv()
        assert not [name for name in people - {"cedar-2"} if name in text]
        assert "nobody-logged" not in text
    assert set(log.rollouts()["developer"].dropna()) == {"a developer without entries"}
    logged = log.entries(activities="design").groupby("developer")["minutes"].sum()
    compared = log.moments(activities="design").groupby("developer")["t"].sum()
    assert len(logged) == 15
    pd.testing.assert_series_equal(logged, compared, check_names=False)
    firsts = frames[0].groupby("developer", sort=False)["started_at"].min()
    assert firsts.is_monotonic_increasing


def test_small_parts_are_withheld_in_frames_too(database_url: str) -> None:
    """A team of three is shown to its own people only, also as rows."""
    with opened(database_url) as database:
        rows = [
            entry(n, f"p{n}", team="small" if n < 3 else "large", task=f"T-{n}") for n in range(12)
        ]
        imports.import_records(database, rows, source="test", file="-", now_epoch=NOW_EPOCH)
    with tracker.open(database_url, reader="p9", clock=clock) as log:
        for ask in (log.entries, log.work_items, log.moments, log.assess):
            with pytest.raises(NothingToDo, match="withheld"):
                ask(team="small")
    with tracker.open(database_url, reader="p0", clock=clock) as log:
        assert len(log.entries(team="small")) == 3
        assert log.entries(team="small")["started_at"][0] == pd.Timestamp(
            START_DAY * DAY + 9 * 3600, unit="s", tz="UTC"
        )
        assert log.entries()["developer"].tolist() == [
            "p0",
            *(f"developer {n}" for n in range(2, 13)),
        ]


def test_without_a_url_it_is_ones_own_log(tmp_path: Path) -> None:
    """Found as the command line finds it, by the environment given; a log that is not there is not made."""
    environ = {"HOME": str(tmp_path), "TRACKER_DEVELOPER": "ann"}
    with pytest.raises(NotFound, match="db status"):
        tracker.open(environ=environ, clock=clock)
    path = tmp_path / ".local" / "share" / "tracker" / "tracker.db"
    assert not path.exists()
    path.parent.mkdir(parents=True)
    with opened(f"sqlite:///{path}") as database:
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
    ("options", "said"),
    [
        ({"tema": "Cedar"}, "option is 'tema'"),
        ({"level": 1.2}, "--level is 1.2"),
        ({"reading": "speed"}, "--reading is 'speed'"),
        ({"design": "divined"}, "--design is divined"),
        ({"now": datetime(2026, 1, 1)}, "now is 2026-01-01"),
        ({"first_day": date(2025, 6, 2), "last_day": date(2025, 6, 1)}, "--from lies after --to"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(
    log: tracker.Log, options: dict[str, object], said: str
) -> None:
    """Also a misspelt option, which would otherwise be passed over."""
    with pytest.raises(BadValue) as refusal:
        log.assess(**options)  # type: ignore[arg-type]
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_figures_draw_what_was_assessed(log: tracker.Log) -> None:
    """With the pictures asked for, every figure of the page is to be had; without them, those of the results alone."""
    seen = log.assess(activities="design", first_day=date(2025, 7, 1), charts=True, now=NOW)
    drawn = [tracker.figures.draw_intervals(seen), tracker.figures.draw_hours(seen)]
    drawn += [
        draw(seen.chart_data[0])
        for draw in (tracker.figures.draw_course, tracker.figures.draw_distributions)
    ]
    assert all(figure is not None and len(figure.data) for figure in drawn)
    bare = log.assess(activities="design")
    assert bare.chart_data == ()
    assert tracker.figures.draw_intervals(bare) is not None
    assert tracker.figures.draw_hours(bare) is None
