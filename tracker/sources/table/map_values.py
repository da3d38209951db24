"""``[values.COLUMN]`` of a map: the words of a foreign log, translated by shell patterns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name
from tracker.domain.printing import quote
from tracker.sources.table.map_columns import TEXTS, WORDS, check_keys, check_word

Patterns = Sequence[tuple[str, str]]
"""Shell patterns and their values, in the order in which they are tried."""


def read_values(section: Mapping[str, Any], name: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return tracker's column → its patterns and their values, in order.

    Args:
        section: ``[values]`` of the map.
        name: The map's name, for messages.

    Raises:
        BadValue: A column has no values, or a value is not one of the column's words.
    """
    check_keys(section, (*TEXTS, *WORDS), name, "values.")
    values = {}
    for column, patterns in section.items():
        if not isinstance(patterns, dict) or not all(
            isinstance(value, str) and value for value in patterns.values()
        ):
            raise BadValue(
                f"{name} values.{column} is {quote(patterns)}: "
                'give lines such as "their word*" = "tracker\'s word".'
            )
        for value in patterns.values() if column in WORDS else ():
            check_word(column, value, name, f"[values.{column}]")
        values[column] = tuple(
            (normalise_name(pattern), value) for pattern, value in patterns.items()
        )
    return values


def matching_value(patterns: Patterns, text: str) -> str | None:
    """Return the value of the first pattern that matches a text; None if none does.

    Upper and lower case differ; the two forms of an accented letter (NFC, NFD) do not.
    """
    key = normalise_name(text)
    return next((value for pattern, value in patterns if fnmatchcase(key, pattern)), None)


def first_value(patterns: Patterns, texts: Iterable[str]) -> str | None:
    """Return the value of the first of several texts that a pattern matches, such as of tags.

    None if no pattern matches any of them.
    """
    values = (matching_value(patterns, text) for text in texts)
    return next((value for value in values if value is not None), None)
