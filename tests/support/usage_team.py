"""Ada's machines, which share a database, and what her assistants log on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert
from support.person import Person
from support.store_kit import open_test_database
from support.usage_logs import claude_prompts

from tracker.store.schema import work_items

SETTINGS = '[[repositories]]\nproject = "pay"\ndirectories = ["~/src/pay"]\n'
MONDAY = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


class Team:
    """Ada's machines, which share a database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.laptop, self.desktop = self.machine("laptop"), self.machine("desktop")

    def machine(self, name: str) -> Person:
        person = Person(self.folder / name, TRACKER_DATABASE_URL=self.url)
        person.settings_file.parent.mkdir(parents=True)
        person.settings_file.write_text(SETTINGS)
        person.time = MONDAY
        return person

    def entry(self, day: int, task: str, arm: str | None = "baseline") -> None:
        """Log an hour from 9:00 Berlin time, of which nobody says whether it was assisted."""
        date = f"{MONDAY + timedelta(days=day):%Y-%m-%d}"
        person, time = self.laptop, self.laptop.time
        person.time = MONDAY + timedelta(days=day)
        person.run("log", "design", task, "--from", f"{date} 09:00", "--to", f"{date} 10:00")
        person.time = time
        with open_test_database(self.url) as database, database.writing() as connection:
            row = {"developer": "ada", "task": task, "activity": "design", "assigned": arm}
            connection.execute(insert(work_items).values(**row, assigned_epoch=0))

    def collect(self, person: Person, day: int) -> str:
        """Collect in the evening of a day."""
        person.time = MONDAY + timedelta(days=day)
        return person.run("collect").stderr

    def answers(self) -> dict[str, tuple[str, str | None]]:
        entries = self.laptop.json("entries", "-n", "999")
        return {entry["task"]: (entry["assisted"], entry["basis"]) for entry in entries}


def use(person: Person, *days: float, branch: str = "PAY-9", **fields: object) -> None:
    """Write a session with a prompt at noon of each day."""
    at = [(MONDAY.timestamp() - 6 * 3600 + day * 86_400, branch) for day in days]
    claude_prompts(person.home, at, cwd=str(person.home / "src/pay"), **fields)
