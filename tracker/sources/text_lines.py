"""The lines of a text file, read as they are needed."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from io import BufferedReader

from tracker.domain.errors import BadValue
from tracker.sources.table.byte_order_marks import transcode_to_utf_8

CUT_OFF = "has no line break at its end: is the file cut off? If it is whole, add one"
"""The fault of a last line without a line end, in the log of a tool that ends every line."""

_MAX_LINE = 1_000_000
"""Bytes of a line; a longer one is not a line of a time log."""


def read_lines(file: BufferedReader, name: str) -> Iterator[tuple[int, str]]:
    r"""Yield the number of each line and its text, which ends in ``\n`` unless the file does not.

    Raises:
        BadValue: A line is too long, or is not UTF-8 text.
    """
    number = 0
    file = transcode_to_utf_8(file, name)
    while line := file.readline(_MAX_LINE):
        number += 1
        if len(line) == _MAX_LINE:
            raise BadValue(
                f"{name} line {number} has over {_MAX_LINE:,} bytes: it is not a time log."
            )
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            raise BadValue(
                f"{name} line {number} is not UTF-8 text ({error.reason}): save it as UTF-8."
            ) from None
        if "\0" in text:
            raise BadValue(f"{name} line {number} is binary, not text: give the log itself.")
        yield number, text.replace("\r\n", "\n")
