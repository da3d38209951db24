"""The real log in a database of its own."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from support.person import Person

from benchmarks.log import MAP, TASKS_MAP, real_log


@dataclass(frozen=True)
class RealLog:
    """A person who imported the real log, its files, and what the import said."""

    person: Person
    csv: Path
    tasks: Path
    message: str

    def copy_to(self, home: Path) -> Person:
        """Return a person with a copy of the log."""
        return Person(shutil.copytree(self.person.home, home))

    def url(self) -> str:
        """Return the URL of the database, which no test may change."""
        return f"sqlite:///{self.person.data / 'tracker.db'}"


def import_real_log(folder: Path) -> RealLog:
    """Unpack the real log into a folder, and import it with its tasks."""
    csv, tasks = real_log(folder)
    person = Person(folder / "home")
    return RealLog(person, csv, tasks, import_log(person, csv, tasks))


def import_log(person: Person, csv: Path, tasks: Path) -> str:
    """Import a log in the form of the real one, and its tasks; return the message about the log."""
    message = person.run("import", "csv", str(csv), "--map", str(MAP), "--on-error", "skip").stderr
    person.run("import", "tasks", str(tasks), "--map", str(TASKS_MAP), "--on-error", "skip")
    return message
