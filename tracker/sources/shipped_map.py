"""Sources that are tables of a known form: a map that comes with tracker says what they hold.

Such a map is a file in ``maps/``, as a user would write it for ``import csv``. The user's own map
adds the words of the team: its ``[values]`` go before the shipped ones.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from io import BufferedReader

from tracker.sources import csv_log
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.table.column_map import ColumnMap, parse_map
from tracker.sources.user_map import check_named_map


def open_with_shipped_map(
    kind: str, map_file: str, file: BufferedReader, name: str, context: ImportContext
) -> ForeignLog:
    """Open a table by a shipped map and the user's values.

    Args:
        kind: The source's name.
        map_file: The file in ``maps/``.
        file: The log.
        name: The log's name, for messages.
        context: The import, with the user's map if there is one.

    Raises:
        BadValue: The user's map has more than a named source takes, or the file does not fit.
    """
    text = files("tracker.sources").joinpath("maps", map_file).read_text(encoding="utf-8")
    shipped = parse_map(text, f"the map of {kind}", kind)
    if context.map is not None:
        check_named_map(context.map, kind)
        shipped = _overlay(shipped, context.map)
    return csv_log.open_log(file, name, replace(context, map=shipped))


def _overlay(shipped: ColumnMap, own: ColumnMap) -> ColumnMap:
    """Return the shipped map with the user's values before its own, and the user's zone."""
    values = {
        column: (*own.values.get(column, ()), *shipped.values.get(column, ()))
        for column in {*own.values, *shipped.values}
    }
    formats = replace(
        shipped.formats,
        zone=own.formats.zone or shipped.formats.zone,
        ambiguous=own.formats.ambiguous,
    )
    return replace(
        shipped,
        name=own.name,
        source=own.source,
        values=values,
        extracts={**shipped.extracts, **own.extracts},
        formats=formats,
    )
