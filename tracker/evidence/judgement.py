"""One claim judged off its activity's one interval. A whole activity goes so::

found = assess(moments, activity="design", design="before-after", level=0.95, interval_level=0.975, items=read)
curve, panel = sensitivity.curve(found, rng), estimands.panel(found)
results = [judge(found, claim, curve=curve, panel=panel) for claim in claims or [None]]
"""

from __future__ import annotations

import dataclasses

from tracker.domain import gains
from tracker.domain.gains import Reading
from tracker.domain.records import Claim
from tracker.evidence import power, verdict
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.designs.study_design import MAY_SUPPORT, MIN_CLUSTERS, STRENGTH
from tracker.evidence.intervals import DRIFT_SD
from tracker.evidence.results import Estimand, Interval, OtherReading, Result, Sensitivity, Verdict


def judge_claim(
    found: ActivityEstimate,
    claim: Claim | None,
    *,
    reading: Reading | None = None,
    curve: tuple[Sensitivity, ...] = (),
    panel: tuple[Estimand, ...] = (),
) -> Result:
    """The verdict on one claim (None: on any gain at all), with everything that follows from it.

    ``reading`` overrules the claim's own. ``curve`` and ``panel`` are the activity's; the curve's verdicts are filled
    in here, by the same rule; where no verdict may be given there is no curve either, for nothing could stand in it.
    """
    bare = _bare(found, claim, reading or (claim.reading if claim else None) or "efficiency_gain")
    gain = _gain(found, bare, bare.log_ratio, bare.reading)
    reached = _decide(found, claim, gain)
    result = dataclasses.replace(
        bare,
        verdict=reached,
        other_reading=_other_reading(found, bare),
        largest_supported=gain.low if gain else None,
        smallest_refuted=gain.high if gain else None,
        items_needed=_items_needed(found, claim, bare.reading)
        if reached in verdict.UNDECIDED
        else None,
        sensitivity=()
        if found.suppressed
        else tuple(_judged(found, bare, point) for point in curve),
        estimands=panel,
    )
    why_withheld = found.reasons[-1].message if found.suppressed else ""
    return dataclasses.replace(
        result, sentences=verdict.sentences_for(result, suppressed=why_withheld)
    )


def _gain(
    found: ActivityEstimate, bare: Result, log_ratio: Interval | None, reading: Reading
) -> Interval | None:
    """The interval of the gain that a verdict may be read off."""
    return (
        None if found.suppressed else dataclasses.replace(bare, log_ratio=log_ratio).gain(reading)
    )


def _decide(found: ActivityEstimate, claim: Claim | None, gain: Interval | None) -> Verdict:
    if claim is None or claim.value is None:
        return verdict.decide_without_claim(gain)
    return verdict.decide(gain, claim.value, claim.bound, may_support=_may_support(found))


def _judged(found: ActivityEstimate, bare: Result, point: Sensitivity) -> Sensitivity:
    """A point of the curve with its verdict; one that could not be made has none."""
    if point.log_ratio is None:
        return point
    gain = _gain(found, bare, point.log_ratio, bare.reading)
    return dataclasses.replace(point, verdict=_decide(found, bare.claim, gain))


def _may_support(found: ActivityEstimate) -> bool:
    return found.design is None or MAY_SUPPORT[found.design]


def _other_reading(found: ActivityEstimate, bare: Result) -> OtherReading | None:
    if bare.claim is None:
        return None
    gain = _gain(found, bare, bare.log_ratio, gains.other_reading(bare.reading))
    return verdict.read_otherwise(gain, bare.claim, bare.reading, may_support=_may_support(found))


def _items_needed(found: ActivityEstimate, claim: Claim | None, reading: Reading) -> int | None:
    """How many more work items would turn an undecided verdict; None where no number would, or none can be given."""
    if found.design is None or found.suppressed:
        return None
    claimed = (
        gains.to_log_ratio(reading, claim.value) if claim and claim.value is not None else None
    )
    no_gain_is_open = found.log_ratio is None or _inside(0.0, found.log_ratio)
    wanted = claim if claimed is not None and claimed < 0 and no_gain_is_open else None
    planned = power.plan_claim(found, wanted, reading) if wanted else None
    from_plan = planned.items_in_all if planned else None
    items = found.sample.cells.items
    if found.log_ratio is None or found.estimate is None or found.log_ratio.high is None:
        return None if from_plan is None or from_plan <= items else from_plan - items
    theta = found.log_ratio.estimate
    # What is still open: the claim; and no gain too, where the interval holds that as well. The farther one goes first.
    open_ends = [end for end in (claimed, 0.0) if end is not None and _inside(end, found.log_ratio)]
    return power.items_needed(
        theta=theta,
        half_width=found.log_ratio.high - theta,
        drift=found.drift,
        target=max(open_ends, key=lambda end: abs(theta - end), default=None),
        from_plan=from_plan,
        items=items,
    )


def _inside(end: float, log_ratio: Interval) -> bool:
    return (
        log_ratio.low is not None
        and log_ratio.high is not None
        and log_ratio.low <= end <= log_ratio.high
    )


def _bare(found: ActivityEstimate, claim: Claim | None, reading: Reading) -> Result:
    """The result before anything is judged."""
    estimated = found.estimate
    error = estimated.error if estimated and found.log_ratio else None
    cells = found.sample.cells
    return Result(
        activity=found.activity,
        claim=claim,
        reading=reading,
        study_design=found.design,
        estimator=_estimator(found),
        estimand=estimated.estimand if estimated else "",
        strength=_strength(found),
        items_baseline=estimated.items_baseline if estimated else cells.items_of(0),
        items_assistance=estimated.items_assistance if estimated else cells.items_of(1),
        developers=cells.developers,
        excluded=found.excluded,
        log_ratio=found.log_ratio,
        se=error.se if error else None,
        df=error.df if error else None,
        drift_sd=None if found.drift is None else DRIFT_SD,
        level=found.level,
        interval_level=found.interval_level,
        verdict="cannot-tell",
        other_reading=None,
        largest_supported=None,
        smallest_refuted=None,
        items_needed=None,
        threats=found.reasons,
    )


def _estimator(found: ActivityEstimate) -> str:
    if found.estimate is None:
        return ""
    return found.estimate.estimator + (
        "; bounds that hold however often one looks" if found.anytime else ""
    )


def _strength(found: ActivityEstimate) -> str:
    """The strongest word that the study design allows, and of whom and when it holds."""
    if found.design is None:
        return ""
    few = found.sample.cells.developers < MIN_CLUSTERS
    alone = ", these developers only" if found.log_ratio and (few or found.anytime) else ""
    looks = ", however often one looks" if found.log_ratio and found.anytime else ""
    return STRENGTH[found.design] + alone + looks
