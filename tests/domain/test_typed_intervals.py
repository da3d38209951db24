"""Stretches of work as they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.errors import BadValue
from tracker.domain.typed_intervals import TypedInterval, is_interval, parse_interval


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9:00-10:30", TypedInterval("9:00", "10:30")),
        ("9-10:30", TypedInterval("9:00", "10:30")),
        ("10am - noon", TypedInterval("10am", "noon")),
        ("monday 9-11", TypedInterval("monday 9:00", "11:00")),
        ("2026-03-01 14:00–15:00", TypedInterval("2026-03-01 14:00", "15:00")),
        ("2 days ago 22:00-1:00", TypedInterval("2 days ago 22:00", "1:00")),
        ("9:05-", TypedInterval("9:05")),
        ("-17:30", TypedInterval(None, "17:30")),
        ("- yesterday 5pm", TypedInterval(None, "yesterday 5pm")),
        ("9:05 10:15", TypedInterval("9:05", "10:15", is_pair=True)),
        ("Monday 9:05 noon", TypedInterval("monday 9:05", "noon", is_pair=True)),
        ("45m", TypedInterval(seconds=2700)),
        ("1:30", TypedInterval(seconds=5400)),
        ("90", TypedInterval(seconds=5400)),
        ("yesterday 17:00 20m", TypedInterval("yesterday 17:00", seconds=1200)),
        ("2 days ago 10:00 1 hour 30 minutes", TypedInterval("2 days ago 10:00", seconds=5400)),
        ("40 minutes ago 20m", TypedInterval("40 minutes ago", seconds=1200)),
        ("2026-03-01 02:30+01:00 5m", TypedInterval("2026-03-01 02:30+01:00", seconds=300)),
        ("1h 15:30", TypedInterval(seconds=3600, limit="15:30")),
        ("1h 30m yesterday noon", TypedInterval(seconds=5400, limit="yesterday noon")),
        ("9:05-10:15 1h", TypedInterval("9:05", "10:15", 3600)),
        ("1h 9:05-10:15", TypedInterval("9:05", "10:15", 3600)),
        ("-15:30 1h", TypedInterval(None, "15:30", 3600)),
    ],
)
def test_a_stretch_of_work_is_parsed(text: str, expected: TypedInterval) -> None:
    """A start, an end, an effort, or several of them."""
    assert parse_interval(text) == expected
    assert is_interval(text) == (text != "90")


@pytest.mark.parametrize(
    "text",
    [
        "9-10",
        "9-",
        "PAY-12",
        "2026-03-01",
        "45",
        "903412",
        "9-10 45m",
        "45m 9-10",
        "1h 30m ago",
        "",
    ],
)
def test_another_text_may_be_a_key(text: str) -> None:
    """Bare numbers may be the key of a task, also before or after a duration."""
    assert not is_interval(text)


@pytest.mark.parametrize("text", ["-30m", "9:00 10:00 11:00", "-PAY", "9:00-10:00 90", "-9:00 9"])
def test_what_looks_like_times_is_refused_with_their_forms(text: str) -> None:
    """The message shows how a start, an end and both are written."""
    with pytest.raises(BadValue, match=r"^times are .*: write them as 9:05-10:15, 9:05- or -10:15"):
        parse_interval(text)


@given(st.text())
def test_no_text_crashes_the_parser(text: str) -> None:
    """Any text is parsed or refused in one line; no other exception is raised."""
    is_interval(text)
    try:
        parse_interval(text)
        message = "parsed"
    except BadValue as error:
        message = str(error)
    assert len(message.splitlines()) == 1
