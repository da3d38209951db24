"""What an import tells of the log: the same as the file holds."""

from __future__ import annotations

from pathlib import Path

from support.item_counts import counted_work_items
from support.person import Person

MAP = """
source = "clock"
[columns]
key = "id"
developer = "who"
task = "issue"
activity = "phase"
started_at = "begin"
minutes = "minutes"
assisted = "ai"
[formats]
timezone = "Europe/Berlin"
[values.assisted]
"1" = "yes"
"0" = "no"
"""


def imported(person: Person, rows: list[str]) -> list[str]:
    """Return what an import of rows prints of what they are about."""
    (person.home / "m.toml").write_text(MAP)
    (person.home / "log.csv").write_text(
        "\n".join(["id,who,issue,phase,begin,minutes,ai", *rows]) + "\n"
    )
    result = person.run(
        "import", "csv", str(person.home / "log.csv"), "--map", str(person.home / "m.toml")
    )
    return [line for line in result.stderr.splitlines() if line.startswith("  ")]


def test_an_import_tells_what_it_brought(database_url: str, tmp_path: Path) -> None:
    """People, period, hours by activity and month, and how much was assisted."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    rows = [
        "1,ada,T-1,design,2026-01-05 09:00,600,1",
        "2,bob,T-1,design,2026-02-05 09:00,300,0",
        "3,bob,T-2,testing,2026-02-06 09:00,90,",
        "4,cat,T-2,review,2026-02-06 09:00,10,",
    ]
    assert imported(ada, rows)[:4] == [
        "  3 people, 2026-01-05 to 2026-02-06, 17 h",
        "  by activity: design 15 h (90 %), testing 1h 30m (9 %), review 10m (1 %)",
        "  by month: 2026-01 10 h, 2026-02 6h 40m",
        "  hours: 60 % with assistance, 30 % without, 10 % unknown",
    ]
    more = imported(ada, [*rows, "5,ada,T-1,design,2026-03-05 09:00,2,"])
    assert more[0] == "  1 person, 2026-03-05 to 2026-03-05, 2m"  # of this import alone
    assert not [line for line in imported(ada, rows) if "people" in line]  # nothing new


def test_long_lists_are_cut(tmp_path: Path) -> None:
    """The largest activities and the last months are named; the rest is summed up."""
    activities = ("design", "testing", "coding", "review", "planning", "meeting", "other")
    rows = [
        f"{month},ada,T-1,{activity},2025-{month:02d}-05 09:00,{60 * (10 - month)},"
        for month, activity in enumerate(activities, start=1)
    ]
    report = imported(Person(tmp_path), rows)
    assert report[1].endswith("meeting 4h 00m (10 %), 1 other activity 3h 00m")
    assert report[2].startswith("  the last 6 of 7 months: 2025-02 8h 00m, ")


def test_work_items_are_counted_alike_everywhere(database_url: str, tmp_path: Path) -> None:
    """Keys that differ in case are two tasks, two Unicode forms of a key one."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    (tmp_path / "m.toml").write_text(MAP)
    tasks = ("PAY-1", "pay-1", "PAY-1", "Caf\u00e9", "Cafe\u0301", "T\u0130", "Ti")
    rows = [
        f"{number},{who},{task},{activity},2026-01-{number + 1:02d} 09:00,{minutes},"
        for number, (who, task, activity, minutes) in enumerate(
            (who, task, activity, 30 * (task != "Ti"))
            for who in ("ada", "Ada")
            for task in tasks
            for activity in ("design", "testing")
        )
    ]
    (tmp_path / "log.csv").write_text("\n".join(["id,who,issue,phase,begin,minutes,ai", *rows]))
    command = ("import", "csv", str(tmp_path / "log.csv"), "--map", str(tmp_path / "m.toml"))
    counts = counted_work_items(ada, database_url, ada.run(*command).stderr)
    assert counts == dict.fromkeys(counts, 2 * 5 * 2)
