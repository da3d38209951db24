"""The effect in parts of the work of one study."""

from __future__ import annotations

from tracker.analysis.study import Study
from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.evidence.assessment import Subgroup
from tracker.evidence.subgroups import estimate_subgroups, residual_model
from tracker.store.read.subgroup_aggregates import subgroup_moments


def subgroups_of(study: Study) -> tuple[Subgroup, ...]:
    """Return the parts of a study's work; () where there are none to show. One more query."""
    estimate = study.estimate
    if estimate.judged_log_ratio is None or estimate.estimate is None:
        return ()
    if estimate.estimate.developers < MIN_DEVELOPERS_SHOWN:
        return ()
    moments = study.aggregate(
        subgroup_moments,
        model=residual_model(estimate),
        by_month=estimate.sample.kind == "staggered",
    )
    return estimate_subgroups(estimate, moments)
