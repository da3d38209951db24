"""Streaming of JSON: values are decoded one at a time, in bounded memory."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from io import BufferedReader
from typing import Any

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.sources.table.byte_order_marks import peek_text, transcode_to_utf_8

_BLOCK_SIZE = 65_536
"""Characters read at a time; the size is doubled while a value is incomplete."""
_SEPARATORS = " \t\r\n,"
"""The characters that may separate two values."""


def is_json(file: BufferedReader) -> bool:
    """Return whether a stream begins with a JSON array or object; consume nothing."""
    return peek_text(file, 64).lstrip().startswith(("[", "{"))


class JsonReader:
    """A pull parser of a JSON file.

    Args:
        file: The binary stream.
        name: The file's name, for messages.
        unit: The word for an element of its array, for messages.
    """

    def __init__(self, file: BufferedReader, name: str, unit: str = "row") -> None:
        self._stream = codecs.getreader("utf-8-sig")(transcode_to_utf_8(file, name))
        self._decode = json.JSONDecoder().raw_decode
        self._name = name
        self._unit = unit
        self._text = ""
        self._position = 0
        self.number = 1
        """The number of the current element, from 1."""

    def peek(self) -> str:
        """Return the next character that is not a separator; "" at the end."""
        while True:
            while self._text[self._position : self._position + 1] in (*_SEPARATORS,):
                self._position += 1
            if self._position < len(self._text) or not self._read_more(_BLOCK_SIZE):
                return self._text[self._position : self._position + 1]

    def check_beginning(self) -> None:
        """Check that an array or an object comes next.

        Raises:
            BadValue: The file is empty, or is not JSON.
        """
        character = self.peek()
        if not character:
            raise BadValue(f"{self._name} is empty: give a file that holds JSON.")
        if character not in "[{":
            start = self._text[self._position :].partition("\n")[0].rstrip()
            raise BadValue(
                f"{self._name} is not JSON, it begins with {quote(start)}: give a file that holds "
                "JSON."
            )

    def skip(self, characters: str) -> bool:
        """Consume the next character if it is one of these; return whether it was."""
        character = self.peek()
        if not character or character not in characters:
            return False
        self._position += 1
        return True

    def value(self) -> Any:
        """Return the next value.

        Raises:
            BadValue: The text is not JSON, or is cut off.
        """
        self.peek()
        size = _BLOCK_SIZE
        while True:
            try:
                value, end = self._decode(self._text, self._position)
            except json.JSONDecodeError as error:
                if not self._read_more(size):
                    reason = error.msg.removesuffix(" starting at")
                    raise BadValue(
                        f"{self._name} {self._unit} {self.number} is not JSON ({reason}): "
                        "is the file cut off?"
                    ) from None
            except (RecursionError, ValueError):
                raise BadValue(
                    f"{self._name} {self._unit} {self.number} holds a value that is nested too "
                    "deeply or a number of too many digits: correct it."
                ) from None
            else:
                # A number may go on in the next block.
                is_whole = end < len(self._text) or not isinstance(value, int | float)
                if is_whole or not self._read_more(size):
                    self._position = end
                    return value
            size *= 2

    def elements(self) -> Iterator[Any]:
        """Yield the elements of the array that comes next.

        Raises:
            BadValue: The text is not JSON, or is cut off.
        """
        self.skip("[")
        while not self.skip("]"):
            yield self.value()
            self.number += 1

    def members(self) -> Iterator[str]:
        """Yield the keys of the object that comes next; the caller consumes each value.

        Raises:
            BadValue: The text is not JSON, or is cut off.
        """
        self.skip("{")
        while not self.skip("}"):
            key = self.value()
            if not isinstance(key, str) or not self.skip(":"):
                raise BadValue(f"{self._name} is not JSON: a key is missing; is the file cut off?")
            yield key

    def _read_more(self, size: int) -> bool:
        """Append the next characters of the file; return whether there were any.

        Raises:
            BadValue: The bytes are not UTF-8.
        """
        try:
            block = self._stream.read(size)
        except UnicodeDecodeError as error:
            raise BadValue(
                f"{self._name} is not UTF-8 text in or after {self._unit} {self.number} "
                f"({error.reason}): save it as UTF-8."
            ) from None
        self._text, self._position = self._text[self._position :] + block, 0
        return bool(block)
