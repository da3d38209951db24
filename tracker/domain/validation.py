"""The one validity check for entries, and the checks of names, work items and tasks.

The command line, the outbox, imports, exports that are read back and edits all use it. A source
adds the file, the line and the column to the message.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from operator import attrgetter, sub
from typing import Any, NamedTuple, TypeVar, get_args

from tracker.domain import names, stored_times, times
from tracker.domain.errors import BadValue
from tracker.domain.ids import UUID
from tracker.domain.printing import quote
from tracker.domain.records import ARMS, ASSISTED, Basis, Entry, Rollout, Task, WorkItem

MAX_SECONDS = 366 * times.DAY_SECONDS
"""Longest effort, longest interruption, and longest time from start to end."""

NAME_FIELDS = ("developer", "task", "activity", "team", "assistant", "source", "source_key")
"""Fields of an entry that identify something. They are compared in Unicode NFC."""

_IDENTIFIERS = frozenset((*NAME_FIELDS, "project"))
_REQUIRED = ("developer", "task", "activity", "zone")
_ITEM_KEY = ("developer", "task", "activity")
_TEXT_FIELDS = (*NAME_FIELDS, "tags", "note", "row_hash")
_ONE_LINE = (*NAME_FIELDS, "tags")
_MULTILINE = frozenset(("note", "title"))
_LONG = frozenset((*_MULTILINE, "tags"))
_BLANKS = str.maketrans("\n\r\t", "   ")
_NO_BLANKS = str.maketrans("", "", "\n\r\t")

_FIELDS = tuple(field.name for field in dataclasses.fields(Entry))
_field_values = attrgetter(*_FIELDS)

_Record = TypeVar("_Record", bound=Entry | Task | WorkItem | Rollout)


class Fault(NamedTuple):
    """What is wrong with a record: the field, and the reason with what to do."""

    field: str
    reason: str


def normalise_entry(entry: Entry) -> Entry:
    """Return the entry with its names in Unicode NFC."""
    return normalise_record(entry)


def normalise_record(record: _Record) -> _Record:
    """Return an entry, task, work item or rollout with its names in Unicode NFC."""
    changed: dict[str, object] = {}
    for name in record.__slots__:
        if name in _IDENTIFIERS:
            value = getattr(record, name)
            if isinstance(value, str) and not value.isascii():
                changed[name] = names.normalise_name(value)
    return dataclasses.replace(record, **changed) if changed else record  # type: ignore[arg-type]


def check_entry(entry: Entry, *, now_epoch: int) -> None:
    """Check an entry.

    Args:
        entry: The entry; its values may be of any type, as they are when read from a file.
        now_epoch: The current time; the entry may not lie after it.

    Raises:
        BadValue: The entry is not valid. The message names the field, its value and what to do.
    """
    if fault := entry_fault(entry, now_epoch=now_epoch):
        raise BadValue(_message(fault, _values(entry)))


def entry_fault(entry: Entry, *, now_epoch: int) -> Fault | None:
    """Return what is wrong with an entry, None where it is valid.

    Args:
        entry: The entry; its values may be of any type, as they are when read from a file.
        now_epoch: The current time. No start or end may lie after it, except the start of an
            entry without an end on the current day, since such a start may be set to noon.
    """
    values = _values(entry)
    return (
        _text_fault(values)
        or _number_fault(values)
        or _time_fault(entry.started_epoch, entry.ended_epoch, entry.local_day)
        or _future_fault(entry, now_epoch)
        or _day_fault(entry.local_day)
    )


def are_plainly_valid(columns: Mapping[str, Sequence[Any]], *, latest_epoch: int) -> bool:
    """Return whether the extreme values of many entries show that all of them are valid.

    True implies that :func:`entry_fault` finds nothing in any of them. False means that they have
    to be checked one by one.

    Args:
        columns: Every field of the entries, at least one, with values of the right types. Ids and
            zones are taken as valid.
        latest_epoch: The clock; nothing may lie after it.
    """
    return _have_plain_texts(columns) and _have_plain_times(columns, latest_epoch)


def check_work_item(item: WorkItem) -> None:
    """Check the names, estimates, times and arm of a work item.

    Raises:
        BadValue: The work item is not valid. The message names the field, its value and what to do.
    """
    values: dict[str, object] = dataclasses.asdict(item)
    if fault := _work_item_fault(values):
        raise BadValue(_message(fault, values))
    for name in ("estimate_minutes", "estimate_ai_minutes"):
        minutes = values[name]
        if minutes is not None and not _is_positive(minutes):
            raise BadValue(f"the estimate is {minutes} minutes: give more than 0, such as 45m.")


def check_texts(**texts: str | None) -> None:
    """Check names and titles.

    Args:
        texts: The texts by field. ``title`` and ``note`` may have several lines; None is not
            checked.

    Raises:
        BadValue: A text is too long or holds a character that is not allowed.
    """
    for name, text in texts.items():
        if text is not None and (reason := _content_fault(name, text)):
            raise BadValue(_message(Fault(name, reason), {name: text}))


def _values(entry: Entry) -> dict[str, object]:
    return dict(zip(_FIELDS, _field_values(entry), strict=True))


def _text_fault(values: dict[str, object]) -> Fault | None:
    identifier = values["id"]
    if not isinstance(identifier, str) or not re.fullmatch(UUID, identifier):
        return Fault("id", "it is not a UUID in lower case")
    if fault := _missing_fault(values, _REQUIRED) or _texts_fault(values, _TEXT_FIELDS):
        return fault
    if values["assisted"] not in ASSISTED:
        return Fault("assisted", f"give one of {', '.join(ASSISTED)}")
    if values["basis"] not in (None, *get_args(Basis)):
        return Fault("basis", f"give one of {', '.join(get_args(Basis))}, or leave it out")
    try:
        times.zone(str(values["zone"]))
    except BadValue as error:
        return Fault("zone", str(error).partition(": ")[2].rstrip("."))
    return None


def _have_plain_texts(columns: Mapping[str, Sequence[Any]]) -> bool:
    texts: set[str | None] = set().union(*(columns[name] for name in _ONE_LINE))
    notes: set[str | None] = set(columns["note"])
    required = set().union(*(columns[name] for name in _ITEM_KEY))
    return (
        all(map(str.strip, required))
        and set(columns["assisted"]).issubset(ASSISTED)
        and max(map(len, filter(None, texts | notes)), default=0) <= names.LONGEST_NAME
        and "".join(filter(None, texts)).isprintable()  # no forbidden character is printable
        and "".join(filter(None, notes)).translate(_NO_BLANKS).isprintable()
    )


def _have_plain_times(columns: Mapping[str, Sequence[Any]], latest_epoch: int) -> bool:
    started, ended, days = (columns[n] for n in ("started_epoch", "ended_epoch", "local_day"))
    if None in ended:
        ended = [start if end is None else end for start, end in zip(started, ended, strict=True)]
    durations = (columns["seconds"], columns["interruption_seconds"], [*map(sub, ended, started)])
    return bool(
        min(started) >= 0
        and min(days) >= 0
        and max(days) <= stored_times.LAST_DAY
        and max(ended) <= latest_epoch
        and min(map(min, durations)) >= 0
        and max(map(max, durations)) <= MAX_SECONDS
    )


def _missing_fault(values: dict[str, object], fields: tuple[str, ...]) -> Fault | None:
    for name in fields:
        value = values[name]
        if not isinstance(value, str) or not value.strip():
            return Fault(name, "it is missing; fill it in")
    return None


def _texts_fault(values: dict[str, object], fields: tuple[str, ...]) -> Fault | None:
    for name in fields:
        value = values[name]
        if value is None:
            continue
        if not isinstance(value, str):
            return Fault(name, "give a text")
        if reason := _content_fault(name, value):
            return Fault(name, reason)
    return None


def _content_fault(name: str, text: str) -> str | None:
    """Return why a text is not valid in a field, None where it is."""
    if text.isascii() and text.isprintable() and len(text) <= names.LONGEST_NAME:
        return None  # the usual case: an import checks ten texts a row
    longest = names.LONGEST_NOTE if name in _LONG else names.LONGEST_NAME
    return names.fault(text.translate(_BLANKS) if name in _MULTILINE else text, longest)


def _number_fault(values: dict[str, object]) -> Fault | None:
    for name in ("started_epoch", "logged_epoch", "local_day"):
        if type(values[name]) is not int:
            return Fault(name, "give a whole number")
    if values["ended_epoch"] is not None and type(values["ended_epoch"]) is not int:
        return Fault("ended_epoch", "give a whole number")
    for name in ("seconds", "interruption_seconds"):
        seconds = values[name]
        if not isinstance(seconds, int) or isinstance(seconds, bool):
            return Fault(name, "give a whole number")
        if seconds < 0:
            return Fault(name, "it is negative; give 0 or more")
        if seconds > MAX_SECONDS:
            return Fault(name, "that is more than a year; give less")
    return None


def _time_fault(started: int, ended: int | None, local_day: int) -> Fault | None:
    if started < 0 or local_day < 0:
        return Fault("started_epoch", "it lies before 1970; give a later time")
    if ended is not None and ended < started:
        return Fault("ended_epoch", "it lies before the start; give a later time")
    if ended is not None and ended - started > MAX_SECONDS:
        return Fault("ended_epoch", "it lies more than a year after the start; correct the date")
    return None


def _future_fault(entry: Entry, now_epoch: int) -> Fault | None:
    reason = "it lies in the future; give a time that has passed"
    if entry.started_epoch > now_epoch and (
        entry.ended_epoch is not None or _is_after_today(entry, now_epoch)
    ):
        return Fault("started_epoch", reason)
    if entry.ended_epoch is not None and entry.ended_epoch > now_epoch:
        return Fault("ended_epoch", reason)
    return None


def _day_fault(local_day: int) -> Fault | None:
    if local_day > stored_times.LAST_DAY:
        return Fault("local_day", "it lies after the year 9998; correct the date")
    return None


def _is_after_today(entry: Entry, now_epoch: int) -> bool:
    if entry.started_epoch > now_epoch + times.DAY_SECONDS:
        return True  # so far ahead, the local day may be out of datetime's range
    zone = times.zone(entry.zone)
    return times.local_day(entry.started_epoch, zone) > times.local_day(now_epoch, zone)


def _work_item_fault(values: dict[str, object]) -> Fault | None:
    if fault := _missing_fault(values, _ITEM_KEY) or _texts_fault(values, _ITEM_KEY):
        return fault
    for name in ("estimated_epoch", "completed_epoch", "assigned_epoch"):
        if values[name] is not None and type(values[name]) is not int:
            return Fault(name, "give whole seconds since 1970")
    if values["assigned"] not in (None, *ARMS):
        return Fault("assigned", f"give one of {', '.join(ARMS)}")
    share = values["assistance_share"]
    if share is not None and not (isinstance(share, float) and 0 < share < 1):
        return Fault("assistance_share", "give a number between 0 and 1, such as 0.25")
    return None


def _is_positive(minutes: object) -> bool:
    return isinstance(minutes, int | float) and 0 < minutes < math.inf


def _message(fault: Fault, values: dict[str, object]) -> str:
    """Return the message for a fault, with instants in the entry's zone and long texts cut."""
    field, value = fault.field, values.get(fault.field)
    text = quote(value)
    if fault.field.endswith("_epoch") and type(value) is int:
        field = fault.field.replace("_epoch", "_at")
        text = stored_times.iso_instant(value, values.get("zone"))
    end = "" if fault.reason.endswith("?") else "."
    return f"{field} is {text}: {fault.reason}{end}"
