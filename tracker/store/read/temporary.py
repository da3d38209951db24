"""What several questions of one transaction share: results, and rows in temporary tables."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Column, Connection, FromClause, Index, MetaData, Select, Table, exc, insert
from sqlalchemy.schema import CreateIndex

Result = TypeVar("Result")

_results: WeakKeyDictionary[Connection, dict[Hashable, Any]] = WeakKeyDictionary()


def begin(connection: Connection) -> None:
    """Begin to share what a transaction finds, which must not write and not commit."""
    _results[connection] = {}


def shared(connection: Connection, key: Hashable, find: Callable[[], Result]) -> Result:
    """Return what is found in the database once in a transaction.

    Args:
        connection: The transaction. Where it did not begin to share, it is found each time.
        key: What the result depends on.
        find: Finds it.
    """
    results = _results.get(connection)
    if results is None:
        return find()
    if key not in results:
        results[key] = find()
    result: Result = results[key]
    return result


def shared_rows(
    connection: Connection,
    name: str,
    key: Hashable,
    query: Callable[[], Select[Any]],
    index: Sequence[str] = (),
) -> FromClause:
    """Return the rows of a query as a table, made at the first use in a transaction.

    The table ends with the transaction. Where none is shared, and where the database makes none,
    such as a replica that is only read, the rows are a CTE.

    Args:
        connection: The transaction.
        name: The beginning of the table's name.
        key: What the rows depend on.
        query: Returns the query. Its order is that of the table.
        index: The columns of an index.
    """
    results = _results.get(connection)
    if results is None:
        return query().cte(name)
    number = len(results)
    return shared(
        connection, (name, key), lambda: _made(connection, f"{name}_{number}", query(), index)
    )


def _made(
    connection: Connection, name: str, query: Select[Any], index: Sequence[str]
) -> FromClause:
    columns = [Column(column.key, column.type) for column in query.selected_columns]
    table = Table(name, MetaData(), *columns, prefixes=["TEMPORARY"])
    savepoint = connection.begin_nested()
    try:
        table.create(connection, checkfirst=False)
        connection.execute(insert(table).from_select(columns, query))
        if index:
            connection.execute(CreateIndex(Index(f"ix_{name}", *(table.c[key] for key in index))))
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"ANALYZE {name}")
    except exc.DBAPIError:
        savepoint.rollback()
        return query.cte(name)
    savepoint.commit()
    return table
