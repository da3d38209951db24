"""The primary estimate of θ: the estimator of the study design, applied to one sample."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from tracker.domain.records import StudyDesign
from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.estimators.control import (
    CONTROL_WEIGHT,
    HELD_AGAINST,
    Control,
    less_control,
)
from tracker.evidence.estimators.developer_means import compare_developer_means
from tracker.evidence.estimators.imputation import fixed_developers_error, impute
from tracker.evidence.estimators.least_squares import (
    LeastSquaresFit,
    cr2,
    fit_determined,
    fit_least_squares,
    heteroskedastic,
)
from tracker.evidence.estimators.moderated import moderated
from tracker.evidence.estimators.pseudo_values import (
    ClipCells,
    clip_rows,
    pseudo_values,
)
from tracker.evidence.intervals import DRIFTING_DESIGNS, StandardError
from tracker.evidence.moments import ESTIMATE_TERMS, Term, cross_products
from tracker.evidence.sample import Clipping, Sample

ReadRows = Callable[[], Sample] | None
"""Reads the same sample with one cell per work item, where moments do not suffice.

None where no item rows can be read.
"""

ErrorUnit = Literal["items", "developers"]
"""The unit of the standard error: work items (for these developers only), or developers."""

_TYPICAL = "typical work item: ratio of geometric means of minutes, assistance over baseline"
_TYPICAL_ROBUST = (
    "typical work item: ratio of robust centres (Huber) of minutes, assistance over baseline"
)
_TYPICAL_TREATED = "typical work item with assistance: its minutes over those imputed without"
_TYPICAL_DEVELOPER = (
    "typical developer: ratio of geometric means of minutes, assistance over baseline"
)
POINTS_INTERCEPT = " (estimates in points with an intercept of their own)"
_MODERATED = "moderated CR2 standard error by developer, t(4 + Satterthwaite df)"
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
    estimate_terms: tuple[Term, ...]
    """The regressors that adjust for the estimates: x, with ``points`` where units are mixed.

    () where x is not in the fit: one that does not vary, or is (nearly) collinear with the arm, is
    dropped.
    """
    fitted: Sample
    """The sample that was fitted; of a robust fit, with pseudo-values in the place of y."""
    read_fitted_rows: ReadRows = None
    """Reads the same with one cell per work item."""
    fit: LeastSquaresFit | None = None
    """The fit of a comparison within developers; None of any other."""
    control: Control | None = None
    """The same people's other work, of whose change 0.45 is taken off; None: nothing is."""

    @property
    def developer_names(self) -> list[str]:
        """The developers of the fitted sample, in the order of their codes."""
        return [key[0] for key in self.fitted.cells.keys]

    @property
    def difference(self) -> float:
        """The difference between the arms themselves, before any control is taken off."""
        return self.theta if self.fit is None else self.fit.theta

    @property
    def adjusted(self) -> bool:
        """Whether x = ln estimate is in the fit."""
        return "x" in self.estimate_terms

    @property
    def terms(self) -> tuple[Term, ...]:
        """The regressors of a comparison within developers."""
        return ("arm", *self.estimate_terms)


def estimate_log_ratio(
    sample: Sample,
    read_rows: ReadRows,
    *,
    design: StudyDesign,
    clip: ClipCells | None = None,
    error_unit: ErrorUnit | None = None,
) -> Estimate | None:
    """Return the primary estimate of a sample.

    Args:
        sample: The sample.
        read_rows: Reads the sample's item rows where they are needed.
        design: The study design.
        clip: Sums clipped residuals; None: from the rows.
        error_unit: The unit of the standard error, ``items`` for anytime bounds; None: decided by
            the number of developers.

    Returns:
        The estimate; None where the arms cannot be compared.

    """
    if sample.kind == "between_developers":
        return _estimate_between_developers(sample)
    if sample.kind == "staggered":
        return _estimate_staggered(sample, read_rows, error_unit or _default_error_unit(sample))
    return _estimate_robustly(sample, read_rows, design=design, clip=clip, error_unit=error_unit)


def estimate_within_developers(
    sample: Sample,
    terms: tuple[Term, ...],
    read_rows: ReadRows,
    *,
    design: StudyDesign,
    error_unit: ErrorUnit | None = None,
    robust: bool = False,
) -> Estimate | None:
    """Compare developers with themselves: fit y to ``terms`` and developer effects.

    y is taken as it stands in the sample: ln minutes, or pseudo-values of it. The error is CR2 with
    Satterthwaite df, moderated where the design cannot rule out drift, or HC2 by work item (for
    these developers only) with fewer than five developers. Where x does not vary, or hardly but
    with the arm, it is dropped.

    Args:
        sample: The sample.
        terms: The regressors, the arm first.
        read_rows: Reads the sample's item rows where they are needed.
        design: The study design.
        error_unit: The unit of the standard error; None: decided by the number of developers.
        robust: Whether y are pseudo-values, as the estimator and the estimand then say.

    Returns:
        The estimate; None where the arm does not vary within developers.

    """
    fit, terms = fit_determined(sample.cells, terms)
    if fit is None:
        return None
    by_items = (error_unit or _default_error_unit(sample)) == "items"
    if by_items:
        error = heteroskedastic(fit, read_rows().cells, terms, "HC2") if read_rows else None
        error_name = "HC2 standard error, t(n − k − developers)"
    elif design in DRIFTING_DESIGNS:
        error = moderated(fit)
        error_name = _MODERATED
    else:
        error = cr2(fit)
        error_name = "CR2 standard error by developer, Satterthwaite df"
    adjustment = tuple(term for term in ESTIMATE_TERMS if term in terms)
    model = f"arm, developer effects{_describe_adjustment(adjustment)}"
    outcome = "Huber pseudo-values of ln minutes" if robust else "ln minutes"
    return Estimate(
        theta=fit.theta,
        error=error,
        estimator=f"least squares of {outcome} on {model}; {error_name}",
        estimand=(_TYPICAL_ROBUST if robust else _TYPICAL)
        + (_THESE_DEVELOPERS_ONLY if by_items else ""),
        items_baseline=sample.cells.items_of(0),
        items_assistance=sample.cells.items_of(1),
        developers=sample.cells.developers,
        estimate_terms=adjustment,
        fitted=sample,
        read_fitted_rows=read_rows,
        fit=fit,
    )


def hold_against(estimate: Estimate, control: Control) -> Estimate | None:
    """Return an estimate less 0.45 of the change of the same people's other work.

    Args:
        estimate: A comparison within developers. Its error is moderated anew.
        control: The other work; of it that of the estimate's developers is used.

    Returns:
        The estimate; None where the two cannot be compared by developer.
    """
    control_fit = control.fit_of(estimate.developer_names)
    if estimate.fit is None or control_fit is None:
        return None
    difference = less_control(estimate.fit, control_fit)
    if difference is None:
        return None
    theta, error = difference
    comparison = estimate.estimator.partition(";")[0]
    return replace(
        estimate,
        theta=theta,
        error=error,
        estimator=f"{comparison}, less {CONTROL_WEIGHT} of the change of the same people's other"
        f" work; {_MODERATED}",
        estimand=f"{estimate.estimand}, {HELD_AGAINST}",
        control=control,
    )


def _estimate_robustly(
    sample: Sample,
    read_rows: ReadRows,
    *,
    design: StudyDesign,
    clip: ClipCells | None,
    error_unit: ErrorUnit | None,
) -> Estimate | None:
    """Compare developers with themselves by the pseudo-values of ln minutes.

    Where too little is left to determine them, or neither rows nor clipped sums can be read, ln
    minutes themselves are compared.
    """
    fit, terms = fit_determined(sample.cells, sample.terms)
    if fit is None:
        return None
    single_items = bool((sample.cells.n == 1).all())
    if clip is None and not single_items and read_rows is not None:
        sample, single_items = read_rows(), True
    robust = None
    if single_items or clip is not None:
        robust = robust_sample(sample, terms, None if single_items else clip)
    if robust is None:
        return estimate_within_developers(
            sample, terms, read_rows, design=design, error_unit=error_unit
        )

    return estimate_within_developers(
        robust,
        terms,
        None if read_rows is None else _robust_row_reader(read_rows, terms),
        design=design,
        error_unit=error_unit,
        robust=True,
    )


def _robust_row_reader(
    read_rows: Callable[[], Sample], terms: tuple[Term, ...]
) -> Callable[[], Sample]:
    """Return a reader of the pseudo-values by work item, which computes them once."""

    @functools.cache
    def read_robust_rows() -> Sample:
        rows = read_rows()
        return robust_sample(rows, terms) or rows

    return read_robust_rows


def robust_sample(
    sample: Sample, terms: tuple[Term, ...], clip: ClipCells | None = None
) -> Sample | None:
    """Return the sample with pseudo-values in the place of y; None where there are none.

    Args:
        sample: The sample.
        terms: The regressors of the fit whose residuals are clipped.
        clip: Sums clipped residuals by cell; None where every cell is one work item.
    """
    cells = sample.cells
    fit = fit_least_squares(cross_products(cells, terms))
    if fit is None:
        return None
    sums = clip_rows(cells) if clip is None else lambda fitted: clip(cells, fitted)
    robust = pseudo_values(cells, terms, fit, sums)
    if robust is None:
        return None
    clipping = Clipping(robust.fitted, robust.shares_inside[-1])
    return replace(sample, cells=robust.cells, clipping=clipping)


def _estimate_between_developers(sample: Sample) -> Estimate | None:
    """Compare the arms' developer means; None where an arm has no developer."""
    difference = compare_developer_means(sample.cells, adjusted=sample.adjusted)
    if difference is None:
        return None
    adjustment = _describe_adjustment(difference.estimate_terms, " adjusted for ")
    return Estimate(
        theta=difference.theta,
        error=difference.error,
        estimator=f"developer means of ln minutes{adjustment}, t(G − 2)",
        estimand=_TYPICAL_DEVELOPER,
        items_baseline=sample.cells.items_of(0),
        items_assistance=sample.cells.items_of(1),
        developers=sample.cells.developers,
        estimate_terms=difference.estimate_terms,
        fitted=sample,
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
        terms = imputation.estimate_terms
        error = None if rows is None else fixed_developers_error(rows, terms)
        error_name = "HC2 standard error"
    model = f"developer and month effects{_describe_adjustment(imputation.estimate_terms)}"
    return Estimate(
        theta=imputation.theta,
        error=error,
        estimator=f"imputation from {model} on untreated items; {error_name}",
        estimand=_TYPICAL_TREATED + (_THESE_DEVELOPERS_ONLY if by_items else ""),
        items_baseline=sample.cells.items_of(0),
        items_assistance=imputation.items,
        developers=sample.cells.developers,
        estimate_terms=imputation.estimate_terms,
        fitted=sample,
        read_fitted_rows=read_rows,
    )


def _default_error_unit(sample: Sample) -> ErrorUnit:
    return "items" if sample.cells.developers < MIN_CLUSTERS else "developers"


def _describe_adjustment(terms: tuple[Term, ...], joint: str = " and ") -> str:
    """Return how the estimates are adjusted for, to follow the rest of the model; "" without."""
    if "x" not in terms:
        return ""
    return f"{joint}ln estimate{POINTS_INTERCEPT if 'points' in terms else ''}"
