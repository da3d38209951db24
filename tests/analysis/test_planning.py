"""Plans from a log in a database."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from random import Random

import pytest
from support.demo_log import fill_with_demo
from support.store_kit import DAY, NOW_EPOCH, START_DAY, entry, open_test_database

from tracker.analysis.disclosure import permitted_part
from tracker.analysis.planning import StudyPlanner, plan_claims
from tracker.analysis.study import studies
from tracker.claims import catalogue
from tracker.domain.question import Question
from tracker.domain.records import STUDY_DESIGNS, Rollout, WorkItem
from tracker.store.database import Database
from tracker.store.write import imports, team_data

QUESTION = Question(claims=catalogue.default_claims()[:1])


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with open_test_database(database_url) as database:
        yield database


def log_baseline(database: Database, *, developers: int = 6, items: int = 20) -> None:
    """Import a baseline alone: one finished item a developer and day."""
    rng = Random(5)
    records = []
    for n in range(developers * items):
        developer, task = f"p{n % developers}", f"T-{n}"
        seconds = int(3600 * rng.lognormvariate(0, 0.4))
        day = START_DAY + n // developers
        records.append(
            dataclasses.replace(
                entry(n, developer),
                task=task,
                seconds=seconds,
                local_day=day,
                started_epoch=day * DAY + 36_000,
                ended_epoch=None,
            )
        )
        done = day * DAY + 60_000
        records.append(
            WorkItem(developer, task, "design", estimate_minutes=60, completed_epoch=done)
        )
    imports.import_records(database, records, source="test", file="-", now_epoch=NOW_EPOCH)


def test_a_baseline_alone_is_planned_from(database: Database) -> None:
    """Its pace and simulated studies of its own work give a number for each possible design."""
    log_baseline(database)
    ((_, plan),) = plan_claims(database, QUESTION, power=0.8, true_gain=None)
    assert plan is not None
    assert [row.study_design for row in plan.designs] == list(STUDY_DESIGNS)
    assert plan.recorded is None
    assert plan.spread == pytest.approx(0.4, rel=0.2)
    assert plan.pace is not None
    assert plan.pace.per_week == pytest.approx(6 * 7, rel=0.2)
    randomised = plan.of("randomised")
    assert randomised is not None
    assert randomised.items_in_all
    assert randomised.duration is not None


def test_a_small_baseline_is_planned_from_by_the_formula(database: Database) -> None:
    """Too few items to simulate work from them still have a spread."""
    log_baseline(database, items=3)
    with permitted_part(database, QUESTION) as part:
        (study,) = studies(part)[1]
        planner = StudyPlanner(study)
        assert planner.simulation is None
        plan = planner.plan(QUESTION.claims[0], "efficiency_gain", designs=("randomised",))
    assert plan is not None
    assert plan.designs[0].items_in_all


def test_a_design_that_is_not_recorded_is_planned(database: Database) -> None:
    """The question's design is the only one planned; the strongest recorded one is judged."""
    log_baseline(database)
    team_data.set_rollout(database, "ann", Rollout("Helper", START_DAY + 10))
    question = dataclasses.replace(QUESTION, design="randomised")
    ((_, plan),) = plan_claims(database, question, power=0.8, true_gain=0.0)
    assert plan is not None
    (row,) = plan.designs
    assert (row.study_design, row.is_recorded, row.items) == ("randomised", False, 0)


def test_a_nearer_true_gain_takes_more_items(database: Database) -> None:
    """The demo's staggered rollout has reached everybody, so that only drawn arms can tell."""
    fill_with_demo(database)
    question = dataclasses.replace(QUESTION, design="randomised")
    ((_, far),) = plan_claims(database, question, power=0.8, true_gain=0.0)
    ((_, near),) = plan_claims(database, question, power=0.8, true_gain=0.2)
    assert far is not None
    assert near is not None
    assert far.designs[0].items_in_all
    assert near.designs[0].items_in_all
    assert far.designs[0].items_in_all < near.designs[0].items_in_all
