"""Statistical disclosure control: the fewest developers that a published figure may describe.

A **cell** is the work that was begun by one team in one calendar month on one project. Cells of
fewer than five developers are merged within their team. The partition of the past months into
cells is fixed, and a filter selects whole cells: so two results differ by whole cells, and never
by the work of fewer than five developers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from tracker.domain.names import normalise_name
from tracker.domain.records import Selection
from tracker.domain.times import month_of_day

MIN_DEVELOPERS_SHOWN = 5
"""Figures about fewer developers are merged or suppressed, because colleagues could identify them.

Cluster-robust errors also need five developers. That is a separate constant, ``MIN_CLUSTERS``.
"""

WITHHELD_FILTER = (
    f"withheld: no group of at least {MIN_DEVELOPERS_SHOWN} developers lies wholly in that part of "
    "the log: leave out or widen --team, --project, --from, --to or --now, or judge your own work "
    "with --mine."
)
"""Refuses a filter that selects no whole cell, whether or not there are entries."""

WITHHELD_RESULT = (
    f"Not shown: fewer than {MIN_DEVELOPERS_SHOWN} developers stand behind this, "
    "and you are not among them."
)
"""Stands in place of a result about too few developers. Its figures are None."""


class CellKey(NamedTuple):
    """The smallest part of a cell. Names are in NFC; "" is work without a team or a project."""

    team: str
    month: int
    """The month of the work item's first entry, counted from 1970-01."""
    project: str


Developers = Mapping[CellKey, Set[str]]
"""The developers of each part."""
Partition = Mapping[CellKey, int]
"""The number of the cell of each part. Parts that are in no cell yet are missing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits that were used in place of the filters."""

    cells: int | None
    """The number of whole cells; None where the whole log is covered."""
    teams: tuple[str, ...]
    """"" is work without a team; likewise of projects."""
    projects: tuple[str, ...]
    first_month: int | None
    last_month: int | None
    now_epoch: int
    """The instant as of which work counts as finished."""


def form_cells(developers: Developers, partition: Partition) -> dict[CellKey, int]:
    """Return the cells of those parts that have none yet.

    Parts never leave their cell. In each month of a team, the projects of fewer than five
    developers are merged. If they are fewer than five together, they join the smallest new cell of
    the month, else the first cell that the month has already, else they wait for the next month.
    What is left at the end stays without a cell.

    Args:
        developers: The developers of each part of the past months.
        partition: The existing cells.

    Returns:
        The cells of the new parts alone. They depend on the arguments, not on their order.

    """
    number = max(partition.values(), default=0)
    existing: dict[tuple[str, int], int] = {}
    for key, cell in partition.items():
        existing[key[:2]] = min(cell, existing.get(key[:2], cell))
    new: dict[CellKey, int] = {}
    keys = sorted(developers.keys() - partition.keys())
    for _, team_keys in groupby(keys, key=lambda key: key.team):
        rest: list[CellKey] = []
        for month, month_keys in groupby(team_keys, key=lambda key: key[:2]):
            cells, rest = _month_cells([*rest, *month_keys], developers)
            if rest and month in existing:
                new |= dict.fromkeys(rest, existing[month])
                rest = []
            for cell_keys in cells:
                number += 1
                new |= dict.fromkeys(cell_keys, number)
    return new


def _month_cells(
    keys: list[CellKey], developers: Developers
) -> tuple[list[list[CellKey]], list[CellKey]]:
    """Return the new cells of a team's month and of what waits for it, and what waits further."""
    cells = [[key] for key in keys if len(developers[key]) >= MIN_DEVELOPERS_SHOWN]
    rest = [key for key in keys if len(developers[key]) < MIN_DEVELOPERS_SHOWN]
    if len(_developers_of(rest, developers)) >= MIN_DEVELOPERS_SHOWN:
        return [*cells, rest], []
    if not cells:
        return [], rest
    min(cells, key=lambda cell: len(developers[cell[0]])).extend(rest)
    return cells, []


def selectable_cells(
    developers: Developers, partition: Partition, others: Set[str]
) -> dict[int, list[CellKey]]:
    """Return the parts of each cell that filters may select.

    Cells that hold fewer than five developers today are left out. What is in no such cell is known
    by subtraction, from the whole log and from the log of the past months. If either is the work of
    one to four developers, then the latest cell is left out, too.

    Args:
        developers: The developers of each part of the past months.
        partition: All cells.
        others: The developers with work that is in no part, such as that of the running month.

    """
    cells: dict[int, list[CellKey]] = {}
    for key in sorted(developers.keys() & partition.keys()):
        cells.setdefault(partition[key], []).append(key)
    cells = {
        number: keys
        for number, keys in cells.items()
        if len(_developers_of(keys, developers)) >= MIN_DEVELOPERS_SHOWN
    }
    covered = {key for keys in cells.values() for key in keys}
    rest = _developers_of(developers.keys() - covered, developers)
    if cells and any(0 < len(part) < MIN_DEVELOPERS_SHOWN for part in (rest, rest | others)):
        del cells[max(cells, key=lambda number: (cells[number][-1].month, number))]
    return cells


def select_cells(
    cells: Mapping[int, list[CellKey]], selection: Selection
) -> dict[int, list[CellKey]]:
    """Return the cells that lie wholly in the team, the project and the days of a selection."""
    team, project = (
        None if name is None else normalise_name(name)
        for name in (selection.team, selection.project)
    )
    first_month = None if selection.first_day is None else month_of_day(selection.first_day - 1) + 1
    last_month = None if selection.last_day is None else month_of_day(selection.last_day + 1) - 1

    def is_selected(key: CellKey) -> bool:
        return (
            (team is None or key.team == team)
            and (project is None or key.project == project)
            and (first_month is None or key.month >= first_month)
            and (last_month is None or key.month <= last_month)
        )

    return {number: keys for number, keys in cells.items() if all(map(is_selected, keys))}


def month_spans(cells: Mapping[int, list[CellKey]]) -> dict[int, tuple[int, int]]:
    """Return the first and the last month of the group that each month of some cells belongs to.

    Cells that extend over a common month are in one group: each group consists of whole cells.
    """
    spans: list[tuple[int, int]] = []
    months = [[key.month for key in keys] for keys in cells.values()]
    for first, last in sorted((min(of_cell), max(of_cell)) for of_cell in months):
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    return {month: (first, last) for first, last in spans for month in range(first, last + 1)}


def merge_names(
    developers: Mapping[str, Set[str]], *, min_developers: int = MIN_DEVELOPERS_SHOWN
) -> list[tuple[str, ...]]:
    """Merge what fewer developers stand behind, so that no group of fewer can be subtracted.

    Args:
        developers: The developers behind each name, such as an activity.
        min_developers: Developers that a group must hold.

    Returns:
        The groups of names: single ones, and at the end those that are merged, if there are any.
        Names are added to these, those of the fewest developers first, until there are enough.
    """
    order = sorted(developers, key=lambda name: (len(developers[name]), name))
    few: list[str] = []
    behind: set[str] = set()
    while order and (
        len(developers[order[0]]) < min_developers or (few and len(behind) < min_developers)
    ):
        few.append(order.pop(0))
        behind |= developers[few[-1]]
    return [*((name,) for name in order), *([tuple(few)] if few else [])]


def limits_of(cells: Mapping[int, list[CellKey]], now_epoch: int) -> Limits:
    """Return the extent of cells; there is at least one."""
    keys = [key for cell in cells.values() for key in cell]
    return Limits(
        cells=len(cells),
        teams=tuple(sorted({key.team for key in keys})),
        projects=tuple(sorted({key.project for key in keys})),
        first_month=min(key.month for key in keys),
        last_month=max(key.month for key in keys),
        now_epoch=now_epoch,
    )


def _developers_of(keys: Iterable[CellKey], developers: Developers) -> set[str]:
    return {developer for key in keys for developer in developers[key]}


def merge_periods(
    periods: Iterable[tuple[int, Set[str], float]],
    *,
    min_developers: int = MIN_DEVELOPERS_SHOWN,
    min_items: float = 0,
    merge_rest: bool = True,
) -> dict[int, int]:
    """Merge consecutive periods until each group holds enough developers and work items.

    Args:
        periods: (period, its developers, its work items), in chronological order.
        min_developers: Developers that a group must hold.
        min_items: Work items that a group must hold.
        merge_rest: Whether periods after the last complete group join it. Otherwise they are left
            out, so that a group never changes when periods are added.

    Returns:
        Each period mapped to the first period of its group. Empty if no group is complete.

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
    if last_group is None or not merge_rest:
        return groups
    return groups | dict.fromkeys(pending, last_group)
