"""Simulated studies as `check` judges them: written, imported, and assessed from the database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

from support.store_kit import NOW_EPOCH

from tracker.analysis.assessment import assess
from tracker.domain.ids import uuid7s
from tracker.domain.question import Question
from tracker.domain.records import Claim
from tracker.evidence.results import Result
from tracker.simulation.log_rows import MAP, write_log
from tracker.simulation.studies import SimulatedStudy
from tracker.sources.foreign_log import ImportContext
from tracker.sources.registry import open_log
from tracker.sources.table.column_map import parse_map
from tracker.store.database import Database
from tracker.store.write import imports, team_data


def import_study(database: Database, study: SimulatedStudy, folder: Path) -> None:
    """Write a study as a CSV file to a folder, import it, and set its rollouts."""
    path = folder / "study.csv"
    write_log(path, study)
    context = ImportContext(ids=uuid7s(10**18, Random(0)), map=parse_map(MAP, "map"))
    with path.open("rb") as stream:
        log = open_log("csv", stream, path.name, context)
        imports.import_records(
            database, log.records, source=log.source, file=path.name, now_epoch=NOW_EPOCH
        )
    for rollout in study.rollouts:
        team_data.set_rollout(database, "ann", rollout)


def assess_study(
    database: Database, study: SimulatedStudy, claims: Sequence[Claim]
) -> list[Result]:
    """Return the results of `check` on an imported study."""
    question = Question(claims=tuple(claims), activities=(study.setup.activity,))
    return list(assess(database, question, generated_epoch=NOW_EPOCH).results)
