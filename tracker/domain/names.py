"""What may stand in a name (a developer, task, activity, team …) and in a note: any text of one line that shows.

Letters of all scripts, blanks of all widths and joined emoji are lawful. On the timer's path: it loads nothing.
"""

from __future__ import annotations

import re

LONGEST_NAME = 500
"""Characters of a developer, task, activity, team, assistant, project or foreign key: a database's index holds no more
than some thousand bytes.
"""

LONGEST_NOTE = 10_000
"""Characters of a note."""

_FORBIDDEN = {
    "a control character": "\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f",
    "a line break": "\n\r\x85\u2028\u2029",
    "a byte that is no text": "\ud800-\udfff",
    "a sign that turns the direction of writing": "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069",
}
FORBIDDEN = re.compile(f"[{''.join(_FORBIDDEN.values())}]")
"""One letter that no name holds."""


def fault(text: str, longest: int = LONGEST_NAME) -> str | None:
    """What is wrong with a name, and the cure; None where nothing is."""
    if found := FORBIDDEN.search(text):
        letter = found[0]
        kind = next(
            kind for kind, letters in _FORBIDDEN.items() if re.match(f"[{letters}]", letter)
        )
        return f"it holds {kind} (U+{ord(letter):04X}); leave that out"
    if len(text) > longest:
        return f"it has {len(text):,} characters; give at most {longest:,}"
    return None
