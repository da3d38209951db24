"""Values that are possible but unlikely: very long entries, lone years, and wrong units.

Such entries are stored. Imports, ``check``, the page and ``db doctor`` count them and name them
with the words of this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from tracker.domain.counts import count_of
from tracker.domain.times import DAY_SECONDS

LONG_SPAN_SECONDS = DAY_SECONDS
"""More time than that from start to end is most likely a wrong date."""
SPAN_SLACK_SECONDS = 60
"""Effort may exceed the time from start to end by that, since logs round either."""
MIN_OVERLAP_SECONDS = 60
"""Two entries that share less time than that are not told: a typed time is a whole minute."""
CLOCK_SLACK_SECONDS = DAY_SECONDS
"""How far after the clock an entry may lie: clocks differ, and a day without a time is noon."""
MAX_GAP_MONTHS = 24
"""Months without an entry after which the rest of the log counts as isolated."""
MAX_ISOLATED_SHARE = 0.02
"""Isolated entries are a mistake only where they are few: a log may pause for years."""

UNIT_FACTOR = 60
"""Hours over minutes, and minutes over seconds."""
UNIT_TOLERANCE = 2
"""A ratio within this factor of UNIT_FACTOR suggests that two columns have different units."""
MIN_ROWS_FOR_UNITS = 8
"""Rows from which a typical ratio is evidence of a unit."""
MIN_ROWS_ALIKE = 3
"""Rows from which one ratio of all of them is evidence of a unit: in the log of 202,628 entries
that the limits were tried on, no three neighbours have it.
"""
MIN_TYPICAL_MINUTES = 3
"""A typical entry of less is most likely in hours: the logs that were tried have 20 to 60."""
MAX_TYPICAL_MINUTES = 720
"""A typical entry of more is most likely in seconds."""

PHRASES: Mapping[str, str] = {
    "over_12h": "longer than 12 hours",
    "over_24h": "with over 24 hours from start to end",
    "beyond_span": "with more effort than the time from start to end",
    "isolated": "more than 2 years away from all others",
    "future": "in the future",
}
"""Each kind of implausible entry, and how it is named after "3 entries"."""


def is_overlap(start_epoch: int, end_epoch: int, interruption_seconds: int) -> bool:
    """Return whether the time that two entries share is long enough to be told.

    When an entry was interrupted is not stored, so its interruptions may be the time of the other.

    Args:
        start_epoch: The later one of their starts.
        end_epoch: The earlier one of their ends.
        interruption_seconds: The interruptions of both.
    """
    return end_epoch - start_epoch - interruption_seconds >= MIN_OVERLAP_SECONDS


def count_of_entries(count: int) -> str:
    """Return a number of entries, such as ``1 entry`` or ``1,200 entries``."""
    return count_of(count, "entry", "entries")


UnitRatio = Literal["sixtyfold", "sixtieth"]


def unit_ratio(ratio: float) -> UnitRatio | None:
    """Return whether a ratio of two quantities suggests different units.

    Args:
        ratio: The typical ratio, such as estimate over effort; above 0.

    Returns:
        ``"sixtyfold"`` if it is about 60, ``"sixtieth"`` if it is about 1/60, else None.
    """
    if UNIT_FACTOR / UNIT_TOLERANCE <= ratio <= UNIT_FACTOR * UNIT_TOLERANCE:
        return "sixtyfold"
    if UNIT_FACTOR / UNIT_TOLERANCE <= 1 / ratio <= UNIT_FACTOR * UNIT_TOLERANCE:
        return "sixtieth"
    return None


def ratio_text(ratio: float) -> str:
    """Return a ratio as ``58 times`` or ``1/58 of``."""
    return f"{ratio:.0f} times" if ratio >= 1 else f"1/{1 / ratio:.0f} of"


def isolated_months(counts: Mapping[int, int]) -> frozenset[int]:
    """Return the months whose entries lie years away from nearly all others.

    Months are grouped where gaps of more than MAX_GAP_MONTHS separate them. The largest group is
    the log. The others are isolated if together they hold at most MAX_ISOLATED_SHARE of all
    entries, or a single entry.

    Args:
        counts: The number of entries by month, as months since 1970-01.
    """
    groups = _groups(sorted(counts))
    if len(groups) < 2:
        return frozenset()
    sizes = [sum(counts[month] for month in group) for group in groups]
    largest = max(range(len(groups)), key=sizes.__getitem__)
    isolated = sum(sizes) - sizes[largest]
    if isolated > max(1, MAX_ISOLATED_SHARE * sum(sizes)) or isolated >= sizes[largest]:
        return frozenset()
    return frozenset(counts) - frozenset(groups[largest])


def _groups(months: Iterable[int]) -> list[list[int]]:
    """Return ascending months in groups that gaps of more than MAX_GAP_MONTHS separate."""
    groups: list[list[int]] = []
    for month in months:
        if groups and month - groups[-1][-1] <= MAX_GAP_MONTHS:
            groups[-1].append(month)
        else:
            groups.append([month])
    return groups


def span_unit_message(origin: str, with_span: int, *, sixtyfold: int, sixtieth: int) -> str | None:
    """Return that efforts are in another unit than minutes, by their own start and end.

    Most entries have to say so; of fewer than MIN_ROWS_FOR_UNITS, all.

    Args:
        origin: Which entries they are, such as ``from jira``.
        with_span: Entries that have effort, start and end.
        sixtyfold: Of those, the entries whose effort is about 60 times the time between.
        sixtieth: Of those, the entries whose effort is about 1/60 of it.
    """
    if with_span < MIN_ROWS_ALIKE:
        return None
    least = with_span // 2 + 1 if with_span >= MIN_ROWS_FOR_UNITS else with_span
    for count, ratio, reading in (
        (sixtieth, "1/60 of", "hours, or a map reads minutes as seconds"),
        (sixtyfold, "60 times", "seconds, or a map reads minutes as hours"),
    ):
        if count >= least:
            return (
                f"{count:,} of {with_span:,} entries {origin} have {ratio} the effort that their"
                f" start and end allow: their minutes are probably {reading}."
            )
    return None


def typical_effort_message(origin: str, minutes: float) -> str | None:
    """Return that efforts are in another unit than minutes, by the effort of a typical entry.

    Args:
        origin: Which entries they are, such as ``from jira``.
        minutes: The geometric mean of their efforts.
    """
    if MIN_TYPICAL_MINUTES <= minutes <= MAX_TYPICAL_MINUTES:
        return None
    reading = "hours" if minutes < MIN_TYPICAL_MINUTES else "seconds"
    amount = f"{minutes:.1f}" if minutes < MIN_TYPICAL_MINUTES else f"{minutes:,.0f}"
    return f"a typical entry {origin} has {amount} minutes: check that they are not {reading}."


def estimate_unit_message(ratio: float, origin: str = "") -> str | None:
    """Return that estimates are in another unit than efforts.

    Args:
        ratio: Estimate over effort of a typical work item (geometric mean).
        origin: Which estimates they are, such as `` of the baseline arm``.
    """
    unit = unit_ratio(ratio)
    if unit is None:
        return None
    reading = "hours or points" if unit == "sixtieth" else "seconds"
    return (
        f"estimates{origin} are typically {ratio_text(ratio)} the effort: they are probably in"
        f" {reading}, not in minutes."
    )
