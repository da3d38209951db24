"""JSON as tools write it: an array, one object, or objects after one another, streamed."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from io import BufferedReader
from typing import Any

from tracker.domain.errors import BadValue

_BLOCK = 65_536
"""Characters read at a time. The amount doubles while a value is longer."""
_LONGEST_TOKEN = 12
"""Characters of the longest part of JSON that is read as one, such as a pair of escapes."""
_SEPARATORS = " \t\r\n,\x1e"
"""What may stand between two values."""


def read_documents(file: BufferedReader, name: str) -> Iterator[tuple[int, Any]]:
    """Yield the values of a stream, with one of them in memory at a time.

    A value is an element of an array at the top level, or what stands there by itself: pages that
    were saved one after another, or one object a line.

    Args:
        file: The stream, in UTF-8.
        name: Its name, for messages.

    Yields:
        The number of each value, from 1, and the value.

    Raises:
        BadValue: The stream is not JSON, or is cut off.
    """
    text = _Text(file, name)
    is_in_array = False
    while True:
        character = text.next_character()
        if character == "":
            if is_in_array:
                raise BadValue(
                    f"{name} ends in the middle, after item {text.number - 1}: export it again."
                )
            return
        if character == "[" and not is_in_array:
            is_in_array = True
            text.skip_character()
        elif character == "]" and is_in_array:
            is_in_array = False
            text.skip_character()
        else:
            yield text.number, text.decode()
            text.number += 1


class _Text:
    """The text of a stream, from the next value on."""

    def __init__(self, file: BufferedReader, name: str) -> None:
        self.number = 1
        """The number of the next value."""
        self._stream = codecs.getreader("utf-8-sig")(file)
        self._name = name
        self._decode = json.JSONDecoder().raw_decode
        self._block = ""
        self._position = 0

    def next_character(self) -> str:
        """Return the first character of the next value; "" at the end."""
        while True:
            while self._position < len(self._block):
                if self._block[self._position] not in _SEPARATORS:
                    return self._block[self._position]
                self._position += 1
            if not self._read(_BLOCK):
                return ""

    def skip_character(self) -> None:
        """Pass over a bracket."""
        self._position += 1

    def decode(self) -> Any:
        """Return the next value.

        Raises:
            BadValue: It is not JSON, or is cut off.
        """
        size = _BLOCK
        while True:
            try:
                value, end = self._decode(self._block, self._position)
            except json.JSONDecodeError as error:
                if self._may_be_cut(error) and self._read(size):
                    size *= 2
                    continue
                raise BadValue(
                    f"{self._name} item {self.number} is not JSON: {error.msg}; is the file cut "
                    "off?"
                ) from None
            except (RecursionError, ValueError):
                raise BadValue(
                    f"{self._name} item {self.number} is nested too deeply or holds a number of "
                    "too many digits: correct it."
                ) from None
            if end == len(self._block) and self._read(size):
                continue  # a number may go on
            self._position = end
            return value

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether more text may mend an error: it lies where the text ends, or in a string."""
        is_at_end = error.pos >= len(self._block) - _LONGEST_TOKEN
        return is_at_end or error.msg.startswith("Unterminated string")

    def _read(self, size: int) -> bool:
        """Append to the block, without what was read before; return whether there was more."""
        try:
            more = self._stream.read(size)
        except UnicodeDecodeError as error:
            raise BadValue(
                f"{self._name} is not UTF-8 text in or after item {self.number} ({error.reason}): "
                "save it as UTF-8."
            ) from None
        self._block = self._block[self._position :] + more
        self._position = 0
        return bool(more)
