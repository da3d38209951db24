"""The primary estimate of θ: the estimator of the study design, applied to one sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.estimators.developer_means import compare_developer_means
from tracker.evidence.estimators.imputation import fixed_developers_error, impute
from tracker.evidence.estimators.least_squares import (
    LeastSquaresFit,
    cr2,
    fit_least_squares,
    heteroskedastic,
)
from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import Term, cross_products
from tracker.evidence.sample import Sample

ReadRows = Callable[[], Sample] | None
"""Reads the same sample with one cell per work item, where moments do not suffice.

None where no item rows can be read.
"""

ErrorUnit = Literal["items", "developers"]
"""The unit of the standard error: work items (for these developers only), or developers."""

_TYPICAL = "typical work item: ratio of geometric means of minutes, assistance over baseline"
_TYPICAL_TREATED = "typical work item with assistance: its minutes over those imputed without"
_TYPICAL_DEVELOPER = (
    "typical developer: ratio of geometric means of minutes, assistance over baseline"
)
_MAX_INFLATION = 100.0
"""Factor on the variance of θ (variance inflation) beyond which x counts as tied to the arm."""

_THESE_DEVELOPERS_ONLY = ", these developers only"


@dataclass(frozen=True, slots=True)
class Estimate:
    """θ = ln(time ratio) with its standard error, and the estimator and the estimand in words."""

    theta: float
    error: StandardError | None
    estimator: str
    estimand: str
    items_baseline: int
    items_assistance: int
    developers: int
    adjusted: bool
    """Whether x = ln estimate is in the fit.

    An x that does not vary, or is (nearly) collinear with the arm, is dropped; this is False then.
    """


def estimate_log_ratio(
    sample: Sample, read_rows: ReadRows, *, error_unit: ErrorUnit | None = None
) -> Estimate | None:
    """Return the primary estimate of a sample.

    Args:
        sample: The sample.
        read_rows: Reads the sample's item rows where they are needed.
        error_unit: The unit of the standard error, ``items`` for anytime bounds; None: decided by
            the number of developers.

    Returns:
        The estimate; None where the arms cannot be compared.

    """
    if sample.kind == "between_developers":
        return _estimate_between_developers(sample)
    if sample.kind == "staggered":
        return _estimate_staggered(sample, read_rows, error_unit or _default_error_unit(sample))
    return estimate_within_developers(sample, sample.terms, read_rows, error_unit=error_unit)


def estimate_within_developers(
    sample: Sample,
    terms: tuple[Term, ...],
    read_rows: ReadRows,
    *,
    error_unit: ErrorUnit | None = None,
) -> Estimate | None:
    """Compare developers with themselves: fit ln minutes to ``terms`` and developer effects.

    The error is CR2 with Satterthwaite df, or HC2 by work item (for these developers only) with
    fewer than five developers. Where x does not vary, or hardly but with the arm, it is dropped.

    Args:
        sample: The sample.
        terms: The regressors, the arm first.
        read_rows: Reads the sample's item rows where they are needed.
        error_unit: The unit of the standard error; None: decided by the number of developers.

    Returns:
        The estimate; None where the arm does not vary within developers.

    """
    fit = fit_least_squares(cross_products(sample.cells, terms))
    if "x" in terms and (fit is None or _is_tied_to_arm(fit, sample, terms)):
        without_x: tuple[Term, ...] = tuple(term for term in terms if term != "x")
        return estimate_within_developers(sample, without_x, read_rows, error_unit=error_unit)
    if fit is None:
        return None
    by_items = (error_unit or _default_error_unit(sample)) == "items"
    if by_items:
        error = heteroskedastic(fit, read_rows().cells, terms, "HC2") if read_rows else None
        error_name = "HC2 standard error, t(n − k − developers)"
    else:
        error = cr2(fit)
        error_name = "CR2 standard error by developer, Satterthwaite df"
    adjusted = "x" in terms
    model = f"arm, developer effects{_describe_adjustment(adjusted=adjusted)}"
    return Estimate(
        theta=fit.theta,
        error=error,
        estimator=f"least squares of ln minutes on {model}; {error_name}",
        estimand=_TYPICAL + (_THESE_DEVELOPERS_ONLY if by_items else ""),
        items_baseline=sample.cells.items_of(0),
        items_assistance=sample.cells.items_of(1),
        developers=sample.cells.developers,
        adjusted=adjusted,
    )


def _is_tied_to_arm(fit: LeastSquaresFit, sample: Sample, terms: tuple[Term, ...]) -> bool:
    """Return whether x says hardly more than the arm does, so that θ rests on what little it is."""
    without_x = tuple(term for term in terms if term != "x")
    reference = fit_least_squares(cross_products(sample.cells, without_x))
    return reference is not None and fit.bread[0, 0] > _MAX_INFLATION * reference.bread[0, 0]


def _estimate_between_developers(sample: Sample) -> Estimate | None:
    """Compare the arms' developer means; None where an arm has no developer."""
    difference = compare_developer_means(sample.cells, adjusted=sample.adjusted)
    if difference is None:
        return None
    adjustment = " adjusted for ln estimate" if difference.adjusted else ""
    return Estimate(
        theta=difference.theta,
        error=difference.error,
        estimator=f"developer means of ln minutes{adjustment}, t(G − 2)",
        estimand=_TYPICAL_DEVELOPER,
        items_baseline=sample.cells.items_of(0),
        items_assistance=sample.cells.items_of(1),
        developers=sample.cells.developers,
        adjusted=difference.adjusted,
    )


def _estimate_staggered(
    sample: Sample, read_rows: ReadRows, error_unit: ErrorUnit
) -> Estimate | None:
    """Impute the treated work of a staggered rollout; None where no treated item can be imputed."""
    imputation = impute(sample.cells, adjusted=sample.adjusted)
    if imputation is None:
        return None
    by_items = error_unit == "items"
    error = imputation.error
    error_name = "jackknife over developers, t(min(G − 1, treated developers))"
    if by_items:
        rows = read_rows().cells if read_rows else None
        error = None if rows is None else fixed_developers_error(rows, adjusted=sample.adjusted)
        error_name = "HC2 standard error"
    model = f"developer and month effects{_describe_adjustment(adjusted=imputation.adjusted)}"
    return Estimate(
        theta=imputation.theta,
        error=error,
        estimator=f"imputation from {model} on untreated items; {error_name}",
        estimand=_TYPICAL_TREATED + (_THESE_DEVELOPERS_ONLY if by_items else ""),
        items_baseline=sample.cells.items_of(0),
        items_assistance=imputation.items,
        developers=sample.cells.developers,
        adjusted=imputation.adjusted,
    )


def _default_error_unit(sample: Sample) -> ErrorUnit:
    return "items" if sample.cells.developers < MIN_CLUSTERS else "developers"


def _describe_adjustment(*, adjusted: bool) -> str:
    return " and ln estimate" if adjusted else ""
