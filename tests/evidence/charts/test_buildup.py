"""The build-up of the evidence over the weeks."""

from __future__ import annotations

import numpy as np
import pandas as pd
from support.weekly_work import CUT, FIRST_WEEK, by_week, counting, work

from tracker.evidence.charts.buildup import interim_looks
from tracker.evidence.moments import Cells


def test_looks_are_cumulative() -> None:
    """Each has all items until its week, by month.

    The first is that in which both arms have begun, the last covers the whole log.
    """
    items = work()
    looks = interim_looks(by_week(items), counting)
    assert len(looks) == 20
    until = [int((items["month"] <= FIRST_WEEK + week).sum()) for week in range(20, 40)]
    assert [look.items for look in looks] == until
    assert [look.log_ratio.estimate for look in looks if look.log_ratio] == until
    assert [look.last_day for look in looks] == [CUT + 6 + 7 * week for week in range(20)]
    last = looks[-1].log_ratio
    assert last is not None
    first_month, last_month = (
        pd.Timestamp(day * 86_400, unit="s") for day in (CUT - 140, CUT + 133)
    )
    assert last.low == (first_month.year - 1970) * 12 + first_month.month - 1
    assert last.high == (last_month.year - 1970) * 12 + last_month.month - 1
    assert all(look.anytime is None for look in looks)


def test_looks_are_thirty_at_most_with_an_anytime_band_on_request() -> None:
    """A long log has 30 looks, evenly spaced, the last week among them."""
    items = work(per_week=2.0)
    items["month"] = FIRST_WEEK + ((items["month"] - FIRST_WEEK) * 4)
    items = items.assign(month=items["month"] + np.random.default_rng(1).integers(0, 4, len(items)))
    looks = interim_looks(by_week(items), lambda *_: None, counting)
    assert len(looks) == 30
    assert looks[-1].items == len(items)
    assert all(look.log_ratio is None and look.anytime is not None for look in looks)
    assert np.ptp(np.diff([look.last_day for look in looks])) <= 7


def test_looks_wait_for_five_developers() -> None:
    """Until five developers have worked in each arm there is no look, unless the log is own."""
    items = work()
    late = items["developer"].isin(["d4", "d5", "d6", "d7"])
    waiting = items[~late | (items["arm"] == "baseline") | (items["month"] >= FIRST_WEEK + 30)]
    assert len(interim_looks(by_week(waiting), counting)) == 10
    assert interim_looks(by_week(items[~late | (items["arm"] == "assistance")]), counting) == ()
    assert interim_looks(by_week(work(developers=4)), counting) == ()
    assert len(interim_looks(by_week(work(developers=1)), counting, own_log=True)) == 20


def test_each_look_gets_its_last_day() -> None:
    """An estimate that needs items can take those begun by then, as its cells do."""
    days: list[int] = []

    def fit(closed: Cells, last_day: int) -> None:
        days.append(last_day)
        assert closed.items == (items["month"] <= (last_day + 3) // 7).sum()

    items = work()
    looks = interim_looks(by_week(items), fit)
    assert days == [look.last_day for look in looks]


def test_no_looks_without_both_arms() -> None:
    """Where an arm is empty there is no look."""
    items = work()
    assert interim_looks(by_week(items[items["arm"] == "baseline"]), counting) == ()
