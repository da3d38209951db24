"""The words for a claim."""

from __future__ import annotations

from tracker.domain.gains import BOUND_LABELS, READING_LABELS, Reading, percent
from tracker.domain.records import Claim


def describe_claim(claim: Claim, reading: Reading) -> str:
    """Return a claim as a noun phrase: "at least 50 % efficiency gain"."""
    return f"{BOUND_LABELS[claim.bound]} {percent(claim.value or 0.0)} {READING_LABELS[reading]}"
