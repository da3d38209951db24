"""Conditions and expressions that queries share."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, case, cast, func, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from tracker.domain.names import normalise_name
from tracker.domain.stored_times import FIRST_DAY, FIRST_EPOCH, LAST_DAY, LAST_EPOCH
from tracker.store.schema import changes, developer_aliases, entries

WORK_ITEM_KEY = ("developer", "task", "activity")

entry_end: ColumnElement[int] = func.coalesce(
    entries.c.ended_epoch,
    entries.c.started_epoch + entries.c.seconds + entries.c.interruption_seconds,
)
"""The instant at which an entry ended; by its effort and interruptions where no end is stored."""


def whole_sum(value: ColumnElement[Any]) -> ColumnElement[int]:
    """Return the sum of a whole-numbered column as a whole number.

    PostgreSQL gives the sum of large integers as NUMERIC, which Python reads as a Decimal.
    """
    return cast(func.sum(value, type_=BigInteger), BigInteger)


def count_where(condition: ColumnElement[Any]) -> ColumnElement[int]:
    """Return the number of rows that meet a condition; NULL without rows."""
    return whole_sum(case((condition, 1), else_=0))


def matches_name(column: ColumnElement[str], name: str | None) -> ColumnElement[bool]:
    """Return the condition that a column holds a name; None is NULL.

    Names are stored in Unicode NFC. Entries stored before that was so have them as they were typed:
    both spellings match.
    """
    if name is None:
        return column.is_(None)
    normalised = normalise_name(name)
    return column == name if normalised == name else column.in_((name, normalised))


def matches_any_name(column: ColumnElement[str], names: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a column holds one of some names, see :func:`matches_name`."""
    return column.in_(sorted(spellings(*names)))


def spellings(*names: str) -> set[str]:
    """Return the spellings under which names may be stored, see :func:`matches_name`."""
    return {*names, *map(normalise_name, names)}


def made_by(developer: str) -> ColumnElement[bool]:
    """Return the condition that a change was made by a developer, also under a former name.

    The change log keeps the name of the time.
    """
    aliases = developer_aliases.c
    former = select(aliases.alias).where(matches_name(aliases.developer, developer))
    names = select(literal(normalise_name(developer))).union_all(select(literal(developer)), former)
    return changes.c.developer.in_(names)


def within_days(
    day: ColumnElement[int], first_day: int | None, last_day: int | None
) -> list[ColumnElement[bool]]:
    """Return the conditions that a day lies in a range, both ends included; None is no limit."""
    conditions = [] if first_day is None else [day >= first_day]
    return conditions if last_day is None else [*conditions, day <= last_day]


def has_readable_start(table: FromClause = entries) -> list[ColumnElement[bool]]:
    """Return the conditions that the start of an entry and its local day are in range.

    Arithmetic with others would overflow in the database.

    Args:
        table: The entries, or their totals.
    """
    if "readable" in table.c:
        return [table.c.readable]
    start, day = _Unindexed(table.c.started_epoch), _Unindexed(table.c.local_day)
    return [start.between(FIRST_EPOCH, LAST_EPOCH), day.between(FIRST_DAY, LAST_DAY)]


class _Unindexed(FunctionElement[int]):
    """A column whose index SQLite does not use.

    Nearly every entry meets a condition on such a column. SQLite knows that of no parameter, and
    would join the entries of a work item by all the starts of its developer, which takes twenty
    times as long as by its task.
    """

    inherit_cache = True
    type = BigInteger()


@compiles(_Unindexed)
def _column(element: _Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_Unindexed, "sqlite")
def _column_on_sqlite(element: _Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"
