"""Cursor: the commits that its database scored. It holds no prompts, so they are listed only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tracker.domain.usage import UsageEvent
from tracker.sources.assistants.log_files import column_names, opened_database
from tracker.sources.assistants.usage_log import (
    FileReport,
    Home,
    ReadReport,
    epoch_of_number,
    mapping_of,
    read_files,
    text_of,
)

NAME = "cursor"

_LINES = ("tabLinesAdded", "composerLinesAdded")
"""The columns with lines that the assistant wrote: completions, and answers."""
_COMMIT = ("commitHash", "branchName", "scoredAt")


def database(home: Home) -> Path:
    """Return the path of the database."""
    return home.path / ".cursor" / "ai-tracking" / "ai-code-tracking.db"


def files(home: Home) -> list[Path]:
    """Return the database, if there is one."""
    return [path for path in [database(home)] if path.is_file()]


def read(
    home: Home, report: ReadReport, folder_of: Callable[[str], str | None] = lambda _hash: None
) -> Iterator[UsageEvent]:
    """Yield the commits with lines of the assistant. Their days have no coverage.

    Args:
        home: The home.
        report: The report.
        folder_of: Returns the folder of the repository that has a commit; None without one.
    """

    def read_file(path: Path, file: FileReport) -> Iterator[UsageEvent]:
        report.has_log, report.retention_days = True, 0
        with opened_database(path) as connection:
            yield from _commits(connection, file, folder_of)

    yield from read_files(files(home), report, read_file)


def _commits(
    connection: sqlite3.Connection, file: FileReport, folder_of: Callable[[str], str | None]
) -> Iterator[UsageEvent]:
    columns = column_names(connection, "scored_commits")
    if not columns >= {"commitHash", "scoredAt"}:
        file.unread()
        return
    names = [name for name in (*_COMMIT, *_LINES) if name in columns]
    query = f"SELECT {', '.join(names)} FROM scored_commits"  # noqa: S608 - our own names
    for row in connection.execute(query):
        event = _event(dict(row), file, folder_of)
        if event is not None:
            yield event


def _event(
    row: dict[str, Any], file: FileReport, folder_of: Callable[[str], str | None]
) -> UsageEvent | None:
    """Return the event of a commit; None where people wrote all of it, or it is unread."""
    epoch, sha = epoch_of_number(row["scoredAt"], per_second=1000), text_of(row["commitHash"])
    try:
        lines = sum(int(row.get(name) or 0) for name in _LINES)
    except (TypeError, ValueError):
        lines = -1
    if epoch is None or sha is None or lines < 0:
        file.unread(epoch)
        return None
    file.read(epoch)
    if not lines:
        return None
    branch = text_of(row.get("branchName"))
    return UsageEvent(
        f"{sha} {branch}",
        NAME,
        epoch,
        "activity",
        directory=folder_of(sha),
        branch=branch,
        is_certain=False,
    )


def tracking_start(home: Home) -> int | None:
    """Return when Cursor began to track; None where that is not recorded."""
    query = "SELECT value FROM tracking_state WHERE key = 'trackingStartTime'"
    for path in files(home):
        try:
            with opened_database(path) as connection:
                row = connection.execute(query).fetchone()
            value = mapping_of(json.loads(row[0])).get("timestamp") if row else None
            return epoch_of_number(value, per_second=1000)
        except (OSError, ValueError, TypeError):
            return None
    return None
