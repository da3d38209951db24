"""The verdict on one claim, from its activity's one estimate.

A whole activity is judged like this::

    estimate = estimate_activity(
        moments, activity="design", design="before-after", level=0.95, interval_level=0.975,
        items=cell_reader(read_items, "design"),
    )
    curve = specification_curve(estimate, rng)
    table = estimand_table(estimate)
    options = {"curve": curve, "estimand_table": table}
    results = [judge_claim(estimate, claim, **options) for claim in claims or [None]]
"""

from __future__ import annotations

import dataclasses

from tracker.domain import gains
from tracker.domain.gains import Reading
from tracker.domain.records import Claim
from tracker.evidence import verdict
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.designs.study_design import MAY_SUPPORT, MIN_CLUSTERS, STRENGTH
from tracker.evidence.estimators.control import HELD_AGAINST
from tracker.evidence.planning.plan import Plan
from tracker.evidence.results import Estimand, Interval, OtherReading, Result, Sensitivity, Verdict


def judge_claim(
    activity_estimate: ActivityEstimate,
    claim: Claim | None,
    *,
    reading: Reading | None = None,
    curve: tuple[Sensitivity, ...] = (),
    estimand_table: tuple[Estimand, ...] = (),
) -> Result:
    """Judge one claim.

    Args:
        activity_estimate: The estimate of the claim's activity.
        claim: The claim; None judges whether there is any gain.
        reading: The reading to judge; None: the claim's own.
        curve: The activity's specification curve. Its verdicts are added here, by the same rule.
            The curve is left out where no verdict may be given.
        estimand_table: The activity's estimand table.

    Returns:
        The result with its verdict and sentences.

    """
    unjudged = _unjudged_result(
        activity_estimate, claim, reading or (claim.reading if claim else None) or "efficiency_gain"
    )
    gain = unjudged.gain(unjudged.reading)
    decision = _decide(activity_estimate, claim, gain)
    result = dataclasses.replace(
        unjudged,
        verdict=decision,
        other_reading=_other_reading(activity_estimate, unjudged),
        largest_supported=gain.low if gain else None,
        smallest_refuted=gain.high if gain else None,
        sensitivity=(
            ()
            if activity_estimate.suppressed
            else tuple(_judge_point(activity_estimate, unjudged, point) for point in curve)
        ),
        estimands=() if activity_estimate.suppressed else estimand_table,
    )
    no_verdict = activity_estimate.reasons[-1].message if activity_estimate.suppressed else ""
    return dataclasses.replace(
        result, sentences=verdict.sentences_for(result, suppressed=no_verdict)
    )


def with_plan(result: Result, plan: Plan | None) -> Result:
    """Return an undecided result with what it still takes to tell, and the sentence about it."""
    planned = dataclasses.replace(result, plan=plan)
    sentences = dataclasses.replace(result.sentences, needed=verdict.needed_sentence(planned))
    return dataclasses.replace(planned, sentences=sentences)


def decide_claim(
    activity_estimate: ActivityEstimate, claim: Claim | None, *, reading: Reading | None = None
) -> Verdict:
    """Return the verdict of :func:`judge_claim` alone, which is fast."""
    result = _unjudged_result(
        activity_estimate, claim, reading or (claim.reading if claim else None) or "efficiency_gain"
    )
    return _decide(activity_estimate, claim, result.gain(result.reading))


def _decide(
    activity_estimate: ActivityEstimate, claim: Claim | None, gain: Interval | None
) -> Verdict:
    if claim is None or claim.value is None:
        return verdict.decide_without_claim(gain)
    may_support = _may_support(activity_estimate)
    return verdict.decide(gain, claim.value, claim.bound, may_support=may_support)


def _may_support(activity_estimate: ActivityEstimate) -> bool:
    if not activity_estimate.looks_drawn:
        return False
    return activity_estimate.design is None or MAY_SUPPORT[activity_estimate.design]


def _judge_point(
    activity_estimate: ActivityEstimate, result: Result, point: Sensitivity
) -> Sensitivity:
    """Add the verdict to a point of the curve; a point without an interval has none."""
    if point.log_ratio is None:
        return point
    gain = dataclasses.replace(result, log_ratio=point.log_ratio).gain(result.reading)
    return dataclasses.replace(point, verdict=_decide(activity_estimate, result.claim, gain))


def _other_reading(activity_estimate: ActivityEstimate, result: Result) -> OtherReading | None:
    """Judge the claimed figure under the other reading; None without a claim."""
    if result.claim is None:
        return None
    reading = gains.other_reading(result.reading)
    return verdict.judge_other_reading(
        result.gain(reading),
        result.claim,
        result.reading,
        may_support=_may_support(activity_estimate),
    )


def _unjudged_result(
    activity_estimate: ActivityEstimate, claim: Claim | None, reading: Reading
) -> Result:
    """Return the result without its verdict and what follows from it."""
    estimate = activity_estimate.estimate
    log_ratio = activity_estimate.judged_log_ratio
    error = estimate.error if estimate and log_ratio else None
    cells = activity_estimate.sample.cells
    return Result(
        activity=activity_estimate.activity,
        claim=claim,
        reading=reading,
        study_design=activity_estimate.design,
        estimator=_estimator(activity_estimate),
        estimand=estimate.estimand if estimate else "",
        strength=_strength(activity_estimate),
        items_baseline=estimate.items_baseline if estimate else cells.items_of(0),
        items_assistance=estimate.items_assistance if estimate else cells.items_of(1),
        developers=cells.developers,
        excluded=activity_estimate.excluded,
        log_ratio=log_ratio,
        se=error.se if error else None,
        df=error.df if error else None,
        drift_sd=activity_estimate.drift_sd if log_ratio else None,
        level=activity_estimate.level,
        interval_level=activity_estimate.interval_level,
        verdict="cannot-tell",
        other_reading=None,
        largest_supported=None,
        smallest_refuted=None,
        threats=activity_estimate.reasons,
        looks_drawn=activity_estimate.looks_drawn,
    )


def _estimator(activity_estimate: ActivityEstimate) -> str:
    if activity_estimate.estimate is None:
        return ""
    bounds = "; bounds that hold however often one looks" if activity_estimate.anytime else ""
    return activity_estimate.estimate.estimator + bounds


def _strength(activity_estimate: ActivityEstimate) -> str:
    """Return the strongest statement that the design allows, and the limits of its validity.

    Drawn arms that are not compared show nothing yet, and no cause.
    """
    if activity_estimate.design is None:
        return ""
    looks_drawn = activity_estimate.looks_drawn
    is_randomised = activity_estimate.design == "randomised" and looks_drawn
    if is_randomised and not activity_estimate.judged_log_ratio:
        return verdict.NOT_COMPARED
    strength = STRENGTH[activity_estimate.design if looks_drawn else "self-selected"]
    if activity_estimate.judged_log_ratio:
        if activity_estimate.is_controlled:
            strength += f", {HELD_AGAINST}"
        if activity_estimate.anytime or activity_estimate.sample.cells.developers < MIN_CLUSTERS:
            strength += ", these developers only"
        if activity_estimate.anytime:
            strength += ", however often one looks"
    return strength
