"""The axis of dates."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.times import date_to_day
from tracker.report.charts.dates import MAX_TICKS, date_axis


def labels(first: date, last: date) -> list[str]:
    """Return the labels of the ticks."""
    return date_axis(date_to_day(first), date_to_day(last))["ticktext"]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2025, 3, 3), date(2025, 4, 6), ["10\xa0Mar<br>2025", "17\xa0Mar", "24\xa0Mar",
         "31\xa0Mar"]),
        (date(2025, 2, 10), date(2025, 6, 20), ["Mar<br>2025", "Apr", "May", "Jun"]),
        (date(2025, 9, 1), date(2026, 5, 29), ["Nov<br>2025", "Jan<br>2026", "Mar", "May"]),
        (date(2023, 2, 1), date(2024, 5, 20), ["Apr<br>2023", "Jul", "Oct", "Jan<br>2024", "Apr"]),
        (date(2010, 5, 1), date(2017, 4, 1), ["2011", "2012", "2013", "2014", "2015", "2016",
         "2017"]),
    ],
)  # fmt: skip
def test_ticks_are_the_starts_of_weeks_months_quarters_or_years(
    first: date, last: date, expected: list[str]
) -> None:
    """The length of the log decides, and the year stands where it begins."""
    assert labels(first, last) == expected


@given(st.integers(10_000, 20_000), st.integers(20, 20_000))
def test_no_label_repeats(first_day: int, length: int) -> None:
    """At every length each label stands once in its year, and a phone has room for all."""
    axis = date_axis(first_day, first_day + length)
    values = axis["tickvals"]
    assert 1 <= len(values) <= MAX_TICKS
    assert values == sorted(set(values))
    full, year = [], ""
    for label in axis["ticktext"]:
        name, _, new_year = label.partition("<br>")
        year = new_year or year
        full.append((name, year))
    assert len(set(full)) == len(full)
