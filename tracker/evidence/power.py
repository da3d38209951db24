"""How many work items it takes to tell a claim from the truth.

n = 1.3·4σ²·(t₍(1+level)/2, G−1₎ + t₍power, G−1₎)²/Δ² with Δ = |ln((1 + true gain)/(1 + claim))|: the two-sample
formula for arms of equal size on θ, and 1.3 for what developers, unequal arms and heavy tails cost (measured on real
logs). σ is the spread of one item's ln minutes around the fit, from the log itself (:func:`spread`), never from a
cluster-robust error, which is itself an estimate from a handful of developers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tracker.domain import gains
from tracker.domain.errors import BadValue
from tracker.domain.gains import Reading
from tracker.domain.records import Claim, StudyDesign
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.designs.study_design import MIN_CLUSTERS, MIN_ITEMS_PER_ARM
from tracker.evidence.estimators.least_squares import fit_least_squares, heteroskedastic
from tracker.evidence.intervals import DRIFT_SD, DRIFTING_DESIGNS, normal_quantile, t_quantile
from tracker.evidence.moments import cross_products
from tracker.evidence.sample import Sample

POWER = 0.8
_COST = 1.3
_TOO_MANY = 1_000_000
"""A number of work items beyond which "so many more" is no answer."""

_PRACTICAL = 20_000
"""A number of further work items beyond which nobody is told to go and log them."""

ONLY_COMPARED_AT_ONE_TIME = "only a randomised or staggered study can tell"


@dataclass(frozen=True, slots=True)
class Plan:
    """What it takes to tell a claim from a true gain. Counts are of work items in both arms together."""

    claimed_log_ratio: float
    true_log_ratio: float
    study_design: StudyDesign
    level: float
    power: float
    spread: float
    """σ: standard deviation of one item's ln minutes around the fit."""
    items: int
    """What the log holds now."""
    developers: int
    items_in_all: int | None
    """None where no number suffices; ``reason`` says why."""
    items_more: int | None
    developers_more: int
    """To be five, so that the answer is not of "these developers only"."""
    reason: str = ""


def spread(rows: Sample) -> float | None:
    """σ from rows (one cell a work item): the HC3 standard error / √(1/n₀ + 1/n₁); None where there is no fit."""
    terms = rows.terms
    found = fit_least_squares(cross_products(rows.cells, terms)) or fit_least_squares(
        cross_products(rows.cells, (terms := ("arm",)))
    )
    error = heteroskedastic(found, rows.cells, terms, "HC3") if found else None
    if error is None or not error.se > 0:
        return None
    return error.se / math.sqrt(1 / rows.cells.items_of(0) + 1 / rows.cells.items_of(1))


def residual_spread(sample: Sample) -> float | None:
    """σ from moments alone: the residuals' standard deviation. For where no rows can be read."""
    found = fit_least_squares(cross_products(sample.cells, sample.terms)) or fit_least_squares(
        cross_products(sample.cells, ("arm",))
    )
    if found is None or found.residual_df < 1:
        return None
    return math.sqrt(found.residual_sum_of_squares / found.residual_df) or None


def plan_items(
    *,
    sigma: float,
    claimed_log_ratio: float,
    true_log_ratio: float = 0.0,
    study_design: StudyDesign,
    developers: int,
    items: int,
    level: float = 0.95,
    power: float = POWER,
) -> Plan:
    """How many work items, and developers, tell the claim from the true gain with the given power.

    ``developers`` at hand set the t quantiles (G − 1; below five the error is the items', and they are normal). A
    before-after or self-selected comparison must tell them apart through the drift allowance as well.
    """
    if not 0.0 < power < 1.0:
        raise BadValue(f"--power is {power:g}: give a number between 0 and 1, such as {POWER:g}.")
    delta = abs(true_log_ratio - claimed_log_ratio)
    drift = normal_quantile((1 + level) / 2) * DRIFT_SD if study_design in DRIFTING_DESIGNS else 0.0
    se = _largest_error(delta, drift, level, power, developers)
    in_all = (
        None if se is None else max(2 * MIN_ITEMS_PER_ARM, math.ceil(_COST * 4 * (sigma / se) ** 2))
    )
    if in_all is not None and in_all > _TOO_MANY:
        in_all = None
    return Plan(
        claimed_log_ratio=claimed_log_ratio,
        true_log_ratio=true_log_ratio,
        study_design=study_design,
        level=level,
        power=power,
        spread=sigma,
        items=items,
        developers=developers,
        items_in_all=in_all,
        items_more=None if in_all is None else max(0, in_all - items),
        developers_more=max(0, MIN_CLUSTERS - developers),
        reason=_reason(delta, drift) if in_all is None else "",
    )


def items_needed(
    *,
    theta: float,
    half_width: float,
    drift: float | None,
    target: float | None,
    from_plan: int | None,
    items: int,
) -> int | None:
    """How many more work items would tell; None where no number would, or none that anybody will ever log.

    First what a plan from nothing would ask for (``from_plan``: to tell the claim from no gain). Where the log holds
    that many and still cannot tell, the number at which today's interval, its random part shrinking as 1/√n around
    today's estimate, would leave out ``target``: the log ratio that it has to be told from.
    """
    if from_plan is not None and from_plan > items:
        return _practical(from_plan - items)
    if target is None:
        return None
    allowed = drift or 0.0
    room = (theta - target) ** 2 - allowed**2
    random_part = half_width**2 - allowed**2
    if room <= 0.0 or random_part <= 0.0:
        return None
    in_all = items * random_part / room
    return _practical(math.ceil(in_all) - items) if items < in_all <= _TOO_MANY else None


def _practical(more: int) -> int | None:
    return more if more <= _PRACTICAL else None


def _largest_error(
    delta: float, drift: float, level: float, power: float, developers: int
) -> float | None:
    """The standard error s with √((t·s)² + drift²) + t_power·s = Δ; None where Δ ≤ drift: no error is small enough."""
    if delta <= drift or delta == 0.0:
        return None
    df = developers - 1 if developers >= MIN_CLUSTERS else None
    a, b = t_quantile((1 + level) / 2, df), t_quantile(power, df)
    room = delta**2 - drift**2
    return room / (delta * b + math.sqrt(a**2 * room + (b * drift) ** 2))


def _reason(delta: float, drift: float) -> str:
    if delta == 0.0:
        return "the true gain is the claimed one: there is nothing to tell apart"
    if delta <= drift:
        return f"teams drift that far with no assistance at all: {ONLY_COMPARED_AT_ONE_TIME}"
    return f"more than {_TOO_MANY:,} work items: the two are too close to tell apart"


def plan_claim(
    found: ActivityEstimate,
    claim: Claim,
    reading: Reading,
    *,
    true_gain: float = 0.0,
    power: float = POWER,
) -> Plan | None:
    """How many work items and developers it takes, with the spread and the developers of this log.

    ``true_gain`` is on the claim's ``reading``, as a fraction. None where the log holds too little to know its spread,
    where no study design is recorded, or where the claim's figure has no time ratio.
    """
    rows = found.rows()
    sigma = spread(rows) if rows else residual_spread(found.sample)
    claimed = None if claim.value is None else gains.to_log_ratio(reading, claim.value)
    true = gains.to_log_ratio(reading, true_gain)
    if sigma is None or found.design is None or claimed is None or true is None:
        return None
    return plan_items(
        sigma=sigma,
        claimed_log_ratio=claimed,
        true_log_ratio=true,
        study_design=found.design,
        developers=found.sample.cells.developers,
        items=found.sample.cells.items,
        level=found.interval_level,
        power=power,
    )
