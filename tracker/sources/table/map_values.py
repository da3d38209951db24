"""``[values.COLUMN]`` of a map: shell patterns that translate the words of a foreign log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name
from tracker.domain.printing import quote
from tracker.sources.table.map_columns import CATEGORIES, TEXTS, check_category, check_keys

Patterns = Sequence[tuple[str, str]]
"""Pairs of a shell pattern and its value, in the order of matching."""


def read_values(section: Mapping[str, Any], name: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return tracker's column → its patterns and values.

    Args:
        section: ``[values]`` of the map.
        name: The map's name, for messages.

    Raises:
        BadValue: A column takes no values, or a value is not one of its categories.
    """
    check_keys(section, (*TEXTS, *CATEGORIES), name, "values.")
    values = {}
    for column, patterns in section.items():
        if not isinstance(patterns, dict) or not all(
            isinstance(value, str) and value for value in patterns.values()
        ):
            raise BadValue(
                f"{name} values.{column} is {quote(patterns)}: "
                'give lines such as "their word*" = "tracker\'s word".'
            )
        for value in patterns.values() if column in CATEGORIES else ():
            check_category(column, value, name, f"[values.{column}]")
        values[column] = tuple(
            (normalise_name(pattern), value) for pattern, value in patterns.items()
        )
    return values


def matching_value(patterns: Patterns, text: str) -> str | None:
    """Return the value of the first pattern that matches a text; None if none does.

    The comparison is case-sensitive, in Unicode NFC.
    """
    key = normalise_name(text)
    return next((value for pattern, value in patterns if fnmatchcase(key, pattern)), None)


def first_value(patterns: Patterns, texts: Iterable[str]) -> str | None:
    """Return the value of the first text, such as a tag, that a pattern matches; else None."""
    values = (matching_value(patterns, text) for text in texts)
    return next((value for value in values if value is not None), None)
