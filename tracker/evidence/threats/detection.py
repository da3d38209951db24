"""The list of threats, and the search for them in the data of one activity.

To add a threat: a function from ``ThreatInputs`` to ``Threat | None`` in the module of its theme,
a line in ``ALL``, a test, and a row in the table of threats in ``docs/statistics.md``.
"""

from __future__ import annotations

from collections.abc import Callable

from tracker.evidence.results import SEVERITY_ORDER, Threat
from tracker.evidence.threats import (
    arms,
    estimates,
    randomisation,
    record_keeping,
    time_course,
    units,
    work,
)
from tracker.evidence.threats.inputs import ThreatInputs

ALL: tuple[Callable[[ThreatInputs], Threat | None], ...] = (
    arms.few_developers,
    randomisation.not_as_drawn,
    randomisation.one_developer,
    arms.one_rollout_date,
    arms.self_chosen_tasks,
    arms.one_arm_developers,
    arms.without_arm,
    arms.assisted_missing,
    arms.assisted_inferred,
    work.task_mix,
    work.project_mix,
    work.missing_estimates,
    estimates.estimates_unmatched,
    estimates.estimates_undated,
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
    record_keeping.implausible_entries,
    units.different_units,
)
"""Each returns its threat, or None where the data do not show it."""


def find_threats(inputs: ThreatInputs) -> tuple[Threat, ...]:
    """Return every threat in one activity's data, the most severe first."""
    threats = [threat for detect in ALL if (threat := detect(inputs)) is not None]
    return tuple(sorted(threats, key=lambda threat: SEVERITY_ORDER.index(threat.severity)))
