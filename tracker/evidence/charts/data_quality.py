"""The data quality of a log in figures."""

from __future__ import annotations

import pandas as pd

from tracker.domain.plausibility import PHRASES
from tracker.domain.records import INFERRED_BASES
from tracker.evidence.verdict import count_with_share

_ENTRY_COLUMNS = {
    "written down more than 2 days late": "late",
    "of whole quarter hours": "heaped_15",
    "overlapping an earlier one": "overlapping",
    **{PHRASES[kind]: kind for kind in ("over_12h", "over_24h", "beyond_span")},
    "of the baseline, written down after the rollout": "logged_after",
    "of the baseline, changed after the rollout": "edited_after",
}
"""What is counted of the entries, and the column that holds it."""


def quality_figures(
    moments: pd.DataFrame, entries: pd.DataFrame, basis: pd.DataFrame, *, rejected: int = 0
) -> tuple[tuple[str, str], ...]:
    """Return the data quality as (label, figure).

    Args:
        moments: Moments of all activities judged, every status.
        entries: How their entries were kept: counts by activity and arm.
        basis: Their entries ``n`` by ``assisted`` and ``basis``.
        rejected: Rows that imports rejected.

    """
    items, n_entries = float(moments["n"].sum()), float(entries["entries"].sum())
    return (
        ("work items judged", f"{items:,.0f}"),
        ("their entries", f"{n_entries:,.0f}"),
        *(
            (f"work items {label}", count_with_share(moments.loc[rows, "n"].sum(), items))
            for label, rows in _item_rows(moments).items()
        ),
        *(
            (f"entries {label}", count_with_share(entries[column].sum(), n_entries))
            for label, column in _ENTRY_COLUMNS.items()
        ),
        *_assisted_figures(basis),
        ("rows rejected at import", f"{rejected:,}"),
    )


def _item_rows(moments: pd.DataFrame) -> dict[str, pd.Series[bool]]:
    """Return what is counted of the work items, and the rows that hold it."""
    return {
        "without an estimate": ~moments["estimated"].astype(bool),
        "not finished": moments["status"] == "open",
        "begun too late to be finished": moments["status"] == "immature",
        "of 0 minutes": moments["status"] == "zero",
    }


def _assisted_figures(basis: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    stated = basis["assisted"] != "unknown"
    inferred = stated & basis["basis"].isin(INFERRED_BASES)
    n_stated = float(basis.loc[stated, "n"].sum())
    return (
        ("entries that say whether assisted", count_with_share(n_stated, float(basis["n"].sum()))),
        ("of those, inferred", count_with_share(basis.loc[inferred, "n"].sum(), n_stated)),
        *(
            (f"of those, by {name}", count_with_share(count, n_stated))
            for name, count in basis[stated].groupby("basis")["n"].sum().items()
        ),
    )
