"""The column map: a TOML file that says what the columns of a foreign log mean.

A map is read and checked before the log is opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tracker.domain import names
from tracker.domain.errors import BadValue, NotFound
from tracker.domain.names import normalise_name
from tracker.domain.printing import quote
from tracker.domain.toml_text import parse_toml
from tracker.sources.table.durations import Unit
from tracker.sources.table.extracts import Extract, read_extracts
from tracker.sources.table.formats import IN_POINTS, Formats, read_formats, read_units
from tracker.sources.table.joined_file import Join, read_join
from tracker.sources.table.map_columns import COLUMNS, SHARE, UNDECIDED, check_keys
from tracker.sources.table.map_constants import read_constants
from tracker.sources.table.map_values import matching_value, read_values

_SECTIONS = ("source", "columns", "formats", "units", "values", "extract", "join", "constants")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A column map whose names and values have been checked."""

    name: str
    """The file's name, for messages."""
    source: str
    columns: Mapping[str, tuple[str, ...]]
    """Tracker's column → foreign columns.

    Of several foreign columns, numbers are summed; instants and the texts in JOINED_TEXTS are
    joined. Of other texts the first that matches a pattern of ``values`` is taken, else the first
    that is not empty.
    """
    formats: Formats = field(default_factory=Formats)
    units: Mapping[str, Unit] = field(default_factory=dict)
    """Tracker's column → the unit of its cells; minutes are left out."""
    values: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Tracker's column → pairs of a shell pattern and a value, in the order of matching."""
    extracts: Mapping[str, Extract] = field(default_factory=dict)
    """Tracker's column → how its value is extracted from a text, before the translation."""
    join: Join | None = None
    """A second file with further columns, joined by the task."""
    constants: Mapping[str, str | float | bool] = field(default_factory=dict)
    """Tracker's column → the value for a log without this column, and for missing cells.

    Dates are ISO texts.
    """

    def has(self, column: str) -> bool:
        """Return whether the map has a foreign column, an extract or a constant for this column."""
        return column in self.read_columns or column in self.constants

    @property
    def read_columns(self) -> tuple[str, ...]:
        """The columns that are read from a file: the log, or the one joined to it."""
        joined = self.join.columns if self.join else ()
        return tuple(dict.fromkeys((*self.columns, *self.extracts, *joined)))

    def translate(self, column: str, text: str) -> str:
        """Return the value of the first pattern that matches, else the text itself.

        The comparison is case-sensitive, in Unicode NFC.
        """
        value = matching_value(self.values.get(column, ()), text)
        return text if value is None else value

    def require(
        self, required: Sequence[tuple[str, ...]], allowed: Iterable[str], command: str
    ) -> None:
        """Check that the map has the columns that a command requires, and no others.

        Args:
            required: Groups of columns; the map must have at least one column of each group.
            allowed: The columns that the command reads.
            command: The command, for messages.

        Raises:
            BadValue: The map lacks a required column or has one that the command does not read.
        """
        allowed = tuple(allowed)
        if SHARE in self.constants and not self.has("assigned"):
            raise BadValue(
                f"{self.name} has {SHARE} without assigned: add assigned, the arm that was drawn, "
                f"or remove {SHARE}."
            )
        if self.units.get(IN_POINTS) == "points" and IN_POINTS in self.constants:
            raise BadValue(
                f"{self.name} gives {IN_POINTS} in points and a constant in minutes: "
                "remove the constant."
            )
        for column in (*self.read_columns, *self.constants):
            if column not in allowed:
                raise BadValue(
                    f"{self.name} names {column}: `{command}` does not read it; "
                    "remove it from the map."
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
        source: The name of the log if the map gives none.

    Raises:
        NotFound: There is no such file.
        BadValue: The file is not UTF-8 text, or not a valid map.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise NotFound(f"--map is {path}: there is no such file.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadValue(
            f"--map is {path}: it cannot be read ({error}); give a TOML file in UTF-8."
        ) from None
    return parse_map(text, path.name, source, path.parent)


def parse_map(
    text: str, name: str, default_source: str | None = None, folder: Path = Path()
) -> ColumnMap:
    """Parse a map.

    Args:
        text: The map as TOML.
        name: The file's name, for messages.
        default_source: The name of the log if the map gives none.
        folder: The map's folder; the path of a joined file is relative to it.

    Raises:
        BadValue: The text is not a valid map.
    """
    try:
        document = parse_toml(text)
    except ValueError as error:
        raise BadValue(f"{name} is not TOML: {error}.") from None
    check_keys(document, _SECTIONS, name, "")
    _check_decided(document, name)
    source = document.get("source", default_source)
    if not isinstance(source, str) or not source.strip():
        raise BadValue(
            f'{name} has no source: begin it with source = "the log\'s name", '
            "which keeps imports apart."
        )
    if fault := names.fault(source.strip()):
        raise BadValue(f"{name} source is {quote(source)}: {fault}.")
    columns = _read_columns(_section(document, "columns", name), name)
    join = read_join(_section(document, "join", name), name, folder)
    joined = join.columns if join else {}
    if duplicate := next((column for column in joined if column in columns), None):
        raise BadValue(f"{name} has {duplicate} in [columns] and in [join.columns]: remove one.")
    return ColumnMap(
        name=name,
        source=normalise_name(source.strip()),
        columns=columns,
        formats=read_formats(_section(document, "formats", name), name),
        units=read_units(_section(document, "units", name), {**columns, **joined}, name),
        values=read_values(_section(document, "values", name), name),
        extracts=read_extracts(_section(document, "extract", name), name),
        join=join,
        constants=read_constants(_section(document, "constants", name), name),
    )


def _check_decided(content: Mapping[str, Any], name: str, place: str = "") -> None:
    """Check that no value of a suggested map is still UNDECIDED.

    The delimiter and the texts of missing values may be a question mark.

    Raises:
        BadValue: A value is UNDECIDED.
    """
    for key, value in content.items():
        if isinstance(value, Mapping):
            _check_decided(value, name, f"{place}.{key}" if place else key)
        elif value == UNDECIDED and key != "delimiter":
            section = f"[{place}] " if place else ""
            raise BadValue(
                f"{name} {section}{quote(key)[1:-1]} is '?', to be decided: give one of the values "
                "in the comments below it, or one of your own."
            )


def _section(document: Mapping[str, Any], section: str, name: str) -> dict[str, Any]:
    """Return a section as a dict; an absent one is empty."""
    content = document.get(section, {})
    if not isinstance(content, dict):
        raise BadValue(f"{name} {section} is {quote(content)}: write it as a section, [{section}].")
    return content


def _read_columns(section: Mapping[str, Any], name: str) -> dict[str, tuple[str, ...]]:
    """Return tracker's column → foreign columns, from ``[columns]``."""
    check_keys(section, COLUMNS, name, "[columns] ")
    columns = {}
    for column, value in section.items():
        foreign = value if isinstance(value, list) else [value]
        if not foreign or not all(isinstance(part, str) and part for part in foreign):
            raise BadValue(
                f"{name} [columns] {column} is {quote(value)}: "
                "give a column's name in quotes, or a list of them."
            )
        if len(foreign) > 1 and column == "date":
            raise BadValue(f"{name} [columns] date is {quote(value)}: give a single column.")
        columns[column] = tuple(foreign)
    return columns
