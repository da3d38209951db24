"""A before/after study held against the same people's other work, read from a database."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from random import Random

import pytest
from support.store_kit import NOW_EPOCH, START_DAY, entry, open_test_database

from tracker.analysis.assessment import assess
from tracker.analysis.disclosure import permitted_part
from tracker.analysis.study import Study, studies
from tracker.domain.question import Question
from tracker.domain.records import Assisted, Entry, Rollout, Selection, WorkItem
from tracker.evidence.activity import ActivityEstimate, estimate_activity
from tracker.evidence.assessment import Assessment
from tracker.evidence.other_work import OtherWork, began_with
from tracker.evidence.results import Result, Sensitivity
from tracker.report.as_json import assessment_json
from tracker.report.as_text import assessment_text
from tracker.report.page import report_html
from tracker.store.database import Database
from tracker.store.read import aggregates
from tracker.store.write import imports, team_data

CUTOVER = START_DAY + 90
DEVELOPERS = tuple(f"dev{number}" for number in range(8))
OTHERS = ("coding", "review")
DESIGN = Question(activities=("design",))
POINT = "against the same people's other work"
WITHOUT = "not against the same people's other work"


def work(
    *,
    others: tuple[str, ...] = OTHERS,
    developers_of_others: tuple[str, ...] = DEVELOPERS,
    answer: Assisted = "unknown",
    share: float = 1.0,
    items: int = 12,
) -> Iterator[Entry | WorkItem]:
    """Yield work of 180 days: each item has an estimate; other work takes 0.9 of it afterwards.

    Args:
        others: The activities besides design, in which work begins a month earlier and ends later.
        developers_of_others: Who has work in them.
        answer: What entries of other work say about assistance after the rollout.
        share: The share of them that say it.
        items: Work items of a developer and activity.
    """
    rng, number = Random(7), 0
    for activity in ("design", *others):
        for developer in DEVELOPERS if activity == "design" else developers_of_others:
            for index in range(items):
                number += 1
                early = 0 if activity == "design" else 30
                day = START_DAY - early + (180 + 2 * early) * index // items + rng.randrange(8)
                after = day >= CUTOVER
                estimate = 15.0 * rng.randrange(2, 20)
                ratio = (0.6 if activity == "design" else 0.9) if after else 1.0
                minutes = estimate * ratio * 2.718 ** rng.gauss(0.0, 0.5)
                says = after and activity != "design" and 7 * index % 10 < round(10 * share)
                task = f"T-{activity}-{index}"
                started = day * 86_400 + 9 * 3600
                yield entry(
                    number, developer, task=task, activity=activity, local_day=day,
                    started_epoch=started, ended_epoch=None, seconds=round(60 * minutes),
                    logged_epoch=started, assisted=answer if says else "unknown",
                    basis="flag" if says and answer != "unknown" else None,
                )  # fmt: skip
                yield WorkItem(developer, task, activity, estimate_minutes=estimate)


def import_work(database: Database, records: Iterator[Entry | WorkItem]) -> None:
    imports.import_records(database, records, source="test", file="-", now_epoch=NOW_EPOCH)
    for rollout in (
        Rollout("Helper", CUTOVER, developer="dev0"),
        Rollout("Helper", CUTOVER, team="Red"),
        Rollout("Helper", CUTOVER),
    ):
        team_data.set_rollout(database, "dev0", rollout)


def judged(database: Database, question: Question = DESIGN, **options: bool) -> Assessment:
    return assess(database, question, generated_epoch=NOW_EPOCH, **options)


def result_of(database: Database, question: Question = DESIGN) -> Result:
    (result,) = judged(database, question).results
    return result


def points(result: Result) -> dict[str, Sensitivity]:
    return {point.name: point for point in result.sensitivity}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with open_test_database(database_url) as opened:
        yield opened


@pytest.fixture
def sqlite(tmp_path) -> Iterator[Database]:
    with open_test_database(f"sqlite:///{tmp_path / 'log.db'}") as opened:
        yield opened


def from_rows(study: Study, answers: bool) -> ActivityEstimate:
    """Return the same estimate from one row per work item."""
    everything = study.question.selection.with_activities()
    rows = aggregates.items(study.connection, everything, study.rule, study.maturity)
    of_design = rows["activity"] == "design"
    others = began_with(rows[of_design], rows[~of_design])
    counts = others.groupby(["developer", "activity"], as_index=False)["day"].count()
    counts = counts.rename(columns={"day": "entries"}).assign(unassisted=lambda f: f["entries"])
    return estimate_activity(
        study.moments,
        activity="design",
        design=study.design,
        level=0.95,
        interval_level=0.95,
        items=study.read_cells,
        other_work=OtherWork(lambda: others, answers=(lambda: counts) if answers else None),
    )


@pytest.mark.parametrize("answer", ["unknown", "no"])
def test_moments_give_what_rows_give(database: Database, answer: Assisted) -> None:
    """The control from the database's moments and clipped residuals equals that of its rows."""
    import_work(database, work(answer=answer))
    with permitted_part(database, DESIGN) as part:
        ((study,),) = (studies(part)[1],)
        rows = from_rows(study, answer == "no")
        assert study.estimate.is_controlled == rows.is_controlled == (answer == "no")
        control, row_control = study.estimate.read_control(), rows.read_control()
        assert control.cells.items == row_control.cells.items > 100
        assert control.theta == pytest.approx(row_control.theta, rel=1e-9, abs=1e-9)
        actual, expected = study.estimate.log_ratio, rows.log_ratio
        assert dataclasses.astuple(actual) == pytest.approx(
            dataclasses.astuple(expected), rel=1e-9, abs=1e-9
        )


def test_it_is_a_point_of_the_curve_where_nothing_is_known_of_the_other_work(
    database: Database,
) -> None:
    """The headline stays as it was; the point says what the other work did."""
    import_work(database, work())
    result = result_of(database)
    assert result.study_design == "before-after"
    assert result.drift_sd == 0.15
    assert "other work" not in result.estimator
    point = points(result)[POINT]
    assert WITHOUT not in points(result)
    assert point.control.developers == 8
    assert not point.control.is_primary
    difference = result.log_ratio.estimate - point.log_ratio.estimate
    assert difference == pytest.approx(0.45 * point.control.log_ratio)
    assert point.control.hidden_log_ratio == pytest.approx(difference)
    assert point.control.log_ratio < 0
    assert f"θ_c = {point.control.log_ratio:.3f}" in point.note
    assert "of the effect is hidden" in point.note


def test_it_is_the_primary_analysis_where_the_other_work_is_unassisted_on_record(
    database: Database,
) -> None:
    """The estimator, the strength and the allowance say so; the plain interval is a point."""
    import_work(database, work(answer="no"))
    result = result_of(database)
    assert result.drift_sd == 0.11
    assert "less 0.45 of the change of the same people's other work" in result.estimator
    assert "held against the same people's other work" in result.strength
    point = points(result)[WITHOUT]
    assert POINT not in points(result)
    assert point.control.is_primary
    assert point.log_ratio.estimate - result.log_ratio.estimate == pytest.approx(
        0.45 * point.control.log_ratio
    )


@pytest.mark.parametrize(
    ("answer", "share", "primary"),
    [("no", 0.8, False), ("no", 1.0, True), ("yes", 1.0, False), ("unknown", 1.0, False)],
)
def test_nine_in_ten_entries_must_say_no(
    sqlite: Database, answer: Assisted, share: float, primary: bool
) -> None:
    """An entry that says nothing is not one that says no."""
    import_work(sqlite, work(answer=answer, share=share, items=20))
    assert (result_of(sqlite).drift_sd == 0.11) == primary


def test_fewer_than_five_developers_of_other_work_give_no_control(sqlite: Database) -> None:
    """What changed in the work of four could be taken from the difference of the two intervals."""
    import_work(sqlite, work(developers_of_others=DEVELOPERS[:4], answer="no", items=30))
    assessment = judged(sqlite)
    (result,) = assessment.results
    point = points(result)[POINT]
    assert result.drift_sd == 0.15
    assert point.log_ratio is None
    assert point.control is None
    assert "five or more" in point.note
    assert result.control is None
    assert "other work" not in assessment_text(assessment)


@pytest.mark.parametrize("others", [(), ("review",)])
def test_too_little_other_work_gives_no_control(sqlite: Database, others: tuple[str, ...]) -> None:
    """With none at all, too."""
    import_work(sqlite, (record for record in work(others=others, items=8)))
    point = points(result_of(sqlite))[POINT]
    assert (point.log_ratio is None) == (not others)


def test_other_activities_are_read_though_one_alone_is_asked_for(sqlite: Database) -> None:
    """A limit to activities is not one to the control's."""
    import_work(sqlite, work())
    narrow = Question(activities=("design",), selection=Selection(activities=("design",)))
    assert points(result_of(sqlite, narrow))[POINT].control.items > 100


def test_the_control_is_limited_to_the_cells_of_the_question(sqlite: Database) -> None:
    """With a filter, other work counts in the selected cells alone."""
    import_work(sqlite, work())
    first_months = Question(activities=("design",), selection=Selection(first_day=START_DAY + 20))
    everything, part = result_of(sqlite), result_of(sqlite, first_months)
    assert part.items_baseline < everything.items_baseline
    assert points(part)[POINT].control.items < points(everything)[POINT].control.items


@pytest.mark.parametrize("answer", ["unknown", "no"])
def test_text_page_and_json_say_it(sqlite: Database, answer: Assisted) -> None:
    """Each names the other work, its change, and what of the effect that may hide."""
    import_work(sqlite, work(answer=answer))
    assessment = judged(sqlite, for_page=True)
    (result,) = assessment.results
    text = " ".join(assessment_text(assessment).split())
    page = " ".join(report_html(assessment).split())
    sentence = "If assistance speeded up that work too, 45 % of that is hidden."
    assert sentence in text
    assert sentence in page
    (json_result,) = assessment_json(assessment)["results"]
    (control,) = [point["control"] for point in json_result["sensitivity"] if point["control"]]
    assert control["log_ratio"] == result.control.log_ratio
    assert control["is_primary"] == (answer == "no")
    allowance = 0.11 if answer == "no" else 0.15
    assert json_result["allowance"] == allowance
    assert f"(z · {allowance})²" in page
    held = "held against the same people's other work"
    assert (held in text) == (held in page.replace("&#39;", "'")) == (answer == "no")
    threats = {threat.code: threat.message for threat in result.threats}
    drift = "12" if answer == "no" else "16"
    assert f"Teams drift by about {drift}" in threats["one-rollout-date"]


def test_the_last_look_is_the_headline(sqlite: Database) -> None:
    """Every look is held against the other work of its time where the headline is."""
    import_work(sqlite, work(answer="no"))
    assessment = judged(sqlite, for_page=True)
    (result,), (charts,) = assessment.results, assessment.chart_data
    assert len(charts.looks) > 3
    assert dataclasses.astuple(charts.looks[-1].log_ratio) == pytest.approx(
        dataclasses.astuple(result.log_ratio), rel=1e-9
    )


def test_every_point_that_can_be_is_held_against_it_where_the_headline_is(
    sqlite: Database,
) -> None:
    """Other errors by item say that they are not made; other estimands have the full allowance."""
    import_work(sqlite, work(answer="no"))
    result = result_of(sqlite)
    curve = points(result)
    for name in ("HC3", "wild cluster bootstrap-t"):
        assert curve[name].note == "not made: it takes no other work into account"
    assert curve["CRV3"].log_ratio.estimate == result.log_ratio.estimate
    low, high = curve["leave one developer out (range)"].log_ratio.low, result.log_ratio.high
    assert low < result.log_ratio.low < high
    for name in ("no x", "+ linear trend", "least squares", "without the first month"):
        assert curve[name].log_ratio is not None
    for name in (WITHOUT, "Poisson pseudo-likelihood", "Σt/Σestimate"):
        assert curve[name].log_ratio.high - curve[name].log_ratio.estimate > 1.95 * 0.15


def test_the_data_hash_covers_the_other_work(sqlite: Database) -> None:
    """One more item of other work gives another hash."""
    import_work(sqlite, work())
    before = judged(sqlite).data_hash
    day = START_DAY + 40
    extra = entry(
        90_000, "dev1", task="T-new", activity="coding", local_day=day,
        started_epoch=day * 86_400, ended_epoch=None, seconds=3600,
    )  # fmt: skip
    estimate = WorkItem("dev1", "T-new", "coding", estimate_minutes=50.0)
    imports.import_records(sqlite, [extra, estimate], source="more", file="-", now_epoch=NOW_EPOCH)
    assert judged(sqlite).data_hash != before
