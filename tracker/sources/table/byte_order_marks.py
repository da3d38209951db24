"""Byte-order marks at the beginning of a file, and text in UTF-16 read as UTF-8."""

from __future__ import annotations

import codecs
import io
from typing import Any

from tracker.domain.errors import BadValue

_UTF_16 = "utf-16"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, _UTF_16),
    (codecs.BOM_UTF16_BE, _UTF_16),
)
_BLOCK = 65_536
"""Bytes decoded at a time."""


def marked_encoding(start: bytes) -> str | None:
    """Return the encoding that a file's byte-order mark names; None if it has no mark."""
    return next((encoding for mark, encoding in _MARKS if start.startswith(mark)), None)


def decoded_start(file: io.BufferedReader, size: int) -> str:
    """Return the text of the first bytes of a stream, undecodable ones replaced; consume nothing.

    Args:
        file: The stream.
        size: The number of bytes.
    """
    start = file.peek(size)[:size]
    return start.decode(marked_encoding(start) or "utf-8", "replace")


def as_utf_8(file: io.BufferedReader, name: str) -> io.BufferedReader:
    """Return a stream as UTF-8 if a mark says that it is UTF-16; else the stream itself.

    PowerShell writes UTF-16 where a program's output is redirected to a file.

    Args:
        file: The stream.
        name: The file's name, for messages.
    """
    if marked_encoding(file.peek(io.DEFAULT_BUFFER_SIZE)) != _UTF_16:
        return file
    return io.BufferedReader(_Utf16AsUtf8(file, name))


class _Utf16AsUtf8(io.RawIOBase):
    """A stream in UTF-16, read as UTF-8."""

    def __init__(self, file: io.BufferedReader, name: str) -> None:
        self._file = file
        self._name = name
        self._decode = codecs.getincrementaldecoder(_UTF_16)().decode
        self._rest = b""
        """What was decoded and not read yet."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Read bytes into a buffer; return how many, 0 at the end.

        Raises:
            BadValue: The bytes are not UTF-16.
        """
        block = b"-"
        while block and not self._rest:
            block = self._file.read(_BLOCK)
            try:
                self._rest = self._decode(block, final=not block).encode()
            except UnicodeError as error:
                reason = getattr(error, "reason", error)
                raise BadValue(
                    f"{self._name} is not UTF-16 text, as its first bytes say ({reason}): save it "
                    "as UTF-8."
                ) from None
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size
