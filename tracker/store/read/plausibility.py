"""Counts of entries that are possible but unlikely, for imports, ``check`` and ``db doctor``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Double,
    and_,
    case,
    cast,
    false,
    func,
    or_,
    select,
    true,
)

from tracker.domain import plausibility
from tracker.domain.plausibility import (
    CLOCK_SLACK_SECONDS,
    LONG_SPAN_SECONDS,
    MIN_ROWS_FOR_UNITS,
    PHRASES,
    SPAN_SLACK_SECONDS,
    UNIT_FACTOR,
    UNIT_TOLERANCE,
)
from tracker.domain.stored_times import FIRST_EPOCH, LAST_EPOCH
from tracker.domain.times import LONG_EFFORT_SECONDS
from tracker.store.conditions import count_where, has_readable_start
from tracker.store.schema import entries, tasks, work_items

MAX_EXAMPLES = 3
"""Ids of entries of one kind that are returned."""

_ITEM_KEY = ("developer", "task", "activity")

_effort = cast(entries.c.seconds, BigInteger)
"""120 times the effort of months would be out of an integer's range on PostgreSQL."""


def _in_range(epoch: ColumnElement[int]) -> ColumnElement[int]:
    """Return an instant, or the nearest that can be read, with which arithmetic is possible."""
    return case((epoch < FIRST_EPOCH, FIRST_EPOCH), (epoch > LAST_EPOCH, LAST_EPOCH), else_=epoch)


span_seconds: ColumnElement[int] = _in_range(entries.c.ended_epoch) - _in_range(
    entries.c.started_epoch
)
"""The time from start to end; NULL where no end is stored."""

last_instant: ColumnElement[int] = func.coalesce(entries.c.ended_epoch, entries.c.started_epoch)
"""The end of an entry, or its start where no end is stored: what may lie after the clock."""

IMPLAUSIBLE: dict[str, ColumnElement[bool]] = {
    "over_12h": entries.c.seconds > LONG_EFFORT_SECONDS,
    "over_24h": span_seconds > LONG_SPAN_SECONDS,
    "beyond_span": _effort + entries.c.interruption_seconds > span_seconds + SPAN_SLACK_SECONDS,
}
"""The conditions that an entry meets or not by itself."""

UNIT_COUNTS: dict[str, ColumnElement[bool]] = {
    "with_span": (span_seconds > 0) & (entries.c.seconds > 0),
    "sixtyfold": (span_seconds > 0)
    & (entries.c.seconds >= span_seconds * (UNIT_FACTOR // UNIT_TOLERANCE))
    & (entries.c.seconds <= span_seconds * (UNIT_FACTOR * UNIT_TOLERANCE)),
    "sixtieth": (entries.c.seconds > 0)
    & (span_seconds >= _effort * (UNIT_FACTOR // UNIT_TOLERANCE))
    & (span_seconds <= _effort * (UNIT_FACTOR * UNIT_TOLERANCE)),
}
"""Entries that have both effort and span, and those whose effort is about 60 or 1/60 of it."""


@dataclass(frozen=True, slots=True)
class ImplausibleEntries:
    """Entries of one kind: their number, and the ids of the first."""

    phrase: str
    """What they are, as one of the values of :data:`tracker.domain.plausibility.PHRASES`."""
    count: int
    ids: tuple[str, ...]


class UnitCounts(NamedTuple):
    """Entries of one source, by what their effort and span say about the unit."""

    with_span: int
    """Entries that have both effort and span."""
    sixtyfold: int
    """Those of them whose effort is about 60 times the span."""
    sixtieth: int
    """Those of them whose effort is about 1/60 of the span."""
    n: int
    """Entries that have an effort."""
    mean_log: float | None
    """The mean of ln minutes of these."""


def until(clock_epoch: int) -> ColumnElement[bool]:
    """Return the condition that an entry does not lie after the clock."""
    return last_instant <= clock_epoch + CLOCK_SLACK_SECONDS


def implausible_entries(
    connection: Connection, *, clock_epoch: int, import_id: str | None = None
) -> list[ImplausibleEntries]:
    """Return the implausible entries by kind.

    Args:
        connection: The transaction.
        clock_epoch: The clock.
        import_id: Limits the entries to those of an import. Whether they are isolated is judged by
            the whole log.
    """
    conditions: dict[str, ColumnElement[bool]] = {
        **IMPLAUSIBLE,
        "isolated": _in_months(_isolated_months(connection)),
        "future": ~until(clock_epoch),
    }
    scope = and_(*_readable(), true() if import_id is None else entries.c.import_id == import_id)
    counts = connection.execute(
        select(*(_sum(condition) for condition in conditions.values())).where(scope)
    ).one()
    results = []
    for (kind, condition), count in zip(conditions.items(), counts, strict=True):
        if count:
            query = select(entries.c.id).where(scope, condition).order_by(entries.c.id)
            ids = connection.execute(query.limit(MAX_EXAMPLES)).scalars()
            results.append(ImplausibleEntries(PHRASES[kind], count, tuple(ids)))
    return results


def unit_messages(connection: Connection, import_id: str | None = None) -> Iterator[str]:
    """Yield what suggests that efforts or estimates are in another unit than minutes.

    Args:
        connection: The transaction.
        import_id: Limits the entries and the estimates to those of an import.
    """
    yield from effort_messages(connection, import_id)
    yield from estimate_messages(connection, import_id)


def effort_messages(connection: Connection, import_id: str | None) -> Iterator[str]:
    """Yield, for each source, whether efforts disagree with their spans, or are unusual."""
    minutes = cast(entries.c.seconds, Double) / 60.0
    query = select(
        entries.c.source,
        *(_sum(condition).label(name) for name, condition in UNIT_COUNTS.items()),
        _sum(entries.c.seconds > 0).label("n"),
        func.avg(func.ln(case((entries.c.seconds > 0, minutes))), type_=Double).label("mean_log"),
    )
    query = query.where(*_readable())
    if import_id is not None:
        query = query.where(entries.c.import_id == import_id)
    for row in connection.execute(query.group_by(entries.c.source).order_by(entries.c.source)):
        if message := effort_message(row.source, UnitCounts(*row[1:])):
            yield message


def effort_message(source: str | None, counts: UnitCounts) -> str | None:
    """Return whether the efforts of a source disagree with their spans, or are unusual."""
    origin = f"from {source}" if source else "logged with tracker"
    message = plausibility.span_unit_message(
        origin, counts.with_span, sixtyfold=counts.sixtyfold, sixtieth=counts.sixtieth
    )
    if message or counts.n < MIN_ROWS_FOR_UNITS or counts.mean_log is None:
        return message
    return plausibility.typical_effort_message(origin, math.exp(counts.mean_log))


def estimate_messages(connection: Connection, import_id: str | None = None) -> Iterator[str]:
    """Yield whether estimates are typically about 60 or 1/60 of the effort."""
    if not any(
        connection.execute(
            select(table.c.task).where(table.c.estimate_minutes > 0).limit(1)
        ).first()
        for table in (work_items, tasks)
    ):
        return
    is_imported = (
        false() if import_id is None else func.coalesce(entries.c.import_id == import_id, false())
    )
    worked = (
        select(
            *(entries.c[name] for name in _ITEM_KEY),
            func.sum(entries.c.seconds).label("seconds"),
            _sum(is_imported).label("imported"),
        )
        .group_by(*(entries.c[name] for name in _ITEM_KEY))
        .cte("worked")
    )
    items = worked.outerjoin(
        work_items, and_(*(work_items.c[name] == worked.c[name] for name in _ITEM_KEY))
    ).outerjoin(tasks, tasks.c.task == worked.c.task)
    estimate = func.coalesce(
        case((work_items.c.estimate_minutes > 0, work_items.c.estimate_minutes)),
        case((tasks.c.estimate_minutes > 0, tasks.c.estimate_minutes)),
    )
    ratio = func.ln(estimate * 60.0 / worked.c.seconds)
    query = select(func.count(), func.avg(ratio, type_=Double)).select_from(items)
    query = query.where(worked.c.seconds > 0, estimate.is_not(None))
    if import_id is not None:
        query = query.where(
            or_(
                worked.c.imported > 0,
                work_items.c.import_id == import_id,
                tasks.c.import_id == import_id,
            )
        )
    count, mean_log = connection.execute(query).one()
    if count >= MIN_ROWS_FOR_UNITS and (
        message := plausibility.estimate_unit_message(math.exp(mean_log))
    ):
        yield message


def _readable() -> list[ColumnElement[bool]]:
    """Return the conditions that start and end are in range: else arithmetic would overflow."""
    return [*has_readable_start(), last_instant.between(FIRST_EPOCH, LAST_EPOCH)]


def _isolated_months(connection: Connection) -> frozenset[int]:
    query = select(entries.c.local_month, func.count()).group_by(entries.c.local_month)
    return plausibility.isolated_months(
        {month: count for month, count in connection.execute(query)}  # noqa: C416 - rows, no pairs
    )


def _in_months(months: frozenset[int]) -> ColumnElement[bool]:
    return entries.c.local_month.in_(sorted(months)) if months else false()


def _sum(condition: ColumnElement[Any]) -> ColumnElement[int]:
    return func.coalesce(count_where(condition), 0)
