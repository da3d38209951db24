"""Holds `simulate` against `check`: the same studies, judged in memory and the whole way.

Each study is judged by the engine of `simulate`, then written as CSV, imported into a database of
its own and assessed as `check` does. Both must give the same verdict, study by study.

    python -m benchmarks.simulated_studies --studies 500

With ``--verdicts-only`` the imported studies get their interval and verdict without what `check`
reports beside them (sensitivity, estimands, threats), which takes half of the time.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np

from tracker.analysis.assessment import assess
from tracker.analysis.disclosure import permitted_part
from tracker.analysis.study import studies
from tracker.domain.gains import to_log_ratio
from tracker.domain.ids import uuid7s
from tracker.domain.question import Question
from tracker.domain.records import STUDY_DESIGNS, Claim, StudyDesign
from tracker.evidence.judgement import judge_claim
from tracker.evidence.results import Result
from tracker.simulation.judging import StudyVerdicts, judge_study
from tracker.simulation.log_rows import MAP, write_log
from tracker.simulation.studies import SimulatedStudy, StudySetup, draw_study
from tracker.simulation.work_model import WorkModel, made_up_model
from tracker.sources.foreign_log import ImportContext
from tracker.sources.registry import open_log
from tracker.sources.table.column_map import parse_map
from tracker.store.database import Database
from tracker.store.upgrade import open_database
from tracker.store.write import imports, team_data

CLAIM = Claim("half", "design", 0.5, "efficiency_gain", "at_least", "made up")
QUESTION = Question(claims=(CLAIM,))
TRUE_GAINS = (0.0, 0.25, 0.5)
"""The true gains of the studies, in turn."""

WEEKS = 26
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class JudgedTwice(NamedTuple):
    """A study as `simulate` judges it, and as `check` does."""

    in_memory: StudyVerdicts
    imported: Result

    @property
    def agrees(self) -> bool:
        """Whether design and verdict are the same."""
        simulated = (self.in_memory.design, self.in_memory.verdicts)
        return simulated == (self.imported.study_design, (self.imported.verdict,))


Judge = Callable[[Database], Result]
"""Judges the study in a database."""


def assess_whole(database: Database) -> Result:
    """Return the result of `check`."""
    (result,) = assess(database, QUESTION, generated_epoch=database.now_epoch).results
    return result


def judge_only(database: Database) -> Result:
    """Return the result of `check` without sensitivity, estimands and threats."""
    with permitted_part(database, QUESTION) as part:
        (study,) = studies(part)[1]
        return judge_claim(study.estimate, CLAIM)


def judge_twice(
    model: WorkModel, setup: StudySetup, number: int, folder: Path, judge: Judge = assess_whole
) -> JudgedTwice:
    """Draw a study and judge it both ways; its log and database are written to a folder."""
    study = draw_study(model, setup, np.random.default_rng([QUESTION.seed, number]))
    return JudgedTwice(judge_study(study, QUESTION), import_and_judge(study, folder, judge))


def import_and_judge(study: SimulatedStudy, folder: Path, judge: Judge) -> Result:
    """Write a study as CSV, import it into a new database, and judge it from there."""
    path = folder / "study.csv"
    write_log(path, study)
    database = open_database(f"sqlite:///{folder / 'study.db'}", now=lambda: NOW)
    try:
        context = ImportContext(ids=uuid7s(10**18, Random(0)), map=parse_map(MAP, "map"))
        with path.open("rb") as stream:
            log = open_log("csv", stream, path.name, context)
            imports.import_records(
                database,
                log.batched,
                source=log.source,
                file=path.name,
                now_epoch=database.now_epoch,
            )
        for rollout in study.rollouts:
            team_data.set_rollout(database, "lead", rollout)
        return judge(database)
    finally:
        database.close()


def judge_design(
    model: WorkModel, design: StudyDesign, numbers: Iterable[int], judge: Judge
) -> Iterator[JudgedTwice]:
    """Judge studies of one design both ways; their true gains alternate."""
    for number in numbers:
        theta = to_log_ratio("efficiency_gain", TRUE_GAINS[number % len(TRUE_GAINS)])
        setup = StudySetup(design, WEEKS, theta or 0.0)
        with tempfile.TemporaryDirectory() as folder:
            yield judge_twice(model, setup, number, Path(folder), judge)


def print_design(design: StudyDesign, judged: Sequence[JudgedTwice]) -> None:
    """Print the frequency of each verdict both ways, and the number of studies that differ."""
    counts = [
        Counter(pair.in_memory.verdicts[0] for pair in judged),
        Counter(pair.imported.verdict for pair in judged),
    ]
    differing = sum(not pair.agrees for pair in judged)
    print(f"{design}: {len(judged)} studies, {differing} with different verdicts")
    for verdict in sorted(counts[0] | counts[1]):
        shares = [count[verdict] / len(judged) for count in counts]
        errors = [math.sqrt(share * (1.0 - share) / len(judged)) for share in shares]
        cells = [
            f"{share:6.1%} ± {error:5.1%}" for share, error in zip(shares, errors, strict=True)
        ]
        print(f"  {verdict:<13} simulate {cells[0]}   check {cells[1]}", flush=True)


def main() -> None:
    """Judge studies of each design both ways."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=500, help="for each design")
    parser.add_argument("--designs", nargs="+", choices=STUDY_DESIGNS, default=STUDY_DESIGNS)
    parser.add_argument("--verdicts-only", action="store_true", help="in half of the time")
    arguments = parser.parse_args()
    judge = judge_only if arguments.verdicts_only else assess_whole
    model = made_up_model(np.random.default_rng(0))
    for design in arguments.designs:
        judged = judge_design(model, design, range(arguments.studies), judge)
        print_design(design, list(judged))


if __name__ == "__main__":
    main()
