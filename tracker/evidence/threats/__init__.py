"""Threats: the known ways for a comparison to mislead, each looked for in the data and said in plain words.

To add one: write a function from ``Seen`` to ``Threat | None`` in the module of its theme, list it in ``ALL``, test it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from tracker.evidence.results import Severity, Threat
from tracker.evidence.threats import arms, course, effort, keeping
from tracker.evidence.threats.seen import Seen

__all__ = ["ALL", "Seen", "find"]

ALL: tuple[Callable[[Seen], Threat | None], ...] = (
    arms.few_developers,
    arms.one_rollout_date,
    arms.self_chosen_tasks,
    arms.one_arm_developers,
    arms.without_arm,
    arms.assisted_missing,
    arms.assisted_inferred,
    effort.task_mix,
    effort.project_mix,
    effort.missing_estimates,
    effort.open_items,
    effort.zero_minutes,
    effort.straddling,
    effort.shifted_not_saved,
    course.drift,
    course.regression_to_the_mean,
    course.novelty,
    keeping.heaping,
    keeping.late_entries,
    keeping.baseline_edited,
    keeping.overlaps,
    keeping.outliers,
)
_GRAVITY: tuple[Severity, ...] = get_args(Severity)


def find(seen: Seen) -> tuple[Threat, ...]:
    """Every threat found in one activity's data, the gravest first."""
    found = [threat for look in ALL if (threat := look(seen)) is not None]
    return tuple(sorted(found, key=lambda threat: -_GRAVITY.index(threat.severity)))
