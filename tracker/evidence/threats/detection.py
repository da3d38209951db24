"""Threats: the known ways for a comparison to mislead, each looked for in the data and said in plain words.

To add one: write a function from ``ThreatInputs`` to ``Threat | None`` in the module of its theme, list it in ``ALL``, test it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from tracker.evidence.results import Severity, Threat
from tracker.evidence.threats import arms, record_keeping, time_course, work
from tracker.evidence.threats.inputs import ThreatInputs

ALL: tuple[Callable[[ThreatInputs], Threat | None], ...] = (
    arms.few_developers,
    arms.one_rollout_date,
    arms.self_chosen_tasks,
    arms.one_arm_developers,
    arms.without_arm,
    arms.assisted_missing,
    arms.assisted_inferred,
    work.task_mix,
    work.project_mix,
    work.missing_estimates,
    work.open_items,
    work.zero_minutes,
    work.straddling,
    work.shifted_not_saved,
    time_course.drift,
    time_course.regression_to_the_mean,
    time_course.novelty,
    record_keeping.heaping,
    record_keeping.late_entries,
    record_keeping.baseline_edited,
    record_keeping.overlaps,
    record_keeping.outliers,
)
_GRAVITY: tuple[Severity, ...] = get_args(Severity)


def find_threats(seen: ThreatInputs) -> tuple[Threat, ...]:
    """Every threat found in one activity's data, the gravest first."""
    found = [threat for look in ALL if (threat := look(seen)) is not None]
    return tuple(sorted(found, key=lambda threat: -_GRAVITY.index(threat.severity)))
