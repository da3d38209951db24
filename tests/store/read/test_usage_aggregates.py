"""What was watched and used of each arm's work, on both databases."""

from __future__ import annotations

from sqlalchemy import insert
from support.store_kit import NOW_EPOCH, START_DAY, entry, open_test_database

from tracker.domain.records import ArmRule, Entry, MaturityRule, Selection, WorkItem
from tracker.store.read.usage_aggregates import use_by_arm
from tracker.store.schema import usage_coverage
from tracker.store.write.imports import import_records

EVIDENCE = [  # arm, assisted, basis, watched
    ("baseline", "no", "drawn", True),
    ("baseline", "no", "drawn", False),
    ("baseline", "no", "flag", False),
    ("baseline", "yes", "usage", True),
    ("assistance", "yes", "drawn", True),
    ("assistance", "yes", "usage", True),
    ("assistance", "yes", "flag", False),
    ("assistance", "unknown", None, True),
    ("assistance", "unknown", None, False),
]
LAST_RUN = len(EVIDENCE) - 1


def test_use_by_arm(database_url: str) -> None:
    """What a draw filled in is no evidence, unless the day was watched and nothing seen."""
    records: list[Entry | WorkItem] = []
    rows = []
    for n, (arm, assisted, basis, watched) in enumerate(EVIDENCE):
        item = {"developer": "ann", "task": f"T-{n}", "activity": "design"}
        records.append(entry(n, task=f"T-{n}", assisted=assisted, basis=basis))
        records.append(WorkItem(**item, assigned=arm, assigned_epoch=0, completed_epoch=NOW_EPOCH))
        if watched:
            rows += [
                {"developer": "ann", "machine": name, "day": START_DAY + n, "all_attributed": 1}
                for name in "ab"
            ]
        elif n == LAST_RUN:  # stored as a day with other use, and not over yet
            rows += [
                {"developer": "ann", "machine": name, "day": START_DAY + n, "all_attributed": 0}
                for name in "ab"
            ]
        else:  # nobody knows what was used on the other machine
            rows.append(
                {"developer": "ann", "machine": "a", "day": START_DAY + n, "all_attributed": 1}
            )
    with open_test_database(database_url) as database:
        import_records(database, records, source="test", file="-", now_epoch=NOW_EPOCH)
        with database.writing() as connection:
            connection.execute(insert(usage_coverage), rows)
        with database.reading() as connection:
            maturity = MaturityRule(NOW_EPOCH)
            frame = use_by_arm(connection, Selection(), ArmRule("assigned"), maturity)
    by_arm = frame.set_index("arm").drop(columns="activity").to_dict("index")
    assert by_arm == {
        "baseline": {"items": 4, "entries": 4, "watched": 2, "used": 1, "unused": 2},
        "assistance": {"items": 5, "entries": 5, "watched": 3, "used": 2, "unused": 0},
    }
