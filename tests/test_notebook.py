"""The package in a notebook: late loading, frames, hidden names, verdicts."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support import doc_examples
from support.demo_log import fill_with_demo
from support.store_kit import DAY, NOW, NOW_EPOCH, START_DAY, clock, entry, open_test_database

import tracker
from tracker import demo
from tracker.analysis.assessment import assess
from tracker.analysis.notebook_options import Options
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
    assert f"`{', '.join(Options.__annotations__)}`" in text
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
        ({"design": "divined"}, "--design is 'divined': choose one of randomised, "),
        ({"level": "x"}, "--level is 'x': give a number from 0.5 to below 1, such as 0.95."),
        ({"level": float("nan")}, "--level is nan: give a number"),
        ({"level": None}, "--level is None: give a number"),
        ({"reading": ["x"]}, "--reading is ['x']: choose one of efficiency_gain, time_saved."),
        ({"anytime": "no"}, "--anytime is 'no': give True or False."),
        ({"seed": -1}, "--seed is -1: give a whole number from 0 on."),
        ({"seed": "x"}, "--seed is 'x': give a whole number"),
        ({"level": 10**400}, "--level is 1000"),
        ({"team": ""}, "team is '': give a name."),
        ({"team": 7}, "team is 7: give a name."),
        ({"project": "a\nb"}, "project is 'a\\nb': it holds a line break"),
        ({"activities": 7}, "activities is 7: give names, such as ['design']."),
        ({"activities": ["design", None]}, "activities is ['design', None]: give names"),
        ({"own_work_only": "no"}, "own_work_only is 'no': give True or False."),
        ({"first_day": 20_000}, "first_day is 20000: give a date, such as '2026-03-01'."),
        ({"last_day": "2025-06-31"}, "date is '2025-06-31': there is no such day."),
        ({"now": "noon"}, "now is 'noon': give a datetime("),
        ({"charts": "yes"}, "charts is 'yes': give True or False."),
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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"true_gain": "x"}, "the gain 'x' is not understood: write a percentage or a fraction"),
        ({"true_gain": "50"}, "the gain '50' may mean a percentage or a factor: write 50% or 0.5."),
        ({"true_gain": 50}, "the gain '50' may mean a percentage or a factor: write 50% or 0.5."),
        ({"true_gain": float("nan")}, "the gain nan is not understood"),
        ({"true_gain": [0.5]}, "the gain [0.5] is not understood"),
        ({"true_gain": -1.0}, "--true-gain is -100%: an efficiency gain of -100%"),
        ({"power": "x"}, "--power is 'x': give a number between 0 and 1, such as 0.8."),
        ({"power": None}, "--power is None: give a number between 0 and 1"),
        ({"power": 1}, "--power is 1: give a number between 0 and 1"),
    ],
)
def test_impossible_assumptions_of_a_plan_are_refused(
    log: tracker.Log, options: dict[str, Any], message: str
) -> None:
    """With the messages of `plan`; a value of a wrong type is a wrong value."""
    with pytest.raises(BadValue, match=f"^{re.escape(message)}"):
        log.plan(**options)


OFFER = Claim("vendor", "design", 1.2, "efficiency_gain", "at_least", "an offer")


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (7, "the claim is 7: give a claim or its id."),
        (["x"], "the claim is ['x']: give a claim or its id."),
        (replace(OFFER, value="x"), "the claimed gain is 'x': write a percentage or a fraction"),
        (replace(OFFER, value=float("inf")), "the claimed gain is inf: write"),
        (replace(OFFER, value=-1.0), "the claimed gain is -100%: "),
        (replace(OFFER, reading="speed"), "the reading is 'speed': choose one of"),
        (replace(OFFER, bound="over"), "the bound is 'over': choose one of"),
        (replace(OFFER, activity=None), "the claim's activity is None: give a text."),
        (replace(OFFER, id=7), "the claim's id is 7: give a text."),
    ],
)
def test_a_claim_that_cannot_be_is_refused(log: tracker.Log, claim: Any, message: str) -> None:
    """As `claims add` refuses it, by every call that takes claims."""
    for call in (log.assess, log.plan):
        with pytest.raises(BadValue, match=f"^{re.escape(message)}"):
            call(claim)


def test_a_text_is_read_as_on_the_command_line(log: tracker.Log) -> None:
    """A gain in per cent, a day, a team whose letters are composed otherwise."""
    ((_, plan),) = log.plan("iflytek-2024-design", true_gain="20%", design="randomised")
    ((_, expected),) = log.plan("iflytek-2024-design", true_gain=0.2, design="randomised")
    assert plan == expected
    frame = log.entries(first_day="2025-09-01", team=" Cedar ")
    assert frame.equals(log.entries(first_day=date(2025, 9, 1), team="Cedar"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"url": 7}, "url is 7: give a URL or the path of a file."),
        ({"url": "log"}, "url is 'log': give a URL such as postgresql://host/name, or the path"),
        ({"reader": 7}, "reader is 7: give a name."),
        ({"reader": " "}, "reader is ' ': give a name."),
    ],
)
def test_a_log_that_cannot_be_opened_is_refused(arguments: dict[str, Any], message: str) -> None:
    """In one line that names the argument."""
    with pytest.raises(BadValue, match=f"^{re.escape(message)}"):
        tracker.open(**{"url": "sqlite:///x.db", **arguments})


def test_a_path_opens_a_log(demo_log: Path) -> None:
    """As with `--db`; what is no assessment has no frame."""
    with tracker.open(demo_log, reader="cedar-2") as log:
        assert len(log.rollouts())
    with pytest.raises(BadValue, match=r"^assessment is \[\]: give what Log\.assess"):
        tracker.to_frame([])  # type: ignore[arg-type]


def test_own_work_needs_a_reader(demo_url: str) -> None:
    """Without one the option would select everybody's work."""
    with tracker.open(demo_url, environ={"HOME": "/"}) as log:
        log.reader = None
        with pytest.raises(BadValue, match="own_work_only is True: say whose work"):
            log.entries(own_work_only=True)


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
