"""Text for people: without control characters and passwords, and short enough to read.

Everything that the program prints for a person passes through this module: messages, errors,
table cells, names of files and columns. The timer's commands load it, so it imports nothing heavy.
"""

from __future__ import annotations

from tracker.domain import urls
from tracker.domain.names import forbidden

MAX_QUOTED = 60
"""Maximum number of characters of a value that a message quotes."""

MAX_MESSAGE = 2_000
"""Maximum number of characters of a message; a longer one is cut in its middle."""

_MESSAGE_END = 500
"""How many characters at the end of a long message are printed: they say what to do."""


def printable(text: str) -> str:
    r"""Return a text in one line, with each character that a terminal could obey escaped.

    These are control characters, line breaks, bidirectional controls and lone surrogates.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    if text.isprintable():
        return text
    return forbidden().sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def message(text: str) -> str:
    """Return a message as it is printed: in one line, without passwords, of limited length."""
    text = printable(urls.mask_passwords(text))
    if len(text) <= MAX_MESSAGE:
        return text
    return f"{text[: MAX_MESSAGE - _MESSAGE_END]} … {text[-_MESSAGE_END:]}"


def escape_json(line: str) -> str:
    """Return a line of JSON with the characters that a terminal could obey escaped.

    Its content stays the same.
    """
    if line.isprintable():
        return line
    return forbidden().sub(lambda match: f"\\u{ord(match[0]):04x}", line)


def quote(value: object) -> str:
    """Return a value of any type as a message quotes it: its ``repr``, cut where it is long.

    >>> quote("x" * 1000)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'…"
    """
    if isinstance(value, str):
        return f"{value[:MAX_QUOTED]!r}{'…' if len(value) > MAX_QUOTED else ''}"
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested too deeply, or a number of too many digits
        return f"a {type(value).__name__} too large to show"
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"
