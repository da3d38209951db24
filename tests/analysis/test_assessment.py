"""Assessments and plans from a log in a database."""

from __future__ import annotations

import dataclasses
import re
import weakref
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from support.demo_log import fill_with_demo
from support.store_kit import DAY, NOW_EPOCH, START_DAY, entry, open_test_database

from tracker import demo
from tracker.analysis import assessment
from tracker.analysis.assessment import assess
from tracker.analysis.study import Study
from tracker.claims import catalogue
from tracker.domain import synthetic
from tracker.domain.errors import BadValue, NothingToDo
from tracker.domain.question import Question
from tracker.domain.records import (
    ARMS,
    Arm,
    Assisted,
    Basis,
    Entry,
    Rollout,
    Selection,
    StudyDesign,
    WorkItem,
)
from tracker.evidence.assessment import ActivityChartData, Assessment
from tracker.evidence.item_cells import CLOSED
from tracker.evidence.results import Result
from tracker.store.database import Database
from tracker.store.write import imports, team_data


@pytest.fixture
def demo_database(database_url: str) -> Iterator[Database]:
    with open_test_database(database_url) as database:
        fill_with_demo(database)
        yield database


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    with open_test_database(f"sqlite:///{tmp_path / 'log.db'}") as database:
        yield database


def answer(database: Database, question: Question, **options: bool) -> Assessment:
    return assess(database, question, generated_epoch=NOW_EPOCH, **options)


def by_activity(assessment: Assessment) -> dict[str, Result]:
    return {result.activity: result for result in assessment.results}


def covers(result: Result, gain: float) -> bool:
    """Whether the interval of the efficiency gain contains a gain."""
    interval = result.efficiency_gain
    assert interval is not None
    assert interval.low is not None
    assert interval.high is not None
    return interval.low <= gain <= interval.high


def test_demo_is_judged_by_its_staggered_rollouts(demo_database: Database) -> None:
    """Both intervals contain the demo's true gains, and the assessment is marked as made up."""
    assessment = answer(demo_database, Question(claims=catalogue.default_claims()), for_page=True)
    results = by_activity(assessment)
    assert {result.study_design for result in results.values()} == {"staggered"}
    assert all(covers(results[activity], gain) for activity, gain in synthetic.TRUE_GAINS.items())
    assert assessment.synthetic_notice == synthetic.NOTICE
    assert assessment.truths == synthetic.TRUE_GAINS
    assert [data.activity for data in assessment.chart_data] == ["design", "testing"]
    assert {"coding", "review"} < {hours.activity for hours in assessment.hours.activities}


def test_check_and_page_name_the_same_assistants(demo_database: Database) -> None:
    """Also where a rollout writes the team otherwise, or is of a team without work."""
    question = Question(claims=catalogue.default_claims())
    team_data.set_rollout(demo_database, "ann", Rollout("Other 2", START_DAY, team="BIRCH"))
    team_data.set_rollout(demo_database, "ann", Rollout("Nobody", START_DAY, team="no such team"))
    check, page = (answer(demo_database, question, for_page=for_page) for for_page in (False, True))
    assert page.overview is not None
    assert check.assistants == page.assistants == page.overview.assistants
    assert "Nobody" not in check.assistants


@pytest.mark.parametrize("design", ["staggered", "before-after"])
def test_the_last_look_is_the_headline(sqlite: Database, design: StudyDesign) -> None:
    """How the evidence built up ends in the interval that is judged."""
    fill_with_demo(sqlite)
    question = Question(claims=catalogue.default_claims(), design=design)
    assessment = answer(sqlite, question, for_page=True)
    for result, data in zip(assessment.results, assessment.chart_data, strict=True):
        last = data.looks[-1].log_ratio
        assert result.log_ratio is not None
        assert last is not None
        assert dataclasses.astuple(last) == pytest.approx(
            dataclasses.astuple(result.log_ratio), abs=1e-9
        )


def test_level_is_divided_among_activities(sqlite: Database) -> None:
    """Two activities at 95 % get intervals at 97.5 % each; a single one is narrower, at 95 %."""
    fill_with_demo(sqlite)
    two_activities = answer(sqlite, Question(claims=catalogue.default_claims()))
    single_activity = answer(sqlite, Question(claims=catalogue.default_claims()[:1]))
    assert two_activities.question.interval_level == 0.975
    assert single_activity.question.interval_level == 0.95
    wide = two_activities.results[0].log_ratio
    narrow = single_activity.results[0].log_ratio
    assert wide is not None
    assert narrow is not None
    assert wide.estimate == narrow.estimate
    assert wide.high is not None
    assert narrow.high is not None
    assert wide.high > narrow.high


def test_an_activity_without_a_claim_has_its_row(sqlite: Database) -> None:
    """Nothing is claimed about coding, so the verdict is one of those that need no claim."""
    fill_with_demo(sqlite)
    (result,) = answer(sqlite, Question(activities=("coding",))).results
    assert result.claim is None
    assert result.verdict in ("faster", "slower", "cannot-tell")
    assert covers(result, 0.0)


def test_too_little_data_has_a_row_with_a_reason(sqlite: Database) -> None:
    """An activity with too little data has a row without an interval and with a serious threat."""
    imports.import_records(
        sqlite, [entry(1), entry(2)], source="test", file="-", now_epoch=NOW_EPOCH
    )
    team_data.set_rollout(sqlite, "ann", Rollout("Helper", START_DAY + 2))
    design, testing = answer(sqlite, Question(claims=catalogue.default_claims())).results
    assert (design.verdict, testing.verdict) == ("cannot-tell", "cannot-tell")
    assert design.log_ratio is None
    assert design.threats[0].severity == "serious"
    assert design.items_needed is None


def test_empty_selection_is_refused_with_advice(sqlite: Database) -> None:
    """The message for an empty log, or an empty part of it, says what to do next."""
    with pytest.raises(NothingToDo, match="the log is empty: `tracker log"):
        answer(sqlite, Question(claims=catalogue.default_claims()))
    imports.import_records(sqlite, [entry(1)], source="test", file="-", now_epoch=NOW_EPOCH)
    with pytest.raises(NothingToDo, match="widen --team"):
        answer(
            sqlite, Question(claims=catalogue.default_claims(), selection=Selection(team="nobody"))
        )


def test_a_design_that_is_not_recorded_is_refused(sqlite: Database) -> None:
    """Only a study design whose arms are recorded can be asked for."""
    fill_with_demo(sqlite)
    with pytest.raises(BadValue, match="--design is randomised"):
        answer(sqlite, Question(claims=catalogue.default_claims(), design="randomised"))
    results = answer(
        sqlite, Question(claims=catalogue.default_claims(), design="before-after")
    ).results
    assert {result.study_design for result in results} == {"before-after"}
    assert all(result.drift_sd for result in results)


def test_data_hash_changes_with_the_data(sqlite: Database) -> None:
    """The same data give an equal assessment; one more entry gives another hash."""
    fill_with_demo(sqlite)
    question = Question(claims=catalogue.default_claims())
    first = answer(sqlite, question)
    assert answer(sqlite, question) == first
    new_entry = entry(
        1, "birch-1", team="Birch", local_day=20_200, started_epoch=20_200 * DAY, ended_epoch=None
    )
    imports.import_records(sqlite, [new_entry], source="test", file="-", now_epoch=NOW_EPOCH)
    assert answer(sqlite, question).data_hash != first.data_hash


@pytest.mark.parametrize("for_page", [False, True])
def test_an_activity_is_freed_before_the_next_is_judged(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch, *, for_page: bool
) -> None:
    """Its work items, and the estimate that holds them; a page shows them once more."""
    fill_with_demo(sqlite)
    judge = assessment._judge
    items: list[weakref.ref[object]] = []

    def judge_and_note(study: Study) -> list[Result]:
        held = sum(item() is not None for item in items)
        assert held == (len(items) if for_page else 0)
        results = judge(study)
        items.extend([weakref.ref(study.items), weakref.ref(study.read_cells(CLOSED).t)])
        return results

    monkeypatch.setattr(assessment, "_judge", judge_and_note)
    answer(sqlite, Question(activities=("design", "testing")), for_page=for_page)
    assert len(items) == 4


def test_small_teams_are_withheld_from_everybody(sqlite: Database) -> None:
    """Neither a team of three is judged, nor the log without that team, which would show it."""
    developers = [(f"p{n}", "small" if n < 3 else "large") for n in range(12)]
    rows = [
        dataclasses.replace(
            entry(100 * n + day, developer, team=team), local_day=START_DAY + day, task=f"T-{day}"
        )
        for n, (developer, team) in enumerate(developers)
        for day in range(2)
    ]
    imports.import_records(sqlite, rows, source="test", file="-", now_epoch=NOW_EPOCH)
    claims = catalogue.default_claims()
    for team, reader in (("small", "p9"), ("small", "p0"), ("large", "somebody"), ("large", "p9")):
        question = Question(claims=claims, selection=Selection(team=team), reader=reader)
        with pytest.raises(NothingToDo, match="withheld"):
            answer(sqlite, question)


def randomised_trial(developers: int, items: int = 20) -> list[Entry | WorkItem]:
    """Records of work items with random arms; with assistance they take 0.6 of the time."""
    rng = Random(5)
    records: list[Entry | WorkItem] = []
    for n in range(developers * items):
        developer, task = f"p{n % developers}", f"T-{n}"
        arm: Arm = rng.choice(ARMS)
        seconds = int(3600 * (0.6 if arm == "assistance" else 1.0) * rng.lognormvariate(0, 0.2))
        records.append(dataclasses.replace(entry(n, developer), task=task, seconds=seconds))
        records.append(
            WorkItem(
                developer, task, "design", estimate_minutes=60, completed_epoch=1, assigned=arm
            )
        )
    return records


def test_randomised_arms_are_preferred_to_rollouts(sqlite: Database) -> None:
    """Recorded random arms are the strongest study design, even where a rollout is set."""
    imports.import_records(
        sqlite, randomised_trial(6), source="test", file="-", now_epoch=NOW_EPOCH
    )
    team_data.set_rollout(sqlite, "ann", Rollout("Helper", START_DAY + 10))
    (result,) = answer(sqlite, Question(claims=catalogue.default_claims()[:1])).results
    assert result.study_design == "randomised"
    assert result.strength == "causes"
    assert covers(result, 1 / 0.6 - 1)
    assert not covers(result, 0.0)


@pytest.mark.parametrize(("developers", "anytime"), [(6, True), (1, False)])
def test_interim_look_equals_an_assessment_at_that_day(
    sqlite: Database, tmp_path: Path, developers: int, anytime: bool
) -> None:
    """A week's interval is that of the log until then, also where it needs single work items."""
    records = randomised_trial(developers, 120 // developers)
    imports.import_records(sqlite, records, source="test", file="-", now_epoch=NOW_EPOCH)
    question = Question(claims=catalogue.default_claims()[:1], reader="p0")
    (chart_data,) = answer(sqlite, question, for_page=True).chart_data
    look = chart_data.looks[len(chart_data.looks) // 2]
    assert look.items < 100
    actual = look.anytime if anytime else look.log_ratio
    records_until = [
        record
        for record in records
        if isinstance(record, WorkItem) or record.local_day <= look.last_day
    ]
    with open_test_database(f"sqlite:///{tmp_path / 'until.db'}") as log_until:
        imports.import_records(
            log_until, records_until, source="test", file="-", now_epoch=NOW_EPOCH
        )
        question_until = dataclasses.replace(question, anytime=anytime)
        expected = answer(log_until, question_until).results[0].log_ratio
    assert actual is not None
    assert expected is not None
    assert dataclasses.astuple(actual) == pytest.approx(dataclasses.astuple(expected), rel=1e-9)


def test_charts_of_few_developers_are_suppressed(sqlite: Database) -> None:
    """A log of four has a verdict but no charts. A developer's own log has its charts."""
    imports.import_records(
        sqlite, randomised_trial(4), source="test", file="-", now_epoch=NOW_EPOCH
    )
    question = Question(claims=catalogue.default_claims()[:1], reader="p0")
    team_log = answer(sqlite, question, for_page=True)
    assert team_log.results[0].log_ratio is not None
    assert team_log.chart_data == (ActivityChartData("design", suppressed=True),)
    assert (team_log.hours, team_log.own_log) == (None, False)
    own_log = answer(
        sqlite, dataclasses.replace(question, selection=Selection(developer="p0")), for_page=True
    )
    assert own_log.own_log
    assert own_log.chart_data[0].bins
    assert [hours.activity for hours in own_log.hours.activities] == ["design"]


def test_threat_gives_the_gain_without_inferred_answers(sqlite: Database) -> None:
    """Where some answers were inferred from commits, the threat says what the stated ones show."""
    rng = Random(2)
    records = []
    for n in range(240):
        assisted: Assisted = rng.choice(("yes", "no"))
        basis: Basis = "trailer" if n % 3 == 0 else "flag"
        ratio = 0.5 if assisted == "yes" and basis == "flag" else 1.0
        seconds = int(3600 * ratio * rng.lognormvariate(0, 0.1))
        fields = {"task": f"T-{n}", "seconds": seconds, "assisted": assisted, "basis": basis}
        records.append(dataclasses.replace(entry(n, f"p{n % 7}"), **fields))  # type: ignore[arg-type]
    imports.import_records(sqlite, records, source="test", file="-", now_epoch=NOW_EPOCH)
    (result,) = answer(sqlite, Question(activities=("design",), design="self-selected")).results
    (threat,) = [threat for threat in result.threats if threat.code == "assisted-inferred"]
    match = re.search(
        r"Without them the efficiency gain is (\d+).% \(assistance saved time\)", threat.message
    )
    assert match
    assert 90 <= int(match[1]) <= 110


def test_the_curve_has_a_point_without_usage_logs(sqlite: Database) -> None:
    """Where usage logs give a larger gain than flags do, the point shows the smaller one."""
    rng = Random(2)
    records = []
    for n in range(240):
        assisted: Assisted = rng.choice(("yes", "no"))
        basis: Basis = "usage" if n % 3 == 0 and assisted == "yes" else "flag"
        ratio = {"usage": 0.25, "flag": 0.5}[basis] if assisted == "yes" else 1.0
        seconds = int(3600 * ratio * rng.lognormvariate(0, 0.1))
        fields = {"task": f"T-{n}", "seconds": seconds, "assisted": assisted, "basis": basis}
        records.append(dataclasses.replace(entry(n, f"p{n % 7}"), **fields))  # type: ignore[arg-type]
    imports.import_records(sqlite, records, source="test", file="-", now_epoch=NOW_EPOCH)
    (result,) = answer(sqlite, Question(activities=("design",), design="self-selected")).results
    (point,) = [p for p in result.sensitivity if p.name == "without answers from usage logs"]
    assert point.time_ratio is not None
    assert result.time_ratio is not None
    assert 0.47 <= point.time_ratio.estimate <= 0.53
    assert result.time_ratio.estimate < 0.45
    assert point.verdict is not None


def test_answers_of_few_developers_make_no_point(sqlite: Database) -> None:
    """Where only two of eight flag their work, the curve does not show what these two did."""
    rng = Random(2)
    records = []
    for n in range(240):
        assisted: Assisted = rng.choice(("yes", "no"))
        basis: Basis = "flag" if n % 8 < 2 else "usage"
        seconds = int(3600 * (0.5 if assisted == "yes" else 1) * rng.lognormvariate(0, 0.1))
        fields = {"task": f"T-{n}", "seconds": seconds, "assisted": assisted, "basis": basis}
        records.append(dataclasses.replace(entry(n, f"p{n % 8}"), **fields))  # type: ignore[arg-type]
    imports.import_records(sqlite, records, source="test", file="-", now_epoch=NOW_EPOCH)
    (result,) = answer(sqlite, Question(activities=("design",), design="self-selected")).results
    (point,) = [p for p in result.sensitivity if p.name == "without answers from usage logs"]
    assert (point.log_ratio, point.note) == (None, "needs five developers")
    (threat,) = [threat for threat in result.threats if threat.code == "assisted-inferred"]
    assert "too little data" in threat.message


def test_data_hash_is_equal_on_every_database(tmp_path: Path, postgres_url: str) -> None:
    """SQLite and PostgreSQL give one hash, though they sort names and add floats differently."""
    rng = Random(3)
    names = ["ann", "Ann", "Ärne", "_x", "z-a", "za"]
    records = [
        dataclasses.replace(
            entry(n, rng.choice(names)), task=f"T-{n}", seconds=rng.randrange(60, 30_000)
        )
        for n in range(300)
    ]
    work_items = [
        WorkItem(r.developer, r.task, "design", estimate_minutes=rng.uniform(5, 500))
        for r in records
    ]
    hashes = []
    for url in (f"sqlite:///{tmp_path / 'log.db'}", postgres_url):
        with open_test_database(url) as database:
            imports.import_records(
                database, [*records, *work_items], source="test", file="-", now_epoch=NOW_EPOCH
            )
            team_data.set_rollout(database, "ann", Rollout("Helper", START_DAY + 150))
            hashes.append(answer(database, Question(activities=("design",))).data_hash)
    assert hashes[0] == hashes[1]


def test_activity_of_one_developer_is_suppressed(sqlite: Database) -> None:
    """The only one of fifteen developers who did spikes sees their result; others do not."""
    fill_with_demo(sqlite)
    spikes = [
        dataclasses.replace(
            entry(n, "birch-1"),
            team="Birch",
            task=f"S-{n}",
            activity="spike",
            local_day=20_160 + 4 * n,
        )
        for n in range(60)
    ]
    imports.import_records(sqlite, spikes, source="test", file="-", now_epoch=NOW_EPOCH)
    question = Question(activities=("spike",), design="before-after")
    (suppressed,) = answer(
        sqlite, dataclasses.replace(question, reader="somebody"), for_page=True
    ).results
    assert [threat.code for threat in suppressed.threats] == ["withheld"]
    figures = (suppressed.developers, suppressed.items_baseline, suppressed.items_assistance)
    assert (*figures, suppressed.log_ratio) == (None, None, None, None)
    (own_result,) = answer(sqlite, dataclasses.replace(question, reader="birch-1")).results
    assert own_result.developers == 1


def test_rollout_after_the_log_is_the_reason_given(sqlite: Database) -> None:
    """The threat says that all work items are baseline, and no threat is about a comparison."""
    fill_with_demo(sqlite)
    for rollout in demo.ROLLOUTS:
        team_data.set_rollout(sqlite, "ann", dataclasses.replace(rollout, day=30_000))
    (result,) = answer(
        sqlite, Question(claims=catalogue.default_claims()[:1], design="before-after")
    ).results
    assert result.verdict == "cannot-tell"
    assert "every work item is in the baseline arm" in result.threats[0].message
    assert not {"one-rollout-date", "task-mix"} & {threat.code for threat in result.threats}


@pytest.mark.parametrize("design", ["before-after", "staggered"])
def test_effect_on_few_of_many_developers_is_suppressed(sqlite: Database, design: str) -> None:
    """Three of fifteen developers had a rollout; only these three see its effect."""
    fill_with_demo(sqlite)
    for rollout in demo.ROLLOUTS:
        team_data.remove_rollout(sqlite, "ann", rollout.assistant, of_team=rollout.team)
    for index, day in enumerate((20_280, 20_290, 20_300)):
        team_data.set_rollout(sqlite, "ann", Rollout("Helper", day, developer=f"birch-{index + 1}"))
    question = Question(claims=catalogue.default_claims()[:1], design=design)  # type: ignore[arg-type]
    (suppressed,) = answer(
        sqlite, dataclasses.replace(question, reader="cedar-1"), for_page=True
    ).results
    assert [threat.code for threat in suppressed.threats] == ["withheld"]
    assert (suppressed.study_design, suppressed.log_ratio, suppressed.estimands) == (
        design,
        None,
        (),
    )
    (own_result,) = answer(sqlite, dataclasses.replace(question, reader="birch-2")).results
    assert own_result.log_ratio is not None
