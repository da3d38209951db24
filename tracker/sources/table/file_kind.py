"""What a file is that holds no text: named, so that a person knows what to do with it."""

from __future__ import annotations

import io

from tracker.domain.counts import count_of
from tracker.domain.errors import BadValue

_TABLE = "save the sheet as CSV"
_UNPACK = "unpack it first"
_PROGRAM = "export the log as CSV there"

_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "a PDF document", _PROGRAM),
    (b"SQLite format 3\0", "a SQLite database", "name it with --db, or export its table as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Office file, such as .xls", _TABLE),
    (b"\x1f\x8b", "compressed (gzip)", _UNPACK),
    (b"BZh", "compressed (bzip2)", _UNPACK),
    (b"\xfd7zXZ\0", "compressed (xz)", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "compressed (zstd)", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "an archive (7z)", _UNPACK),
    (b"Rar!", "an archive (rar)", _UNPACK),
    (b"PAR1", "a Parquet file", "export it as CSV"),
    (b"\x89PNG\r\n", "a picture (PNG)", _PROGRAM),
    (b"\xff\xd8\xff", "a picture (JPEG)", _PROGRAM),
    (b"GIF8", "a picture (GIF)", _PROGRAM),
    (b"\x7fELF", "a program", _PROGRAM),
)
"""The first bytes of a file, what it is, and what to do."""

_ARCHIVED_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"opendocument.spreadsheet", "an OpenDocument spreadsheet (.ods)", _TABLE),
    (b"word/", "a Word document (.docx)", _PROGRAM),
    (b"xl/", "an Excel workbook (.xlsx)", _TABLE),
    (b"[Content_Types].xml", "an Office file, such as .xlsx", _TABLE),
)
"""What the beginning of a ZIP archive holds, what it is then, and what to do."""

_XML = ("XML", "export the log as CSV")

_BLANK = b" \t\r\n\0\xef\xbb\xbf\xff\xfe"
"""The bytes of blanks, line breaks and byte-order marks, in UTF-8 and UTF-16."""

_BINARY_SHARE = 50
"""A file is binary if more than one byte in so many is a NUL, at even and at odd places alike."""


def check_is_text(file: io.BufferedReader, name: str, *, reads_xml: bool = False) -> None:
    """Refuse a file that is a workbook, an archive, a picture or a web page; consume nothing.

    Args:
        file: The file.
        name: Its name, for messages.
        reads_xml: Whether XML is what the source reads.

    Raises:
        BadValue: It is one. The message names the kind and what to do.
    """
    start = file.peek(io.DEFAULT_BUFFER_SIZE)
    kind = _kind(start)
    if kind and not (reads_xml and kind == _XML):
        raise BadValue(f"{name} is {kind[0]}, not text: {kind[1]}.")


def check_not_empty(file: io.BufferedReader, name: str, remedy: str) -> None:
    """Refuse a file without any character but blanks and line breaks; consume nothing.

    Args:
        file: The file.
        name: Its name, for messages.
        remedy: What the message says to do.

    Raises:
        BadValue: It is empty.
    """
    start = file.peek(io.DEFAULT_BUFFER_SIZE)
    # What a pipe gives first need not be all that it will give.
    is_all = not start or (file.seekable() and len(start) < io.DEFAULT_BUFFER_SIZE)
    if is_all and not start.strip(_BLANK):
        raise BadValue(f"{name} is empty ({count_of(len(start), 'byte')}): {remedy}.")


def is_binary(start: bytes) -> bool:
    """Return whether the first bytes of a file are neither text nor UTF-16.

    Text in UTF-16 has a NUL in every other byte; a NUL here and there is a fault of its row.
    """
    even, odd = start[::2].count(0), start[1::2].count(0)
    return min(even, odd) * _BINARY_SHARE > len(start)


def _kind(start: bytes) -> tuple[str, str] | None:
    """Return what a file is by its first bytes, and what to do; None where it may be text."""
    if start.startswith(b"PK\x03\x04"):
        for content, kind, cure in _ARCHIVED_KINDS:
            if content in start:
                return kind, cure
        return "an archive (ZIP)", _UNPACK
    for mark, kind, cure in _KINDS:
        if start.startswith(mark):
            return kind, cure
    page = start[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if page.startswith((b"<!doctype html", b"<html")):
        return "a web page, perhaps one to sign in", "download the log itself as CSV"
    if page.startswith(b"<?xml"):
        return _XML
    return None
