"""Writing what marks of an assistant's use say: answers of entries, and days of coverage."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert

from tracker.domain.names import normalise_name
from tracker.domain.usage_rule import Answer
from tracker.store.conditions import matches_name
from tracker.store.database import Database
from tracker.store.read.entry_ids import entry_row
from tracker.store.read.usage import COLLECT, covered_days
from tracker.store.schema import entries, usage_coverage
from tracker.store.write.change_log import Change, Place, apply_change


def set_answers(
    connection: Connection, database: Database, developer: str, answers: Mapping[str, Answer]
) -> None:
    """Change what entries say about assistance; one ``undo`` takes all of it back.

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


def set_coverage(
    connection: Connection, developer: str, machine: str, days: Mapping[int, bool]
) -> None:
    """Replace the covered days of one of a developer's machines.

    Args:
        connection: A transaction that changes rows of the developer.
        developer: The developer.
        machine: The machine.
        days: The covered days, each with whether all use of it lies in entries that say yes.
    """
    old = covered_days(connection, developer).get(machine, {})
    table = usage_coverage
    of_machine = (matches_name(table.c.developer, developer), table.c.machine == machine)
    # one by one: of many years there may be more days than a statement takes
    for day in sorted(old.keys() | days.keys()):
        if old.get(day) != days.get(day) and day in old:
            connection.execute(delete(table).where(*of_machine, table.c.day == day))
    name = normalise_name(developer)
    added = [
        {"developer": name, "machine": machine, "day": day, "all_attributed": int(all_attributed)}
        for day, all_attributed in sorted(days.items())
        if old.get(day) != all_attributed
    ]
    if added:
        connection.execute(insert(table), added)
