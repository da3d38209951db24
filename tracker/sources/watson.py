"""``import watson``: Watson's file ``frames``, or what ``watson log --json`` writes.

The file is a JSON array of ``[start, stop, project, id, [tags], updated_at]``, in seconds since
1970; the running frame is not in it. The other is a JSON array of objects with ``id``, ``start``,
``stop``, ``project`` and ``tags``. Its times have the offset of the day of the export, so only the
instant counts; with ``--current`` the running frame has the id ``current``. The same frame gives
the same entry from both. Source: ``watson/frames.py`` and ``watson/utils.py`` of td-watson 2.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from io import BufferedReader
from typing import Any

from tracker.domain.errors import BadValue
from tracker.sources import json_values
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.recognition import read_start
from tracker.sources.sessions import Session, SessionFormat, open_sessions
from tracker.sources.table.cells import BadCell
from tracker.sources.table.json_text import JsonReader
from tracker.sources.user_map import Words

_FORMAT = SessionFormat("watson", ("project",), place="frame")
_FIELDS = ("start", "stop", "project", "id", "tags", "updated_at")
_RUNNING = "current"
_GIVE = "give the file `frames`, or what `watson log --json --all` writes"


def open_log(file: BufferedReader, name: str, context: ImportContext) -> ForeignLog:
    """Open a log of Watson.

    Raises:
        BadValue: The file is something else.
    """
    if read_start(file).startswith("id,start,stop"):
        raise BadValue(
            f"{name} is CSV, in which Watson writes shifted times without offset: {_GIVE}."
        )
    text = JsonReader(file, name, "frame")
    if text.peek() == "{":
        raise BadValue(f"{name} holds no frames, but the running frame or a report: {_GIVE}.")
    if text.peek() != "[":
        raise BadValue(f"{name} is not a log of Watson: {_GIVE}.")
    return open_sessions(_FORMAT, _frames(text, name), _session, context)


def _frames(text: JsonReader, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the frames of either form as objects."""
    for frame in text.elements():
        if isinstance(frame, list) and len(frame) >= len(_FIELDS) - 2:
            yield text.number, dict(zip(_FIELDS, frame, strict=False))
        elif isinstance(frame, dict) and {"start", "project"} <= frame.keys():
            yield text.number, frame
        else:
            raise BadValue(f"{name} frame {text.number} is not a frame of Watson: {_GIVE}.")


def _session(frame: dict[str, Any]) -> Session:
    """Return the session of a frame.

    Raises:
        BadCell: A field has a value of the wrong kind.
    """
    key, project = json_values.text(frame, "id"), json_values.text(frame, "project")
    tags = json_values.texts(frame, "tags")
    is_running = key == _RUNNING or frame.get("stop") is None
    started = _epoch("start", frame["start"])
    ended = None if is_running else _epoch("stop", frame["stop"])
    return Session(
        content=json_values.content_of([started, ended, project, tags]),
        started=started,
        ended=ended,
        is_running=is_running,
        words=Words(texts={"project": project}, tags=tags),
        key=key,
        project=project,
    )


def _epoch(column: str, value: object) -> int:
    """Return the instant of a number or an ISO time with an offset."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return int(value)
        moment = datetime.fromisoformat(str(value))
        if moment.tzinfo is not None:
            return int(moment.timestamp() // 1)
    except (ValueError, OverflowError):
        pass
    raise BadCell(column, "it is not an instant with an offset", value=json_values.shown(value))
