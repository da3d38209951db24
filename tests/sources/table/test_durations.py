"""Durations in numbers, h:mm:ss and words."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.sources.table.durations import UNITS, DurationParser, Unit


@pytest.mark.parametrize(
    ("text", "unit", "minutes"),
    [
        ("90", "minutes", 90),
        (" 1.5 ", "hours", 90),
        ("-0.5", "hours", -30),
        ("\N{MINUS SIGN}30", "minutes", -30),
        ("5400", "seconds", 90),
        ("1:06:40", "hms", 66 + 2 / 3),
        ("90:05", "hms", 90 * 60 + 5),
        ("0:00:30.5", "hms", 30.5 / 60),
        ("-0:30", "hms", -30),
        ("1d 1h", "words", 540),
        ("1w", "words", 5 * 8 * 60),
        ("2h 30m", "words", 150),
        ("2H30M", "words", 150),
        ("1 hour, 5 minutes", "words", 65),
        ("45 min", "words", 45),
        ("90s", "words", 1.5),
        ("1.5h", "words", 90),
        ("-1h 30m", "words", -90),
        ("1:25", "words", 85),
        ("2.5", "words", 150),
        ("12.5", "words", 750),
    ],
)
def test_a_duration_is_read_in_its_unit(text: str, unit: Unit, minutes: float) -> None:
    """Two numbers with a colon are hours and minutes; a bare number in words is hours."""
    result = DurationParser().minutes(text, unit)
    assert result is not None
    assert math.isclose(result, minutes)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("1:30", "minutes"),
        ("2h", "hours"),
        ("1_000", "seconds"),
        ("nan", "hours"),
        ("1:60", "hms"),
        ("1:5", "hms"),
        ("90", "hms"),
        ("2h", "hms"),
        ("1h 1h", "words"),
        ("30m 2h", "words"),
        ("1d1", "words"),
        ("h", "words"),
        ("", "words"),
        ("--1h", "words"),
        ("2 hrsx", "words"),
        ("1,5h", "words"),
        ("２h", "words"),
    ],
)
def test_what_is_not_understood_whole_is_no_duration(text: str, unit: Unit) -> None:
    """A text of another form, or with something left over, is not read in part."""
    assert DurationParser().minutes(text, unit) is None


def test_a_decimal_comma_and_the_hours_of_a_day_are_the_log_s() -> None:
    """The decimal mark holds in every unit, the other mark is not read; a day is day_hours."""
    durations = DurationParser(decimal=",", day_hours=7.5)
    assert durations.minutes("2,5", "hours") == 150
    assert durations.minutes("2.5", "hours") is None
    assert durations.minutes("1,5h", "words") == 90
    assert durations.minutes("1d", "words") == 450
    assert durations.minutes("1w", "words") == 5 * 450


@pytest.mark.parametrize(
    ("text", "unit", "advice"),
    [("2,5", "hours", 'decimal = ","'), ("1:30", "minutes", '"hms" in [units]')],
)
def test_a_refusal_names_the_key_that_would_read_it(text: str, unit: Unit, advice: str) -> None:
    """A decimal comma and h:mm are recognised in the reason."""
    assert advice in DurationParser().reason(text, unit)


@given(
    hours=st.integers(0, 9999),
    minutes=st.integers(0, 59),
    seconds=st.integers(0, 59),
    sign=st.sampled_from(["", "-"]),
)
def test_hms_and_words_restore_what_was_written(
    hours: int, minutes: int, seconds: int, sign: str
) -> None:
    """Any duration written as h:mm:ss or in words is read as that many seconds."""
    total = (3600 * hours + 60 * minutes + seconds) * (-1 if sign else 1)
    for text, unit in (
        (f"{sign}{hours}:{minutes:02}:{seconds:02}", "hms"),
        (f"{sign}{hours}h {minutes}m {seconds}s", "words"),
        (f"{sign}{hours // 8}d {hours % 8}h {minutes} min {seconds} sec", "words"),
    ):
        result = DurationParser().minutes(text, unit)  # type: ignore[arg-type]
        assert result is not None
        assert round(60 * result) == total


@given(
    hundredths=st.integers(-10_000_00, 10_000_00),
    decimal=st.sampled_from([".", ","]),
    unit=st.sampled_from(["minutes", "hours", "words"]),
)
def test_decimal_numbers_restore_what_was_written(
    hundredths: int, decimal: str, unit: Unit
) -> None:
    """A number with either decimal mark is read as that number."""
    text = f"{hundredths / 100:.2f}".replace(".", decimal)
    result = DurationParser(decimal=decimal).minutes(text, unit)
    assert result is not None
    assert math.isclose(result, hundredths / 100 * (1 if unit == "minutes" else 60), abs_tol=1e-9)


@given(text=st.text(), unit=st.sampled_from(UNITS), decimal=st.sampled_from([".", ","]))
def test_any_text_is_a_finite_number_of_minutes_or_refused(
    text: str, unit: Unit, decimal: str
) -> None:
    """Whatever the text, the result is finite or None, and a reason exists."""
    durations = DurationParser(decimal=decimal)
    result = durations.minutes(text, unit)
    assert result is None or math.isfinite(result)
    assert durations.reason(text, unit)
