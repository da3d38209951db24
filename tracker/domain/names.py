"""Which characters names and notes may contain, and how long they may be.

A name (of a developer, task, activity, team …) is any printable text on one line. Letters of all
scripts, all widths of space and joined emoji are allowed. The timer's commands load this module, so
it imports nothing heavy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

LONGEST_NAME = 500
"""Maximum length of a developer, task, activity, team, assistant, project or foreign key.

In characters. A key of a database index is limited to a few thousand bytes.
"""

LONGEST_NOTE = 10_000
"""Maximum length of a note, in characters."""

_FORBIDDEN_KINDS = {
    "a control character": "\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f",
    "a line break": "\n\r\x85\u2028\u2029",
    "a lone surrogate": "\ud800-\udfff",
    "a bidirectional control character": "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069",
}


@cache
def forbidden() -> re.Pattern[str]:
    """Return the pattern of one character that no name may contain; compiled where it is needed."""
    return re.compile(f"[{''.join(_FORBIDDEN_KINDS.values())}]")


def fault(text: str, longest: int = LONGEST_NAME) -> str | None:
    """Return what is wrong with a name and how to correct it, or None if it is valid.

    Args:
        text: The name.
        longest: The maximum length, in characters.

    """
    # No forbidden character is printable, and isprintable is the faster test.
    if not text.isprintable() and (match := forbidden().search(text)):
        character = match[0]
        kind = next(
            kind
            for kind, characters in _FORBIDDEN_KINDS.items()
            if re.match(f"[{characters}]", character)
        )
        return f"it holds {kind} (U+{ord(character):04X}); leave that out"
    if len(text) > longest:
        return f"it has {len(text):,} characters; give at most {longest:,}"
    return None


def normalise_name(text: str) -> str:
    """Return a name in Unicode NFC, so that a name typed on two systems compares equal."""
    if text.isascii():
        return text
    import unicodedata  # late: few names need it

    return unicodedata.normalize("NFC", text)


def plain_name(text: str) -> str:
    """Return a name without accents and in lower case, to compare spellings of one name."""
    import unicodedata  # late: few commands need it

    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def beginning_with(text: str, choices: Iterable[str]) -> list[str]:
    """Return the known name that a text is, or else those that begin with it; none for "".

    >>> beginning_with("des", ["design", "testing"]), beginning_with("test", ["test", "testing"])
    (['design'], ['test'])
    """
    matches = [name for name in choices if text and name.startswith(text)]
    return [text] if text in matches else matches
