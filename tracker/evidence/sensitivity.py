"""The specification curve: other defensible ways to analyse the same data, each with its interval.

Each point changes one thing of the primary analysis, keeps the drift allowance where the study design has one, and is
judged by the same rule. A point that could not be made says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from tracker.domain.records import StudyDesign
from tracker.evidence.activity import CLOSED, ActivityEstimate
from tracker.evidence.designs.study_design import MIN_CLUSTERS, closed_cells, missing_items
from tracker.evidence.estimators.developer_means import means_without
from tracker.evidence.estimators.imputation import impute
from tracker.evidence.estimators.least_squares import (
    crv3,
    fit_least_squares,
    heteroskedastic,
    leave_one_out,
)
from tracker.evidence.estimators.poisson import fit_poisson
from tracker.evidence.estimators.primary import Unit, estimate_log_ratio, estimate_within_developers
from tracker.evidence.estimators.resampling import (
    MOST_ITEMS,
    permutation_interval,
    wild_bootstrap_interval,
)
from tracker.evidence.estimators.sum_ratios import ratio_of_sums
from tracker.evidence.intervals import StandardError, add_drift
from tracker.evidence.moments import Cells, Floats, Mask, Term, cells_from_moments, cross_products
from tracker.evidence.results import Interval, Sensitivity
from tracker.evidence.sample import Sample, select_sample

UNFINISHED = (*CLOSED, "open", "immature")
_FEW = "needs five developers"
_NO_ROWS = "needs one row per work item"
_NOT_ENOUGH = "too few work items are left"
_ONE_LOOK = "not made: it holds for one look only"
_NOT_MADE = "could not be made from this data"


def specification_curve(
    found: ActivityEstimate, rng: np.random.Generator
) -> tuple[Sensitivity, ...]:
    """The points that apply to this study design, verdicts left open; () where there is no interval to begin with.

    ``rng`` draws the bootstrap's weights and the permutations; equal seeds give equal curves, whatever the rows' order.
    """
    if found.log_ratio is None or found.design is None:
        return ()
    points = [*_other_errors(found, rng)] if found.sample.kind == "within_developer" else []
    return (*points, *_other_models(found), *_other_items(found))


def _other_errors(found: ActivityEstimate, rng: np.random.Generator) -> Iterator[Sensitivity]:
    """The primary's own coefficient with other errors, and the likelihood that weighs by hours."""
    terms = _terms(found)
    fitted = fit_least_squares(cross_products(found.sample.cells, terms))
    rows = found.rows()
    if fitted is None:
        return
    many = found.sample.cells.developers >= MIN_CLUSTERS
    refusal = (
        _ONE_LOOK if found.anytime else "" if many else _FEW
    )  # of errors made of the developers' spread
    hc3 = heteroskedastic(fitted, rows.cells, terms, "HC3") if rows else None
    yield _from_error(found, "HC3", fitted.theta, hc3, _NOT_MADE if rows else _NO_ROWS)
    yield _from_error(
        found, "CRV3", fitted.theta, None if refusal else crv3(fitted), refusal or _NOT_MADE
    )
    wild = None if refusal else wild_bootstrap_interval(fitted, found.interval_level, rng)
    yield _drawn(found, "wild cluster bootstrap-t", wild, refusal or _NOT_MADE)
    if found.design == "randomised":
        yield _permuted(found, rows, rng)
    yield _poisson(found, rows, terms, by_developer=not refusal)


def _permuted(
    found: ActivityEstimate, rows: Sample | None, rng: np.random.Generator
) -> Sensitivity:
    name = "permutation within developer"
    if rows is None:
        return Sensitivity(name, None, None, _NO_ROWS)
    if found.anytime:
        return Sensitivity(name, None, None, _ONE_LOOK)
    if rows.cells.items > MOST_ITEMS:
        return Sensitivity(name, None, None, f"left out beyond {MOST_ITEMS:,} work items")
    adjusted = "x" in _terms(found)
    return _drawn(
        found, name, permutation_interval(rows.cells, found.interval_level, rng, adjusted=adjusted)
    )


def _poisson(
    found: ActivityEstimate, rows: Sample | None, terms: tuple[Term, ...], *, by_developer: bool
) -> Sensitivity:
    name = "Poisson pseudo-likelihood"
    if rows is None:
        return Sensitivity(name, None, None, _NO_ROWS)
    fitted = fit_poisson(rows.cells, terms)
    if fitted is None:
        return Sensitivity(name, None, None, _NOT_MADE)
    return _from_error(
        found, name, fitted.fit.theta, crv3(fitted.fit) if by_developer else fitted.item_error
    )


def _other_models(found: ActivityEstimate) -> Iterator[Sensitivity]:
    """Other outcomes and other regressors."""
    adjusted = found.sample.adjusted
    other = select_sample(
        closed_cells(found.moments), found.design or "randomised", adjusted=not adjusted
    )
    sums = ratio_of_sums((found.sample if adjusted else other).cells, "w")
    if (
        found.anytime and found.sample.cells.developers >= MIN_CLUSTERS
    ):  # its error is of the developers' spread
        yield Sensitivity("Σt/Σestimate", None, None, _ONE_LOOK)
    else:
        yield _from_error(
            found, "Σt/Σestimate", sums.theta if sums else None, sums.error if sums else None
        )
    yield _refit(
        found, "no x" if adjusted else "with x, items with an estimate", adjusted=not adjusted
    )
    if found.sample.kind == "within_developer":
        yield _with_terms(found, "+ linear trend", (*_terms(found), "trend"))
    if found.sample.kind == "staggered":
        yield _with_terms(found, "two-way fixed effects", (*_terms(found), "months"))
        yield _with_terms(found, "before/after, no month effects", _terms(found))


def _other_items(found: ActivityEstimate) -> Iterator[Sensitivity]:
    """The primary on other work items."""
    yield _refit(found, "without the first month", keep=_without_first_month)
    yield _leave_one_out(found)
    yield _refit(found, "open items as done", statuses=UNFINISHED)


def _refit(
    found: ActivityEstimate,
    name: str,
    *,
    adjusted: bool | None = None,
    statuses: tuple[str, ...] = CLOSED,
    keep: Callable[[Cells, StudyDesign], Mask] | None = None,
) -> Sensitivity:
    """The primary once more on a sample drawn otherwise, from moments and, where those do not suffice, from rows."""
    design = found.design or "randomised"
    with_x = found.sample.adjusted if adjusted is None else adjusted

    def drawn(cells: Cells) -> Sample:
        return select_sample(
            cells.select(keep(cells, design)) if keep else cells, design, adjusted=with_x
        )

    read = found.items
    moments = found.moments[found.moments["status"].isin(statuses)]
    sample = drawn(cells_from_moments(moments))
    if sample.kind != found.sample.kind or missing_items(
        sample.cells.items_of(0), sample.cells.items_of(1)
    ):
        return Sensitivity(name, None, None, _NOT_ENOUGH)
    other = estimate_log_ratio(
        sample, None if read is None else lambda: drawn(read(statuses)), errors=_unit(found)
    )
    return _from_error(found, name, other.theta if other else None, other.error if other else None)


def _with_terms(found: ActivityEstimate, name: str, terms: tuple[Term, ...]) -> Sensitivity:
    """Developers compared with themselves, on other regressors. Developers in one arm help with the months."""
    rows = found.rows()
    other = estimate_within_developers(
        found.sample, terms, None if rows is None else lambda: rows, errors=_unit(found)
    )
    return _from_error(found, name, other.theta if other else None, other.error if other else None)


def _leave_one_out(found: ActivityEstimate) -> Sensitivity:
    """The two intervals farthest apart of those that leave one developer out, as one; for five developers and more.

    (With fewer, what is left would be told apart.)
    """
    name, sample = "leave one developer out (range)", found.sample
    if sample.cells.developers < MIN_CLUSTERS:
        return Sensitivity(name, None, None, _FEW)
    without = _estimates_without(sample, _terms(found))
    if without is None or not np.isfinite(without).all():
        return Sensitivity(name, None, None, "one developer alone decides the comparison")
    everyone = np.arange(sample.cells.developers)
    low, high = (
        _without(found, everyone != extreme) for extreme in (np.argmin(without), np.argmax(without))
    )
    if (
        low is None
        or high is None
        or low.low is None
        or high.high is None
        or found.log_ratio is None
    ):
        return Sensitivity(name, None, None, _NOT_MADE)
    note = f"time ratios from {np.exp(without.min()):.2f} to {np.exp(without.max()):.2f}"
    return Sensitivity(name, Interval(found.log_ratio.estimate, low.low, high.high), None, note)


def _without(found: ActivityEstimate, others: Mask) -> Interval | None:
    """The primary's interval from these developers only, with its own kind of error however few they are."""
    rows = found.rows()
    fewer = None if rows is None else replace(rows, cells=rows.cells.for_developers(others))
    left = replace(found.sample, cells=found.sample.cells.for_developers(others))
    other = estimate_log_ratio(
        left, None if fewer is None else lambda: fewer, errors=_unit(found) or "developers"
    )
    return found.interval(other.theta, other.error) if other else None


def _estimates_without(sample: Sample, terms: tuple[Term, ...]) -> Floats | None:
    """θ with each developer left out."""
    if sample.kind == "staggered":
        imputed = impute(sample.cells, adjusted=sample.adjusted)
        return imputed.without if imputed else None
    if sample.kind == "between_developers":
        return means_without(sample.cells, adjusted=sample.adjusted)
    fitted = fit_least_squares(cross_products(sample.cells, terms))
    return leave_one_out(fitted) if fitted else None


def _without_first_month(cells: Cells, design: StudyDesign) -> Mask:
    """All but each developer's first month with assistance: learning and novelty. Of drawn arms both lose the month."""
    first = np.full(cells.developers, np.iinfo(np.int64).max)
    treated = cells.arm == 1
    np.minimum.at(first, cells.developer[treated], cells.period[treated])
    inside = cells.period == first[cells.developer]
    return np.asarray(~inside if design == "randomised" else ~(inside & treated))


def _unit(found: ActivityEstimate) -> Unit | None:
    """The errors that the bounds can be made of; None: whichever the number of developers asks for."""
    return "items" if found.anytime else None


def _terms(found: ActivityEstimate) -> tuple[Term, ...]:
    """The terms that the primary ended up with."""
    return ("arm", "x") if found.estimate and found.estimate.adjusted else ("arm",)


def _from_error(
    found: ActivityEstimate,
    name: str,
    theta: float | None,
    error: StandardError | None,
    note: str = _NOT_MADE,
) -> Sensitivity:
    made = None if theta is None else found.interval(theta, error)
    return Sensitivity(name, made, None, "" if made else note)


def _drawn(
    found: ActivityEstimate, name: str, made: Interval | None, note: str = _NOT_MADE
) -> Sensitivity:
    return Sensitivity(
        name, add_drift(made, found.drift) if made else None, None, "" if made else note
    )
