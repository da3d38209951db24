"""``[constants]`` of a map: values for columns that the log does not have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast

from tracker.domain import names
from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name
from tracker.domain.printing import quote
from tracker.sources.table.map_columns import (
    CATEGORIES,
    COLUMNS,
    NUMBERS,
    SHARE,
    VERBATIM,
    check_category,
    check_keys,
)

_CONSTANTS = (
    *(name for name in COLUMNS if name not in ("key", "started_at", "ended_at", "logged_at")),
    SHARE,
)


def read_constants(section: Mapping[str, Any], name: str) -> dict[str, str | float | bool]:
    """Return tracker's column → the value for a log without this column, and for missing cells.

    Args:
        section: ``[constants]`` of the map.
        name: The map's name, for messages.

    Raises:
        BadValue: A key or a value is not valid.
    """
    check_keys(section, _CONSTANTS, name, "[constants] ")
    return {column: _read_constant(column, value, name) for column, value in section.items()}


def _read_constant(column: str, value: object, name: str) -> str | float | bool:
    """Return a constant in the type of its column: a text, minutes, or an ISO date.

    ``assigned = true`` stays True: it means the arm of ``assisted``.
    """
    if column == "assigned" and value is True:
        return True
    if column == "assisted" and isinstance(value, bool):
        return "yes" if value else "no"
    if column in CATEGORIES:
        check_category(column, value, name, f"[constants] {column}")
    elif column in ("date", "completed_at", "estimated_at"):
        return _read_day(column, value, name)
    elif column == SHARE:
        return _read_share(value, name)
    elif column in NUMBERS:
        return _read_minutes(column, value, name)
    return _read_text(column, value, name)


def _read_minutes(column: str, value: object, name: str) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= cast("float", value) < math.inf:
        raise BadValue(
            f"{name} [constants] {column} is {quote(value)}: give a number of minutes, 0 or more."
        )
    return float(cast("float", value))


def _read_share(value: object, name: str) -> float:
    if not isinstance(value, float) or not 0 < value < 1:
        raise BadValue(
            f"{name} [constants] {SHARE} is {quote(value)}: "
            "give the share of work drawn for assistance, between 0 and 1, such as 0.25."
        )
    return value


def _read_text(column: str, value: object, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadValue(f"{name} [constants] {column} is {quote(value)}: give it as text in quotes.")
    if column in VERBATIM:
        return value.strip()
    if fault := names.fault(value.strip()):
        raise BadValue(f"{name} [constants] {column} is {quote(value)}: {fault}.")
    return normalise_name(value.strip())


def _read_day(column: str, value: object, name: str) -> str:
    """Return a TOML date, or an ISO date in quotes, as an ISO date."""
    try:
        day = (
            value
            if isinstance(value, date) and not isinstance(value, datetime)
            else date.fromisoformat(str(value))
        )
    except ValueError:
        raise BadValue(
            f"{name} [constants] {column} is {quote(value)}: give a day such as 2025-02-01."
        ) from None
    if day.year < 1970:
        raise BadValue(f"{name} [constants] {column} is {day}: give a day from 1970 on.")
    return day.isoformat()
