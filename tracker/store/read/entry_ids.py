"""Entries by what a person types for them: ``@1`` for the last, or a part of the id.

An id begins with its time and ends with random digits, or with those that count up the entries of
an import. So its end is the shortest part that no other id has.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, func, or_, select

from tracker.domain.errors import NotFound
from tracker.domain.printing import quote
from tracker.domain.records import Entry
from tracker.store import schema
from tracker.store.conditions import matches_name
from tracker.store.read.queries import as_entry

RANKED = 20
"""How many of the last entries are shown by their place, as ``@1``."""

_PLACE = r"@([0-9]+)"

_MIN_LENGTH = 4
"""Least digits of an id that are shown."""

_CHUNK_SIZE = 1_000
"""Ids looked up at a time: a statement has a limited number of parameters."""

_MAX_PLACE = 1_000_000
_MAX_NAMED = 3


def entry(connection: Connection, developer: str, reference: str) -> Entry:
    """Return the entry of a developer that ``reference`` names, see :func:`entry_row`."""
    return as_entry(entry_row(connection, developer, reference))


def entry_of_task_or_id(connection: Connection, developer: str, reference: str) -> Entry:
    """Return the last entry of the task that ``reference`` names, else as :func:`entry`.

    A place comes before a task with such a key. A part of an id has four digits or more, since the
    number of a task is the end of some id by chance.

    Raises:
        NotFound: It names no task with an entry, and not one entry.
    """
    if re.fullmatch(_PLACE, reference):
        return entry(connection, developer, reference)
    table = schema.entries
    of_task = (
        select(table)
        .where(matches_name(table.c.developer, developer), matches_name(table.c.task, reference))
        .order_by(table.c.started_epoch.desc(), table.c.id.desc())
        .limit(1)
    )
    if row := connection.execute(of_task).mappings().first():
        return as_entry(dict(row))
    if len(reference) < _MIN_LENGTH or not _rows_with_part(connection, developer, reference):
        raise NotFound(
            f"{developer} has no entry of the task {quote(reference)}: `tracker start` begins one; "
            "`tracker entries` lists the ids."
        )
    return entry(connection, developer, reference)


def entry_row(connection: Connection, developer: str, reference: str) -> dict[str, Any]:
    """Return all columns of an entry.

    Args:
        connection: The transaction.
        developer: Whose entry it is.
        reference: ``@1`` for the entry that started last, ``@2`` for the one before, or the
            beginning or the end of an id.

    Raises:
        NotFound: It names no entry, or more than one.
    """
    if place := re.fullmatch(_PLACE, reference):
        return _row_at(connection, developer, reference, int(place[1]))
    matches = _rows_with_part(connection, developer, reference)
    if not matches:
        raise NotFound(
            f"{developer} has no entry whose id begins or ends with {reference!r}: "
            "`tracker entries` lists the ids; @1 is the entry that started last."
        )
    if len(matches) > 1:
        ends = _unique_ends(connection, developer, [row["id"] for row in matches])
        named = ", ".join(f"{ends[row['id']]} ({row['activity']} {row['task']})" for row in matches)
        raise NotFound(
            f"several entries of {developer} have ids that begin or end with {reference!r}, "
            f"such as {named}: give more of the id."
        )
    return matches[0]


def short_ids(connection: Connection, developer: str, entries: Sequence[Entry]) -> dict[str, str]:
    """Return what to type for each entry, by its id.

    It is ``8c1f``, the shortest end that only its id has; of the last entries ``@1 8c1f``, with the
    place, which is another one after the next entry.
    """
    return {
        id_: " ".join(filter(None, parts))
        for id_, parts in _parts(connection, developer, entries).items()
    }


def aligned_ids(connection: Connection, developer: str, entries: Sequence[Entry]) -> dict[str, str]:
    """Return the same as :func:`short_ids` for a table: the ends stand below each other."""
    parts = _parts(connection, developer, entries)
    width = max((len(place) + 1 for place, _ in parts.values() if place), default=0)
    return {id_: f"{place:{width}}{end}" for id_, (place, end) in parts.items()}


def _parts(
    connection: Connection, developer: str, entries: Sequence[Entry]
) -> dict[str, tuple[str, str]]:
    """Return the place, "" without one, and the end of the id of each entry."""
    if not entries:
        return {}
    table = schema.entries
    newest = (
        select(table.c.id)
        .where(matches_name(table.c.developer, developer))
        .order_by(table.c.started_epoch.desc(), table.c.id.desc())
        .limit(RANKED)
    )
    places = {id_: f"@{n}" for n, id_ in enumerate(connection.execute(newest).scalars(), start=1)}
    ends = _unique_ends(connection, developer, [entry.id for entry in entries])
    return {id_: (places.get(id_, ""), end) for id_, end in ends.items()}


def _row_at(connection: Connection, developer: str, reference: str, place: int) -> dict[str, Any]:
    """Return the entry at a place, counted from 1 for the one that started last."""
    table = schema.entries
    of_developer = matches_name(table.c.developer, developer)
    row = None
    if 0 < place <= _MAX_PLACE:
        query = (
            select(table)
            .where(of_developer)
            .order_by(table.c.started_epoch.desc(), table.c.id.desc())
            .offset(place - 1)
            .limit(1)
        )
        row = connection.execute(query).mappings().first()
    if row is None:
        count = connection.execute(
            select(func.count()).select_from(table).where(of_developer)
        ).scalar_one()
        last = f"@1 to @{count}" if count > 1 else "@1" if count else "none"
        raise NotFound(
            f"{developer} has no entry {reference}: there is {last}; `tracker entries` lists them."
        )
    return dict(row)


def _rows_with_part(connection: Connection, developer: str, part: str) -> list[dict[str, Any]]:
    """Return the last entries whose id begins or ends with a text, up to _MAX_NAMED."""
    if not part:
        return []
    table, part = schema.entries, part.lower()
    id_ = table.c.id
    has_part = or_(id_.startswith(part, autoescape=True), id_.endswith(part, autoescape=True))
    query = (
        select(table)
        .where(matches_name(table.c.developer, developer), has_part)
        .order_by(table.c.started_epoch.desc())
        .limit(_MAX_NAMED)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _unique_ends(connection: Connection, developer: str, ids: Sequence[str]) -> dict[str, str]:
    """Return the shortest end of each id that is no end and no beginning of another's."""
    id_ = schema.entries.c.id
    end = func.substr(id_, func.length(id_) - _MIN_LENGTH + 1, _MIN_LENGTH)
    beginning = func.substr(id_, 1, _MIN_LENGTH)
    of_developer = matches_name(schema.entries.c.developer, developer)
    ends: dict[str, str] = {}
    for start in range(0, len(ids), _CHUNK_SIZE):
        chunk = ids[start : start + _CHUNK_SIZE]
        shortest = {name[-_MIN_LENGTH:] for name in chunk}
        query = select(id_).where(of_developer, or_(end.in_(shortest), beginning.in_(shortest)))
        rivals = defaultdict(list)
        for other in connection.execute(query).scalars():
            for part in {other[-_MIN_LENGTH:], other[:_MIN_LENGTH]}:
                rivals[part].append(other)
        ends |= {name: _unique_end(name, rivals[name[-_MIN_LENGTH:]]) for name in chunk}
    return ends


def _unique_end(name: str, rivals: Collection[str]) -> str:
    """Return the shortest end of an id that no other of those that may share one has."""
    others = [other for other in rivals if other != name]
    return next(
        name[-length:]
        for length in range(_MIN_LENGTH, len(name) + 1)
        if not any(
            other.endswith(name[-length:]) or other.startswith(name[-length:]) for other in others
        )
    )
