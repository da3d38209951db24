"""Statistical disclosure control: the fewest developers that a published figure may describe."""

from __future__ import annotations

from collections.abc import Iterable, Set

MIN_DEVELOPERS_SHOWN = 5
"""Figures about fewer developers are merged or suppressed, because colleagues could identify them.

Cluster-robust errors also need five developers. That is a separate constant, ``MIN_CLUSTERS``.
"""


def merge_periods(
    periods: Iterable[tuple[int, Set[str], float]],
    *,
    min_developers: int = MIN_DEVELOPERS_SHOWN,
    min_items: float = 0,
) -> dict[int, int]:
    """Merge consecutive periods until each group holds enough developers and work items.

    Args:
        periods: (period, its developers, its work items), in chronological order.
        min_developers: Developers that a group must hold.
        min_items: Work items that a group must hold.

    Returns:
        Each period mapped to the first period of its group. Periods after the last complete
        group join it. Empty if no group is complete.

    """
    groups: dict[int, int] = {}
    pending: list[int] = []
    developers: set[str] = set()
    items, last_group = 0.0, None
    for period, period_developers, period_items in periods:
        pending.append(period)
        developers |= period_developers
        items += period_items
        if len(developers) >= min_developers and items >= min_items:
            last_group = pending[0]
            groups |= dict.fromkeys(pending, last_group)
            pending, developers, items = [], set(), 0.0
    return groups if last_group is None else groups | dict.fromkeys(pending, last_group)
