"""Fields of a JSON object that a tool wrote, each checked to be of the expected kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tracker.domain.printing import quote
from tracker.sources.table.cells import BadCell


def text_of(record: Mapping[str, Any], field: str) -> str | None:
    """Return a text; None where it is missing or null.

    Raises:
        BadCell: It is of another kind.
    """
    value = record.get(field)
    if value is None or isinstance(value, str):
        return value
    raise BadCell(field, "it is not a text", value=shown(value))


def texts_of(record: Mapping[str, Any], field: str) -> list[str]:
    """Return a list of texts; an empty one where it is missing or null.

    Raises:
        BadCell: It is of another kind.
    """
    value = record.get(field) or []
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return value
    raise BadCell(field, "it is not a list of texts", value=shown(value))


def integer_of(record: Mapping[str, Any], field: str) -> int | None:
    """Return a whole number; None where it is missing or null.

    Raises:
        BadCell: It is of another kind.
    """
    value = record.get(field)
    if value is None or type(value) is int:
        return value
    raise BadCell(field, "it is not a whole number", value=shown(value))


def shown(value: object) -> str:
    """Return a value as a message shows it."""
    return value if isinstance(value, str) else content_of(value)


def content_of(value: object) -> str:
    """Return a value as text, the same for equal values: its row's hash is made from it.

    Raises:
        BadCell: It is nested too deeply.
    """
    try:
        return json.dumps(value, sort_keys=True, default=str)
    except RecursionError:
        raise BadCell("value", "it is nested too deeply", value=quote(value)) from None
