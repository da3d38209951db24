"""Timesheets as Kimai's REST interface gives them: the JSON of ``api/timesheets``.

With ``full=true`` users, activities and projects are objects with names; without it they are
numbers, which then stand for the names. ``duration`` is the time from begin to end without the
break already. Source: the entity Timesheet and its TimesheetController.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from io import BufferedReader
from typing import Any

from tracker.sources import json_values
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.sessions import Session, SessionFormat, open_sessions
from tracker.sources.table.cells import BadCell
from tracker.sources.table.json_text import JsonReader
from tracker.sources.user_map import Words

NUMBERS = "rows with numbers in place of names: fetch them with full=true"
"""A note, with the number of rows."""

_FORMAT = SessionFormat("kimai", ("description",), place="timesheet")
_EXPECTED = "what Kimai's interface gives under api/timesheets: objects with a begin"


def open_log(file: BufferedReader, name: str, context: ImportContext) -> ForeignLog:
    """Open an answer of Kimai.

    Raises:
        BadValue: The file is something else.
    """
    text = JsonReader(file, name, "item")
    notes: Counter[str] = Counter()

    def parse(timesheet: Mapping[str, Any]) -> Session:
        return _session(timesheet, notes)

    return open_sessions(_FORMAT, enumerate(_timesheets(text, name), 1), parse, context, notes)


def _timesheets(text: JsonReader, name: str) -> Iterator[Mapping[str, Any]]:
    for document in json_values.read_documents(text):
        for item in document if isinstance(document, list) else [document]:
            if not isinstance(item, dict) or "begin" not in item:
                raise json_values.not_an_answer(name, text.number, item, _EXPECTED)
            yield item


def _session(timesheet: Mapping[str, Any], notes: Counter[str]) -> Session:
    """Return the session of a timesheet.

    Raises:
        BadCell: A field is missing or of the wrong kind.
    """
    developer = _name(timesheet, "user", ("alias", "username"))
    if developer is None:
        raise BadCell("user", "it is missing")
    activity = _name(timesheet, "activity", ("name",))
    project = _name(timesheet, "project", ("name",))
    if not isinstance(timesheet.get("user"), dict):
        notes[NUMBERS] += 1
    started = json_values.instant(timesheet, "begin")
    ended = json_values.optional_instant(timesheet, "end")
    effort = json_values.optional_seconds(timesheet, "duration")
    description = json_values.text(timesheet, "description")
    tags = json_values.texts(timesheet, "tags")
    return Session(
        content=json_values.canonical(
            developer=developer,
            activity=activity,
            project=project,
            description=description,
            tags=tags,
            seconds=effort,
            started=started.timestamp(),
            ended=ended and ended.timestamp(),
        ),
        started=started,
        ended=ended,
        seconds=effort if ended else None,
        interruption_seconds=json_values.optional_seconds(timesheet, "break") or 0,
        is_running=ended is None,
        words=Words(activity=activity, texts={"description": description}, tags=tags),
        key=json_values.text(timesheet, "id"),
        developer=developer,
        note=description,
        project=project,
    )


def _name(timesheet: Mapping[str, Any], key: str, names: tuple[str, ...]) -> str | None:
    """Return the name of a part of a timesheet, or its number where it is not an object."""
    if not isinstance(timesheet.get(key), dict):
        return json_values.text(timesheet, key)
    content = json_values.part(timesheet, key)
    return next(filter(None, (json_values.text(content, name) for name in names)), None)
