"""Copilot CLI's database ``session-store.db``: turns of sessions whose events are not on disk.

Its turns name no author, and some are the program's own messages or of sessions elsewhere. So they
are listed only, and they keep from no. The texts are not read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from tracker.domain.usage import UsageEvent
from tracker.sources.assistants.log_files import column_names, opened_database
from tracker.sources.assistants.usage_log import (
    FileReport,
    ReadReport,
    epoch_of,
    read_files,
    text_of,
)

FILE = "session-store.db"

_NAME = "copilot-cli"
_NEEDED = frozenset({"session_id", "turn_index", "timestamp", "user_message"})
_PLACE = ("cwd", "repository", "branch")
"""The columns of a session that say where it works; older databases may lack some."""


def read(path: Path, report: ReadReport, known_sessions: Collection[str]) -> Iterator[UsageEvent]:
    """Yield the turns of a database, as signs of use.

    Args:
        path: The database.
        report: The report.
        known_sessions: Ids of sessions whose events are read from files.
    """

    def read_file(path: Path, file: FileReport) -> Iterator[UsageEvent]:
        with opened_database(path) as connection:
            for row in _turns(connection, file):
                if row["session_id"] not in known_sessions:
                    yield from _events(row, file)

    yield from read_files([path], report, read_file)


def _turns(connection: sqlite3.Connection, file: FileReport) -> Iterator[dict[str, Any]]:
    """Yield the turns with a message; a database of another form is unread."""
    if not column_names(connection, "turns") >= _NEEDED:
        file.unread()
        return
    columns = ["session_id", "turn_index", "timestamp"]
    of_sessions = column_names(connection, "sessions")
    join = ""
    if "id" in of_sessions:
        columns += [name for name in _PLACE if name in of_sessions]
        join = "LEFT JOIN sessions ON sessions.id = turns.session_id"
    query = (
        f"SELECT {', '.join(columns)} FROM turns {join} "  # noqa: S608 - our own names
        "WHERE user_message <> '' ORDER BY turns.rowid"
    )
    yield from map(dict, connection.execute(query))


def _events(row: dict[str, Any], file: FileReport) -> Iterator[UsageEvent]:
    epoch = epoch_of(row["timestamp"]) or epoch_of(f"{row['timestamp']}+00:00")  # SQLite's is UTC
    if epoch is None:
        file.unread()
        return
    file.read(None)  # a turn here does not show that the sessions of its day are on disk
    yield UsageEvent(
        f"{row['session_id']} turn {row['turn_index']}",
        _NAME,
        epoch,
        "activity",
        directory=text_of(row.get("cwd")),
        remote=text_of(row.get("repository")),
        branch=text_of(row.get("branch")),
        is_certain=False,
    )
