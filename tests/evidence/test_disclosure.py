"""What leaves the team is of groups of developers: none is thin, none is told twice, nothing but the thin is lost."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.domain.records import MOMENT_SUMS
from tracker.evidence.disclosure import COLUMNS, merge_small_groups

Row = tuple[str, str, bool, int, str, str]


def moments(rows: list[Row]) -> pd.DataFrame:
    """A frame as the store reduces it, every sum a power of two so that sums tell their parts."""
    names = ("activity", "arm", "estimated", "period", "developer", "status")
    cells: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in rows]
    for place, cell in enumerate(cells):
        cell.update(dict.fromkeys(MOMENT_SUMS, float(2**place)))
    return pd.DataFrame(cells, columns=[*names, *MOMENT_SUMS])


rows = st.lists(
    st.tuples(
        st.sampled_from(["design", "testing"]),
        st.sampled_from(["baseline", "assistance"]),
        st.booleans(),
        st.integers(660, 664),
        st.sampled_from("abcdefg"),
        st.sampled_from(["closed", "closed", "open"]),
    ),
    max_size=40,
    unique_by=lambda row: row[:5],
)


@settings(deadline=None, max_examples=40)
@given(rows)
def test_groups_are_thick_and_hold_each_item_once(made: list[Row]) -> None:
    """Each group is of five developers or more; an arm is told whole, once, or (too thin altogether) not at all."""
    frame = moments(made)
    found = merge_small_groups(frame)
    assert list(found.columns) == list(COLUMNS)
    assert (found["developers"] >= 5).all()
    closed = frame[frame["status"] == "closed"]
    for key, part in closed.groupby(["activity", "arm", "estimated"]):
        told = found[(found[["activity", "arm", "estimated"]] == list(key)).all(axis=1)]
        whole = part["n"].sum() if part["developer"].nunique() >= 5 else 0.0
        assert told["n"].sum() == whole
        assert (told["first_month"] <= told["last_month"]).all()
        assert (
            told["first_month"].iloc[1:].to_numpy() > told["last_month"].iloc[:-1].to_numpy()
        ).all()


def test_thin_months_go_with_others() -> None:
    """Three months of two, three and one developers are one group, named by its first and last month."""
    made: list[Row] = [("design", "baseline", True, 674, name, "closed") for name in "ab"]
    made += [("design", "baseline", True, 675, name, "closed") for name in "cde"]
    made += [("design", "baseline", True, 676, "a", "closed")]
    (row,) = merge_small_groups(moments(made)).to_dict("records")
    assert (row["first_month"], row["last_month"], row["developers"]) == ("2026-03", "2026-05", 5)
    assert row["n"] == 2**6 - 1


def test_one_s_own_log_is_told_month_by_month() -> None:
    """With ``fewest`` 1 nothing is merged or left out."""
    made: list[Row] = [("design", "baseline", True, month, "a", "closed") for month in (674, 675)]
    assert list(merge_small_groups(moments(made), fewest=1)["n"]) == [1, 2]
