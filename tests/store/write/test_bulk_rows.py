"""Many rows are inserted at once, without those that are there already."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine

from tracker.store.write.bulk_rows import insert_or_ignore


def test_rows_are_inserted_once(tmp_path: Path) -> None:
    """The number of rows inserted is returned."""
    engine = create_engine(f"sqlite:///{tmp_path / 'rows.db'}")
    rows = [(number, f"row {number}") for number in range(500)]
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE numbered (number INTEGER PRIMARY KEY, name TEXT)")
        names = ("number", "name")
        assert insert_or_ignore(connection, "numbered", names, rows[:200]) == 200
        assert insert_or_ignore(connection, "numbered", names, rows) == 300
        stored = connection.exec_driver_sql("SELECT * FROM numbered ORDER BY number").all()
    engine.dispose()
    assert [tuple(row) for row in stored] == rows
