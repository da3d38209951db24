"""The names of activities as a person gives them: whole, or cut short."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from sqlalchemy import Connection

from tracker.domain.errors import NotFound
from tracker.domain.names import beginning_with
from tracker.store.read import queries


def whole_activities(connection: Connection, activities: Sequence[str]) -> tuple[str, ...]:
    """Return the whole names of activities.

    Raises:
        NotFound: One is neither registered nor in the log, or may be more than one.
    """
    existing = queries.activities(connection)
    if set(activities) <= set(existing):
        return tuple(activities)
    logged_activities = queries.logged_activities(connection)
    existing += [activity for activity in logged_activities if activity not in existing]
    return tuple(_whole_activity(activity, existing) for activity in activities)


def _whole_activity(activity: str, existing: Sequence[str]) -> str:
    beginning = beginning_with(activity, existing)
    if len(beginning) == 1:
        return beginning[0]
    similar = beginning or get_close_matches(activity.lower(), existing, n=1)
    hint = (
        f"did you mean {' or '.join(similar)}?" if similar else f"there are {', '.join(existing)}."
    )
    raise NotFound(f"--activity is {activity!r}: {hint}")
