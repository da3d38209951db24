"""The number of work items that it takes to distinguish a claim from the true gain.

n = 1.3·4σ²·(t₍(1+level)/2, G−1₎ + t₍power, G−1₎)²/Δ², with Δ = |ln((1 + true gain)/(1 + claim))|.

This is the two-sample formula on θ for arms of equal size. The factor 1.3 covers what developers,
unequal arms and heavy tails cost (measured on real logs). σ is the spread of one item's ln minutes
around the fit, from the log itself (:func:`spread`). It never comes from a cluster-robust error,
which is itself an estimate from a handful of developers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tracker.domain import gains
from tracker.domain.errors import BadValue
from tracker.domain.gains import Reading
from tracker.domain.question import DEFAULT_LEVEL
from tracker.domain.records import Claim, StudyDesign
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.designs.study_design import MIN_CLUSTERS, MIN_ITEMS_PER_ARM
from tracker.evidence.estimators.least_squares import fit_least_squares, heteroskedastic
from tracker.evidence.intervals import drift_half_width, t_quantile
from tracker.evidence.moments import cross_products
from tracker.evidence.sample import Sample

POWER = 0.8
"""Default probability that the study distinguishes the claim from the true gain."""

ONLY_COMPARED_AT_ONE_TIME = "only a randomised or staggered study can tell"

COST_FACTOR = 1.3
"""Factor on n for developers, unequal arms and heavy tails."""

_MAX_ITEMS = 1_000_000
"""A plan with more work items is none."""

_MAX_MORE_ITEMS = 20_000
"""More further work items than this are not reported: nobody will log them."""


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
    """What it takes to distinguish a claim from a true gain; items are those of both arms."""

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
    """None where no number suffices; ``reason`` says why."""
    items_more: int | None
    """Further work items; None with ``items_in_all``."""
    developers_more: int
    """Further developers, to be five: with fewer the answer is for "these developers only"."""
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

    None where there is no fit, no degree of freedom, or where the minutes do not vary.
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
    since the error is then that of the items. Before-after and self-selected studies must overcome
    the drift allowance as well.

    Args:
        study: The study.
        claimed_log_ratio: The claim on θ.
        true_log_ratio: The true gain on θ.

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
    rows = activity_estimate.rows()
    sigma = spread(rows) if rows else residual_spread(activity_estimate.sample)
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

    First the remainder of a plan to distinguish the claim from no gain. Where the log holds that
    many already, the number at which today's interval would exclude ``target``: its random part
    shrinks as 1/√n around today's estimate, its drift allowance does not.

    Args:
        theta: Today's estimate.
        half_width: Half-width of today's interval, drift allowance included.
        drift: The drift allowance as a half-width; None without one.
        target: The log ratio to exclude; None where there is none.
        from_plan: The plan's number of work items in all; None without a plan.
        items: Work items that the log holds now.

    Returns:
        The number; None where no number would do, or only one that nobody will log.

    """
    if from_plan is not None and from_plan > items:
        return _practical(from_plan - items)
    if target is None:
        return None
    allowance = drift or 0.0
    available = (theta - target) ** 2 - allowance**2
    random_part = half_width**2 - allowance**2
    if available <= 0.0 or random_part <= 0.0:
        return None
    items_in_all = items * random_part / available
    if not items < items_in_all <= _MAX_ITEMS:
        return None
    return _practical(math.ceil(items_in_all) - items)


def _practical(more_items: int) -> int | None:
    return more_items if more_items <= _MAX_MORE_ITEMS else None


def _largest_standard_error(study: PlannedStudy, delta: float, drift: float) -> float | None:
    """Return the standard error s that solves √((t·s)² + drift²) + t_power·s = Δ.

    None where Δ ≤ drift: no standard error is small enough.
    """
    if delta <= drift or delta == 0.0:
        return None
    df = study.developers - 1 if study.developers >= MIN_CLUSTERS else None
    t_level, t_power = t_quantile((1 + study.level) / 2, df), t_quantile(study.power, df)
    available = delta**2 - drift**2
    return available / (
        delta * t_power + math.sqrt(t_level**2 * available + (t_power * drift) ** 2)
    )


def _items_in_all(study: PlannedStudy, standard_error: float | None) -> int | None:
    """Return the items of both arms that give a standard error; None where too many."""
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
