"""A query for the rows of many keys at once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Table, TextClause, text


def rows_by_keys(
    table: Table, key: Sequence[str], dialect: str, columns: Sequence[str] = ()
) -> TextClause:
    """Return a query for the rows whose keys are in the JSON list ``keys``.

    A JSON list costs less than thousands of parameters. CROSS JOIN makes SQLite go from the keys to
    the rows.

    Args:
        table: The table.
        key: The columns of the key.
        dialect: The name of SQLAlchemy's dialect.
        columns: The columns to return; all by default.
    """
    if dialect == "postgresql":
        keys = "json_array_elements(CAST(:keys AS json)) AS wanted (value)"
        element = "wanted.value ->> {}"
    else:
        keys = "json_each(:keys) AS wanted"
        element = "json_extract(wanted.value, '$[{}]')"
    has_key = " AND ".join(
        f"{table.name}.{name} = {element.format(index)}" for index, name in enumerate(key)
    )
    selected = ", ".join(f"{table.name}.{name}" for name in columns or table.columns.keys())
    return text(f"SELECT {selected} FROM {keys} CROSS JOIN {table.name} WHERE {has_key}")  # noqa: S608 - our own names
