"""Queries for the rows of many keys at once, which are given as a JSON list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Integer, Table, TextClause, text


def rows_by_keys(
    table: Table, key: Sequence[str], dialect: str, columns: Sequence[str] = ()
) -> TextClause:
    """Return a query for the rows whose keys are in the JSON list ``keys``.

    Args:
        table: The table.
        key: The columns of the key.
        dialect: The name of SQLAlchemy's dialect.
        columns: The columns to return; all by default.
    """
    has_key = " AND ".join(
        f"{table.name}.{name} = {json_element(index, dialect, is_number=_is_number(table.c[name]))}"
        for index, name in enumerate(key)
    )
    selected = ", ".join(f"{table.name}.{name}" for name in columns or table.columns.keys())
    return text(
        f"SELECT {selected} FROM {json_list(dialect)} CROSS JOIN {table.name} "  # noqa: S608 - our own names
        f"WHERE {has_key}"
    )


def json_list(dialect: str) -> str:
    """Return the SQL of the JSON list ``keys`` as a table ``wanted``, one row per element.

    A JSON list costs less than thousands of parameters. Join it with CROSS JOIN, which makes SQLite
    go from the keys to the rows.
    """
    if dialect == "postgresql":
        return "json_array_elements(CAST(:keys AS json)) AS wanted (value)"
    return "json_each(:keys) AS wanted"


def json_element(index: int, dialect: str, *, is_number: bool = False) -> str:
    """Return the SQL of one value of an element of :func:`json_list`, which is a list."""
    if dialect != "postgresql":
        return f"json_extract(wanted.value, '$[{index}]')"
    element = f"(wanted.value ->> {index})"
    return f"CAST({element} AS BIGINT)" if is_number else element


def _is_number(column: Column[Any]) -> bool:
    return isinstance(column.type, Integer)
