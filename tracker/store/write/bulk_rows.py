"""Inserting many rows at once: ``executemany`` on SQLite, ``COPY`` on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Connection

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
"""What characters of a text are in PostgreSQL's COPY."""

Row = tuple[Any, ...]


def insert_or_ignore(
    connection: Connection, table: str, names: Sequence[str], rows: list[Row]
) -> int:
    """Insert rows on SQLite without those whose key is there already; return how many."""
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names
    return connection.exec_driver_sql(statement, rows).rowcount


def copy_rows(cursor: Any, table: str, names: Sequence[str], lines: str) -> None:
    """Copy rows of :func:`copy_lines` into a table on PostgreSQL, by a cursor of psycopg."""
    with cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
        copy.write(lines)


def copy_lines(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows of the texts of :func:`copy_texts` in the text format of PostgreSQL's COPY."""
    return "\n".join(map("\t".join, rows)) + "\n"


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
