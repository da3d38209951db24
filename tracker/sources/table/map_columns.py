"""The names of tracker's columns, as a column map may use them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.domain.records import ARMS, ASSISTED

INSTANTS = ("started_at", "ended_at", "completed_at", "logged_at", "estimated_at")
"""Columns of instants: a day and a time of day."""
NUMBERS = ("minutes", "interruption_minutes", "estimate_minutes", "estimate_ai_minutes")
CATEGORIES: dict[str, tuple[str, ...]] = {"assisted": ASSISTED, "assigned": ARMS}
"""Columns with a fixed set of values."""
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
"""Texts that are kept as they are. The others are names: stripped, in Unicode NFC."""
JOINED_TEXTS = {"developer": " ", "key": " ", "title": " ", "note": " ", "tags": ", "}
"""Texts that several foreign columns may make up, such as first and last name → the separator."""
COLUMNS = (*TEXTS, *INSTANTS, "date", *NUMBERS, *CATEGORIES)
"""The names that are allowed in ``[columns]``."""
UNDECIDED = "?"
"""The value in a suggested map that the user has to decide."""
SHARE = "assistance_share"
"""The probability with which the draw gives assistance. It is allowed in ``[constants]`` only."""


def check_keys(keys: Iterable[str], allowed: Sequence[str], name: str, place: str) -> None:
    """Check that all keys are allowed.

    Args:
        keys: The keys of a section.
        allowed: The keys that are allowed there.
        name: The map's name, for messages.
        place: The section, for messages; it stands before the key.

    Raises:
        BadValue: A key is unknown. The message has the nearest one that is allowed.
    """
    for key in keys:
        if key not in allowed:
            matches = get_close_matches(key, allowed, n=1)
            advice = (
                f"did you mean {matches[0]}?" if matches else f"give one of {', '.join(allowed)}."
            )
            raise BadValue(f"{name} has the unknown key {place}{key}: {advice}")


def check_category(column: str, value: object, name: str, place: str) -> None:
    """Raise BadValue for a value that is not one of the column's categories."""
    if value not in CATEGORIES[column]:
        raise BadValue(
            f"{name} {place} gives {quote(value)}: give one of {', '.join(CATEGORIES[column])}."
        )
