"""``import timewarrior``: what ``timew export`` writes.

A JSON array of intervals: ``start`` and ``end`` in UTC (no ``end``: running), ``tags`` (a set,
sorted) and ``annotation``. The ``id`` is a position counted from the newest interval, so it is no
key. Source: ``timew-export(1)`` and ``Interval::json`` of timewarrior 1.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from io import BufferedReader
from typing import Any

from tracker.domain.errors import BadValue
from tracker.sources import json_values
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.sessions import Session, SessionFormat, open_sessions
from tracker.sources.table.cells import BadCell
from tracker.sources.table.json_text import JsonReader
from tracker.sources.user_map import Words

_FORMAT = SessionFormat("timewarrior", ("annotation",), place="interval")
_INSTANT = re.compile(r"[0-9]{8}T[0-9]{6}Z")


def open_log(file: BufferedReader, name: str, context: ImportContext) -> ForeignLog:
    """Open an export of timewarrior.

    Raises:
        BadValue: The file is something else.
    """
    text = JsonReader(file, name, "interval")
    if text.peek() != "[":
        raise BadValue(f"{name} is not a JSON array: give what `timew export` writes.")
    return open_sessions(_FORMAT, _intervals(text, name), _session, context)


def _intervals(text: JsonReader, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for interval in text.elements():
        if not isinstance(interval, dict) or "start" not in interval:
            raise BadValue(
                f"{name} is not what `timew export` writes: interval {text.number} has no start."
            )
        yield text.number, interval


def _session(interval: dict[str, Any]) -> Session:
    """Return the session of an interval.

    Raises:
        BadCell: A field has a value of the wrong kind.
    """
    annotation = json_values.text(interval, "annotation")
    end = interval.get("end")
    return Session(
        content=json_values.content_of(
            {key: value for key, value in interval.items() if key != "id"}
        ),
        started=_instant("start", interval["start"]),
        ended=None if end is None else _instant("end", end),
        is_running=end is None,
        words=Words(texts={"annotation": annotation}, tags=json_values.texts(interval, "tags")),
        note=annotation,
    )


def _instant(column: str, value: object) -> datetime:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        with suppress(ValueError):  # there is no such day
            return datetime.fromisoformat(value)
    raise BadCell(
        column, "it is not a time such as 20260302T090000Z", value=json_values.shown(value)
    )
