"""The column map: a TOML file that says what the columns of a foreign log mean.

A map is read and checked as a whole before the log is.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from tracker.domain import names, times
from tracker.domain.errors import BadValue, NotFound
from tracker.domain.names import normalise_name
from tracker.domain.printing import quote
from tracker.domain.times import Ambiguous
from tracker.domain.toml_text import parse_toml
from tracker.sources.table.map_columns import (
    COLUMNS,
    INSTANTS,
    NUMBERS,
    SHARE,
    TEXTS,
    WORDS,
    check_keys,
    check_word,
)
from tracker.sources.table.map_constants import read_constants
from tracker.sources.table.strptime_formats import check_strptime_format

_NO_DELIMITERS = '\0\r\n"'
_LAST_DELIMITER = 0xD7FF
"""The last character before the surrogates."""

_SECTIONS = ("source", "columns", "formats", "values", "constants")


@dataclass(frozen=True, slots=True)
class Formats:
    """How a foreign log writes its values."""

    datetime: str | None = None
    """As in ``datetime.strptime``; None is ISO 8601."""
    date: str | None = None
    """The same, for the column ``date``."""
    zone: ZoneInfo | None = None
    missing: frozenset[str] = frozenset({""})
    """The texts that mean "not known"; the empty text always does."""
    ambiguous: Ambiguous = "refuse"
    encoding: str | None = None
    """None is the encoding of the byte-order mark, else UTF-8."""
    delimiter: str | None = None
    """None is the comma, semicolon or tab that splits the header into most columns."""
    decimal: str = "."


_FORMATS = tuple("timezone" if item.name == "zone" else item.name for item in fields(Formats))
"""The keys in ``[formats]``."""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A checked map: every name in it is known and every value is of the right kind."""

    name: str
    """The file's name, for messages."""
    source: str
    columns: Mapping[str, tuple[str, ...]]
    """Tracker's column → foreign columns.

    Several foreign columns are summed where they are numbers, joined by a space where instants.
    """
    formats: Formats = field(default_factory=Formats)
    values: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Tracker's column → (shell pattern, value) in the order in which they are tried."""
    constants: Mapping[str, str | float | bool] = field(default_factory=dict)
    """Tracker's column → the value where the log has no such column or an empty cell.

    Dates are ISO texts.
    """

    def has(self, column: str) -> bool:
        """Return whether the map has a foreign column or a constant for this column."""
        return column in self.columns or column in self.constants

    def translate(self, column: str, text: str) -> str:
        """Return the value of the first pattern that matches, else the text itself.

        Upper and lower case differ; the two forms of an accented letter (NFC, NFD) do not.
        """
        value = self.lookup(column, text)
        return text if value is None else value

    def lookup(self, column: str, text: str) -> str | None:
        """Return the value of the first pattern that matches; None where none does."""
        patterns = self.values.get(column)
        if not patterns:
            return None
        key = normalise_name(text)
        return next((value for pattern, value in patterns if fnmatchcase(key, pattern)), None)

    def require(
        self, required: Sequence[tuple[str, ...]], allowed: Iterable[str], command: str
    ) -> None:
        """Check the map against what a command reads.

        Args:
            required: Groups of columns; the map must have at least one of each group.
            allowed: The columns that the command reads.
            command: The command, for messages.

        Raises:
            BadValue: The map lacks a required column or has one that the command does not read.
        """
        allowed = tuple(allowed)
        if SHARE in self.constants and not self.has("assigned"):
            raise BadValue(
                f"{self.name} has {SHARE} without assigned: it is the odds of a drawn arm."
            )
        for column in (*self.columns, *self.constants):
            if column not in allowed:
                raise BadValue(
                    f"{self.name} names {column}: `{command}` does not read it; "
                    "take it out of the map."
                )
        for group in required:
            if not any(map(self.has, group)):
                raise BadValue(
                    f"{self.name} does not say which column is {' or '.join(group)}: "
                    "add it to [columns]."
                )

    def with_zone(self, zone: ZoneInfo | None) -> ColumnMap:
        """Return the map with this zone; None changes nothing."""
        return self if zone is None else replace(self, formats=replace(self.formats, zone=zone))

    def with_default_zone(self, zone: ZoneInfo | None) -> ColumnMap:
        """Return the map with this zone where it has none."""
        return self if self.formats.zone else self.with_zone(zone)

    def with_default_developer(self, developer: str | None) -> ColumnMap:
        """Return the map with this developer for all rows where it has no developer."""
        if developer is None or self.has("developer"):
            return self
        constants = {**self.constants, "developer": normalise_name(developer)}
        return replace(self, constants=constants)


def read_map(path: Path, source: str | None = None) -> ColumnMap:
    """Read a map from a file.

    Args:
        path: The file.
        source: The name of the log where the map need not give one.

    Raises:
        NotFound: There is no such file.
        BadValue: The file is not UTF-8 text, or a part of it is not understood.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise NotFound(f"--map is {path}: there is no such file.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadValue(
            f"--map is {path}: it cannot be read ({error}); give a TOML file in UTF-8."
        ) from None
    return parse_map(text, path.name, source)


def parse_map(text: str, name: str, default_source: str | None = None) -> ColumnMap:
    """Parse a map.

    Args:
        text: The map as TOML.
        name: The file's name, for messages.
        default_source: The name of the log where the map need not give one.

    Raises:
        BadValue: A part of the text is not understood.
    """
    try:
        document = parse_toml(text)
    except ValueError as error:
        raise BadValue(f"{name} is not TOML: {error}.") from None
    check_keys(document, _SECTIONS, name, "")
    source = document.get("source", default_source)
    if not isinstance(source, str) or not source.strip():
        raise BadValue(
            f'{name} has no source: begin it with source = "the log\'s name", '
            "which keeps imports apart."
        )
    if fault := names.fault(source.strip()):
        raise BadValue(f"{name} source is {quote(source)}: {fault}.")
    return ColumnMap(
        name=name,
        source=normalise_name(source.strip()),
        columns=_columns(_section(document, "columns", name), name),
        formats=_formats(_section(document, "formats", name), name),
        values=_values(_section(document, "values", name), name),
        constants=read_constants(_section(document, "constants", name), name),
    )


def _section(document: Mapping[str, Any], section: str, name: str) -> dict[str, Any]:
    """Return a section as a dict; an absent one is empty."""
    content = document.get(section, {})
    if not isinstance(content, dict):
        raise BadValue(f"{name} {section} is {quote(content)}: write it as a section, [{section}].")
    return content


def _columns(section: Mapping[str, Any], name: str) -> dict[str, tuple[str, ...]]:
    """Return tracker's column → foreign columns."""
    check_keys(section, COLUMNS, name, "[columns] ")
    columns = {}
    for column, value in section.items():
        foreign = value if isinstance(value, list) else [value]
        if not foreign or not all(isinstance(part, str) and part for part in foreign):
            raise BadValue(
                f"{name} [columns] {column} is {quote(value)}: "
                "give a column's name in quotes, or a list of them."
            )
        if len(foreign) > 1 and column not in NUMBERS + INSTANTS:
            raise BadValue(
                f"{name} [columns] {column} is {quote(value)}: "
                "only minutes are summed; give one column."
            )
        columns[column] = tuple(foreign)
    return columns


def _formats(section: Mapping[str, Any], name: str) -> Formats:
    """Return the formats, each checked."""
    check_keys(section, _FORMATS, name, "[formats] ")
    for key, value in section.items():
        if key != "missing" and not (isinstance(value, str) and value):
            raise BadValue(f"{name} [formats] {key} is {quote(value)}: give it as text in quotes.")
    missing = section.get("missing", [])
    if not isinstance(missing, list) or not all(isinstance(text, str) for text in missing):
        raise BadValue(
            f"{name} [formats] missing is {quote(missing)}: "
            'give a list of texts, such as ["NA", ""].'
        )
    _check_choice(section.get("ambiguous", "refuse"), get_args(Ambiguous), name, "ambiguous")
    _check_choice(section.get("decimal", "."), (".", ","), name, "decimal")
    return Formats(
        datetime=check_strptime_format(section.get("datetime"), name, "datetime"),
        date=check_strptime_format(section.get("date"), name, "date"),
        zone=_zone(section.get("timezone"), name),
        missing=frozenset(text.strip() for text in missing) | {""},
        ambiguous=section.get("ambiguous", "refuse"),
        encoding=_encoding(section.get("encoding"), name),
        delimiter=_delimiter(section.get("delimiter"), name),
        decimal=section.get("decimal", "."),
    )


def _check_choice(value: str, choices: Sequence[str], name: str, key: str) -> None:
    if value not in choices:
        raise BadValue(
            f"{name} [formats] {key} is {quote(value)}: give one of {', '.join(choices)}."
        )


def _zone(text: str | None, name: str) -> ZoneInfo | None:
    try:
        return None if text is None else times.zone(text)
    except BadValue as error:
        raise BadValue(f"{name} [formats] timezone: {error}") from None


def _encoding(text: str | None, name: str) -> str | None:
    try:
        if text is None:
            return None
        io.TextIOWrapper(io.BytesIO(), encoding=text)  # refuses codecs of bytes, such as base64
        return codecs.lookup(text).name
    except (LookupError, ValueError):
        raise BadValue(
            f"{name} [formats] encoding is {quote(text)}: give one such as utf-8, cp1252 or utf-16."
        ) from None


def _delimiter(text: str | None, name: str) -> str | None:
    if text is not None and (
        len(text) != 1 or text in _NO_DELIMITERS or ord(text) > _LAST_DELIMITER
    ):
        raise BadValue(
            f"{name} [formats] delimiter is {quote(text)}: "
            'give one character, such as ";" or "\\t".'
        )
    return text


def _values(section: Mapping[str, Any], name: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return tracker's column → its patterns and their values, in order."""
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
