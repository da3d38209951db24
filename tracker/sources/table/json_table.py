"""Streaming of a JSON array of flat objects as a table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from io import BufferedReader
from itertools import chain
from typing import Any

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.sources.table.byte_order_marks import peek_text
from tracker.sources.table.delimited import Table, open_table
from tracker.sources.table.formats import Formats
from tracker.sources.table.json_text import JsonReader

_PEEK_SIZE = 256
"""The first object of an array must begin within so many bytes."""


def open_mapped_table(file: BufferedReader, name: str, formats: Formats) -> Table:
    """Open delimited text, or a JSON array of flat objects, by the formats of a map.

    Raises:
        BadValue: The file cannot be read.
    """
    if re.match(r"\s*\[\s*[{\]]", peek_text(file, _PEEK_SIZE)):
        return open_json_table(file, name)
    return open_table(
        file,
        name,
        encoding=formats.encoding,
        delimiter=formats.delimiter,
        skip_lines=formats.skip_lines,
    )


def open_json_table(file: BufferedReader, name: str) -> Table:
    """Open a JSON array of flat objects, with a column for each key of the first object.

    Null is read as "". The line numbers of the table count the objects.

    Raises:
        BadValue: The file is not a JSON array, is cut off, or is empty.
    """
    objects = _read_objects(file, name)
    first = next(objects, None)
    if first is None:
        raise BadValue(f"{name} has no rows: check what was exported.")
    header = tuple(first)
    return Table(name, header, ",", "utf-8", _ObjectRows(chain([first], objects), header))


class _ObjectRows:
    """Yields objects as rows of texts, like ``csv.reader``.

    Values of keys that are not in the header come last.
    """

    def __init__(self, objects: Iterator[dict[str, Any]], header: Sequence[str]) -> None:
        self.line_num = 0
        self._read_objects = objects
        self._header = header

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        row = next(self._read_objects)
        self.line_num += 1
        surplus = [value for key, value in row.items() if key not in self._header]
        return [_text(value) for value in (*map(row.get, self._header), *surplus)]


def _text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value)


def _read_objects(file: BufferedReader, name: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of the array in a file; only a block of it is in memory at a time."""
    text = JsonReader(file, name)
    if text.peek() != "[":
        raise BadValue(
            f"{name} is not a JSON array: give an array with an object for each row, such as "
            '[{"task": "PAY-1", "minutes": 30}].'
        )
    for value in text.elements():
        if not isinstance(value, dict):
            raise BadValue(
                f"{name} row {text.number} is {quote(value)}: "
                "each must be an object with the columns' names."
            )
        yield value
