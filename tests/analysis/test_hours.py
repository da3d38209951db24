"""Hours saved, hours per developer-week and subgroups, from the database to the assessment."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
import pytest
from support.store_kit import NOW_EPOCH, entry, open_test_database

from benchmarks.hours_coverage import TRUE_GAIN, hours_of_study, item_log_ratios, with_effects
from benchmarks.simulated_studies import import_and_judge
from tracker.analysis.assessment import assess
from tracker.domain.money import Prices
from tracker.domain.question import Question
from tracker.domain.records import Arm, Entry, Selection, StudyDesign, WorkItem
from tracker.evidence.assessment import Assessment
from tracker.simulation.studies import StudySetup, draw_study
from tracker.simulation.work_model import made_up_model
from tracker.store.database import Database
from tracker.store.write import imports

DESIGN = Question(activities=("design",))
PRICES = Prices(80.0, "EUR")


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    with open_test_database(f"sqlite:///{tmp_path / 'log.db'}") as database:
        yield database


def work(number: int, developer: str, arm: Arm, rng: Random) -> list[Entry | WorkItem]:
    """Return a finished work item of one entry on a day, with a drawn arm."""
    estimate = rng.choice((30, 60, 120))
    seconds = int(60 * estimate * (0.6 if arm == "assistance" else 1) * rng.lognormvariate(0, 0.2))
    task = f"T-{number}-{developer}"
    return [
        dataclasses.replace(entry(number, developer), task=task, seconds=seconds, ended_epoch=None),
        WorkItem(
            developer, task, "design", estimate_minutes=estimate, completed_epoch=1, assigned=arm
        ),
    ]


def trial(days: int, assisted_lately: int) -> list[Entry | WorkItem]:
    """Return work of six developers every second day; at the end only some have assistance.

    They are the last 120 days.
    """
    rng = Random(4)
    records: list[Entry | WorkItem] = []
    for day in range(0, days, 2):
        for number in range(6):
            lately = day >= days - 120 and number >= assisted_lately
            arm: Arm = "baseline" if lately else rng.choice(("baseline", "assistance"))
            records += work(day, f"p{number}", arm, rng)
    return records


def assess_records(
    database: Database, records: list[Entry | WorkItem], question: Question = DESIGN
) -> Assessment:
    imports.import_records(database, records, source="test", file="-", now_epoch=NOW_EPOCH)
    return assess(database, question, generated_epoch=NOW_EPOCH, for_page=True, prices=PRICES)


@pytest.mark.parametrize("design", ["randomised", "before-after"])
def test_a_study_has_the_same_hours_imported_as_in_the_measurement_of_coverage(
    tmp_path: Path, design: StudyDesign
) -> None:
    """What `check` reports is what the benchmark holds against the truth."""
    model = made_up_model(np.random.default_rng(0), developers=10)
    untreated = draw_study(model, StudySetup(design, 26), np.random.default_rng([1, 3]))
    measured = hours_of_study(untreated, "same")
    study = with_effects(untreated, item_log_ratios(untreated, "same"))
    result = import_and_judge(
        study,
        tmp_path,
        lambda database: assess(database, DESIGN, generated_epoch=NOW_EPOCH).results[0],
    )
    assert measured is not None
    assert result.study_design == design
    assert result.hours_saved is not None
    expected, actual = (
        dataclasses.astuple(dataclasses.replace(hours, measure="", developers=0))
        for hours in (measured.estimated, result.hours_saved)
    )
    flat = [np.array([*values[:3], *values[4], *values[6]]) for values in (expected, actual)]
    np.testing.assert_allclose(flat[1].astype(float), flat[0].astype(float), rtol=1e-7)
    assert measured.true == pytest.approx(actual[0] * TRUE_GAIN, rel=0.01)


def test_the_page_has_hours_and_parts_on_both_databases(database_url: str) -> None:
    """Hours saved with their worth, hours a week, and thirds by size that add up."""
    with open_test_database(database_url) as database:
        assessment = assess_records(database, trial(200, 6))
    (result,) = assessment.results
    hours, savings = result.hours_saved, assessment.savings
    assert hours is not None
    assert savings is not None
    assert hours.measure == "hours per estimated hour"
    assert hours.saved.low < hours.volume * (1 / 0.6 - 1) < hours.saved.high
    assert (savings.saved, savings.prices, savings.developers) == (hours.saved, PRICES, 6)
    assert assessment.hours is not None
    assert not assessment.hours.by_date
    assert assessment.hours.developers == 6
    headline, *parts = assessment.chart_data[0].subgroups
    assert len(parts) == 3
    assert sum(part.items_baseline for part in parts) == headline.items_baseline
    assert {part.by for part in parts} == {"size"}
    assert headline.log_ratio == result.log_ratio
    assert "Huber" in parts[0].estimator


@pytest.mark.parametrize(("assisted_lately", "shown"), [(4, False), (5, True)])
def test_recent_work_of_fewer_than_five_developers_has_no_hours(
    sqlite: Database, assisted_lately: int, shown: bool
) -> None:
    """The comparison of all six has its interval; today's volume would be that of four."""
    assessment = assess_records(sqlite, trial(260, assisted_lately))
    assert assessment.results[0].log_ratio is not None
    assert (assessment.results[0].hours_saved is not None) is shown
    assert (assessment.savings is not None) is shown


def test_a_developers_own_hours_have_no_worth(sqlite: Database) -> None:
    """The reader sees the hours; nobody is priced, and there are no parts."""
    question = dataclasses.replace(DESIGN, reader="p0", selection=Selection(developer="p0"))
    assessment = assess_records(sqlite, trial(200, 6), question)
    assert assessment.results[0].hours_saved is not None
    assert assessment.savings is not None
    assert assessment.savings.prices is None
    assert assessment.chart_data[0].subgroups == ()


def test_hours_of_fewer_than_five_developers_are_those_of_a_small_log_alone(
    sqlite: Database,
) -> None:
    """A log of two developers has its hours, but no chart of them."""
    records = [record for record in trial(200, 6) if record.developer in ("p0", "p1")]
    assessment = assess_records(sqlite, records)
    assert assessment.results[0].hours_saved is not None
    assert assessment.hours is None
