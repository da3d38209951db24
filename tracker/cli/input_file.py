"""Files that a command reads: a path, or standard input for ``-``."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import cast

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
