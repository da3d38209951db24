"""``[extract.COLUMN]`` of a map, which takes a value from a text: a task's key in a description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.sources.patterns import EXAMPLE, compile_pattern, first_match
from tracker.sources.table.map_columns import CATEGORIES, TEXTS, check_keys

Otherwise = Literal["keep", "refuse", "skip"]
"""What to do with a row without a match: keep the whole text, refuse the row, or skip it."""

_KEYS = ("from", "pattern", "otherwise")


@dataclass(frozen=True, slots=True)
class Extract:
    """How the value of a column is extracted from texts."""

    columns: tuple[str, ...]
    """The foreign columns to search, in order; () for those of the column itself."""
    pattern: Any
    """A compiled pattern with one group."""
    otherwise: Otherwise = "keep"

    def search(self, texts: Iterable[str]) -> str | None:
        """Return what the group matches in the first text with a match; None without a match."""
        return first_match(self.pattern, texts)


def read_extracts(section: Mapping[str, Any], name: str) -> dict[str, Extract]:
    """Return tracker's column → how its value is extracted.

    Args:
        section: ``[extract]`` of the map.
        name: The map's name, for messages.

    Raises:
        BadValue: A column or a key is unknown, or a pattern is not valid.
    """
    check_keys(section, (*TEXTS, *CATEGORIES), name, "extract.")
    return {column: _read_extract(column, value, name) for column, value in section.items()}


def _read_extract(column: str, content: object, name: str) -> Extract:
    place = f"[extract.{column}]"
    if not isinstance(content, dict):
        raise BadValue(f"{name} extract.{column} is {quote(content)}: write it as {place}.")
    check_keys(content, _KEYS, name, f"{place} ")
    columns = content.get("from", [])
    columns = columns if isinstance(columns, list) else [columns]
    if not all(isinstance(part, str) and part for part in columns) or (
        "from" in content and not columns
    ):
        raise BadValue(
            f"{name} {place} from is {quote(content['from'])}: "
            "give a column's name in quotes, or a list of them."
        )
    otherwise = content.get("otherwise", "keep")
    if otherwise not in get_args(Otherwise):
        raise BadValue(
            f"{name} {place} otherwise is {quote(otherwise)}: "
            f"give one of {', '.join(get_args(Otherwise))}."
        )
    return Extract(tuple(columns), _compile_pattern(content.get("pattern"), name, place), otherwise)


def _compile_pattern(pattern: object, name: str, place: str) -> Any:
    """Return the compiled pattern, which must have one group."""
    if not isinstance(pattern, str) or not pattern:
        raise BadValue(
            f"{name} {place} pattern is {quote(pattern)}: "
            f"give a regular expression in single quotes, such as {EXAMPLE}."
            if pattern is not None
            else f"{name} {place} has no pattern: add one such as pattern = {EXAMPLE}."
        )
    return compile_pattern(pattern, f"{name} {place} pattern")
