"""Moments of groups: each holds five developers, each item is in one group at most."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from support import panels

from tracker.domain.records import MOMENT_SUMS
from tracker.domain.times import first_day_of_month
from tracker.evidence.disclosure import COLUMNS, developers_compared, merge_small_groups

Row = tuple[str, str, bool, int, str, str, int]


def moments(rows: list[Row]) -> pd.DataFrame:
    """Return moments whose sums are powers of two, so that a total identifies its rows."""
    names = ("activity", "arm", "estimated", "period", "developer", "status", "finish")
    cells: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in rows]
    for position, cell in enumerate(cells):
        cell.update(dict.fromkeys(MOMENT_SUMS, float(2**position)))
        cell["finished_day"] = float(first_day_of_month(cell["finish"]))
        cell["unit"] = "minutes" if cell["estimated"] else "none"
    return pd.DataFrame(cells, columns=[*names, "unit", "finished_day", *MOMENT_SUMS])


drawn_rows = st.lists(
    st.tuples(
        st.sampled_from(["design", "testing"]),
        st.sampled_from(["baseline", "assistance"]),
        st.booleans(),
        st.integers(660, 664),
        st.sampled_from("abcdefg"),
        st.sampled_from(["closed", "closed", "open"]),
        st.integers(664, 667),
    ),
    max_size=40,
    unique_by=itemgetter(0, 1, 2, 3, 4, 6),
)


@settings(deadline=None, max_examples=40)
@given(drawn_rows)
def test_groups_hold_five_developers_and_each_item_once(rows: list[Row]) -> None:
    """Each item is in one group at most, and those in none are of fewer than five developers."""
    frame = moments(rows)
    groups = merge_small_groups(frame)
    assert list(groups.columns) == list(COLUMNS)
    assert (groups["developers"] >= 5).all()
    closed = frame[frame["status"] == "closed"]
    for key, part in closed.groupby(["activity", "arm", "estimated"]):
        arm_groups = groups[(groups[["activity", "arm", "estimated"]] == list(key)).all(axis=1)]
        bits = int(arm_groups["n"].sum())
        rest = [int(n) & bits == 0 for n in part["n"]]
        assert bits == part.loc[[not is_rest for is_rest in rest], "n"].sum()
        assert part.loc[rest, "developer"].nunique() < 5
        assert (arm_groups["first_month"] <= arm_groups["last_month"]).all()


@settings(deadline=None, max_examples=40)
@given(drawn_rows, st.integers(664, 667))
def test_groups_stay_as_they_are_when_months_are_added(rows: list[Row], month: int) -> None:
    """An export after a month holds the groups of the export before it, so none is a difference."""
    earlier = merge_small_groups(
        moments([row if row[6] <= month else (*row[:5], "open", 0) for row in rows])
    )
    later = merge_small_groups(moments(rows))
    assert {*earlier.itertuples(index=False)} <= {*later.itertuples(index=False)}


def test_months_with_few_developers_are_merged() -> None:
    """Items finished in months of two and three developers are one group; a later one waits."""
    rows: list[Row] = [("design", "baseline", True, 674, name, "closed", 674) for name in "ab"]
    rows += [("design", "baseline", True, 675, name, "closed", 676) for name in "cde"]
    rows += [("design", "baseline", True, 674, "a", "closed", 677)]
    (group,) = merge_small_groups(moments(rows)).to_dict("records")
    assert (group["first_month"], group["last_month"]) == ("2026-03", "2026-04")
    assert group["developers"] == 5
    assert group["n"] == 2**5 - 1


def test_a_developer_s_own_log_is_exported_by_month() -> None:
    """With ``fewest`` 1 nothing is merged or excluded."""
    rows: list[Row] = [
        ("design", "baseline", True, month, "a", "closed", month) for month in (674, 675)
    ]
    assert list(merge_small_groups(moments(rows), min_developers=1)["n"]) == [1, 2]


def test_the_developers_compared_are_those_whom_the_interval_describes() -> None:
    """Those in both arms, those treated, the smaller arm of whole developers, or everybody."""
    work = panels.items(np.random.default_rng(0), developers=6)
    work.loc[work["developer"] == "dev0000", "arm"] = "baseline"
    in_both = set(work["developer"]) - {"dev0000"}
    assert developers_compared(panels.estimate(work)) == in_both
    assert developers_compared(panels.estimate(work, "staggered")) == in_both
    assert developers_compared(panels.estimate(work, None)) == set(work["developer"])
    treated = work["developer"] <= "dev0001"
    whole = work.assign(arm=np.where(treated, "assistance", "baseline"))
    assert developers_compared(panels.estimate(whole)) == {"dev0000", "dev0001"}
