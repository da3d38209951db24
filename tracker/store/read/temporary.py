"""Rows of a query that several questions of one transaction share, in a temporary table."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Column, Connection, FromClause, MetaData, Select, Table, exc, insert

_tables: WeakKeyDictionary[Connection, dict[Hashable, FromClause]] = WeakKeyDictionary()


def shared_rows(
    connection: Connection, name: str, key: Hashable, query: Select[Any]
) -> FromClause:
    """Return the rows of a query as a table, made at the first use in a transaction.

    The table ends with the transaction, which must not commit. Where the database makes none, such
    as a replica that is only read, the rows are a CTE.

    Args:
        connection: The transaction.
        name: The beginning of the table's name.
        key: What the rows depend on.
        query: The query. Its order is that of the table.
    """
    tables = _tables.setdefault(connection, {})
    if (name, key) not in tables:
        tables[name, key] = _made(connection, f"{name}_{len(tables) + 1}", query)
    return tables[name, key]


def _made(connection: Connection, name: str, query: Select[Any]) -> FromClause:
    columns = [Column(column.key, column.type) for column in query.selected_columns]
    table = Table(
        name,
        MetaData(),
        *columns,
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    savepoint = connection.begin_nested()
    try:
        table.create(connection, checkfirst=False)
        connection.execute(insert(table).from_select(columns, query))
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"ANALYZE {name}")
    except exc.DBAPIError:
        savepoint.rollback()
        return query.cte(name)
    savepoint.commit()
    return table
