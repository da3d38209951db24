"""Files that a command reads: a path, or standard input for ``-``."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from io import BufferedReader, UnsupportedOperation
from pathlib import Path
from typing import NamedTuple, Never, cast

from tracker.domain.errors import BadValue, NotFound
from tracker.domain.plain_text import readable
from tracker.domain.printing import printable


def label_of(file: str) -> str:
    """Return the name of a file for messages and for the list of imports, which is in Unicode."""
    return "standard input" if file == "-" else printable(readable(file))


@contextlib.contextmanager
def open_input(file: str) -> Iterator[BufferedReader]:
    """Open a file, or standard input for ``-``, to read bytes."""
    if file == "-":
        yield BufferedReader(cast("BufferedReader", sys.stdin.buffer))
        return
    try:
        with Path(file).open("rb") as stream:
            yield stream
    except FileNotFoundError:
        raise NotFound(f"FILE is {file}: there is no such file.") from None
    except IsADirectoryError:
        raise BadValue(f"FILE is {file}: that is a folder; give a file in it.") from None


class FileState(NamedTuple):
    """The state of a file, which changes when it is written to."""

    size: int
    modified_ns: int


def file_state(stream: BufferedReader) -> FileState | None:
    """Return the state of an open file; None for what is not a regular file, such as a pipe."""
    try:
        status = os.fstat(stream.fileno())
    except (UnsupportedOperation, AttributeError):  # in memory
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return FileState(status.st_size, status.st_mtime_ns)


def refuse_if_changed(
    stream: BufferedReader, before: FileState | None, label: str
) -> Iterator[Never]:
    """Yield nothing, to be iterated over after a file's records.

    Raises:
        BadValue: The file was written to in the meantime.
    """
    if file_state(stream) != before:
        raise BadValue(
            f"{label} was changed while it was read: nothing of it is kept; import it again when "
            "nothing writes to it."
        )
    yield from ()
