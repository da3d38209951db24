"""Many rows are inserted by few statements, without those that are there already."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tracker.store.write.bulk_rows import insert_or_ignore


@pytest.mark.parametrize("count", [1, 499, 500, 501, 1_234])
def test_rows_are_inserted_once(tmp_path: Path, count: int) -> None:
    """The number of rows inserted is told, whether or not they fill the statements."""
    engine = create_engine(f"sqlite:///{tmp_path / 'rows.db'}")
    rows = [(number, f"row {number}") for number in range(count)]
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE numbered (number INTEGER PRIMARY KEY, name TEXT)")
        names = ("number", "name")
        assert insert_or_ignore(connection, "numbered", names, rows[: count // 2]) == count // 2
        assert insert_or_ignore(connection, "numbered", names, rows) == count - count // 2
        stored = connection.exec_driver_sql("SELECT * FROM numbered ORDER BY number").all()
    engine.dispose()
    assert [tuple(row) for row in stored] == rows


def test_statements_keep_to_the_limit_of_parameters(tmp_path: Path) -> None:
    """SQLite may be built with a lower limit than 500 rows need."""
    engine = create_engine(f"sqlite:///{tmp_path / 'rows.db'}")
    with engine.begin() as connection:
        native = connection.connection.driver_connection
        assert native is not None
        native.setlimit(9, 7)  # SQLITE_LIMIT_VARIABLE_NUMBER
        connection.exec_driver_sql("CREATE TABLE numbered (number INTEGER PRIMARY KEY, name TEXT)")
        rows = [(number, "row") for number in range(10)]
        assert insert_or_ignore(connection, "numbered", ("number", "name"), rows) == 10
    engine.dispose()
