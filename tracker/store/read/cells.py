"""The cells of disclosure control as SQL: who worked in which part, and whole cells as conditions.

A work item belongs to the team and the local month of its first entry, and to its task's project.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    case,
    func,
    literal,
    select,
)
from sqlalchemy.sql.selectable import CTE

from tracker.domain.disclosure import CellKey
from tracker.domain.names import normalise_name
from tracker.domain.records import CellRange, CellSelection, Selection
from tracker.store.conditions import WORK_ITEM_KEY, whole_sum
from tracker.store.read.arm_rules import literal_table, value_at_first_entry
from tracker.store.read.entry_totals import totals_of
from tracker.store.read.temporary import shared_rows
from tracker.store.schema import disclosure_cells, entry_totals, tasks

_NO_TEAM = -1
"""Less than the number of any team, and of work without a team."""


class LogParts(NamedTuple):
    """Who worked in which part of the log, as of the end of its last complete month."""

    developers: dict[CellKey, set[str]]
    """The developers of each part of the past months."""
    others: set[str]
    """Those who have entries in later months."""
    last_epoch: int | None
    """The last instant of the past months; None without an entry in them."""
    teams: tuple[str, ...]
    stored_names: dict[CellKey, set[tuple[int, str]]]
    """The number of the team and the project of each part, as they are stored."""

    @property
    def all_developers(self) -> set[str]:
        """Every developer of the log."""
        return self.others.union(*self.developers.values())


def log_parts(connection: Connection, last_month: int) -> LogParts:
    """Return who worked in which part of the log; one GROUP BY over a GROUP BY.

    Args:
        connection: The transaction.
        last_month: The last month that has ended, counted from 1970-01.
    """
    teams = _teams(connection)
    items = items_by_month(connection, teams, last_month)
    keys = (items.c.team_number, items.c.month, tasks.c.project, items.c.developer)
    query = (
        select(*keys, func.max(items.c.last_month), func.max(items.c.ended_epoch))
        .select_from(items.outerjoin(tasks, tasks.c.task == items.c.task))
        .group_by(*keys)
    )
    parts = LogParts({}, set(), None, teams, {})
    last_epoch: int | None = None
    for team, month, project, developer, latest_month, ended_epoch in connection.execute(query):
        if latest_month > last_month:
            parts.others.add(developer)
        if month > last_month:
            continue
        key = _cell_key(teams, team, month, project)
        parts.developers.setdefault(key, set()).add(developer)
        parts.stored_names.setdefault(key, set()).add((team, project or ""))
        last_epoch = max(last_epoch or 0, ended_epoch or 0)
    return parts._replace(last_epoch=last_epoch)


def seconds_by_part(
    connection: Connection, parts: LogParts, selection: Selection, last_month: int
) -> dict[CellKey, int]:
    """Return the effort until the end of the past months on the work items of each part.

    Args:
        connection: The transaction.
        parts: Who worked in which part.
        selection: Its clock limits the entries; whatever else it selects is disregarded.
        last_month: The last month that has ended, counted from 1970-01.
    """
    items = items_by_month(connection, parts.teams, last_month).alias("items")
    totals = totals_of(connection, Selection(clock_epoch=selection.clock_epoch))
    same_item = and_(*(totals.c[key] == items.c[key] for key in WORK_ITEM_KEY))
    keys = (items.c.past_team_number, items.c.past_month, tasks.c.project)
    query = (
        select(*keys, whole_sum(totals.c.seconds))
        .select_from(items.join(totals, same_item).outerjoin(tasks, tasks.c.task == items.c.task))
        .where(totals.c.readable, totals.c.local_month <= last_month)
        .group_by(*keys)
    )
    sums: dict[CellKey, int] = {}
    for team, month, project, seconds in connection.execute(query):
        key = _cell_key(parts.teams, team, month, project)
        sums[key] = sums.get(key, 0) + int(seconds)
    return sums


def _cell_key(teams: Sequence[str], team: int, month: int, project: str | None) -> CellKey:
    name = normalise_name(teams[team - 1] if team else "")
    return CellKey(name, month, normalise_name(project or ""))


def items_by_month(connection: Connection, teams: Sequence[str], last_month: int) -> FromClause:
    """Return every work item with the team and the month of its first entry.

    Args:
        connection: The transaction.
        teams: All teams of the log.
        last_month: The last month that has ended, counted from 1970-01.

    Returns:
        The key of each item, ``team_number`` and ``month``; the same without the entries after
        ``last_month`` as ``past_team_number`` and ``past_month`` (NULL without others);
        ``last_month`` of its entries, and ``ended_epoch`` of those until ``last_month``.
    """

    def query() -> Select[Any]:
        totals = entry_totals.c
        source, number = with_team_numbers(entry_totals, teams)
        is_past = totals.local_month <= last_month
        first, first_past = totals.first_epoch, case((is_past, totals.first_epoch))
        return (
            select(
                *(totals[key] for key in WORK_ITEM_KEY),
                value_at_first_entry(number, first).label("team_number"),
                value_at_first_entry(totals.local_month, first).label("month"),
                value_at_first_entry(number, first_past).label("past_team_number"),
                value_at_first_entry(totals.local_month, first_past).label("past_month"),
                func.max(totals.local_month).label("last_month"),
                func.max(case((is_past, totals.ended_epoch))).label("ended_epoch"),
            )
            .select_from(source)
            .where(totals.readable)
            .group_by(*(totals[key] for key in WORK_ITEM_KEY))
        )

    return shared_rows(connection, "items_by_month", (tuple(teams), last_month), query)


def stored_partition(connection: Connection) -> dict[CellKey, int]:
    """Return the cell of each part that has one."""
    table = disclosure_cells
    query = select(table.c.team, table.c.month, table.c.project, table.c.cell)
    return {
        CellKey(team, month, project): cell
        for team, month, project, cell in connection.execute(query)
    }


def cell_selection(parts: LogParts, keys: Iterable[CellKey], last_month: int) -> CellSelection:
    """Return the selection of these parts of the past months."""
    months: dict[tuple[int, str], set[int]] = {}
    for key in keys:
        for names in parts.stored_names[key]:
            months.setdefault(names, set()).add(key.month)
    other_months: dict[tuple[int, str], set[int]] = {}
    for key, stored_names in parts.stored_names.items():
        for names in stored_names:
            if key.month not in months.get(names, ()):
                other_months.setdefault(names, set()).add(key.month)
    ranges = [
        CellRange(*names, first, last)
        for names, selected in sorted(months.items())
        for first, last in _ranges(selected, other_months.get(names, set()))
    ]
    return CellSelection(tuple(ranges), parts.teams, last_month)


def _ranges(selected: set[int], others: set[int]) -> list[tuple[int, int]]:
    """Return the ranges of the selected months that contain none of the others."""
    ranges: list[tuple[int, int]] = []
    is_open = False
    for month in sorted(selected | others):
        if month in others:
            is_open = False
        elif is_open:
            ranges[-1] = (ranges[-1][0], month)
        else:
            ranges.append((month, month))
            is_open = True
    return ranges


def with_team_numbers(
    source: FromClause,
    teams: Sequence[str],
    *,
    table: FromClause | None = None,
    prefix: str = "",
) -> tuple[FromClause, ColumnElement[int]]:
    """Return totals of entries joined with the numbers of the teams, and the number of each row.

    The number is the position of the team, counted from 1; 0 without a team.

    Args:
        source: The totals, perhaps joined with other tables.
        teams: The names of the teams.
        table: The totals alone; None: they are ``source``.
        prefix: Keeps the tables of one query apart.
    """
    if not teams:
        return source, literal(0, Integer)
    rows = [(name, number) for number, name in enumerate(teams, 1)]
    numbers = literal_table(f"{prefix}team_numbers", {"name": String, "number": Integer}, [*rows])
    joined = source.outerjoin(
        numbers, numbers.c.name == (source if table is None else table).c.team
    )
    return joined, func.coalesce(numbers.c.number, 0)


def range_table(ranges: Sequence[CellRange], *, prefix: str = "") -> CTE:
    """Return ranges as a table; with none it has a row that no work item matches."""
    columns = {
        "team_number": Integer,
        "project": String,
        "first_month": Integer,
        "last_month": Integer,
    }
    return literal_table(
        f"{prefix}cell_ranges", columns, [*map(astuple, ranges)] or [(_NO_TEAM, "", 0, 0)]
    )


def in_ranges(
    source: FromClause, items: CTE, ranges: CTE
) -> tuple[FromClause, ColumnElement[bool]]:
    """Return the tables of work items joined with their range, and the condition to have one.

    An outer join keeps SQLite from computing the work items anew for each range.

    Args:
        source: ``items`` joined with ``tasks``.
        items: Work items with ``team_number`` and ``month``.
        ranges: A :func:`range_table`.
    """
    matches = and_(
        ranges.c.team_number == items.c.team_number,
        ranges.c.project == func.coalesce(tasks.c.project, ""),
        items.c.month.between(ranges.c.first_month, ranges.c.last_month),
    )
    has_range = func.coalesce(ranges.c.team_number, _NO_TEAM) > _NO_TEAM
    return source.outerjoin(ranges, matches), has_range


def _teams(connection: Connection) -> tuple[str, ...]:
    query = select(entry_totals.c.team).where(entry_totals.c.team != "").distinct()
    return tuple(sorted(connection.execute(query).scalars()))
