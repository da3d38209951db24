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
_BLOCK_SIZE = 65_536
"""Bytes decoded at a time."""


def marked_encoding(start: bytes) -> str | None:
    """Return the encoding that a file's byte-order mark names; None if it has no mark."""
    return next((encoding for mark, encoding in _MARKS if start.startswith(mark)), None)


def peek_text(file: io.BufferedReader, size: int) -> str:
    """Return the text of the first bytes of a stream without consuming them.

    Undecodable bytes are replaced.

    Args:
        file: The stream.
        size: The number of bytes.
    """
    start = file.peek(size)[:size]
    return start.decode(marked_encoding(start) or "utf-8", "replace")


def transcode_to_utf_8(file: io.BufferedReader, name: str) -> io.BufferedReader:
    """Return a file with a byte-order mark of UTF-16 as a stream in UTF-8; else the file itself.

    PowerShell writes UTF-16 when it redirects a program's output to a file.

    Args:
        file: The stream.
        name: The file's name, for messages.
    """
    if marked_encoding(file.peek(io.DEFAULT_BUFFER_SIZE)) != _UTF_16:
        return file
    return io.BufferedReader(_Utf8OfUtf16(file, name))


class _Utf8OfUtf16(io.RawIOBase):
    """A stream of the UTF-8 encoding of a file in UTF-16."""

    def __init__(self, file: io.BufferedReader, name: str) -> None:
        self._file = file
        self._name = name
        self._decode = codecs.getincrementaldecoder(_UTF_16)().decode
        self._pending = b""
        """Transcoded bytes that have not been read yet."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Read bytes into a buffer; return their number, 0 at the end.

        Raises:
            BadValue: The bytes are not UTF-16.
        """
        is_at_end = False
        while not is_at_end and not self._pending:
            block = self._file.read(_BLOCK_SIZE)
            is_at_end = not block
            try:
                self._pending = self._decode(block, final=is_at_end).encode()
            except UnicodeError as error:
                reason = getattr(error, "reason", error)
                raise BadValue(
                    f"{self._name} begins with the byte-order mark of UTF-16, but is not UTF-16 "
                    f"({reason}): save it as UTF-8."
                ) from None
        size = min(len(buffer), len(self._pending))
        buffer[:size], self._pending = self._pending[:size], self._pending[size:]
        return size
