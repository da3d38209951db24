"""The change log: what every write leaves behind, and how the last one of a developer is taken back.

A row of it holds what a row of another table was before and is after, as JSON (None: not there). ``row_key`` is what
that table's key has beside the developer: bare where that is one column, else a JSON list.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, func, insert, select, update

from tracker.domain.errors import NothingToDo
from tracker.domain.times import format_minutes
from tracker.store.database import Database
from tracker.store.schema import changes, metadata, rollouts

Row = Mapping[str, Any]

LATE_ESTIMATE = "estimate-late"
"""The verb of an estimate made after the work began: kept here, and nowhere else."""

_LOCK = 0x6465_7673  # PostgreSQL's advisory locks of developers
_SHARED_LOCK = 0x7368_6172  # and the one of the tables that are all developers'

SHARED = ("tasks", "rollouts", "claims", "activities")
"""The tables whose rows are nobody's own."""

_NOT_ONES_OWN = ("undo", "import", "undo-import", "assign")
"""Changes that ``undo`` passes by. A draw stands: who could take it back could draw until the coin falls as wished."""

_MOST_TOLD = 3  # changes that undo passed by, one by one


@contextmanager
def changing(database: Database, developer: str, *, shared: bool = False) -> Iterator[Connection]:
    """A transaction that writes; of one developer one at a time, so that what it reads first still holds at its end.

    With ``shared`` also one at a time of all that write to the tables in SHARED.
    """
    with database.writing() as connection:
        take_turns(connection, developer)
        if shared:
            take_shared_turn(connection)
        yield connection


def take_turns(connection: Connection, *developers: str) -> None:
    """Wait for other transactions that change what is these developers'. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        # in one order everywhere, so that no two wait for each other
        for key in sorted({zlib.crc32(developer.encode()) - (1 << 31) for developer in developers}):
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK, key)))


def take_shared_turn(connection: Connection) -> None:
    """Wait for other transactions that change the tables in SHARED. Who takes turns with developers does so before."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_SHARED_LOCK)))


def row_key(table: Table, row: Row) -> str:
    """What tells a row of ``table`` from the others of its developer."""
    names = [column.name for column in table.primary_key if column.name != "developer"]
    return (
        str(row[names[0]])
        if len(names) == 1
        else json.dumps([row[name] for name in names], ensure_ascii=False)
    )


def as_json(row: Row | None) -> str | None:
    """A row as the change log keeps it."""
    return None if row is None else json.dumps(dict(row), ensure_ascii=False)


def find(connection: Connection, table: Table, key: Row) -> dict[str, Any] | None:
    """The row of ``table`` with this primary key (other items of ``key`` are passed over), None where there is none."""
    found = connection.execute(select(table).where(_at(table, key))).mappings().first()
    return None if found is None else dict(found)


def change(
    connection: Connection,
    database: Database,
    developer: str,
    verb: str,
    table: Table,
    before: Row | None,
    after: Row | None,
) -> str:
    """Put ``after`` in the place of ``before``, and record that ``developer`` did; the id of the record."""
    put(connection, table, before, after)
    return record(connection, database, developer, verb, table, before, after)


def record(
    connection: Connection,
    database: Database,
    developer: str,
    verb: str,
    table: Table,
    before: Row | None,
    after: Row | None,
) -> str:
    """Leave a row in the change log; its id."""
    identifier = _next_id(connection, database, developer)
    values = {
        "developer": developer,
        "id": identifier,
        "changed_epoch": database.now_epoch,
        "verb": verb,
        "table_name": table.name,
        "row_key": row_key(table, after or before or {}),
        "before": as_json(before),
        "after": as_json(after),
    }
    connection.execute(insert(changes).values(values))
    return identifier


def undo(database: Database, developer: str) -> str:
    """Take back the last change of ``developer`` that can be; what it was, in a few words, and what was passed by.

    Only the columns it changed are put back. Passed by is what was changed again since.
    """
    passed: list[str] = []
    with changing(database, developer) as connection:
        for last in _not_undone(connection, developer):
            table = metadata.tables[last.table_name]
            before = None if last.before is None else json.loads(last.before)
            after = None if last.after is None else json.loads(last.after)
            said = describe(last.verb, table, after or before or {})
            if table.name in SHARED:
                take_shared_turn(connection)
            if last.verb == LATE_ESTIMATE:  # it changed nothing but the log itself
                taken_back = record(connection, database, developer, "undo", table, after, before)
            else:
                here = find(connection, table, after or before or {})
                if obstacle := _obstacle(connection, table, before, after, here):
                    passed.append(f"{said}, {obstacle}")
                    continue
                taken_back = change(
                    connection,
                    database,
                    developer,
                    "undo",
                    table,
                    here,
                    _restored(before, after, here),
                )
            mark_undone(connection, developer, last.id, taken_back)
            return f"{said}; passed by: {_listed(passed)}" if passed else said
    if passed:
        raise NothingToDo(
            f"there is no change by {developer} that can be undone: {_listed(passed)}. Use `edit` or `delete`."
        )
    raise NothingToDo(f"there is no change by {developer} to undo.")


def mark_undone(connection: Connection, developer: str, identifier: str, undone_by: str) -> None:
    """Note on a change that another one took it back."""
    connection.execute(
        update(changes)
        .where(changes.c.developer == developer, changes.c.id == identifier)
        .values(undone_by=undone_by)
    )


def describe(verb: str, table: Table, row: Row) -> str:
    """A change in a few words: ``edit of design T-1 (45m)``."""
    about = [
        str(row[name]) for name in ("activity", "task", "assistant") if row.get(name) is not None
    ]
    if table.name == "claims":
        about = [str(row["id"])]
    if "seconds" in row:
        about.append(f"({format_minutes(row['seconds'] / 60)})")
    return f"{verb} of {' '.join(about)}"


def _not_undone(connection: Connection, developer: str) -> Iterator[Any]:
    """The rows of the change log that may be undone, from the last on; each is fetched when it is wanted."""
    query = select(changes).where(
        changes.c.developer == developer,
        changes.c.undone_by.is_(None),
        changes.c.verb.not_in(_NOT_ONES_OWN),
    )
    query = query.order_by(changes.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    while row is not None:
        yield row
        row = connection.execute(query.where(changes.c.id < row.id)).first()


def _obstacle(
    connection: Connection, table: Table, before: Row | None, after: Row | None, here: Row | None
) -> str:
    """Why a change cannot be taken back from the row that is ``here`` now; "" where it can."""
    if before is None or after is None or here is None:
        same = here == after and not (before and _recorded_anew(connection, table, before))
    else:
        same = all(here[name] == after[name] for name in after if before[name] != after[name])
    if same:
        return ""
    drawn = (
        here is not None
        and here.get("assigned") is not None
        and (after or {}).get("assigned") is None
    )
    return "changed again since" + (" (its arm is drawn)" if drawn else "")


def _recorded_anew(connection: Connection, table: Table, row: Row) -> bool:
    """Whether what ``row`` said stands in another row now: a rollout of the same assistant to the same people."""
    if table is not rollouts:
        return False
    same = (
        rollouts.c[name].is_not_distinct_from(row[name])
        for name in ("assistant", "developer", "team")
    )
    return (
        connection.execute(select(rollouts.c.id).where(*same, rollouts.c.id != row["id"])).first()
        is not None
    )


def _restored(before: Row | None, after: Row | None, here: Row | None) -> Row | None:
    """The row as it has to be for the change from ``before`` to ``after`` to be taken back."""
    if before is None or after is None or here is None:
        return before
    return {**here, **{name: before[name] for name in after if before[name] != after[name]}}


def _listed(passed: list[str]) -> str:
    more = f"; and {len(passed) - _MOST_TOLD} more" if len(passed) > _MOST_TOLD else ""
    return "; ".join(passed[:_MOST_TOLD]) + more


def put(connection: Connection, table: Table, before: Row | None, after: Row | None) -> None:
    """Write ``after`` in the place of ``before``, the columns that differ; None is no row."""
    if before is None:
        if after is not None:
            connection.execute(insert(table).values(**after))
    elif after is None:
        connection.execute(delete(table).where(_at(table, before)))
    elif differing := {name: value for name, value in after.items() if value != before[name]}:
        connection.execute(update(table).where(_at(table, before)).values(differing))


def _at(table: Table, key: Row) -> Any:
    return and_(*(column == key[column.name] for column in table.primary_key))


def _next_id(connection: Connection, database: Database, developer: str) -> str:
    """An id after every earlier one of this developer's changes, also where the clock stands or was put back."""
    last = connection.execute(
        select(func.max(changes.c.id)).where(changes.c.developer == developer)
    ).scalar()
    return id_after(last, database.new_id())


def id_after(last: str | None, new: str) -> str:
    """``new`` where it sorts after ``last``, else one that follows ``last`` a random stretch behind."""
    if last is None or last < new:
        return new
    stretch = int(new[-12:], 16) + 1
    digits = f"{int(last.replace('-', ''), 16) + stretch:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
