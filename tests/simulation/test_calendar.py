"""Work laid out in working hours: one thing after another, none of it lost."""

from __future__ import annotations

import numpy as np
import pytest

from tracker.simulation.calendar import DAY_MINUTES, Sittings, draw_sittings, lay_out

MONDAY = 20_150


@pytest.fixture(scope="module")
def sittings() -> Sittings:
    """The sittings of a developer in 30 weeks."""
    return draw_sittings(MONDAY, 30, np.random.default_rng(1))


def test_sittings_lie_in_working_hours(sittings: Sittings) -> None:
    """From Monday to Friday, 9:00 to 18:00, about six hours on each workday of all weeks."""
    day, minute = np.divmod(sittings.started, DAY_MINUTES)
    ended = minute + sittings.minutes + sittings.interruption
    assert minute.min() >= 9 * 60
    assert ended.max() <= 18 * 60
    days = np.unique(day)
    assert len(days) == 150
    assert (days[0], days[-1]) == (MONDAY, MONDAY + 7 * 29 + 4)
    assert ((days - MONDAY) % 7 < 5).all()
    assert sittings.minutes.sum() / 60 / len(days) == pytest.approx(6.2, abs=0.3)


def test_sittings_follow_each_other(sittings: Sittings) -> None:
    """With a pause of at least five minutes after the interruption."""
    ended = sittings.started + sittings.minutes + sittings.interruption
    assert (sittings.started[1:] - ended[:-1]).min() >= 5


def test_entries_do_not_overlap(sittings: Sittings) -> None:
    """One begins when the one before has ended, or later; each lies within a sitting."""
    entries = lay_out(np.random.default_rng(2).uniform(1, 600, 200), sittings)
    ended = entries.started + entries.minutes + entries.interruption
    assert (entries.started[1:] >= ended[:-1]).all()
    assert (entries.minutes > 0).all()
    sitting = np.searchsorted(sittings.started, entries.started, side="right") - 1
    last = sittings.started + sittings.minutes + sittings.interruption
    assert (ended <= last[sitting]).all()
    np.testing.assert_array_equal(
        np.bincount(sitting, entries.interruption), sittings.interruption[: sitting[-1] + 1]
    )


def test_entries_add_up_to_the_effort(sittings: Sittings) -> None:
    """Rounded to five minutes, at least five; an item is complete with its last entry alone."""
    minutes = np.random.default_rng(3).uniform(0.1, 600, 50)
    entries = lay_out(minutes, sittings)
    sums = np.bincount(entries.item, entries.minutes)
    np.testing.assert_array_equal(sums, np.maximum(5, 5 * np.round(minutes / 5)))
    assert (np.diff(entries.item) >= 0).all()
    np.testing.assert_array_equal(entries.completes, np.diff(entries.item, append=50) > 0)


def test_what_does_not_fit_is_left_out() -> None:
    """Two sittings of an hour: the second item is begun and not complete, the third missing."""
    two = Sittings(np.array([540, 620]), np.array([60, 60]), np.array([10, 0]))
    entries = lay_out(np.array([85.0, 40.0, 30.0]), two)
    assert entries.item.tolist() == [0, 0, 1]
    assert entries.started.tolist() == [540, 620, 645]
    assert entries.minutes.tolist() == [60, 25, 35]
    assert entries.interruption.tolist() == [10, 0, 0]
    assert entries.completes.tolist() == [False, True, False]
