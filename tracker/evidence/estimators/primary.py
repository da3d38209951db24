"""One activity's θ with its error: the primary estimator of its study design, on one sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.estimators.developer_means import compare_developer_means
from tracker.evidence.estimators.imputation import fixed_developers_error, impute
from tracker.evidence.estimators.least_squares import cr2, fit_least_squares, heteroskedastic
from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import Term, cross_products
from tracker.evidence.sample import Sample

Rows = Callable[[], Sample] | None
"""The same sample with one cell a work item; called only where moments do not suffice. None: no rows can be had."""

Unit = Literal["items", "developers"]
"""Whose spread the error is made of: the work items' (these developers only), or the developers'."""

_TYPICAL = "typical work item: ratio of geometric means of minutes, assistance over baseline"
_TYPICAL_TREATED = "typical work item with assistance: its minutes over those imputed without"
_THESE_ONLY = ", these developers only"


@dataclass(frozen=True, slots=True)
class Estimate:
    """θ = ln(time ratio), its error, and how they came about."""

    theta: float
    error: StandardError | None
    estimator: str
    estimand: str
    items_baseline: int
    items_assistance: int
    developers: int
    adjusted: bool
    """Whether x is in the fit: False too where the estimates are all alike, or say no more than the arm does."""


def estimate_log_ratio(
    sample: Sample, rows: Rows, *, errors: Unit | None = None
) -> Estimate | None:
    """The primary estimate of a sample; None where the arms cannot be compared at all.

    ``errors``: None lets the number of developers decide; ``items`` for bounds that hold at any time.
    """
    if sample.kind == "between_developers":
        return _whole(sample)
    if sample.kind == "staggered":
        return _staggered(sample, rows, errors or _unit(sample))
    return estimate_within_developers(sample, sample.terms, rows, errors=errors)


def estimate_within_developers(
    sample: Sample, terms: tuple[Term, ...], rows: Rows, *, errors: Unit | None = None
) -> Estimate | None:
    """Developers compared with themselves: y on ``terms`` and developer effects.

    CR2 with Satterthwaite df; with fewer than five developers HC2, which speaks of these developers only.
    """
    found = fit_least_squares(cross_products(sample.cells, terms))
    if found is None:
        fewer: tuple[Term, ...] = tuple(term for term in terms if term != "x")
        return (
            estimate_within_developers(sample, fewer, rows, errors=errors)
            if fewer != terms
            else None
        )
    by_items = (errors or _unit(sample)) == "items"
    if by_items:
        error = heteroskedastic(found, rows().cells, terms, "HC2") if rows else None
        how = "HC2 standard error, t(n − k − developers)"
    else:
        error = cr2(found)
        how = "CR2 standard error by developer, Satterthwaite df"
    adjusted = "x" in terms
    return Estimate(
        theta=found.theta,
        error=error,
        estimator=f"least squares of ln minutes on arm, developer effects{_and_estimate(adjusted)}; {how}",
        estimand=_TYPICAL + (_THESE_ONLY if by_items else ""),
        items_baseline=sample.cells.items_of(0),
        items_assistance=sample.cells.items_of(1),
        developers=sample.cells.developers,
        adjusted=adjusted,
    )


def _whole(sample: Sample) -> Estimate | None:
    found = compare_developer_means(sample.cells, adjusted=sample.adjusted)
    if found is None:
        return None
    return Estimate(
        theta=found.theta,
        error=found.error,
        estimator=f"developer means of ln minutes{' adjusted for ln estimate' if sample.adjusted else ''}, t(G − 2)",
        estimand="typical developer: ratio of geometric means of minutes, assistance over baseline",
        items_baseline=sample.cells.items_of(0),
        items_assistance=sample.cells.items_of(1),
        developers=sample.cells.developers,
        adjusted=sample.adjusted,
    )


def _unit(sample: Sample) -> Unit:
    return "items" if sample.cells.developers < MIN_CLUSTERS else "developers"


def _staggered(sample: Sample, rows: Rows, errors: Unit) -> Estimate | None:
    found = impute(sample.cells, adjusted=sample.adjusted)
    if found is None:
        return None
    by_items = errors == "items"
    error = found.error
    if by_items:
        error = fixed_developers_error(rows().cells, adjusted=sample.adjusted) if rows else None
    how = (
        "HC2 standard error"
        if by_items
        else "jackknife over developers, t(min(G − 1, treated developers))"
    )
    model = f"developer and month effects{_and_estimate(sample.adjusted)}"
    return Estimate(
        theta=found.theta,
        error=error,
        estimator=f"imputation from {model} on untreated items; {how}",
        estimand=_TYPICAL_TREATED + (_THESE_ONLY if by_items else ""),
        items_baseline=sample.cells.items_of(0),
        items_assistance=found.items,
        developers=sample.cells.developers,
        adjusted=sample.adjusted,
    )


def _and_estimate(adjusted: bool) -> str:
    return " and ln estimate" if adjusted else ""
