r"""``[extract.COLUMN]`` of a map: a part of a text, such as a task's key in a description.

Patterns run in RE2, whose time is linear in the text. Its letters follow Unicode by name only:
``\w`` is ASCII, ``\p{L}`` is every letter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.sources.table.map_columns import TEXTS, WORDS, check_keys

Otherwise = Literal["keep", "refuse", "skip"]
"""What becomes of a row without a match: the whole text is kept, the row is refused or skipped."""

_KEYS = ("from", "pattern", "otherwise")
_EXAMPLE = r"'([A-Z][A-Z0-9]+-\d+)'"


@dataclass(frozen=True, slots=True)
class Extract:
    """How the value of a column is extracted from texts."""

    columns: tuple[str, ...]
    """The foreign columns, in the order in which they are searched; () is the column's own."""
    pattern: Any
    """A compiled pattern with one group."""
    otherwise: Otherwise = "keep"

    def search(self, texts: Iterable[str]) -> str | None:
        """Return the group's text in the first of the texts that has a match; None without one.

        The texts are compared in Unicode NFC, upper and lower case differ.
        """
        for text in texts:
            match = self.pattern.search(_searchable(text))
            part: str | None = match and match[1]
            if part and (part := part.strip()):
                return part
        return None


def read_extracts(section: Mapping[str, Any], name: str) -> dict[str, Extract]:
    """Return tracker's column → how its value is extracted.

    Args:
        section: ``[extract]`` of the map.
        name: The map's name, for messages.

    Raises:
        BadValue: A column or a key means nothing, or a pattern is not valid.
    """
    check_keys(section, (*TEXTS, *WORDS), name, "extract.")
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
    return Extract(tuple(columns), _compile(content.get("pattern"), name, place), otherwise)


def _compile(pattern: object, name: str, place: str) -> Any:
    """Return the compiled pattern, which has one group."""
    import re2  # late: most maps have no pattern

    if not isinstance(pattern, str) or not pattern:
        raise BadValue(
            f"{name} {place} pattern is {quote(pattern)}: "
            f"give a regular expression in single quotes, such as {_EXAMPLE}."
            if pattern is not None
            else f"{name} {place} has no pattern: add one such as pattern = {_EXAMPLE}."
        )
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(unicodedata.normalize("NFC", pattern), options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if isinstance(error, re2.error) else "a lone surrogate"
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise BadValue(
            f"{name} {place} pattern is {quote(pattern)}: {text}; "
            "write it as in RE2, without look-around and back references."
        ) from None
    if compiled.groups != 1:
        raise BadValue(
            f"{name} {place} pattern is {quote(pattern)}: it has {compiled.groups} groups; "
            f"put the part to take in one pair of parentheses, such as {_EXAMPLE}, "
            "and write others as (?:…)."
        )
    return compiled


def _searchable(text: str) -> str:
    """Return a text in NFC that can be written in UTF-8, which the matcher reads."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
