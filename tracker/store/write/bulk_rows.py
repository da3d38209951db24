"""Inserting many rows at once: long INSERTs on SQLite, ``COPY`` on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any, cast

from sqlalchemy import Connection

_ROWS_AT_ONCE = 500
"""Rows of one INSERT on SQLite. Python runs other threads during a statement, but a change of
threads takes as long as a hundred rows.
"""

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
"""What characters of a text are in PostgreSQL's COPY."""

Row = tuple[Any, ...]


def insert_or_ignore(
    connection: Connection, table: str, names: tuple[str, ...], rows: Sequence[Row]
) -> int:
    """Insert rows on SQLite without those whose key is there already; return how many."""
    native: Any = connection.connection.driver_connection
    at_once = native.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // len(names)
    at_once = min(at_once, _ROWS_AT_ONCE)
    inserted = 0
    for start in range(0, len(rows), at_once):
        part = rows[start : start + at_once]
        statement = _insertion(table, names, len(part))
        values = tuple(chain.from_iterable(part))
        inserted += connection.exec_driver_sql(statement, values).rowcount
    return inserted


def copy_rows(
    connection: Connection, table: str, names: Sequence[str], rows: Sequence[tuple[str, ...]]
) -> None:
    """Copy rows of the texts of :func:`copy_texts` into a table on PostgreSQL."""
    native: Any = connection.connection.driver_connection
    with (
        native.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy,
    ):
        copy.write("\n".join(map("\t".join, rows)) + "\n")


def copy_texts(values: Sequence[str | int | None]) -> Sequence[str]:
    """Return the values of a column in the text format of PostgreSQL's COPY."""
    texts: Sequence[str]
    try:
        joined = "".join(texts := cast("Sequence[str]", values))  # the usual case: texts alone
    except TypeError:
        joined = "".join(texts := ["\\N" if value is None else str(value) for value in values])
    has_escapes = "\\" in joined and joined.count("\\") > values.count(None)
    if not has_escapes and not any(blank in joined for blank in "\t\n\r"):
        return texts
    return ["\\N" if value is None else str(value).translate(_ESCAPES) for value in values]


@cache
def _insertion(table: str, names: tuple[str, ...], rows: int) -> str:
    """Return SQLite's statement that inserts so many rows."""
    row = f"({', '.join('?' * len(names))})"
    return (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([row] * rows)} "  # noqa: S608 - our own names
        "ON CONFLICT DO NOTHING"
    )
