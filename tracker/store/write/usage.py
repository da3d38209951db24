"""Writing what marks of an assistant's use say: answers of entries, and days of coverage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, insert

from tracker.domain.names import normalise_name
from tracker.domain.usage_rule import Answer
from tracker.store.conditions import matches_name
from tracker.store.database import Database
from tracker.store.read.queries import entry_row
from tracker.store.read.usage import COLLECT, covered_days
from tracker.store.schema import entries, usage_coverage
from tracker.store.write.change_log import Change, Place, apply_change


def set_answers(
    connection: Connection, database: Database, developer: str, answers: Mapping[str, Answer]
) -> None:
    """Change what entries say of assistance; one ``undo`` takes all of it back.

    Args:
        connection: A transaction that changes rows of the developer.
        database: The database.
        developer: Whose entries they are.
        answers: The new answers by the ids of the entries.
    """
    group_id = database.new_id() if len(answers) > 1 else None
    for id_, (assisted, basis) in answers.items():
        before = entry_row(connection, developer, id_)
        after = before | {"assisted": assisted, "basis": basis}
        change = Change(before["developer"], COLLECT, entries, before, after, Place(group_id))
        apply_change(connection, database, change)


def set_coverage(connection: Connection, developer: str, machine: str, days: Iterable[int]) -> None:
    """Replace the covered days of one of a developer's machines."""
    new = set(days)
    old = covered_days(connection, developer).get(machine, set())
    table = usage_coverage
    if gone := old - new:
        of_machine = (matches_name(table.c.developer, developer), table.c.machine == machine)
        # bound one by one: a machine forgotten after years has more days than a statement takes
        for day in sorted(gone):
            connection.execute(delete(table).where(*of_machine, table.c.day == day))
    if added := sorted(new - old):
        rows = [
            {"developer": normalise_name(developer), "machine": machine, "day": day}
            for day in added
        ]
        connection.execute(insert(table), rows)
