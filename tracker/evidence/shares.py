"""Counts with their shares, as text: "7 of 120 (6 %)"."""

from __future__ import annotations

from tracker.evidence.verdict import percent

_ROUNDS_TO_NOTHING = 0.005


def share(part: float, whole: float) -> str:
    """A share in whole per cent; ``under 1 %`` where it is something, but rounds to nothing. 0 of nothing is 0 %."""
    of_it = part / whole if whole else 0.0
    return f"under {percent(0.01)}" if 0 < of_it < _ROUNDS_TO_NOTHING else percent(of_it)


def portion(part: float, whole: float) -> str:
    """A count of another, with its share: ``7 of 120 (6 %)``."""
    return f"{part:,.0f} of {whole:,.0f} ({share(part, whole)})"


def counted(part: float, whole: float) -> str:
    """A count with its share: ``7 (6 %)``; a bare 0 where there is none."""
    return f"{part:,.0f} ({share(part, whole)})" if part else "0"
