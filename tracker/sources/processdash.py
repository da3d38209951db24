"""``import processdash``: ``timelog.xml`` of Process Dashboard.

``<timeLogEntries>`` holds one ``<time>`` a stretch of work: ``id``; ``path``, whose last part is
the phase; ``start`` as ``@`` and milliseconds since 1970; ``delta`` and ``interrupt`` in minutes,
left out where they are 0; ``comment``; ``flag`` (A: added, M: a change whose minutes are the
differences from an earlier entry's, D: deleted, R: a batch of renamed paths). The end is
start + delta + interrupt. Source: ``TimeLogReader.java`` and ``TimeLogWriter.java``.

The file is parsed as a stream, and a document type is refused: with it entities could be expanded
to any size or read from other files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BufferedReader
from xml.parsers import expat

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.sources import json_values
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.sessions import Session, SessionFormat, open_sessions
from tracker.sources.table.byte_order_marks import transcode_to_utf_8
from tracker.sources.table.cells import BadCell, SkipRow
from tracker.sources.user_map import Words

CHANGED = "a change of an earlier entry: it holds differences, no work"
"""Why an element is skipped."""
DELETED = "deleted in Process Dashboard"
"""The same."""
RENAMED = "a renaming of paths, no work"
"""The same."""
_NO_WORK = {"M": CHANGED, "D": DELETED, "R": RENAMED}

_FORMAT = SessionFormat("processdash", ("path", "comment"))
_ROOT = "timeLogEntries"
_ELEMENT = "time"
_ROOT_PARTS = ("Project", "Non Project")
"""First parts of a path that say nothing."""
_BLOCK = 65_536
_INTEGER = re.compile(r"-?[0-9]{1,15}")
_START = re.compile(r"@(-?[0-9]{1,15})")

_Attributes = Mapping[str, str]


def open_log(file: BufferedReader, name: str, context: ImportContext) -> ForeignLog:
    """Open a time log of Process Dashboard."""
    return open_sessions(_FORMAT, _elements(file, name), _session, context)


def _elements(file: BufferedReader, name: str) -> Iterator[tuple[int, _Attributes]]:
    """Yield the attributes of each element with its line.

    Raises:
        BadValue: The file is not XML, is cut off, has a document type, or is another file.
    """
    elements: list[tuple[int, _Attributes]] = []
    utf_8 = transcode_to_utf_8(file, name)
    # The encoding given here takes precedence over the one that the XML names.
    parser = expat.ParserCreate(None if utf_8 is file else "utf-8")
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth == 1 and tag != _ROOT:
            raise BadValue(
                f"{name} begins with <{quote(tag)[1:-1]}>: give timelog.xml, which begins with "
                f"<{_ROOT}>."
            )
        if depth == 2 and tag == _ELEMENT:
            elements.append((parser.CurrentLineNumber, attributes))

    def end(_tag: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse_doctype(*_args: object) -> None:
        raise BadValue(f"{name} has a document type, which timelog.xml does not have: remove it.")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.EntityDeclHandler = refuse_doctype
    block = b" "
    while block:
        block = utf_8.read(_BLOCK)
        try:
            parser.Parse(block, not block)
        except expat.ExpatError as error:
            raise BadValue(f"{name} is not XML ({error}): is the file cut off?") from None
        except (LookupError, ValueError) as error:
            raise BadValue(f"{name} cannot be read ({error}): save it as UTF-8.") from None
        yield from elements
        elements.clear()


def _session(attributes: _Attributes) -> Session:
    """Return the session of an element.

    Raises:
        BadCell: An attribute is not valid.
        SkipRow: The element is not work.
    """
    if reason := _NO_WORK.get(attributes.get("flag", "")):
        raise SkipRow(reason)
    key = attributes.get("id")
    if key is None or _integer(attributes, "id") == 0:
        raise BadCell("id", "it is missing", value=key or "")
    effort, interruption = (60 * _integer(attributes, name) for name in ("delta", "interrupt"))
    if interruption < 0:
        raise BadCell("interrupt", "it is negative", value=attributes["interrupt"])
    started = _started(attributes)
    project, task, phase = _path(attributes)
    comment = attributes.get("comment")
    content = {name: value for name, value in attributes.items() if name != "flag"}
    return Session(
        content=json_values.content_of(content),
        started=started,
        ended=started + max(effort, 0) + interruption,
        seconds=effort,
        interruption_seconds=interruption,
        words=Words(activity=phase, texts={"path": task, "comment": comment}),
        key=key,
        project=project,
        note=comment,
    )


def _integer(attributes: _Attributes, name: str) -> int:
    text = attributes.get(name, "0")
    if not _INTEGER.fullmatch(text):
        raise BadCell(name, "it is not a whole number", value=text)
    return int(text)


def _started(attributes: _Attributes) -> int:
    text = attributes.get("start", "")
    match = _START.fullmatch(text)
    if match is None:
        raise BadCell("start", "it is not @ and milliseconds since 1970", value=text)
    return int(match[1]) // 1000


def _path(attributes: _Attributes) -> tuple[str | None, str, str | None]:
    """Return the project, the task and the phase of a path such as ``/Project/PAY-1/Design``."""
    path = attributes.get("path", "")
    parts = [part for part in path.split("/") if part.strip()]
    if not parts:
        raise BadCell("path", "it is missing", value=path)
    if len(parts) == 1:
        return None, path, None
    above = parts[1:-1] if parts[0] in _ROOT_PARTS else parts[:-1]
    project = above[0] if len(above) > 1 else None
    return project, path.rstrip("/").rpartition("/")[0], parts[-1]
