"""The standard streams: their encoding, and the colour and width of a terminal.

`tracker start` loads this module, so it imports nothing heavy.
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Mapping
from io import TextIOWrapper
from typing import TextIO

from tracker.domain.plain_text import ERRORS

_ASCII = "tracker_ascii"
"""ASCII by another name: click replaces a stream named ASCII with one in UTF-8."""

_STRICT_HANDLERS = {"strict", "surrogateescape"}
"""Error handlers of stdout that raise an error or pass raw bytes; another one is the user's wish.

Python chooses ``surrogateescape`` for the C locale.
"""

DEFAULT_WIDTH = 80
"""The width of output that is not for a terminal, and of a terminal that has no size."""
_MIN_WIDTH = 20


def prepare_streams() -> None:
    """Open the null device for closed streams (``>&-``); replace what an encoding lacks."""
    codecs.register(_find_codec)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115, PTH123 - used until the program ends
            setattr(sys, name, stream)
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors in _STRICT_HANDLERS:
        _replace_unencodable(sys.stdout)
    if isinstance(sys.stderr, TextIOWrapper):
        _replace_unencodable(sys.stderr)


def prepare_for_programs(stream: TextIO) -> None:
    """Set the encoding of a stream that is no terminal to UTF-8, so that programs get all letters.

    It is called before JSON and CSV is written.
    """
    if isinstance(stream, TextIOWrapper) and not stream.isatty():
        stream.reconfigure(encoding="utf-8", errors=ERRORS)


def encodes_everything(stream: TextIO) -> bool:
    """Return whether a stream has an encoding of all characters."""
    return (stream.encoding or "ascii").lower().startswith("utf")


def shows_unicode(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Return whether a terminal shows all characters.

    In the C locale Python writes UTF-8 (PEP 540), which the terminal need not understand.
    """
    names = ("PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL", "LC_CTYPE", "LANG")
    first = next((environ[name] for name in names if environ.get(name)), "C")
    return encodes_everything(stream) and first not in {"C", "POSIX"}


def is_styled(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Return whether a stream is a terminal that shows escape sequences, and NO_COLOR is unset."""
    return stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def terminal_width(stream: TextIO, environ: Mapping[str, str]) -> int | None:
    """Return the columns of a terminal, or of COLUMNS; None for a stream that is no terminal."""
    if not stream.isatty():
        return None
    try:
        columns = int(environ.get("COLUMNS", "")) or os.get_terminal_size(stream.fileno()).columns
    except ValueError:
        columns = os.get_terminal_size(stream.fileno()).columns
    return max(columns or DEFAULT_WIDTH, _MIN_WIDTH)


def _replace_unencodable(stream: TextIOWrapper) -> None:
    is_ascii = codecs.lookup(stream.encoding).name == "ascii"
    stream.reconfigure(encoding=_ASCII if is_ascii else None, errors=ERRORS)


def _find_codec(name: str) -> codecs.CodecInfo | None:
    """Return the codec of :data:`_ASCII`, as ``codecs.register`` asks for it."""
    if name != _ASCII:
        return None
    ascii_codec = codecs.lookup("ascii")
    return codecs.CodecInfo(
        ascii_codec.encode,
        ascii_codec.decode,
        ascii_codec.streamreader,
        ascii_codec.streamwriter,
        ascii_codec.incrementalencoder,
        ascii_codec.incrementaldecoder,
        name=_ASCII,
    )
