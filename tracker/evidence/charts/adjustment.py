"""Minutes of single work items, adjusted as the estimate of their activity is.

An adjusted item keeps its deviation from the fit. Everything that the fit takes into account is set
alike: the developer, the estimate and, where a rollout is staggered, the month. The arms' centres
then differ by θ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tracker.domain.records import ARMS
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.estimators.primary import Estimate
from tracker.evidence.moments import Cells, Floats, Mask, Term, regressors


@dataclass(frozen=True, slots=True)
class AdjustedItems:
    """The work items that an estimate compares, with adjusted minutes."""

    items: tuple[tuple[str, float], ...]
    """(arm, adjusted minutes), sorted by arm and size: nobody's order of work shows."""
    centre_minutes: float
    """The centre of the baseline, from which θ counts."""


def adjust_items(activity_estimate: ActivityEstimate) -> AdjustedItems | None:
    """Return the compared items of an activity; reads one row per work item.

    None without an estimate, and where whole developers are compared: their items differ by more
    than is adjusted for.
    """
    estimate, sample = activity_estimate.estimate, activity_estimate.rows()
    if estimate is None or sample is None or activity_estimate.judged_log_ratio is None:
        return None
    cells = sample.cells
    if sample.kind == "within_developer":
        expected, usable = _expected_within(cells, estimate)
    elif sample.kind == "staggered":
        expected, usable = _expected_untreated(cells, estimate.estimate_terms)
    else:
        return None
    centre = float(np.mean(expected[usable]))
    shift = np.zeros_like(expected)
    if sample.kind == "within_developer":  # what other work takes off θ is taken off here, too
        shift = (estimate.theta - estimate.difference) * cells.arm
    minutes = np.exp(cells.y - expected + shift + centre)[usable]
    arms = cells.arm[usable].astype(int)
    order = np.lexsort((minutes, arms))
    return AdjustedItems(tuple((ARMS[arms[i]], float(minutes[i])) for i in order), math.exp(centre))


def _expected_within(cells: Cells, estimate: Estimate) -> tuple[Floats, Mask]:
    """Return developer effect + the part of the estimate of each item, by the comparison's fit."""
    fitted, fit = estimate.fitted.cells, estimate.fit
    assert fit is not None  # noqa: S101 - a comparison within developers has one
    terms, slopes = estimate.estimate_terms, fit.beta[1:]
    explained = fit.theta * fitted.arm + regressors(fitted, terms) @ slopes
    effects = fitted.per_developer(fitted.y - fitted.n * explained) / fitted.per_developer(fitted.n)
    by_key = dict(zip(fitted.keys, effects, strict=True))
    own = np.array([by_key[key] for key in cells.keys])
    expected = own[cells.developer] + regressors(cells, terms) @ slopes
    return expected, np.ones(len(cells.y), dtype=bool)


def _expected_untreated(cells: Cells, terms: tuple[Term, ...]) -> tuple[Floats, Mask]:
    """Return what each item would have taken untreated, and which items that is known of.

    The fit is that of :mod:`tracker.evidence.estimators.imputation`.
    """
    untreated = cells.arm == 0
    months, month = np.unique(cells.period, return_inverse=True)
    effects = np.zeros((len(cells.y), cells.developers + len(months)))
    rows = np.arange(len(cells.y))
    effects[rows, cells.developer] = 1.0
    effects[rows, cells.developers + month] = 1.0
    design = np.column_stack([effects, regressors(cells, terms)])
    identified = effects[untreated].any(axis=0)
    coefficients = np.linalg.lstsq(design[untreated], cells.y[untreated], rcond=None)[0]
    usable = ~(effects.astype(bool) & ~identified).any(axis=1)
    return design @ coefficients, usable
