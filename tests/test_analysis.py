"""The whole way below the command line: a log in a database, a question, results."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from support.store_kit import DAY, NOW_EPOCH, START_DAY, entry, opened

from tracker import analysis, demo
from tracker.claims import catalogue
from tracker.domain import synthetic
from tracker.domain.errors import BadValue, NothingToDo
from tracker.domain.ids import uuid7s
from tracker.domain.question import Question
from tracker.domain.records import ARMS, Arm, Assisted, Basis, Entry, Rollout, Selection, WorkItem
from tracker.evidence.results import ActivityChartData, Assessment, Result
from tracker.sources.foreign_log import ImportContext
from tracker.sources.registry import open_log
from tracker.sources.table.column_map import parse_map
from tracker.store.database import Database
from tracker.store.write import imports, team_data


def bring_demo(database: Database, folder: Path, seed: int = 1) -> None:
    """The made-up log and its rollouts in a database."""
    path = folder / "log.csv"
    demo.write_log(path, Random(seed))
    request = ImportContext(ids=uuid7s(10**18, Random(0)), map=parse_map(demo.MAP, "map"))
    with path.open("rb") as stream:
        log = open_log("csv", stream, "log.csv", request)
        imports.import_records(
            database, log.records, source=log.source, file="log.csv", now_epoch=NOW_EPOCH
        )
    for rollout in demo.ROLLOUTS:
        team_data.set_rollout(database, "ann", rollout)


@pytest.fixture
def made_up(database_url: str, tmp_path: Path) -> Iterator[Database]:
    with opened(database_url) as database:
        bring_demo(database, tmp_path)
        yield database


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Database]:
    with opened(f"sqlite:///{tmp_path / 'log.db'}") as database:
        yield database


def assess(database: Database, question: Question, **options: bool) -> Assessment:
    return analysis.assess(database, question, generated_epoch=NOW_EPOCH, **options)


def by_activity(assessment: Assessment) -> dict[str, Result]:
    return {result.activity: result for result in assessment.results}


def covers(result: Result, gain: float) -> bool:
    """Whether the interval of the efficiency gain holds a gain."""
    found = result.efficiency_gain
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    return found.low <= gain <= found.high


def test_the_made_up_log_is_judged_by_its_staggered_rollouts(made_up: Database) -> None:
    """Both claims get a verdict, both intervals hold the gains that were put in, and the log is known as made up."""
    assessment = assess(made_up, Question(claims=catalogue.default_claims()), for_page=True)
    results = by_activity(assessment)
    assert {result.study_design for result in results.values()} == {"staggered"}
    assert all(covers(results[activity], gain) for activity, gain in synthetic.TRUE_GAINS.items())
    assert assessment.made_up == synthetic.NOTICE
    assert assessment.truths == synthetic.TRUE_GAINS
    assert [picture.activity for picture in assessment.chart_data] == ["design", "testing"]
    assert {"coding", "review"} < {hours.activity for hours in assessment.hours}


def test_activities_judged_together_share_the_level(local: Database, tmp_path: Path) -> None:
    """Two at 95 % are made at 97.5 % each; one alone at 95 %, and its interval is narrower."""
    bring_demo(local, tmp_path)
    both = assess(local, Question(claims=catalogue.default_claims()))
    alone = assess(local, Question(claims=catalogue.default_claims()[:1]))
    assert (both.question.interval_level, alone.question.interval_level) == (0.975, 0.95)
    wide, narrow = both.results[0].log_ratio, alone.results[0].log_ratio
    assert wide is not None
    assert narrow is not None
    assert wide.estimate == narrow.estimate
    assert wide.high is not None
    assert narrow.high is not None
    assert wide.high > narrow.high


def test_an_activity_without_a_claim_has_its_row(local: Database, tmp_path: Path) -> None:
    """Nothing is claimed of coding: the verdict is one of the words for that."""
    bring_demo(local, tmp_path)
    (result,) = assess(local, Question(activities=("coding",))).results
    assert result.claim is None
    assert result.verdict in ("faster", "slower", "cannot-tell")
    assert covers(result, 0.0)


def test_too_little_data_is_a_row_with_its_reason(local: Database) -> None:
    """An activity with too little data still has its row, without an interval, and what is missing is said."""
    imports.import_records(
        local, [entry(1), entry(2)], source="test", file="-", now_epoch=NOW_EPOCH
    )
    team_data.set_rollout(local, "ann", Rollout("Helper", START_DAY + 2))
    design, testing = assess(local, Question(claims=catalogue.default_claims())).results
    assert (design.verdict, testing.verdict) == ("cannot-tell", "cannot-tell")
    assert design.log_ratio is None
    assert design.threats[0].severity == "serious"
    assert design.items_needed is None


def test_an_empty_log_is_refused_with_what_to_do(local: Database) -> None:
    """No entry at all, or none in the part asked for: one line that says what to do next."""
    with pytest.raises(NothingToDo, match="the log is empty: `tracker log"):
        assess(local, Question(claims=catalogue.default_claims()))
    imports.import_records(local, [entry(1)], source="test", file="-", now_epoch=NOW_EPOCH)
    with pytest.raises(NothingToDo, match="widen --team"):
        assess(
            local, Question(claims=catalogue.default_claims(), selection=Selection(team="nobody"))
        )


def test_a_design_that_is_not_recorded_is_refused(local: Database, tmp_path: Path) -> None:
    """--design chooses among designs whose arms are recorded."""
    bring_demo(local, tmp_path)
    with pytest.raises(BadValue, match="--design is randomised"):
        assess(local, Question(claims=catalogue.default_claims(), design="randomised"))
    results = assess(
        local, Question(claims=catalogue.default_claims(), design="before-after")
    ).results
    assert {result.study_design for result in results} == {"before-after"}
    assert all(result.drift_sd for result in results)


def test_the_hash_tells_whether_the_data_are_the_same(local: Database, tmp_path: Path) -> None:
    """The same data give the same hash and figures; one more entry another hash."""
    bring_demo(local, tmp_path)
    question = Question(claims=catalogue.default_claims())
    first, again = assess(local, question), assess(local, question)
    assert first == again
    more = entry(
        1, "birch-1", team="Birch", local_day=20_200, started_epoch=20_200 * DAY, ended_epoch=None
    )
    imports.import_records(local, [more], source="test", file="-", now_epoch=NOW_EPOCH)
    assert assess(local, question).data_hash != first.data_hash


def test_small_groups_are_withheld_from_others(local: Database) -> None:
    """A team of three is shown to its own people only, and so is what is left when it is taken away."""
    people = [(f"p{n}", "small" if n < 3 else "large") for n in range(12)]
    rows = [
        dataclasses.replace(
            entry(100 * n + day, person, team=team), local_day=START_DAY + day, task=f"T-{day}"
        )
        for n, (person, team) in enumerate(people)
        for day in range(2)
    ]
    imports.import_records(local, rows, source="test", file="-", now_epoch=NOW_EPOCH)
    for team in ("small", "large"):
        question = Question(
            claims=catalogue.default_claims(), selection=Selection(team=team), reader="p9"
        )
        if team == "large":
            question = dataclasses.replace(question, reader="somebody")
        with pytest.raises(NothingToDo, match="withheld"):
            assess(local, question)
    own = Question(
        claims=catalogue.default_claims(), selection=Selection(team="small"), reader="p0"
    )
    assert assess(local, own).results[0].verdict == "cannot-tell"


def test_a_plan_says_how_many_more(local: Database, tmp_path: Path) -> None:
    """From the log's own spread; with a true gain nearer the claim it takes more."""
    bring_demo(local, tmp_path)
    question = Question(claims=catalogue.default_claims()[:1])
    ((claim, nothing),) = analysis.plan(local, question, power=0.8, true_gain=0.0)
    ((_, some),) = analysis.plan(local, question, power=0.8, true_gain=0.3)
    assert claim.id == "iflytek-2024-design"
    assert nothing is not None
    assert some is not None
    assert nothing.items_in_all is not None
    assert some.items_in_all is not None
    assert 0 < nothing.items_in_all < some.items_in_all


def trial(people: int, items: int = 20) -> list[Entry | WorkItem]:
    """Drawn arms on each one's work items, one a day; with assistance they take 0.6 of the time."""
    rng = Random(5)
    records: list[Entry | WorkItem] = []
    for n in range(people * items):
        person, task = f"p{n % people}", f"T-{n}"
        arm: Arm = rng.choice(ARMS)
        seconds = int(3600 * (0.6 if arm == "assistance" else 1.0) * rng.lognormvariate(0, 0.2))
        records.append(dataclasses.replace(entry(n, person), task=task, seconds=seconds))
        records.append(
            WorkItem(person, task, "design", estimate_minutes=60, completed_epoch=1, assigned=arm)
        )
    return records


def test_a_trial_of_tasks_is_judged_as_randomised(local: Database) -> None:
    """Drawn arms on 6 developers' work items: the strongest design, whatever the rollouts say."""
    imports.import_records(local, trial(6), source="test", file="-", now_epoch=NOW_EPOCH)
    team_data.set_rollout(local, "ann", Rollout("Helper", START_DAY + 10))
    (result,) = assess(local, Question(claims=catalogue.default_claims()[:1])).results
    assert result.study_design == "randomised"
    assert result.strength == "causes"
    assert covers(result, 1 / 0.6 - 1)
    assert not covers(result, 0.0)


@pytest.mark.parametrize(("people", "anytime"), [(6, True), (1, False)])
def test_a_look_is_what_would_have_been_found_that_day(
    local: Database, people: int, anytime: bool
) -> None:
    """Each week's interval is the one of the log as it stood, also where it rests on single work items."""
    imports.import_records(
        local, trial(people, 120 // people), source="test", file="-", now_epoch=NOW_EPOCH
    )
    question = Question(claims=catalogue.default_claims()[:1], reader="p0")
    (picture,) = assess(local, question, for_page=True).chart_data
    look = picture.looks[len(picture.looks) // 2]
    then = dataclasses.replace(
        question, selection=Selection(last_day=look.last_day), anytime=anytime
    )
    assert look.items < 100
    shown, found = (
        look.anytime if anytime else look.log_ratio,
        assess(local, then).results[0].log_ratio,
    )
    assert shown is not None
    assert found is not None
    assert dataclasses.astuple(shown) == pytest.approx(dataclasses.astuple(found), rel=1e-9)


def test_others_see_the_verdict_of_few_and_no_more(local: Database) -> None:
    """The figures of a log of four, or of one, are their own; the one of them who is alone sees them."""
    imports.import_records(local, trial(4), source="test", file="-", now_epoch=NOW_EPOCH)
    question = Question(claims=catalogue.default_claims()[:1], reader="p0")
    found = assess(local, question, for_page=True)
    assert found.results[0].log_ratio is not None
    assert found.chart_data == (ActivityChartData("design", suppressed=True),)
    assert (found.hours, found.hours_suppressed, found.own_log) == ((), 1, False)
    mine = assess(
        local, dataclasses.replace(question, selection=Selection(developer="p0")), for_page=True
    )
    assert mine.own_log
    assert mine.chart_data[0].bins
    assert [hours.activity for hours in mine.hours] == ["design"]


def test_inferred_answers_are_judged_without(local: Database) -> None:
    """Where answers were drawn from commits, the threat says what the stated ones alone would say."""
    rng = Random(2)
    records = []
    for n in range(240):
        assisted: Assisted = rng.choice(("yes", "no"))
        basis: Basis = "trailer" if n % 3 == 0 else "flag"
        ratio = 0.5 if assisted == "yes" and basis == "flag" else 1.0
        seconds = int(3600 * ratio * rng.lognormvariate(0, 0.1))
        item = {"task": f"T-{n}", "seconds": seconds, "assisted": assisted, "basis": basis}
        records.append(dataclasses.replace(entry(n, f"p{n % 6}"), **item))  # type: ignore[arg-type]
    imports.import_records(local, records, source="test", file="-", now_epoch=NOW_EPOCH)
    (result,) = assess(local, Question(activities=("design",), design="self-selected")).results
    (threat,) = [threat for threat in result.threats if threat.code == "assisted-inferred"]
    found = re.search(
        r"Without them the efficiency gain is (\d+).% \(assistance saved time\)", threat.message
    )
    assert found
    assert 90 <= int(found[1]) <= 110


def test_the_hash_is_the_same_on_every_database(tmp_path: Path, postgres_url: str) -> None:
    """Whatever order the database sorts names in, and however it adds."""
    rng = Random(3)
    names = ["ann", "Ann", "Ärne", "_x", "z-a", "za"]
    records = [
        dataclasses.replace(
            entry(n, rng.choice(names)), task=f"T-{n}", seconds=rng.randrange(60, 30_000)
        )
        for n in range(300)
    ]
    known = [
        WorkItem(r.developer, r.task, "design", estimate_minutes=rng.uniform(5, 500))
        for r in records
    ]
    hashes = []
    for url in (f"sqlite:///{tmp_path / 'log.db'}", postgres_url):
        with opened(url) as database:
            imports.import_records(
                database, [*records, *known], source="test", file="-", now_epoch=NOW_EPOCH
            )
            team_data.set_rollout(database, "ann", Rollout("Helper", START_DAY + 150))
            hashes.append(assess(database, Question(activities=("design",))).data_hash)
    assert hashes[0] == hashes[1]


def test_an_activity_of_a_few_is_withheld_from_others(local: Database, tmp_path: Path) -> None:
    """Of fifteen developers one did the spikes: the others learn nothing of them; that one may judge them."""
    bring_demo(local, tmp_path)
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
    imports.import_records(local, spikes, source="test", file="-", now_epoch=NOW_EPOCH)
    question = Question(activities=("spike",), design="before-after")
    (hidden,) = assess(
        local, dataclasses.replace(question, reader="somebody"), for_page=True
    ).results
    assert [threat.code for threat in hidden.threats] == ["withheld"]
    assert (hidden.developers, hidden.log_ratio, hidden.items_baseline) == (0, None, 0)
    (own,) = assess(local, dataclasses.replace(question, reader="birch-1")).results
    assert own.developers == 1


def test_a_rollout_outside_the_log_is_told(local: Database, tmp_path: Path) -> None:
    """All work lies before it: the reason says so, and no threat speaks of a comparison that is not there."""
    bring_demo(local, tmp_path)
    for rollout in demo.ROLLOUTS:
        team_data.set_rollout(local, "ann", dataclasses.replace(rollout, day=30_000))
    (result,) = assess(
        local, Question(claims=catalogue.default_claims()[:1], design="before-after")
    ).results
    assert result.verdict == "cannot-tell"
    assert "every work item that counts is in the baseline arm" in result.threats[0].message
    assert not {"one-rollout-date", "task-mix"} & {threat.code for threat in result.threats}


@pytest.mark.parametrize("design", ["before-after", "staggered"])
def test_the_effect_of_a_few_among_many_is_withheld(
    local: Database, tmp_path: Path, design: str
) -> None:
    """Three of fifteen developers had a rollout of their own: what it did for them is told to them alone."""
    bring_demo(local, tmp_path)
    for rollout in demo.ROLLOUTS:
        team_data.remove_rollout(local, "ann", rollout.assistant, of_team=rollout.team)
    for place, day in enumerate((20_280, 20_290, 20_300)):
        team_data.set_rollout(local, "ann", Rollout("Helper", day, developer=f"birch-{place + 1}"))
    question = Question(claims=catalogue.default_claims()[:1], design=design)  # type: ignore[arg-type]
    (hidden,) = assess(
        local, dataclasses.replace(question, reader="cedar-1"), for_page=True
    ).results
    assert [threat.code for threat in hidden.threats] == ["withheld"]
    assert (hidden.study_design, hidden.log_ratio, hidden.estimands) == (design, None, ())
    (own,) = assess(local, dataclasses.replace(question, reader="birch-2")).results
    assert own.log_ratio is not None
