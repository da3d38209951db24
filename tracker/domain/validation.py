"""The one validity check for entries, which every way into the log passes.

The command line, the outbox, imports, exports that are read back and edits all use it. A source adds the file, the
line and the column.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from typing import NamedTuple

from tracker.domain import names, times
from tracker.domain.errors import BadValue
from tracker.domain.ids import UUID
from tracker.domain.records import ASSISTED, Entry

MAX_SECONDS = 366 * times.DAY_SECONDS
"""Longest effort, and longest time from start to end."""

NAME_FIELDS = ("developer", "task", "activity", "team", "assistant", "source", "source_key")
"""Fields that tell things apart; they are compared in Unicode NFC."""

_REQUIRED = ("developer", "task", "activity", "zone")


class Fault(NamedTuple):
    """What is wrong with an entry: the field, and the reason with what to do."""

    field: str
    reason: str


def normalise_name(text: str) -> str:
    """Return a name in Unicode NFC, so that one name typed on two machines stays one."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def normalise_entry(entry: Entry) -> Entry:
    """Return the entry with its names in Unicode NFC."""
    values = {name: getattr(entry, name) for name in NAME_FIELDS}
    changed = {
        name: normalise_name(value)
        for name, value in values.items()
        if isinstance(value, str) and normalise_name(value) != value
    }
    return dataclasses.replace(entry, **changed) if changed else entry


def check_entry(entry: Entry, *, now_epoch: int) -> None:
    """Check an entry.

    Raises:
        BadValue: The entry is not valid; the message names the field, its value and what to do.
    """
    fault = entry_fault(entry, now_epoch=now_epoch)
    if fault is not None:
        raise BadValue(f"{fault.field} is {getattr(entry, fault.field, None)!r}: {fault.reason}.")


def entry_fault(entry: Entry, *, now_epoch: int) -> Fault | None:
    """Return what is wrong with an entry; None where it is valid.

    Args:
        entry: The entry.
        now_epoch: The clock; nothing may lie after it.
    """
    return _text_fault(entry) or _number_fault(entry) or _time_fault(entry, now_epoch)


def _text_fault(entry: Entry) -> Fault | None:
    if not isinstance(entry.id, str) or not re.fullmatch(UUID, entry.id):
        return Fault("id", "it is not a UUID in lower case")
    for name in _REQUIRED:
        value = getattr(entry, name)
        if not isinstance(value, str) or not value.strip():
            return Fault(name, "it is missing; fill it in")
    for name in (*NAME_FIELDS, "tags", "note"):
        value = getattr(entry, name)
        if value is None:
            continue
        if not isinstance(value, str):
            return Fault(name, "it is not a text")
        if fault := _name_fault(name, value):
            return Fault(name, fault)
    if entry.assisted not in ASSISTED:
        return Fault("assisted", f"it is none of {', '.join(ASSISTED)}")
    try:
        times.zone(entry.zone)
    except BadValue as error:
        return Fault("zone", str(error).partition(": ")[2].rstrip("."))
    return None


def _name_fault(name: str, text: str) -> str | None:
    if name == "note":  # a note may have several lines
        return names.fault(text.translate({10: " ", 13: " ", 9: " "}), names.LONGEST_NOTE)
    return names.fault(text, names.LONGEST_NOTE if name == "tags" else names.LONGEST_NAME)


def _number_fault(entry: Entry) -> Fault | None:
    for name in ("started_epoch", "logged_epoch", "local_day", "seconds", "interruption_seconds"):
        if type(getattr(entry, name)) is not int:
            return Fault(name, "it is not a whole number")
    if entry.ended_epoch is not None and type(entry.ended_epoch) is not int:
        return Fault("ended_epoch", "it is not a whole number")
    for name in ("seconds", "interruption_seconds"):
        if getattr(entry, name) < 0:
            return Fault(name, "it is negative; give 0 or more")
        if getattr(entry, name) > MAX_SECONDS:
            return Fault(name, "that is more than a year; give less")
    return None


def _time_fault(entry: Entry, now_epoch: int) -> Fault | None:
    started, ended = entry.started_epoch, entry.ended_epoch
    if started < 0 or entry.local_day < 0:
        return Fault("started_epoch", "it lies before 1970; give a later time")
    if ended is not None and ended < started:
        return Fault("ended_epoch", "it lies before the start")
    if ended is not None and ended - started > MAX_SECONDS:
        return Fault("ended_epoch", "it lies more than a year after the start; mend the date")
    if ended is not None and ended > now_epoch:
        return Fault("ended_epoch", "it lies in the future; give a time that has passed")
    if started > now_epoch and (ended is not None or _is_later_day(entry, now_epoch)):
        return Fault("started_epoch", "it lies in the future; give a time that has passed")
    return None


def _is_later_day(entry: Entry, now_epoch: int) -> bool:
    """Whether the entry's day is after today: an entry of a bare day stands at noon, which may be still to come."""
    return entry.local_day > times.local_day(now_epoch, times.zone(entry.zone))
