"""The work items of a simulated study as they stand at its end, for verdicts and for plans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tracker.domain.records import ArmRule, StudyDesign
from tracker.domain.times import DAY_SECONDS
from tracker.evidence.designs.study_design import arm_rules, last_mature_day
from tracker.evidence.moments import Floats, Integers, Mask, item_sums
from tracker.simulation.studies import SimulatedStudy, developer_name

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class StudyItems:
    """What is known of each work item at the end of a study; arrays by work item, n."""

    now_epoch: int
    """The end of the last sitting, in seconds since 1970."""
    day: Integers
    """The day on which it was begun, since 1970-01-01."""
    days: Integers
    """Whole days from its start to its completion."""
    month: Integers
    """The month of that day, as months since 1970-01."""
    complete: Mask
    estimated: Mask
    sums: dict[str, Floats]
    """Those of :data:`tracker.domain.records.MOMENT_SUMS`."""

    def mature(self, baseline: Mask) -> Mask:
        """Return which work items were begun early enough to count.

        Args:
            baseline: The work items of the baseline arm.

        """
        last_day = last_mature_day(self.days[baseline & self.complete], now_epoch=self.now_epoch)
        if last_day is None:
            return np.ones(len(self.day), dtype=bool)
        return np.asarray(self.day <= last_day)


def study_items(study: SimulatedStudy) -> StudyItems:
    """Return the work items of a study, with the minutes that are logged at its end."""
    started, finished, logged = study.started, study.finished, study.logged
    now_epoch = int(study.sitting_ended[logged].max())
    day = started // DAY_SECONDS
    w = np.zeros(len(study)) if study.estimate_minutes is None else study.estimate_minutes
    t = np.bincount(study.sitting_item, weights=study.sitting_seconds * logged) / 60.0
    return StudyItems(
        now_epoch=now_epoch,
        day=day,
        days=(finished - started) // DAY_SECONDS,
        month=day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64),
        complete=finished <= now_epoch,
        estimated=w > 0,
        sums=item_sums(np.log(t), np.log(np.where(w > 0, w, 1.0)), t, w),
    )


def recorded_rules(study: SimulatedStudy) -> Iterator[tuple[StudyDesign, ArmRule]]:
    """Yield the designs whose arms are recorded, and the rule of each."""
    recorded = {
        "assigned": study.assigned is not None,
        "assisted": study.assisted is not None and bool(study.assisted.any()),
    }
    for design, rule in arm_rules(study.rollouts).items():
        if rule.by == "rollout" or recorded[rule.by]:
            yield design, rule


def study_arms(study: SimulatedStudy, rule: ArmRule) -> tuple[Mask, Mask]:
    """Return which work items a rule puts into the assistance arm, and which it gives an arm."""
    everything = np.ones(len(study), dtype=bool)
    if rule.by == "assigned" and study.assigned is not None:
        return study.assigned, everything
    if rule.by == "assisted" and study.assisted is not None:
        return study.assisted, everything
    cutovers = np.full(study.developers, _NEVER)
    for cutover in rule.cutovers:
        cutovers[_numbers(study, cutover.developer)] = cutover.day
    cutover_day = cutovers[study.developer]
    has_arm = everything if rule.never_treated else cutover_day < _NEVER
    return study.started // DAY_SECONDS >= cutover_day, has_arm


def own_arms(study: SimulatedStudy) -> tuple[Mask, Mask]:
    """Return the arms by the rule of the study's own design; none where they are not recorded."""
    rule = dict(recorded_rules(study)).get(study.setup.design)
    if rule is None:
        nothing = np.zeros(len(study), dtype=bool)
        return nothing, nothing
    return study_arms(study, rule)


def _numbers(study: SimulatedStudy, name: str | None) -> slice:
    """Return which developers a rollout concerns: the one of that name, else everybody."""
    if name is None:
        return slice(None)
    number = next(n for n in range(study.developers) if developer_name(n) == name)
    return slice(number, number + 1)
