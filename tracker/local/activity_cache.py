"""A local copy of the activities in the database, to check names without connecting to it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress

from tracker.domain.errors import BadValue
from tracker.domain.names import beginning_with
from tracker.domain.printing import quote
from tracker.local.record_files import read_json_value, write_json


class ActivityCache:
    """The names of the database's activities, in the file ``activities.json`` of a folder."""

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, "activities.json")

    def names(self) -> Sequence[str]:
        """Return the cached names, or the predefined ones if the cache is empty or damaged."""
        if names := self._load():
            return names
        # late: creating its dataclasses takes as long as the rest of this module
        from tracker.domain.records import ACTIVITIES

        with suppress(OSError):  # stored only to spare the next command this import
            self.remember(ACTIVITIES)
        return ACTIVITIES

    def remember(self, names: Sequence[str]) -> None:
        """Cache the names that the database holds now. Writes only if they have changed.

        Raises:
            OSError: The disk cannot store them.

        """
        if list(names) != self._load():
            write_json(self._path, list(names))

    def check(self, name: str) -> str:
        """Return the name of an activity, which may be cut short as long as no other begins so.

        Raises:
            BadValue: There is none, or more than one. The message names similar ones.

        """
        names = self.names()
        matches = beginning_with(name, names)
        if len(matches) == 1:
            return matches[0]
        if matches:
            choices = f"{', '.join(matches[:-1])} or {matches[-1]}"
            raise BadValue(f"activity is {quote(name)}: it may be {choices}; give more of it.")
        from difflib import get_close_matches  # late: only for a refusal

        suggestions = get_close_matches(name.lower(), names, n=1)
        choices = ", ".join(names)
        hint = f"did you mean {suggestions[0]}?" if suggestions else f"choose one of {choices}."
        raise BadValue(
            f"activity is {quote(name)}: {hint} Add a new one with `tracker activities add`."
        )

    def _load(self) -> list[str]:
        try:
            names = read_json_value(self._path)
        except (OSError, ValueError):
            return []  # the next command that reaches the database writes the file anew
        is_valid = isinstance(names, list) and all(isinstance(name, str) for name in names)
        return names if is_valid else []
