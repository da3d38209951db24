"""Isolated months, and units that are probably wrong."""

from __future__ import annotations

import pytest

from tracker.domain import plausibility
from tracker.domain.plausibility import isolated_months


@pytest.mark.parametrize(
    ("counts", "isolated"),
    [
        ({}, set()),
        ({600: 5}, set()),
        (dict.fromkeys(range(600, 640), 10) | {1000: 1}, {1000}),
        (dict.fromkeys(range(600, 640), 10) | {100: 1, 1000: 2}, {100, 1000}),
        ({600: 3, 700: 1}, {700}),
        ({600: 1, 700: 1}, set()),  # neither is the exception
        ({600: 50, 624: 50}, set()),  # 24 months are a pause
        ({600: 50, 625: 50}, set()),  # two logs
        ({600: 95, 625: 5}, set()),  # 5 % are a part of the log
        ({600: 98, 625: 2}, {625}),
    ],
)
def test_isolated_months(counts: dict[int, int], isolated: set[int]) -> None:
    """Few entries, years away from all others, are isolated; a long pause isolates nothing."""
    assert isolated_months(counts) == isolated


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (1.0, None),
        (29.0, None),
        (30.0, "sixtyfold"),
        (60.0, "sixtyfold"),
        (121.0, None),
        (1 / 60, "sixtieth"),
        (1 / 29, None),
        (1 / 121, None),
    ],
)
def test_a_ratio_near_60_is_another_unit(ratio: float, expected: str | None) -> None:
    """Within a factor of two of 60 or 1/60."""
    assert plausibility.unit_ratio(ratio) == expected


def test_the_unit_of_efforts_is_judged_by_most_entries() -> None:
    """More than half of at least eight entries are evidence; a few are not."""
    message = plausibility.span_unit_message("from a", 10, sixtyfold=0, sixtieth=6)
    assert message is not None
    assert "6 of 10 entries from a have 1/60 of the effort" in message
    assert message.endswith("probably hours, or a map reads minutes as seconds.")
    assert plausibility.span_unit_message("from a", 10, sixtyfold=5, sixtieth=0) is None
    assert plausibility.span_unit_message("from a", 7, sixtyfold=6, sixtieth=0) is None
    assert plausibility.span_unit_message("from a", 2, sixtyfold=0, sixtieth=2) is None
    three = plausibility.span_unit_message("from a", 3, sixtyfold=0, sixtieth=3)
    assert three is not None
    assert three.startswith("3 of 3 entries from a have 1/60 of the effort")
    seconds = plausibility.span_unit_message("from a", 8, sixtyfold=8, sixtieth=0)
    assert seconds is not None
    assert seconds.endswith("probably seconds, or a map reads minutes as hours.")


def test_the_effort_of_a_typical_entry_tells_its_unit() -> None:
    """2.5 minutes may be hours, 2,700 minutes may be seconds."""
    hours = plausibility.typical_effort_message("from a", 2.5)
    assert hours == "a typical entry from a has 2.5 minutes: check that they are not hours."
    seconds = plausibility.typical_effort_message("from a", 2700.0)
    assert seconds == "a typical entry from a has 2,700 minutes: check that they are not seconds."
    assert plausibility.typical_effort_message("from a", 40.0) is None


def test_the_unit_of_estimates_is_judged_by_the_effort() -> None:
    """Estimates of 1/60 of the effort are hours or points, of 60 times seconds."""
    assert plausibility.estimate_unit_message(1.4) is None
    assert plausibility.estimate_unit_message(1 / 50) == (
        "estimates are typically 1/50 of the effort: they are probably in hours or points, not in"
        " minutes."
    )
    assert plausibility.estimate_unit_message(70.0, " of the baseline arm") == (
        "estimates of the baseline arm are typically 70 times the effort: they are probably in"
        " seconds, not in minutes."
    )
