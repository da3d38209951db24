"""What no database keeps, refused before it comes to one, in words that help."""

from __future__ import annotations

import dataclasses
import math
import uuid
from collections.abc import Mapping
from typing import Any

from tracker.domain.errors import BadValue
from tracker.domain.names import LONGEST_NAME
from tracker.domain.records import ARMS, ASSISTED, Entry, WorkItem

_NAMES = frozenset(
    ("developer", "task", "activity", "team", "assistant", "project", "source", "source_key")
)
_TEXTS = _NAMES | {"id", "zone", "basis", "note", "tags", "row_hash", "title"}


def check_entry(entry: Entry) -> None:
    """Refuse an entry that the database would refuse."""
    try:
        uuid.UUID(entry.id)
    except (ValueError, AttributeError, TypeError) as error:
        raise BadValue(f"an entry's id is {entry.id!r}: it has to be a UUID.") from error
    check_texts(dataclasses.asdict(entry))
    if not all((entry.developer, entry.task, entry.activity, entry.zone)):
        raise BadValue(
            f"entry {entry.id} lacks its developer, task, activity or zone: give all four."
        )
    numbers = (
        entry.started_epoch,
        entry.logged_epoch,
        entry.local_day,
        entry.seconds,
        entry.interruption_seconds,
    )
    if (
        any(type(number) is not int for number in numbers)
        or min(entry.seconds, entry.interruption_seconds) < 0
    ):
        raise BadValue(
            f"entry {entry.id} has {entry.seconds} s of work and {entry.interruption_seconds} s of interruption: "
            "give whole seconds, 0 or more."
        )
    _check_instants(ended_epoch=entry.ended_epoch)
    if entry.assisted not in ASSISTED:
        raise BadValue(f"assisted is {entry.assisted!r}: give one of {', '.join(ASSISTED)}.")


def check_item(item: WorkItem) -> None:
    """Refuse what is said of a work item where the database would refuse it."""
    check_texts(dataclasses.asdict(item))
    if not all((item.developer, item.task, item.activity)):
        raise BadValue("an estimate lacks its developer, task or activity: give all three.")
    check_estimate(item)
    _check_instants(
        estimated_epoch=item.estimated_epoch,
        completed_epoch=item.completed_epoch,
        assigned_epoch=item.assigned_epoch,
    )
    if item.assigned not in (None, *ARMS):
        raise BadValue(f"assigned is {item.assigned!r}: give one of {', '.join(ARMS)}.")


def check_estimate(item: WorkItem) -> None:
    """Refuse an estimate that says nothing."""
    for minutes in (item.estimate_minutes, item.estimate_ai_minutes):
        if minutes is not None and not (
            isinstance(minutes, int | float) and 0 < minutes < math.inf
        ):
            raise BadValue(f"the estimate is {minutes} minutes: give more than 0, such as 45m.")


def check_texts(fields: Mapping[str, Any]) -> None:
    """Refuse what no database keeps as text: NUL, bytes that were never UTF-8, names longer than an index holds."""
    for name, value in fields.items():
        if isinstance(value, str) and ("\0" in value or _unencodable(value)):
            raise BadValue(
                f"{name} is {value!r}: it holds bytes that are no text; write it in UTF-8."
            )
        if name in _TEXTS and not isinstance(value, str | None):
            raise BadValue(f"{name} is {value!r}: give a text.")
        if name in _NAMES and value is not None and len(value) > LONGEST_NAME:
            raise BadValue(
                f"{name} is {value[:20]!r}… of {len(value):,} characters: give at most {LONGEST_NAME}."
            )


def _check_instants(**instants: Any) -> None:
    for name, epoch in instants.items():
        if epoch is not None and type(epoch) is not int:
            raise BadValue(f"{name} is {epoch!r}: give whole seconds since 1970.")


def _unencodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
