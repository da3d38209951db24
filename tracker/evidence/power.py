"""The number of work items needed to distinguish a claim from the true gain.

n = 1.3·4σ²·(t₍(1+level)/2, G−1₎ + t₍power, G−1₎)²/Δ², with Δ = |ln((1 + true gain)/(1 + claim))|.

This is the two-sample formula on θ for arms of equal size, without a drift allowance. The factor
1.3 covers the precision lost to developer effects, unequal arms and heavy tails (measured on real
logs). σ is the standard deviation of one item's ln minutes around the fit, estimated from the log
(:func:`spread`), not from a cluster-robust error, which is itself imprecise with few developers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tracker.domain import gains
from tracker.domain.arms import MIN_ITEMS_PER_ARM
from tracker.domain.errors import BadValue
from tracker.domain.gains import Reading
from tracker.domain.question import DEFAULT_LEVEL
from tracker.domain.records import Claim, StudyDesign
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.estimators.least_squares import fit_least_squares, heteroskedastic
from tracker.evidence.intervals import drift_half_width, t_quantile
from tracker.evidence.moments import cross_products
from tracker.evidence.sample import Sample

POWER = 0.8
"""Default probability that the study distinguishes the claim from the true gain."""

ONLY_COMPARED_AT_ONE_TIME = "only a randomised or staggered study can tell"

COST_FACTOR = 1.3
"""Factor on n for developer effects, unequal arms and heavy tails."""

_MAX_ITEMS = 1_000_000
"""Number of work items above which a plan is not feasible."""

_MAX_MORE_ITEMS = 20_000
"""Number of further work items above which it is impractical and not reported."""


@dataclass(frozen=True, slots=True)
class PlannedStudy:
    """A study whose size is planned."""

    study_design: StudyDesign
    developers: int
    items: int
    """Work items that the log holds now."""
    sigma: float
    """Standard deviation of one item's ln minutes around the fit."""
    level: float = DEFAULT_LEVEL
    power: float = POWER


@dataclass(frozen=True, slots=True)
class Plan:
    """The sample size that distinguishes a claim from a true gain; items are those of both arms."""

    claimed_log_ratio: float
    true_log_ratio: float
    study_design: StudyDesign
    level: float
    power: float
    spread: float
    """σ: standard deviation of one item's ln minutes around the fit."""
    items: int
    """Work items that the log holds now."""
    developers: int
    items_in_all: int | None
    """Work items needed; None where no number suffices, for the reason in ``reason``."""
    items_more: int | None
    """Further work items; None where ``items_in_all`` is None."""
    developers_more: int
    """Further developers needed to reach five; with fewer, results hold for these only."""
    reason: str = ""


def spread(rows: Sample) -> float | None:
    """Return σ from item rows (one cell per work item), as the HC3 error / √(1/n₀ + 1/n₁).

    None where there is no fit, or where the minutes do not vary.
    """
    terms = rows.terms
    fit = fit_least_squares(cross_products(rows.cells, terms))
    if fit is None:
        terms = ("arm",)
        fit = fit_least_squares(cross_products(rows.cells, terms))
    error = heteroskedastic(fit, rows.cells, terms, "HC3") if fit else None
    if error is None or not error.se > 0:
        return None
    return error.se / math.sqrt(1 / rows.cells.items_of(0) + 1 / rows.cells.items_of(1))


def residual_spread(sample: Sample) -> float | None:
    """Return σ from moments, as the residuals' standard deviation, where no rows can be read.

    None where there is no fit or no degree of freedom, or where the minutes do not vary.
    """
    fit = fit_least_squares(cross_products(sample.cells, sample.terms)) or fit_least_squares(
        cross_products(sample.cells, ("arm",))
    )
    if fit is None or fit.residual_df < 1:
        return None
    return math.sqrt(fit.residual_sum_of_squares / fit.residual_df) or None


def plan_items(study: PlannedStudy, claimed_log_ratio: float, true_log_ratio: float = 0.0) -> Plan:
    """Return how many work items and developers distinguish the claim from the true gain.

    The t quantiles have G − 1 degrees of freedom. With fewer than five developers they are normal,
    since the error is then by work item. Before-after and self-selected studies must overcome
    the drift allowance as well.

    Args:
        study: The study.
        claimed_log_ratio: The claim as ln(time ratio).
        true_log_ratio: The true gain as ln(time ratio).

    Returns:
        The plan, with its reason where no number suffices.

    Raises:
        BadValue: The power is not between 0 and 1.

    """
    if not 0.0 < study.power < 1.0:
        raise BadValue(
            f"--power is {study.power:g}: give a number between 0 and 1, such as {POWER:g}."
        )
    delta = abs(true_log_ratio - claimed_log_ratio)
    drift = drift_half_width(study.study_design, study.level) or 0.0
    items_in_all = _items_in_all(study, _largest_standard_error(study, delta, drift))
    return Plan(
        claimed_log_ratio=claimed_log_ratio,
        true_log_ratio=true_log_ratio,
        study_design=study.study_design,
        level=study.level,
        power=study.power,
        spread=study.sigma,
        items=study.items,
        developers=study.developers,
        items_in_all=items_in_all,
        items_more=None if items_in_all is None else max(0, items_in_all - study.items),
        developers_more=max(0, MIN_CLUSTERS - study.developers),
        reason=_reason(delta, drift) if items_in_all is None else "",
    )


def plan_claim(
    activity_estimate: ActivityEstimate,
    claim: Claim,
    reading: Reading,
    *,
    true_gain: float = 0.0,
    power: float = POWER,
) -> Plan | None:
    """Plan a study of a claim, with the spread and the developers of this log.

    Args:
        activity_estimate: The estimate of the claim's activity.
        claim: The claim.
        reading: The reading of both the claim and the true gain.
        true_gain: The true gain as a fraction.
        power: The probability that the study distinguishes the two.

    Returns:
        The plan; None where the log holds too little to estimate its spread, where no study design
        is recorded, or where one of the gains has no time ratio.

    Raises:
        BadValue: The power is not between 0 and 1.

    """
    estimate = activity_estimate.estimate
    if estimate is not None and estimate.read_fitted_rows is not None:
        sigma = spread(estimate.read_fitted_rows())
    else:
        sigma = residual_spread(estimate.fitted if estimate else activity_estimate.sample)
    claimed_log_ratio = None if claim.value is None else gains.to_log_ratio(reading, claim.value)
    true_log_ratio = gains.to_log_ratio(reading, true_gain)
    if sigma is None or activity_estimate.design is None:
        return None
    if claimed_log_ratio is None or true_log_ratio is None:
        return None
    study = PlannedStudy(
        study_design=activity_estimate.design,
        developers=activity_estimate.sample.cells.developers,
        items=activity_estimate.sample.cells.items,
        sigma=sigma,
        level=activity_estimate.interval_level,
        power=power,
    )
    return plan_items(study, claimed_log_ratio, true_log_ratio)


def items_needed(
    *,
    theta: float,
    half_width: float,
    drift: float | None,
    target: float | None,
    from_plan: int | None,
    items: int,
) -> int | None:
    """Return how many more work items would decide an undecided verdict.

    This is the number still missing from the plan that distinguishes the claim from no gain. Where
    the log already holds that many, it is the number at which the current interval would exclude
    ``target``, if the estimate stayed the same: the random part of the half-width shrinks as 1/√n,
    the drift allowance does not.

    Args:
        theta: The current estimate.
        half_width: Half-width of the current interval, drift allowance included.
        drift: The drift allowance as a half-width; None without one.
        target: The log ratio to exclude; None where there is none.
        from_plan: The plan's number of work items in all; None without a plan.
        items: Work items that the log holds now.

    Returns:
        The number; None where no number suffices, or only an impractical one.

    """
    if from_plan is not None and from_plan > items:
        return _none_if_impractical(from_plan - items)
    if target is None:
        return None
    allowance = drift or 0.0
    squared_margin = (theta - target) ** 2 - allowance**2
    squared_random_part = half_width**2 - allowance**2
    if squared_margin <= 0.0 or squared_random_part <= 0.0:
        return None
    items_in_all = items * squared_random_part / squared_margin
    if not items < items_in_all <= _MAX_ITEMS:
        return None
    return _none_if_impractical(math.ceil(items_in_all) - items)


def _none_if_impractical(more_items: int) -> int | None:
    """Return a number of further work items; None where it is impractical."""
    return more_items if more_items <= _MAX_MORE_ITEMS else None


def _largest_standard_error(study: PlannedStudy, delta: float, drift: float) -> float | None:
    """Return the standard error s that solves √((t·s)² + drift²) + t_power·s = Δ.

    None where Δ ≤ drift: no standard error is small enough.
    """
    if delta <= drift or delta == 0.0:
        return None
    df = study.developers - 1 if study.developers >= MIN_CLUSTERS else None
    t_level, t_power = t_quantile((1 + study.level) / 2, df), t_quantile(study.power, df)
    squared_margin = delta**2 - drift**2
    return squared_margin / (
        delta * t_power + math.sqrt(t_level**2 * squared_margin + (t_power * drift) ** 2)
    )


def _items_in_all(study: PlannedStudy, standard_error: float | None) -> int | None:
    """Return the work items of both arms that give a standard error.

    None where there is no standard error to reach, or where the items are too many.
    """
    if standard_error is None:
        return None
    items = max(
        2 * MIN_ITEMS_PER_ARM, math.ceil(COST_FACTOR * 4 * (study.sigma / standard_error) ** 2)
    )
    return items if items <= _MAX_ITEMS else None


def _reason(delta: float, drift: float) -> str:
    """Return why no number of work items suffices."""
    if delta == 0.0:
        return "the true gain is the claimed one: there is nothing to tell apart"
    if delta <= drift:
        return f"teams drift that far with no assistance at all: {ONLY_COMPARED_AT_ONE_TIME}"
    return f"more than {_MAX_ITEMS:,} work items: the two are too close to tell apart"
