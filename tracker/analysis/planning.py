"""Plans studies from a log: its spread, its pace, and simulated studies of its own work."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tracker.analysis.disclosure import Part, permitted_part
from tracker.analysis.simulation import baseline_model
from tracker.analysis.study import Study, studies
from tracker.domain.arms import MIN_ITEMS_PER_ARM
from tracker.domain.counts import count_of
from tracker.domain.disclosure import WITHHELD_RESULT
from tracker.domain.errors import NothingToDo
from tracker.domain.gains import READING_LABELS, Reading, percent, to_log_ratio
from tracker.domain.question import Question
from tracker.domain.records import STUDY_DESIGNS, Claim, StudyDesign
from tracker.domain.times import DAY_SECONDS
from tracker.evidence.judgement import judge_claim, with_plan
from tracker.evidence.planning.pace import pace_of
from tracker.evidence.planning.plan import POWER, Pace, Plan
from tracker.evidence.planning.planner import (
    Outlook,
    SimulateErrors,
    check_assumptions,
    plan_claim,
)
from tracker.evidence.planning.spread import baseline_cells
from tracker.evidence.planning.study_errors import StudyErrors
from tracker.evidence.results import Result
from tracker.evidence.verdict import UNDECIDED
from tracker.simulation.study_errors import ErrorSimulation
from tracker.store.database import Database
from tracker.store.read import aggregates

CURRENT_DAYS = 60
"""A log that ended so many days ago or fewer has a pace of today."""


class PlannedClaim(NamedTuple):
    """A claim with its plan, or with what the log misses for one."""

    claim: Claim
    plan: Plan | None
    result: Result
    """The verdict of today."""
    reason: str
    """Why there is no plan; "" where there is one."""


@dataclass(frozen=True)
class StudyPlanner:
    """Plans the claims about one activity. What is read or simulated is so at its first use."""

    study: Study

    @cached_property
    def pace(self) -> Pace | None:
        """The work items that are finished in a week and count in a study."""
        study, cells = self.study, self.study.estimate.sample.cells
        closed = float(study.moments.loc[study.moments["status"] == "closed", "n"].sum())
        if study.span.first_day is None or not closed:
            return None
        return pace_of(
            study.aggregate(aggregates.finished),
            now_day=self._now_day,
            first_day=study.span.first_day,
            share=cells.items / closed,
        )

    @cached_property
    def simulation(self) -> ErrorSimulation | None:
        """Simulates studies of this team's work; None where its baseline is too small for that."""
        study = self.study
        try:
            model = baseline_model(study)
        except NothingToDo:
            return None
        per_week = self.pace.per_week if self.pace else float(model.items_per_week.sum())
        estimate = study.estimate
        return ErrorSimulation(model, per_week, estimate.interval_level, estimate.anytime)

    def plan(
        self,
        claim: Claim | None,
        reading: Reading,
        *,
        true_gain: float | None = None,
        power: float = POWER,
        designs: tuple[StudyDesign, ...] = STUDY_DESIGNS,
    ) -> Plan | None:
        """Return the plan for a claim; see :func:`tracker.evidence.planning.planner.plan_claim`."""
        return plan_claim(
            self.study.estimate,
            claim,
            reading,
            self._outlook(),
            true_gain=true_gain,
            power=power,
            designs=designs,
        )

    def plan_undecided(self, result: Result) -> Plan | None:
        """Return the plan for a result, of no more designs than its sentence is about."""
        design = self.study.design
        if design is None:
            return None
        plan = self.plan(result.claim, result.reading, designs=(design,))
        if plan is None or plan.recorded is None or plan.recorded.is_practical:
            return plan
        return self.plan(result.claim, result.reading, designs=(design, "randomised"))

    @property
    def _now_day(self) -> int:
        """The day on which the log ends."""
        return self.study.now_epoch // DAY_SECONDS

    def _outlook(self) -> Outlook:
        last_start_day = self.study.maturity.last_start_day
        clock_epoch = self.study.question.selection.clock_epoch or self.study.now_epoch
        today = clock_epoch // DAY_SECONDS
        is_current = today - self._now_day <= CURRENT_DAYS
        return Outlook(
            now_day=today if is_current else self._now_day,
            is_current=is_current,
            pace=self.pace,
            lag_days=0 if last_start_day is None else max(0, self._now_day - last_start_day),
            simulate=self._simulate_once,
        )

    @cached_property
    def _simulate_once(self) -> SimulateErrors:
        """Simulates the errors of studies, those of one size once for all claims."""

        def simulate(design: StudyDesign, items: int, *, rough: bool) -> StudyErrors | None:
            simulation = self.simulation
            return None if simulation is None else simulation.errors(design, items, rough=rough)

        return functools.cache(simulate)


def with_plans(study: Study, results: list[Result]) -> list[Result]:
    """Return the results, the undecided ones with their plans.

    Planned are the study's own design, and a randomised study where that is not practical.
    """
    planner = StudyPlanner(study)
    return [
        with_plan(result, planner.plan_undecided(result))
        if result.verdict in UNDECIDED and study.design is not None
        else result
        for result in results
    ]


def plan_claims(
    database: Database, question: Question, *, power: float, true_gain: float | None
) -> list[tuple[Claim, Plan | None]]:
    """Return how many more work items it takes to tell each claim from the true gain.

    Args:
        database: The log, from which the spread of work items is taken.
        question: The claims. Its study design is the one to plan, and need not be recorded.
        power: The probability with which the study shall tell them apart.
        true_gain: The gain to assume, as a fraction on the reading judged; None: no gain, or the
            one that the log shows.

    Returns:
        Each claim with its plan. It is None where the log holds too little to know the spread, or
        where it rests on too few developers other than the reader.

    Raises:
        NothingToDo: No entry is selected, or no whole cell of five developers.
        BadValue: The power is not between 0 and 1, or no time ratio has the true gain.

    """
    with permitted_part(database, question) as part:
        plans = plan_with_reasons(part, power=power, true_gain=true_gain)
    return [(planned.claim, planned.plan) for planned in plans]


def plan_with_reasons(part: Part, *, power: float, true_gain: float | None) -> list[PlannedClaim]:
    """Return the plans for a part of the log, and why there is none; see :func:`plan_claims`."""
    design = part.question.design
    for claim in part.question.claims:
        check_assumptions(_reading(part.question, claim), true_gain, power)
    plans = []
    for study in studies(part, needs_design=False)[1]:
        planner = StudyPlanner(study)
        for claim in study.question.claims_about(study.activity):
            reading = _reading(study.question, claim)
            result = judge_claim(study.estimate, claim, reading=reading)
            plan = None
            if not study.suppressed:
                plan = planner.plan(
                    claim,
                    reading,
                    true_gain=true_gain,
                    power=power,
                    designs=STUDY_DESIGNS if design is None else (design,),
                )
            reason = "" if plan else _why_no_plan(study, claim, reading)
            plans.append(PlannedClaim(claim, plan, result, reason))
    return plans


def _reading(question: Question, claim: Claim) -> Reading:
    """Return the reading on which a question judges a claim."""
    return question.reading or claim.reading or "efficiency_gain"


def _why_no_plan(study: Study, claim: Claim, reading: Reading) -> str:
    """Return what a study misses for a plan."""
    if study.suppressed:
        return WITHHELD_RESULT
    if to_log_ratio(reading, claim.value or 0.0) is None:
        return f"no work can have a {READING_LABELS[reading]} of {percent(claim.value or 0.0)}"
    estimate = study.estimate
    if estimate.reasons and (estimate.suppressed or not estimate.sample.cells.items):
        return estimate.reasons[-1].message.removeprefix("No interval: ").removesuffix(".")
    baseline = baseline_cells(estimate)
    finished = f"{count_of(baseline.items, 'finished work item')} without assistance"
    if estimate.estimate is None and baseline.items < MIN_ITEMS_PER_ARM:
        return f"{finished}: a plan takes the spread from {MIN_ITEMS_PER_ARM} or more"
    if estimate.estimate is None and baseline.items <= baseline.developers + 1:
        developers = count_of(baseline.developers, "developer")
        return f"{finished} of {developers}: a plan takes the spread from several of each"
    return "the minutes do not vary as those of real work do"
