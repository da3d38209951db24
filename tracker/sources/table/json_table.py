"""A JSON array of flat objects, streamed, as a table: so that it is read, and its bad rows handed back, as CSV is."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Sequence
from io import BufferedReader
from itertools import chain
from typing import Any

from tracker.domain.errors import BadValue
from tracker.sources.table.delimited import Table

_BLOCK = 65_536
_BETWEEN = " \t\r\n,"


def begins_json(file: BufferedReader) -> bool:
    """Whether the stream's first letter opens a JSON array or object; nothing of it is used up."""
    return file.peek(64)[:64].removeprefix(codecs.BOM_UTF8).lstrip().startswith((b"[", b"{"))


def open_json_table(file: BufferedReader, name: str) -> Table:
    """The table of an array's objects, a column for each key of the first; null is the empty text.

    Its lines are the objects' numbers. BadValue where the array is none, is broken off, or is empty.
    """
    objects = _objects(file, name)
    first = next(objects, None)
    if first is None:
        raise BadValue(f"{name} holds no rows: there is nothing to import.")
    return Table(
        name, tuple(first), ",", "utf-8", _ObjectRows(chain([first], objects), tuple(first))
    )


class _ObjectRows:
    """Objects as rows of texts, the way ``csv.reader`` gives them; keys that the header lacks come last."""

    def __init__(self, objects: Iterator[dict[str, Any]], header: Sequence[str]) -> None:
        self.line_num = 0
        self._objects = objects
        self._header = header

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        found = next(self._objects)
        self.line_num += 1
        strange = [value for key, value in found.items() if key not in self._header]
        return [_as_text(value) for value in (*map(found.get, self._header), *strange)]


def _as_text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value)


def _objects(file: BufferedReader, name: str) -> Iterator[dict[str, Any]]:
    """The objects of the array in a stream, a block of it in memory at a time."""
    text = codecs.getreader("utf-8-sig")(file)
    decode = json.JSONDecoder().raw_decode
    block, position, number = text.read(_BLOCK).lstrip(), 1, 1
    if not block.startswith("["):
        raise BadValue(
            f"{name} is not a JSON array: give what `tracker export --format json` wrote."
        )
    while True:
        while block[position : position + 1] and block[position] in _BETWEEN:
            position += 1
        if block.startswith("]", position):
            return
        try:
            found, position = decode(block, position)
        except json.JSONDecodeError as error:
            more = text.read(_BLOCK)
            if not more:
                raise BadValue(
                    f"{name} row {number} is not JSON: {error.msg}; is the file cut off?"
                ) from None
            block, position = block[position:] + more, 0
            continue
        if not isinstance(found, dict):
            raise BadValue(
                f"{name} row {number} is {found!r}: each must be an object with the columns' names."
            )
        yield found
        number += 1
