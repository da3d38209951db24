"""A JSON array of flat objects, streamed as a table, so that it is read as CSV is."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from io import BufferedReader
from itertools import chain
from typing import Any

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.sources.table.delimited import Table, open_table
from tracker.sources.table.formats import Formats

_BLOCK = 65_536
"""Characters read at a time."""
_PEEKED = 256
"""Bytes in which an array's first object must begin."""
_SEPARATORS = " \t\r\n,"
"""What may stand between two objects."""


def is_json(file: BufferedReader) -> bool:
    """Return whether a stream begins with a JSON array or object; nothing of it is consumed."""
    return file.peek(64)[:64].removeprefix(codecs.BOM_UTF8).lstrip().startswith((b"[", b"{"))


def open_mapped_table(file: BufferedReader, name: str, formats: Formats) -> Table:
    """Open a file that is read by a map: delimited text, or a JSON array of flat objects.

    Raises:
        BadValue: The file cannot be read.
    """
    if re.match(rb"\s*\[\s*\{", file.peek(_PEEKED).removeprefix(codecs.BOM_UTF8)):
        return open_json_table(file, name)
    return open_table(
        file,
        name,
        encoding=formats.encoding,
        delimiter=formats.delimiter,
        skip_lines=formats.skip_lines,
    )


def open_json_table(file: BufferedReader, name: str) -> Table:
    """Return the table of an array's objects, with a column for each key of the first object.

    Null is the empty text. The line numbers of the table count the objects.

    Raises:
        BadValue: The file is not a JSON array, is cut off, or is empty.
    """
    objects = _objects(file, name)
    first = next(objects, None)
    if first is None:
        raise BadValue(f"{name} holds no rows: there is nothing to import.")
    header = tuple(first)
    return Table(name, header, ",", "utf-8", _ObjectRows(chain([first], objects), header))


class _ObjectRows:
    """Objects as rows of texts, like ``csv.reader``; values of keys not in the header come last."""

    def __init__(self, objects: Iterator[dict[str, Any]], header: Sequence[str]) -> None:
        self.line_num = 0
        self._objects = objects
        self._header = header

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        row = next(self._objects)
        self.line_num += 1
        surplus = [value for key, value in row.items() if key not in self._header]
        return [_text(value) for value in (*map(row.get, self._header), *surplus)]


def _text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value)


def _read_block(stream: codecs.StreamReader, name: str, number: int) -> str:
    """Return the next block of the text, "" at its end.

    Raises:
        BadValue: The bytes are not UTF-8.
    """
    try:
        return stream.read(_BLOCK)
    except UnicodeDecodeError as error:
        raise BadValue(
            f"{name} is not UTF-8 text in or after row {number} ({error.reason}): save it as UTF-8."
        ) from None


def _objects(file: BufferedReader, name: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of the array in a stream, with one block of it in memory at a time."""
    stream = codecs.getreader("utf-8-sig")(file)
    decode = json.JSONDecoder().raw_decode
    block, position, number = _read_block(stream, name, 1).lstrip(), 1, 1
    if not block.startswith("["):
        raise BadValue(
            f"{name} is not a JSON array: give what `tracker export --format json` wrote."
        )
    while True:
        while block[position : position + 1] and block[position] in _SEPARATORS:
            position += 1
        if block.startswith("]", position):
            return
        try:
            value, position = decode(block, position)
        except json.JSONDecodeError as error:
            next_block = _read_block(stream, name, number)
            if not next_block:
                raise BadValue(
                    f"{name} row {number} is not JSON: {error.msg}; is the file cut off?"
                ) from None
            block, position = block[position:] + next_block, 0
            continue
        except (RecursionError, ValueError):  # nested too deeply, or a number of too many digits
            raise BadValue(
                f"{name} row {number} holds a value that is nested too deeply or a number of too "
                "many digits: correct it."
            ) from None
        if not isinstance(value, dict):
            raise BadValue(
                f"{name} row {number} is {quote(value)}: "
                "each must be an object with the columns' names."
            )
        yield value
        number += 1
