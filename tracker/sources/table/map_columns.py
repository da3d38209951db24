"""The names that a column map may use on its left sides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.domain.records import ARMS, ASSISTED

INSTANTS = ("started_at", "ended_at", "completed_at", "logged_at", "estimated_at")
"""Columns that hold a day and a time of day."""
NUMBERS = ("minutes", "interruption_minutes", "estimate_minutes", "estimate_ai_minutes")
WORDS: dict[str, tuple[str, ...]] = {"assisted": ASSISTED, "assigned": ARMS}
"""Columns that hold one of a few words."""
TEXTS = (
    "key",
    "developer",
    "team",
    "task",
    "activity",
    "title",
    "project",
    "tags",
    "note",
    "assistant",
)
VERBATIM = ("title", "note", "tags")
"""Texts for people, kept as they are. The others are names, in Unicode NFC and stripped."""
JOINED_TEXTS = {"developer": " ", "key": " ", "title": " ", "note": " ", "tags": ", "}
"""Texts that may be in several columns, such as first and last name, and what joins the parts."""
COLUMNS = (*TEXTS, *INSTANTS, "date", *NUMBERS, *WORDS)
"""Every name that may stand on the left side in ``[columns]``."""
UNDECIDED = "?"
"""The value of a line of a suggested map that a person has to decide."""
SHARE = "assistance_share"
"""The odds of the draw: a name that stands in ``[constants]`` only."""


def check_keys(keys: Iterable[str], allowed: Sequence[str], name: str, place: str) -> None:
    """Raise BadValue for a key that is not allowed, with the nearest one that is."""
    for key in keys:
        if key not in allowed:
            matches = get_close_matches(key, allowed, n=1)
            advice = (
                f"did you mean {matches[0]}?" if matches else f"give one of {', '.join(allowed)}."
            )
            raise BadValue(f"{name} has {place}{key}, which means nothing: {advice}")


def check_word(column: str, value: object, name: str, place: str) -> None:
    """Raise BadValue for a word that the column does not have."""
    if value not in WORDS[column]:
        raise BadValue(
            f"{name} {place} gives {quote(value)}: give one of {', '.join(WORDS[column])}."
        )
