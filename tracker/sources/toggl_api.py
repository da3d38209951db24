"""Time entries as Toggl Track's interfaces give them.

Read are one's own entries (API v9, ``me/time_entries``) and rows of the detailed report (Reports
API v3, ``search/time_entries``), whose ``time_entries`` share description, tags and user. A running
entry has a negative duration or no stop. Source: the two interfaces' documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader
from typing import Any

from tracker.sources import json_values
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.sessions import Session, SessionFormat, open_sessions
from tracker.sources.table.json_text import JsonReader
from tracker.sources.user_map import Words

_FORMAT = SessionFormat("toggl", ("description",), place="entry")
_EXPECTED = "time entries as Toggl's interface gives them: objects with a start, or report rows"


@dataclass(frozen=True, slots=True)
class _Entry:
    row: Mapping[str, Any]
    """The fields that it shares with others: description, tags, user, project, task."""
    times: Mapping[str, Any]


def open_log(file: BufferedReader, name: str, context: ImportContext) -> ForeignLog:
    """Open an answer of Toggl.

    Raises:
        BadValue: The file is something else.
    """
    text = JsonReader(file, name, "item")
    return open_sessions(_FORMAT, enumerate(_entries(text, name), 1), _session, context)


def _entries(text: JsonReader, name: str) -> Iterator[_Entry]:
    for document in json_values.read_documents(text):
        for item in document if isinstance(document, list) else [document]:
            is_row = isinstance(item, dict) and isinstance(item.get("time_entries"), list)
            for times in item["time_entries"] if is_row else [item]:
                if not isinstance(times, dict) or "start" not in times:
                    raise json_values.not_an_answer(name, text.number, item, _EXPECTED)
                yield _Entry(item, times)


def _session(entry: _Entry) -> Session:
    """Return the session of an entry.

    Raises:
        BadCell: A field is missing or of the wrong kind.
    """
    row, times = entry.row, entry.times
    names = (json_values.text(row, key) for key in ("username", "user_name", "fullname"))
    developer = next(filter(None, names), None)
    description = json_values.text(row, "description")
    task, project = json_values.text(row, "task_name"), json_values.text(row, "project_name")
    tags = json_values.texts(row, "tag_names" if "tag_names" in row else "tags")
    started = json_values.instant(times, "start")
    ended = json_values.optional_instant(times, "stop")
    effort = json_values.optional_seconds(times, "seconds" if "seconds" in times else "duration")
    is_running = ended is None or (effort is not None and effort < 0)
    return Session(
        content=json_values.canonical(
            developer=developer,
            description=description,
            task=task,
            project=project,
            tags=tags,
            started=started.timestamp(),
            ended=ended and ended.timestamp(),
            seconds=effort,
        ),
        started=started,
        ended=ended,
        seconds=None if is_running else effort,
        is_running=is_running,
        words=Words(task=task, texts={"description": description}, tags=tags),
        key=json_values.text(times, "id"),
        developer=developer,
        note=description,
        project=project,
    )
