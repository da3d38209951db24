"""Recognition of files that are not text, such as workbooks, archives and pictures."""

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
"""First bytes of a file, its kind, and what to do."""

_ARCHIVED_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"opendocument.spreadsheet", "an OpenDocument spreadsheet (.ods)", _TABLE),
    (b"word/", "a Word document (.docx)", _PROGRAM),
    (b"xl/", "an Excel workbook (.xlsx)", _TABLE),
    (b"[Content_Types].xml", "an Office file, such as .xlsx", _TABLE),
)
"""Content of a ZIP archive, its kind, and what to do."""

_XML = ("XML", "export the log as CSV")

_BLANK = b" \t\r\n\0\xef\xbb\xbf\xff\xfe"
"""The bytes of blanks, line breaks and byte-order marks, in UTF-8 and UTF-16."""

_MAX_NUL_SHARE = 1 / 50
"""Share of NUL bytes above which a file is binary, at even and at odd positions alike."""


def check_is_text(file: io.BufferedReader, name: str, *, reads_xml: bool = False) -> None:
    """Check that a file is not a workbook, an archive, a picture or a web page; consume nothing.

    Args:
        file: The file.
        name: Its name, for messages.
        reads_xml: Whether the source reads XML.

    Raises:
        BadValue: The file is not text. The message names its kind and what to do.
    """
    start = file.peek(io.DEFAULT_BUFFER_SIZE)
    kind = _recognise_kind(start)
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

    Text in UTF-16 may have a NUL in every other byte. A few NULs are left for the rows that hold
    them to be rejected.
    """
    even, odd = start[::2].count(0), start[1::2].count(0)
    return min(even, odd) > _MAX_NUL_SHARE * len(start)


def _recognise_kind(start: bytes) -> tuple[str, str] | None:
    """Return the kind of a file by its first bytes, and what to do; None if it may be text."""
    if start.startswith(b"PK\x03\x04"):
        for content, kind, advice in _ARCHIVED_KINDS:
            if content in start:
                return kind, advice
        return "an archive (ZIP)", _UNPACK
    for mark, kind, advice in _KINDS:
        if start.startswith(mark):
            return kind, advice
    page = start[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if page.startswith((b"<!doctype html", b"<html")):
        return "a web page, perhaps one to sign in", "download the log itself as CSV"
    if page.startswith(b"<?xml"):
        return _XML
    return None
