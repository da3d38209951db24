"""The map: a TOML file that says which foreign column is which of ours. Read and checked whole before the log is."""

from __future__ import annotations

import codecs
import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast, get_args
from zoneinfo import ZoneInfo

from tracker.domain import times
from tracker.domain.errors import BadValue, NotFound
from tracker.domain.records import ARMS, ASSISTED
from tracker.domain.times import Ambiguous

INSTANTS = ("started_at", "ended_at", "completed_at", "logged_at")
"""Columns that hold a day and a time of day."""
NUMBERS = ("minutes", "interruption_minutes", "estimate_minutes", "estimate_ai_minutes")
WORDS: dict[str, tuple[str, ...]] = {"assisted": ASSISTED, "assigned": ARMS}
"""Columns that hold one of a few words."""
TEXTS = (
    "key",
    "developer",
    "team",
    "task",
    "activity",
    "title",
    "project",
    "tags",
    "note",
    "assistant",
)
COLUMNS = (*TEXTS, *INSTANTS, "date", *NUMBERS, *WORDS)
"""Every name that may stand on the left of ``[columns]``."""

_SECTIONS = ("source", "columns", "formats", "values", "constants")
_FORMATS = (
    "datetime",
    "date",
    "timezone",
    "missing",
    "ambiguous",
    "encoding",
    "delimiter",
    "decimal",
)
_CONSTANTS = tuple(
    name for name in COLUMNS if name not in ("key", "started_at", "ended_at", "logged_at")
)


@dataclass(frozen=True, slots=True)
class Formats:
    """How the foreign log writes things."""

    datetime: str | None = None
    """As in ``datetime.strptime``; None is ISO 8601."""
    date: str | None = None
    """The same, for the column ``date``."""
    zone: ZoneInfo | None = None
    missing: frozenset[str] = frozenset({""})
    """What stands for "not known"; the empty text always does."""
    ambiguous: Ambiguous = "refuse"
    encoding: str | None = None
    """None is UTF-8, or what a byte-order mark says."""
    delimiter: str | None = None
    """None is told from the header: the comma, semicolon or tab that parts it into most columns."""
    decimal: str = "."


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A map, checked: every name in it is known and of its kind."""

    name: str
    """The file's name, for messages."""
    source: str
    columns: Mapping[str, tuple[str, ...]]
    """Ours → theirs. Several of a number are summed, several of an instant are joined by a space."""
    formats: Formats = field(default_factory=Formats)
    values: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Ours → (shell pattern, value), in the order in which they are tried."""
    constants: Mapping[str, str | float | bool] = field(default_factory=dict)
    """What holds where the file does not say: no such column, or nothing in it. Dates are ISO text."""

    def has(self, ours: str) -> bool:
        """Whether anything is said of this column of ours."""
        return ours in self.columns or ours in self.constants

    def translate(self, ours: str, text: str) -> str:
        """The value of the first pattern that matches, letter for letter; the text itself where none does."""
        return next(
            (value for pattern, value in self.values.get(ours, ()) if fnmatchcase(text, pattern)),
            text,
        )

    def require(
        self, needed: Sequence[tuple[str, ...]], allowed: Iterable[str], command: str
    ) -> None:
        """Refuse a map that lacks one of each of ``needed``, or speaks of a column that ``command`` does not read."""
        allowed = tuple(allowed)
        for ours in (*self.columns, *self.constants):
            if ours not in allowed:
                raise BadValue(
                    f"{self.name} names {ours}: `{command}` does not read it; take it out of the map."
                )
        for names in needed:
            if not any(map(self.has, names)):
                either = " or ".join(names)
                raise BadValue(
                    f"{self.name} does not say which column is {either}: add it to [columns]."
                )

    def with_zone(self, zone: ZoneInfo | None) -> ColumnMap:
        """The same map with the zone set, None leaves it as it is."""
        return self if zone is None else replace(self, formats=replace(self.formats, zone=zone))

    def with_default_zone(self, zone: ZoneInfo | None) -> ColumnMap:
        """The same map with the zone set where it has none."""
        return self if self.formats.zone else self.with_zone(zone)

    def with_default_developer(self, developer: str | None) -> ColumnMap:
        """The same map, all of it by this developer where it says nothing of one."""
        if developer is None or self.has("developer"):
            return self
        return replace(self, constants={**self.constants, "developer": developer})


def read_map(path: Path) -> ColumnMap:
    """The map in a file; BadValue in one line where it is not understood whole, NotFound where there is none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise NotFound(f"--map is {path}: there is no such file.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadValue(
            f"--map is {path}: it cannot be read ({error}); give a TOML file in UTF-8."
        ) from None
    return parse_map(text, path.name)


def parse_map(text: str, name: str) -> ColumnMap:
    """The map that a TOML text holds; BadValue where it is not understood whole."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadValue(f"{name} is not TOML: {error}.") from None
    _known(document, _SECTIONS, name, "")
    source = document.get("source")
    if not isinstance(source, str) or not source.strip():
        raise BadValue(
            f'{name} has no source: begin it with source = "the log\'s name", which keeps imports apart.'
        )
    return ColumnMap(
        name=name,
        source=source.strip(),
        columns=_columns(_section(document, "columns", name), name),
        formats=_formats(_section(document, "formats", name), name),
        values=_values(_section(document, "values", name), name),
        constants=_constants(_section(document, "constants", name), name),
    )


def _section(document: Mapping[str, Any], section: str, name: str) -> dict[str, Any]:
    """One section as a dict; empty where it is left out."""
    found = document.get(section, {})
    if not isinstance(found, dict):
        raise BadValue(f"{name} {section} is {found!r}: write it as a section, [{section}].")
    return found


def _known(given: Iterable[str], known: Sequence[str], name: str, where: str) -> None:
    """Refuse a key that is not among ``known``, naming the nearest that is."""
    for key in given:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            cure = f"did you mean {near[0]}?" if near else f"give one of {', '.join(known)}."
            raise BadValue(f"{name} has {where}{key}, which means nothing: {cure}")


def _columns(section: Mapping[str, Any], name: str) -> dict[str, tuple[str, ...]]:
    """Ours → theirs, one or several."""
    _known(section, COLUMNS, name, "[columns] ")
    columns = {}
    for ours, theirs in section.items():
        parts = theirs if isinstance(theirs, list) else [theirs]
        if not parts or not all(isinstance(part, str) and part for part in parts):
            raise BadValue(
                f"{name} [columns] {ours} is {theirs!r}: give a column's name in quotes, or a list of them."
            )
        if len(parts) > 1 and ours not in NUMBERS + INSTANTS:
            raise BadValue(
                f"{name} [columns] {ours} is {theirs!r}: only minutes are summed; give one column."
            )
        columns[ours] = tuple(parts)
    return columns


def _formats(section: Mapping[str, Any], name: str) -> Formats:
    """The section, checked key by key."""
    _known(section, _FORMATS, name, "[formats] ")
    for key, value in section.items():
        if key != "missing" and not (isinstance(value, str) and value):
            raise BadValue(f"{name} [formats] {key} is {value!r}: give it as text in quotes.")
    missing = section.get("missing", [])
    if not isinstance(missing, list) or not all(isinstance(text, str) for text in missing):
        raise BadValue(
            f'{name} [formats] missing is {missing!r}: give a list of texts, such as ["NA", ""].'
        )
    _one_of(section.get("ambiguous", "refuse"), get_args(Ambiguous), name, "ambiguous")
    _one_of(section.get("decimal", "."), (".", ","), name, "decimal")
    return Formats(
        datetime=_strptime_format(section.get("datetime"), name, "datetime"),
        date=_strptime_format(section.get("date"), name, "date"),
        zone=_zone(section.get("timezone"), name),
        missing=frozenset(text.strip() for text in missing) | {""},
        ambiguous=section.get("ambiguous", "refuse"),
        encoding=_encoding(section.get("encoding"), name),
        delimiter=_delimiter(section.get("delimiter"), name),
        decimal=section.get("decimal", "."),
    )


def _one_of(value: str, words: Sequence[str], name: str, key: str) -> None:
    if value not in words:
        raise BadValue(f"{name} [formats] {key} is {value!r}: give one of {', '.join(words)}.")


def _strptime_format(text: str | None, name: str, key: str) -> str | None:
    """A format that reads a whole day: it must get back the day it has written."""
    sample = datetime(2001, 12, 23, 13, 45, 59, tzinfo=UTC)
    try:
        if text is None or datetime.strptime(sample.strftime(text), text).date() == sample.date():
            return text
    except ValueError:
        pass
    example = "%m/%d/%Y %H:%M" if key == "datetime" else "%m/%d/%Y"
    raise BadValue(
        f"{name} [formats] {key} is {text!r}: it does not read a day; give one such as {example!r}."
    )


def _zone(text: str | None, name: str) -> ZoneInfo | None:
    try:
        return None if text is None else times.zone(text)
    except BadValue as error:
        raise BadValue(f"{name} [formats] timezone: {error}") from None


def _encoding(text: str | None, name: str) -> str | None:
    try:
        return None if text is None else codecs.lookup(text).name
    except LookupError:
        raise BadValue(
            f"{name} [formats] encoding is {text!r}: give one such as utf-8, cp1252 or utf-16."
        ) from None


def _delimiter(text: str | None, name: str) -> str | None:
    if text is not None and len(text) != 1:
        raise BadValue(
            f'{name} [formats] delimiter is {text!r}: give one character, such as ";" or "\\t".'
        )
    return text


def _values(section: Mapping[str, Any], name: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Ours → its patterns in their order."""
    _known(section, (*TEXTS, *WORDS), name, "values.")
    values = {}
    for ours, patterns in section.items():
        if not isinstance(patterns, dict) or not all(
            isinstance(value, str) and value for value in patterns.values()
        ):
            raise BadValue(
                f'{name} values.{ours} is {patterns!r}: give lines such as "theirs*" = "ours".'
            )
        for value in patterns.values() if ours in WORDS else ():
            _word(ours, value, name, f"[values.{ours}]")
        values[ours] = tuple(patterns.items())
    return values


def _word(ours: str, value: object, name: str, where: str) -> None:
    if value not in WORDS[ours]:
        raise BadValue(f"{name} {where} gives {value!r}: give one of {', '.join(WORDS[ours])}.")


def _constants(section: Mapping[str, Any], name: str) -> dict[str, str | float | bool]:
    """Ours → the value that holds where the file does not say."""
    _known(section, _CONSTANTS, name, "[constants] ")
    return {ours: _constant(ours, value, name) for ours, value in section.items()}


def _constant(ours: str, value: object, name: str) -> str | float | bool:
    """A constant as its column's kind: text, minutes, a day as ISO text; ``assigned = true`` stays True."""
    if ours == "assigned" and value is True:
        return True
    if ours == "assisted" and isinstance(value, bool):
        return "yes" if value else "no"
    if ours in WORDS:
        _word(ours, value, name, f"[constants] {ours}")
    elif ours in ("date", "completed_at"):
        return _constant_day(ours, value, name)
    elif ours in NUMBERS:
        number = cast("float", value)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not (0 <= number < math.inf)
        ):
            raise BadValue(
                f"{name} [constants] {ours} is {value!r}: give a number of minutes, 0 or more."
            )
        return float(number)
    if not isinstance(value, str) or not value.strip():
        raise BadValue(f"{name} [constants] {ours} is {value!r}: give it as text in quotes.")
    return value.strip()


def _constant_day(ours: str, value: object, name: str) -> str:
    """A TOML day, or one in quotes, as ISO text."""
    try:
        day = (
            value
            if isinstance(value, date) and not isinstance(value, datetime)
            else date.fromisoformat(str(value))
        )
    except ValueError:
        raise BadValue(
            f"{name} [constants] {ours} is {value!r}: give a day such as 2025-02-01."
        ) from None
    if day.year < 1970:
        raise BadValue(f"{name} [constants] {ours} is {day}: give a day from 1970 on.")
    return day.isoformat()
