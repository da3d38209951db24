"""The list of threats, and the search for them in the data of one activity.

To add a threat: a function from ``ThreatInputs`` to ``Threat | None`` in the module of its theme,
a line in ``OF_THE_COMPARISON`` or ``OF_THE_LOG``, a test, and a row in the table of threats in
``docs/statistics.md``. A threat from a change over time is a test of the family in
``time_course.changes_over_time``.
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
    use,
    work,
)
from tracker.evidence.threats.inputs import ThreatInputs

Detect = Callable[[ThreatInputs], Threat | None]
"""Returns a threat, or None where the data do not show it."""

OF_THE_COMPARISON: tuple[Detect, ...] = (
    arms.few_developers,
    randomisation.one_developer,
    arms.one_rollout_date,
    arms.self_chosen_tasks,
    arms.one_arm_developers,
    arms.assisted_missing,
    arms.assisted_inferred,
    use.uneven_coverage,
    use.arms_not_followed,
    work.task_mix,
    work.project_mix,
    estimates.estimates_undated,
    work.zero_minutes,
    work.straddling,
    work.shifted_not_saved,
    record_keeping.baseline_edited,
)
"""Threats to a comparison. They are searched for where both arms have finished work."""

OF_THE_LOG: tuple[Detect, ...] = (
    randomisation.not_as_drawn,
    arms.without_arm,
    work.missing_estimates,
    estimates.estimates_unmatched,
    estimates.estimates_in_points,
    work.open_items,
    record_keeping.heaping,
    record_keeping.late_entries,
    record_keeping.overlaps,
    record_keeping.outliers,
    record_keeping.implausible_entries,
    units.different_units,
)
"""Threats from how the log is kept, which matter for a baseline alone as well.

Shares are told of ``MIN_SHARED`` entries or more; single facts, such as an entry of over 12 hours,
of however few.
"""

ALL = (*OF_THE_COMPARISON, *OF_THE_LOG)


def find_threats(inputs: ThreatInputs) -> tuple[Threat, ...]:
    """Return every threat in one activity's data, the most severe first."""
    applicable = ALL if inputs.compares else OF_THE_LOG
    threats = [threat for detect in applicable if (threat := detect(inputs)) is not None]
    if inputs.compares:
        threats += time_course.changes_over_time(inputs)
    return tuple(sorted(threats, key=lambda threat: SEVERITY_ORDER.index(threat.severity)))
