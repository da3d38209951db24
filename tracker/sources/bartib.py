"""``import bartib``: bartib's activity log.

A line is ``2021-02-16 16:14 - 2021-02-16 18:23 | project | description``; without an end it is
running, and the description may be missing. A backslash escapes ``|`` and itself. The times have no
zone. bartib passes over lines that it cannot read, such as remarks.
Source: ``data/activity.rs`` and ``doc/bartib-file-format.md`` of bartib.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from io import BufferedReader

from tracker.domain.errors import BadValue
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.sessions import Session, SessionFormat, open_sessions
from tracker.sources.table.cells import SkipRow
from tracker.sources.text_lines import CUT_OFF, read_lines
from tracker.sources.user_map import Words

_FORMAT = SessionFormat("bartib", ("description", "project"), has_naive_times=True)
_UNREADABLE = "lines that bartib cannot read either"
_PART = re.compile(r"((?:[^\\|]|\\.|\\$)*)(?:\||$)", re.DOTALL)
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_TIMES = re.compile(
    r"\s*([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(?::[0-9]{2})?)"
    r"(?:\s+-\s+([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?\s*"
)


def open_log(file: BufferedReader, name: str, context: ImportContext) -> ForeignLog:
    """Open a log of bartib."""
    return open_sessions(_FORMAT, _activities(file, name), _session, context)


def _activities(file: BufferedReader, name: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank.

    Raises:
        BadValue: No line is an activity, or the last one is cut off.
    """
    has_activity = False
    for number, line in read_lines(file, name):
        if not line.endswith("\n"):
            raise BadValue(f"{name} line {number} {CUT_OFF}.")
        has_activity = has_activity or _parse(line) is not None
        if line.strip():
            yield number, line
    if not has_activity:
        raise BadValue(f"{name} has no record of bartib: give the file that BARTIB_FILE names.")


def _parse(line: str) -> tuple[datetime, datetime | None, str, str] | None:
    """Return start, end, project and description of a line; None where it is not an activity."""
    parts = [_ESCAPE.sub(r"\1", match[1]) for match in _PART.finditer(line.strip("\n"))]
    match = _TIMES.fullmatch(parts[0])
    # The last match is the empty text at the end of the line.
    if match is None or len(parts) < 2 or "|" not in line:
        return None
    try:
        started, ended = (text and datetime.fromisoformat(text) for text in match.groups())
    except ValueError:
        return None
    if not isinstance(started, datetime):
        return None
    description = parts[2].strip() if len(parts) > 2 else ""
    return started, ended or None, parts[1].strip(), description


def _session(line: str) -> Session:
    """Return the session of a line.

    The project is taken for the kind of work where there is a description beside it.

    Raises:
        SkipRow: The line is not an activity.
    """
    activity = _parse(line)
    if activity is None:
        raise SkipRow(_UNREADABLE)
    started, ended, project, description = activity
    return Session(
        content=line.strip(),
        started=started,
        ended=ended,
        is_running=ended is None,
        words=Words(
            activity=project if description else None,
            texts={"description": description, "project": project},
        ),
        note=description,
        project=project,
    )
