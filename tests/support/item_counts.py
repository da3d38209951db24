"""The number of work items of a log, as each part of the program counts them."""

from __future__ import annotations

import re

from sqlalchemy import func, select
from support.person import Person
from support.store_kit import open_test_database

from tracker.store.schema import entries


def counted_work_items(person: Person, url: str, import_message: str) -> dict[str, int]:
    """Return the number of work items without an arm, by the part of the program that counts them.

    Args:
        person: A person with the log.
        url: The database's URL.
        import_message: What the import of the log printed.
    """
    match = re.search(r"([\d,]+) work items, no rollout yet", import_message)
    key = (entries.c.developer, entries.c.task, entries.c.activity)
    with open_test_database(url) as database, database.reading() as connection:
        distinct = select(*key).distinct().subquery()
        stored = connection.execute(select(func.count()).select_from(distinct)).scalar_one()
        activities = connection.execute(select(entries.c.activity).distinct()).scalars().all()
    options = [f"--activity={activity}" for activity in activities]
    checked = {
        result["activity"]: sum(result["items"].values()) + sum(result["excluded"].values())
        for result in person.json("check", *options)["results"]
    }
    return {
        "import": int(match[1].replace(",", "")) if match else 0,
        "database": stored,
        "team": person.json("team")["work_items"],
        "check": sum(checked.values()),
    }
