"""Each interval and its claim, with the published studies that measured time."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.claims import catalogue
from tracker.domain import gains
from tracker.domain.gains import Reading
from tracker.domain.records import Claim
from tracker.evidence.assessment import Assessment
from tracker.evidence.results import Interval, Result


@dataclass(frozen=True, slots=True)
class PublishedStudy:
    """A published study that measured time."""

    claim: Claim
    reading: Reading
    log_ratio: Interval
    """θ as published; the bounds are the estimate itself where the study gives no interval."""


@dataclass(frozen=True, slots=True)
class IntervalData:
    """The results, and the published studies that are not judged among them."""

    results: tuple[Result, ...]
    studies: tuple[PublishedStudy, ...]


def interval_data(assessment: Assessment) -> IntervalData | None:
    """Return the results of an assessment with the published studies; None without a result."""
    if not assessment.results:
        return None
    judged = {result.claim.id for result in assessment.results if result.claim}
    studies = (
        _study(claim)
        for claim in catalogue.published_claims()
        if not claim.by_default and claim.id not in judged
    )
    return IntervalData(assessment.results, tuple(study for study in studies if study))


def _study(claim: Claim) -> PublishedStudy | None:
    """Return a published claim as a study; None for one that did not measure time."""
    if claim.reading is None:
        return None
    estimate = _log_ratio(claim.reading, claim.value)
    if estimate is None:
        return None
    low, high = _log_ratio(claim.reading, claim.high), _log_ratio(claim.reading, claim.low)
    interval = Interval(
        estimate, estimate if low is None else low, estimate if high is None else high
    )
    return PublishedStudy(claim, claim.reading, interval)


def _log_ratio(reading: Reading, gain: float | None) -> float | None:
    return None if gain is None else gains.to_log_ratio(reading, gain)
