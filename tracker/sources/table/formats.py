"""``[formats]`` and ``[units]`` of a map: how a foreign log writes its values."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from tracker.domain import times
from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.domain.times import Ambiguous
from tracker.sources.table.durations import UNITS, DurationParser, Unit
from tracker.sources.table.map_columns import NUMBERS, check_keys
from tracker.sources.table.strptime_formats import check_date_format, check_datetime_format

Negative = Literal["refuse", "net"]
"""What to do with negative minutes: refuse them, or net them with their work item's other rows."""

_NO_DELIMITERS = '\0\r\n"'
_LAST_DELIMITER = 0xD7FF
"""The last character before the surrogates."""
_MAX_SKIPPED_LINES = 1000
_MAX_DAY_HOURS = 24


@dataclass(frozen=True, slots=True)
class Formats:
    """How a foreign log writes its values."""

    datetime: tuple[str, ...] = ()
    """Formats of ``datetime.strptime``, or EPOCHS; the first that matches a text is used.

    () is ISO 8601.
    """
    date: tuple[str, ...] = ()
    """The same for the column ``date``."""
    zone: ZoneInfo | None = None
    missing: frozenset[str] = frozenset({""})
    """The texts that mean "not known"; the empty text always does."""
    ambiguous: Ambiguous = "refuse"
    encoding: str | None = None
    """None is that of the byte-order mark, else UTF-8."""
    delimiter: str | None = None
    """None is the comma, semicolon or tab that splits the header into most columns."""
    decimal: str = "."
    skip_lines: int = 0
    """Lines before the header; a first line ``sep=;`` is not counted."""
    overnight: bool = False
    """Whether an end before its start on the same date is on the next day."""
    negative: Negative = "refuse"
    day_hours: float = 8.0
    """Working hours in a day, for durations in words such as ``1d 1h``."""

    @property
    def durations(self) -> DurationParser:
        """The parser of durations."""
        return DurationParser(self.decimal, self.day_hours)


_KEYS = tuple("timezone" if item.name == "zone" else item.name for item in fields(Formats))
"""The keys in ``[formats]``."""
_TEXT_KEYS = ("timezone", "ambiguous", "encoding", "delimiter", "decimal", "negative")


def read_formats(section: Mapping[str, Any], name: str) -> Formats:
    """Return the formats of a map.

    Args:
        section: ``[formats]`` of the map.
        name: The map's name, for messages.

    Raises:
        BadValue: A key or a value is not valid.
    """
    check_keys(section, _KEYS, name, "[formats] ")
    for key in _TEXT_KEYS:
        if key in section and not (isinstance(section[key], str) and section[key]):
            raise BadValue(
                f"{name} [formats] {key} is {quote(section[key])}: give it as text in quotes."
            )
    _check_choice(section.get("ambiguous", "refuse"), get_args(Ambiguous), name, "ambiguous")
    _check_choice(section.get("decimal", "."), (".", ","), name, "decimal")
    _check_choice(section.get("negative", "refuse"), get_args(Negative), name, "negative")
    return Formats(
        datetime=_read_format_list(section, "datetime", check_datetime_format, name),
        date=_read_format_list(section, "date", check_date_format, name),
        zone=_read_zone(section.get("timezone"), name),
        missing=_read_missing(section.get("missing", []), name),
        ambiguous=section.get("ambiguous", "refuse"),
        encoding=_read_encoding(section.get("encoding"), name),
        delimiter=_read_delimiter(section.get("delimiter"), name),
        decimal=section.get("decimal", "."),
        skip_lines=_read_skip_lines(section.get("skip_lines", 0), name),
        overnight=_read_overnight(section.get("overnight", False), name),
        negative=section.get("negative", "refuse"),
        day_hours=_read_day_hours(section.get("day_hours", 8), name),
    )


IN_POINTS = "estimate_minutes"
"""The column that may be in points."""


def read_units(
    section: Mapping[str, Any], columns: Mapping[str, object], name: str
) -> dict[str, Unit]:
    """Return tracker's column → the unit of its cells; minutes are left out.

    Args:
        section: ``[units]`` of the map.
        columns: The columns that the map names.
        name: The map's name, for messages.

    Raises:
        BadValue: A column holds no durations or is not in the map, or a unit is unknown.
    """
    check_keys(section, NUMBERS, name, "[units] ")
    for column, unit in section.items():
        if unit == "points" and column != IN_POINTS:
            raise BadValue(
                f"{name} [units] {column} is 'points': points are not time; only {IN_POINTS} may "
                f"be in points. Give {column} in a unit of time, or remove it from [columns]."
            )
        if unit not in UNITS:
            raise BadValue(
                f"{name} [units] {column} is {quote(unit)}: give one of {', '.join(UNITS)}."
            )
        if column not in columns:
            raise BadValue(
                f"{name} [units] {column} is {quote(unit)}, but [columns] has no {column}: "
                "add it there, or remove the unit."
            )
    return {column: unit for column, unit in section.items() if unit != "minutes"}


def _check_choice(value: str, choices: Sequence[str], name: str, key: str) -> None:
    if value not in choices:
        raise BadValue(
            f"{name} [formats] {key} is {quote(value)}: give one of {', '.join(choices)}."
        )


def _read_format_list(
    section: Mapping[str, Any], key: str, check: Callable[[str, str], str], name: str
) -> tuple[str, ...]:
    """Return the checked formats of a key, whose value is a text or a list of texts."""
    value = section.get(key, [])
    formats = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) and text for text in formats):
        raise BadValue(
            f"{name} [formats] {key} is {quote(value)}: "
            "give it as text in quotes, or as a list of texts."
        )
    return tuple(check(text, name) for text in formats)


def _read_missing(value: object, name: str) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise BadValue(
            f'{name} [formats] missing is {quote(value)}: give a list of texts, such as ["NA", ""].'
        )
    return frozenset(text.strip() for text in value) | {""}


def _read_zone(text: str | None, name: str) -> ZoneInfo | None:
    try:
        return None if text is None else times.zone(text)
    except BadValue as error:
        raise BadValue(f"{name} [formats] timezone: {error}") from None


def _read_encoding(text: str | None, name: str) -> str | None:
    try:
        if text is None:
            return None
        io.TextIOWrapper(io.BytesIO(), encoding=text)  # refuses codecs that are not of text: base64
        return codecs.lookup(text).name
    except (LookupError, ValueError):
        raise BadValue(
            f"{name} [formats] encoding is {quote(text)}: give one such as utf-8, cp1252 or utf-16."
        ) from None


def _read_delimiter(text: str | None, name: str) -> str | None:
    if text is not None and not is_delimiter(text):
        raise BadValue(
            f"{name} [formats] delimiter is {quote(text)}: "
            'give one character, such as ";" or "\\t".'
        )
    return text


def is_delimiter(text: str) -> bool:
    """Return whether a text is allowed as the delimiter."""
    return len(text) == 1 and text not in _NO_DELIMITERS and ord(text) <= _LAST_DELIMITER


def _read_skip_lines(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MAX_SKIPPED_LINES:
        raise BadValue(
            f"{name} [formats] skip_lines is {quote(value)}: "
            "give the number of lines before the header, such as 2."
        )
    return value


def _read_overnight(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise BadValue(f"{name} [formats] overnight is {quote(value)}: give true or false.")
    return value


def _read_day_hours(value: object, name: str) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < float(str(value)) <= _MAX_DAY_HOURS:
        raise BadValue(
            f"{name} [formats] day_hours is {quote(value)}: "
            "give the working hours of a day, such as 8."
        )
    return float(str(value))
