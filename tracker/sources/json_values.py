"""Fields of a JSON object that a tool wrote, each checked to be of the expected kind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.sources.table.cells import BadCell
from tracker.sources.table.json_text import JsonReader

_NO_NUMBER = 10**15
"""From here on a number counts nothing that a tool records; it is as good as infinite."""


def read_documents(text: JsonReader) -> Iterator[Any]:
    """Yield the values of a text, one in memory at a time.

    A value is an element of an array at the top level, or what stands there by itself: pages that
    were saved one after another, or one object a line. The text's number is that of the value.

    Raises:
        BadValue: The text is empty, is not JSON, or is cut off.
    """
    text.check_beginning()
    while character := text.peek():
        if character == "[":
            yield from text.elements()
        else:
            yield text.value()
            text.number += 1


def not_an_answer(name: str, number: int, document: object, expected: str) -> BadValue:
    """Return the error about a document that is not what a tool's interface gives.

    Args:
        name: The file's name.
        number: The number of the document.
        document: The document.
        expected: What should be there.
    """
    return BadValue(f"{name} item {number} is {quote(document)}: give {expected}.")


def part(value: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """Return the object at a path of keys; an empty one where it is missing or null.

    Raises:
        BadCell: It is something else.
    """
    for key in path:
        inner = value.get(key)
        if inner is None:
            return {}
        if not isinstance(inner, dict):
            raise BadCell(key, "it is not an object with fields", value=shown(inner))
        value = inner
    return value


def items(value: Mapping[str, Any], key: str) -> list[Any]:
    """Return the list under a key; an empty one where it is missing or null.

    Raises:
        BadCell: It is something else.
    """
    content = value.get(key)
    if content is None:
        return []
    if not isinstance(content, list):
        raise BadCell(key, "it is not a list", value=shown(content))
    return content


def text(value: Mapping[str, Any], key: str) -> str | None:
    """Return the text under a key; None where it is missing, null or blank.

    Raises:
        BadCell: It is something else; a whole number is taken as its digits.
    """
    content = value.get(key)
    if isinstance(content, int) and not isinstance(content, bool):
        return shown(content)
    if not isinstance(content, str | None):
        raise BadCell(key, "it is not text", value=shown(content))
    return content if content and content.strip() else None


def texts(value: Mapping[str, Any], key: str) -> list[str]:
    """Return the texts in the list under a key.

    Raises:
        BadCell: It is not a list of texts.
    """
    content = items(value, key)
    if not all(isinstance(item, str) for item in content):
        raise BadCell(key, "it is not a list of texts", value=shown(content))
    return content


def seconds(value: Mapping[str, Any], key: str) -> int:
    """Return the seconds under a key.

    Raises:
        BadCell: It is not a number.
    """
    amount = optional_seconds(value, key)
    if amount is None:
        raise BadCell(key, "it is missing")
    return amount


def optional_seconds(value: Mapping[str, Any], key: str) -> int | None:
    """Return the seconds under a key; None where it is missing or null.

    Raises:
        BadCell: It is not a number.
    """
    amount = value.get(key)
    if amount is None:
        return None
    number = whole_number(amount)
    if number is None:
        raise BadCell(key, "it is not a number of seconds", value=shown(amount))
    return number


def whole_number(value: object) -> int | None:
    """Return a number rounded to a whole one; None for another value or a number too large."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value) if abs(value) < _NO_NUMBER else None


def instant(value: Mapping[str, Any], key: str) -> datetime:
    """Return the instant under a key.

    Raises:
        BadCell: It is missing, unreadable, or has no offset.
    """
    moment = optional_instant(value, key)
    if moment is None:
        raise BadCell(key, "it is missing")
    return moment


def optional_instant(value: Mapping[str, Any], key: str) -> datetime | None:
    """Return the instant under a key; None where it is missing or null.

    Raises:
        BadCell: It is unreadable, or has no offset.
    """
    content = value.get(key)
    if content is None:
        return None
    try:
        moment = datetime.fromisoformat(content)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        reason = "it is not a time with an offset such as 2026-03-02T09:00:00+01:00"
        raise BadCell(key, reason, value=shown(content))
    return moment


def canonical(**content: Any) -> str:
    """Return the content of a record in one form, from which the hash of its row is made."""
    return content_of(content)


def content_of(value: object) -> str:
    """Return a value as text, the same for equal values.

    Raises:
        BadCell: It is nested too deeply.
    """
    try:
        return json.dumps(value, sort_keys=True, default=str)
    except RecursionError:
        raise BadCell("value", "it is nested too deeply", value=quote(value)) from None


def shown(value: object) -> str:
    """Return a value as a message shows it."""
    return value if isinstance(value, str) else quote(value)
