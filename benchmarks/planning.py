"""`python -m benchmarks.planning`: of the studies that follow a plan, how many tell.

The plan of a log is made as `tracker plan` makes it. Studies of its size are then drawn from the
log's own work, with other random numbers than the plan's, and judged as `tracker check` judges
them. A study tells if its verdict is neither cannot-tell nor plausible.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.log import MAP, TASKS_MAP, environ_for, real_log
from benchmarks.pairs import run
from tracker import demo
from tracker.analysis.disclosure import permitted_part
from tracker.analysis.planning import StudyPlanner
from tracker.analysis.study import studies
from tracker.claims import catalogue
from tracker.domain.question import Question
from tracker.domain.records import Claim, Selection, StudyDesign
from tracker.evidence.planning.plan import DesignPlan, Plan
from tracker.evidence.planning.study_errors import formula_items
from tracker.evidence.verdict import UNDECIDED
from tracker.simulation.judging import judge_study
from tracker.simulation.studies import StudySetup, draw_study
from tracker.simulation.study_errors import SEED, ErrorSimulation, study_setup
from tracker.simulation.work_model import WorkModel
from tracker.store.upgrade import open_database

POWER = 0.8
TOLERANCE = 0.04
"""How far the share of studies that tell may be from the power."""
DESIGNS: tuple[StudyDesign, ...] = ("randomised", "staggered")


TEAMS = ("149", "22")
"""Teams of the real log, each planned by itself."""

SEED_OF_STUDIES = SEED + 1
"""The studies are not those that the plan was made from."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A plan, and the share of the studies following it that tell."""

    log: str
    claim: Claim
    design: StudyDesign
    developers: int
    formula: int | None
    """Work items by the formula."""
    items: int | None
    """Work items of the plan; None where no number suffices."""
    weeks: int
    telling: float
    studies: int

    @property
    def error(self) -> float:
        """The Monte-Carlo error of the share."""
        return math.sqrt(self.telling * (1 - self.telling) / self.studies)

    @property
    def is_kept(self) -> bool:
        """Whether as many studies tell as the plan says."""
        return self.items is None or abs(self.telling - POWER) <= TOLERANCE

    def line(self) -> str:
        """Return the row of the table."""
        cells = f"{self.log:<12} {self.claim.activity:<8} {self.design:<11}"
        cells += f" {self.developers:>4} {self.formula or 0:>8,}"
        if self.items is None:
            return f"{cells}     none"
        share = f"{100 * self.telling:5.1f} ± {100 * self.error:.1f} %"
        return f"{cells} {self.items:>8,} {self.weeks:>6}   {share}{'' if self.is_kept else '  !'}"


def measure(
    url: str, label: str, selection: Selection, designs: tuple[StudyDesign, ...], studies_drawn: int
) -> Iterator[Promise]:
    """Yield the promises of the plans for the default claims, each judged alone."""
    database = open_database(url, now=lambda: datetime.now(UTC))
    for claim in catalogue.default_claims():
        with permitted_part(database, Question(claims=(claim,), selection=selection)) as part:
            (study,) = studies(part)[1]
            planner = StudyPlanner(study)
            reading = claim.reading or "efficiency_gain"
            plan = planner.plan(claim, reading, power=POWER, designs=designs)
            if plan is None or planner.simulation is None or plan.claimed_log_ratio is None:
                raise SystemExit(f"{label}: there is no plan")
            simulation = planner.simulation
            for row in plan.designs:
                yield _promise(label, claim, plan, row, simulation, studies_drawn)


def _promise(
    label: str,
    claim: Claim,
    plan: Plan,
    row: DesignPlan,
    simulation: ErrorSimulation,
    studies_drawn: int,
) -> Promise:
    """Draw the studies that follow the plan of one design."""
    weeks, telling = 0, 0.0
    if row.items_in_all is not None:
        setup = study_setup(
            simulation.model, row.study_design, row.items_in_all, simulation.items_per_week
        )
        setup = replace(setup, activity=claim.activity)
        question = Question(claims=(claim,), level=plan.level)
        weeks = setup.weeks
        telling = share_that_tells(simulation.model, setup, question, studies_drawn)
    distance = -(plan.claimed_log_ratio or 0.0)
    formula = formula_items(plan.spread, row.developers, plan.level, POWER, distance)
    return Promise(
        label, claim, row.study_design, row.developers, formula, row.items_in_all, weeks,
        telling, studies_drawn,
    )  # fmt: skip


def share_that_tells(model: WorkModel, setup: StudySetup, question: Question, drawn: int) -> float:
    """Return the share of studies whose verdict tells."""
    verdicts = [
        judge_study(
            draw_study(model, setup, np.random.default_rng([SEED_OF_STUDIES, number])), question
        ).verdicts[0]
        for number in range(drawn)
    ]
    return float(np.mean([verdict not in UNDECIDED for verdict in verdicts]))


def demo_baseline(folder: Path) -> str:
    """Import the demo's work before the first rollout; return the database's URL."""
    log, column_map, url = folder / "demo.csv", folder / "demo.toml", f"sqlite:///{folder}/demo.db"
    column_map.write_text(demo.MAP, encoding="utf-8")
    first_rollout = min(day for _, day in demo.WAVES).isoformat()
    with log.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, demo.COLUMNS)
        writer.writeheader()
        rows = demo.log(np.random.default_rng(1))
        writer.writerows(row for row in rows if row["begun"] < first_rollout)
    tracker(folder, url, "import", "csv", str(log), "--map", str(column_map))
    return url


def real_baseline(folder: Path) -> str:
    """Import the real log; return the database's URL."""
    log, tasks = real_log(folder)
    url = f"sqlite:///{folder}/real.db"
    skip = ("--on-error", "skip")
    tracker(folder, url, "import", "csv", str(log), "--map", str(MAP), *skip)
    tracker(folder, url, "import", "tasks", str(tasks), "--map", str(TASKS_MAP), *skip)
    return url


def tracker(folder: Path, url: str, *arguments: str) -> None:
    """Run the program."""
    program = str(Path(sys.executable).with_name("tracker"))
    run([program, "-q", "--db", url, *arguments], environ_for(folder))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=500, help="studies drawn for each plan")
    parser.add_argument("--logs", default="demo,real", help="demo, real, or both")
    parser.add_argument("--designs", default=",".join(DESIGNS), help="one of them, or both")
    parser.add_argument("--folder", type=Path, help="where to keep the databases")
    options = parser.parse_args()
    designs = tuple(design for design in DESIGNS if design in options.designs.split(","))
    with tempfile.TemporaryDirectory(prefix="tracker-bench-") as temporary:
        folder = options.folder or Path(temporary)
        print(f"{'log':<12} {'activity':<8} {'design':<11} devs  formula     plan  weeks   tell")
        for name in options.logs.split(","):
            make = {"demo": demo_baseline, "real": real_baseline}[name]
            database = folder / f"{name}.db"
            url = f"sqlite:///{database}" if database.exists() else make(folder)
            for team in (None,) if name == "demo" else TEAMS:
                label = name if team is None else f"team {team}"
                for promise in measure(url, label, Selection(team=team), designs, options.studies):
                    print(promise.line(), flush=True)


if __name__ == "__main__":
    main()
