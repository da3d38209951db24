"""``import klog``: what ``klog json`` writes.

An object with ``records``: a day each, with a summary and ``entries`` of type ``range``,
``open_range`` (running) or ``duration`` (may be negative). The minutes of a start or end are
counted from the midnight of the day, below 0 on the day before and from 1440 on the day after. The
times have no zone. Tags are read from the summaries, because those in the JSON are cut at a
combining mark. ``should_total`` is a target, not an estimate. Source: ``parser/json/view.go`` and
``Specification.md`` of klog.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BufferedReader
from typing import Any

from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name
from tracker.domain.printing import quote
from tracker.domain.task_keys import KEY_PATTERN
from tracker.sources import json_values
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.sessions import Session, SessionFormat, open_sessions
from tracker.sources.table.cells import BadCell, SkipRow
from tracker.sources.table.json_text import JsonReader
from tracker.sources.user_map import Words

_FORMAT = SessionFormat("klog", ("summary", "record"), place="entry", has_naive_times=True)
_NOT_KLOG = "is not what `klog json` writes"
_TAG = re.compile(r"""#([\w-]+)(?:=("[^"\n]*"|'[^'\n]*'|[\w-]+))?""")
_QUOTES = "\"'"
_KEY = re.compile(KEY_PATTERN)
NEGATIVE = "a negative duration that belongs to no single entry of its day"
"""Why a deduction is left out."""


@dataclass(frozen=True, slots=True)
class _Item:
    """An entry of klog with its record, and the minutes that its record deducts from it."""

    entry: dict[str, Any]
    record: dict[str, Any]
    deducted_minutes: int


def open_log(file: BufferedReader, name: str, context: ImportContext) -> ForeignLog:
    """Open an export of klog.

    Raises:
        BadValue: The file is something else.
    """
    text = JsonReader(file, name, "record")
    if text.peek() != "{":
        raise BadValue(f"{name} is not a JSON object: give what `klog json` writes.")
    return open_sessions(_FORMAT, _items(text, name), _session, context)


def _items(text: JsonReader, name: str) -> Iterator[tuple[int, _Item]]:
    """Yield the entries of all records.

    Raises:
        BadValue: The file is not klog's, or klog itself could not read its log.
    """
    number, has_records = 0, False
    for member in text.members():
        if member == "records" and text.peek() == "[":
            has_records = True
            for record in text.elements():
                for item in _record_items(record, text.number, name):
                    number += 1
                    yield number, item
            continue
        value = text.value()
        if member == "errors" and value:
            raise BadValue(
                f"{name}: klog could not read its log ({_first_error(value)}): correct it."
            )
    if not has_records:
        raise BadValue(f"{name} {_NOT_KLOG}: it has no records.")


def _first_error(errors: Any) -> str:
    error = errors[0] if isinstance(errors, list) else errors
    if not isinstance(error, dict):
        return quote(error)
    return f"line {quote(error.get('line'))}, {quote(error.get('title'))}"


def _record_items(record: Any, number: int, name: str) -> Iterator[_Item]:
    """Yield the entries of a record, negative durations deducted where they belong to one entry."""
    entries = record.get("entries") if isinstance(record, dict) else None
    if entries is None:
        entries = []
    if not isinstance(record, dict) or not isinstance(entries, list):
        raise BadValue(f"{name} {_NOT_KLOG}: record {number} has no entries.")
    if not all(isinstance(entry, dict) for entry in entries):
        raise BadValue(f"{name} {_NOT_KLOG}: an entry of record {number} is not an object.")
    deductions: dict[int, int] = {}
    for entry in filter(_is_negative, entries):
        owner = _owner(entry, entries)
        if owner is None:
            yield _Item(entry, record, 0)
        else:
            minutes = deductions.get(id(owner), 0) - entry["total_mins"]
            deductions[id(owner)] = minutes
    for entry in entries:
        if not _is_negative(entry):
            yield _Item(entry, record, deductions.get(id(entry), 0))


def _is_negative(entry: dict[str, Any]) -> bool:
    minutes = entry.get("total_mins")
    return entry.get("type") == "duration" and type(minutes) is int and minutes < 0


def _owner(deduction: dict[str, Any], entries: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the only entry that a negative duration can belong to; None if there are several.

    Of its record's entries it is the one with the same task key, if the duration has a key.
    """
    key = _key(deduction)
    owners = [
        entry
        for entry in entries
        if not _is_negative(entry)
        and entry.get("type") != "open_range"
        and (key is None or _key(entry) == key)
    ]
    return owners[0] if len(owners) == 1 else None


def _key(entry: dict[str, Any]) -> str | None:
    match = _KEY.search(str(entry.get("summary")))
    return match and match[0]


def _session(item: _Item) -> Session:
    """Return the session of an entry.

    Raises:
        BadCell: A field has a value of the wrong kind.
        SkipRow: It is a deduction.
    """
    entry, kind = item.entry, item.entry.get("type")
    if kind not in ("range", "open_range", "duration"):
        raise BadCell(
            "type", "it is none of range, open_range, duration", value=json_values.shown(kind)
        )
    if _is_negative(entry):
        raise SkipRow(NEGATIVE)
    day, deducted = _day(item.record), 60 * item.deducted_minutes
    summary, remark = _summary(entry), _summary(item.record)
    words = Words(
        texts={"summary": _without_tags(summary), "record": _without_tags(remark)},
        tags=[*_tags(summary), *_tags(remark)],
    )
    started = ended = seconds = None
    if kind == "duration":
        seconds = 60 * (_minutes(entry, "total_mins")) - deducted
        if seconds < 0:
            raise BadCell("total_mins", "more is deducted from it than it has")
    else:
        started = _moment(day, _minutes(entry, "start_mins"))
        ended = None if kind == "open_range" else _moment(day, _minutes(entry, "end_mins"))
    return Session(
        content=json_values.content_of(
            [item.record.get("date"), remark, entry, item.deducted_minutes]
        ),
        started=started or day,
        ended=ended,
        seconds=seconds,
        interruption_seconds=deducted,
        is_running=kind == "open_range",
        words=words,
        note=summary,
    )


def _day(record: dict[str, Any]) -> date:
    text = json_values.text(record, "date") or ""
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise BadCell("date", "it is not a day such as 2026-03-02", value=text) from None


def _minutes(entry: dict[str, Any], field: str) -> int:
    minutes = entry.get(field)
    if minutes is None:
        raise BadCell(field, "it is missing")
    if type(minutes) is not int:
        raise BadCell(field, "it is not a whole number", value=json_values.shown(minutes))
    return minutes


def _moment(day: date, minutes: int) -> datetime:
    """Return the time so many minutes after a day's midnight by the clock."""
    try:
        return datetime.combine(day, time()) + timedelta(minutes=minutes)
    except OverflowError:
        raise BadCell("start_mins", "it is not a time of the day", value=str(minutes)) from None


def _summary(record: dict[str, Any]) -> str:
    return normalise_name(json_values.text(record, "summary") or "")


def _tags(summary: str) -> list[str]:
    """Return the tags in a summary as ``tag`` or ``tag=value``, their names in lower case."""
    return [
        match[1].lower() + (f"={match[2].strip(_QUOTES)}" if match[2] else "")
        for match in _TAG.finditer(summary)
    ]


def _without_tags(summary: str) -> str:
    """Return a summary without its tags: they may differ between two sessions of one task."""
    return "\n".join(_TAG.sub("", line).strip() for line in summary.splitlines()).strip()
