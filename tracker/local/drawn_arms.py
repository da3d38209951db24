"""A local copy of the arms drawn for a developer's work, to log without connecting to the database.

`tracker start` waits for this module to load, so it imports only fast modules of the standard
library.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress

from tracker.local.record_files import Record, read_json, write_json


class DrawnArmCache:
    """The drawn arms of each developer, in the file ``drawn_arms.json`` of a folder.

    The file holds ``{developer: {activity: {task: arm}}}``.
    """

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, "drawn_arms.json")

    def arm(self, developer: str, activity: str, task: str) -> str | None:
        """Return the arm drawn for a work item; None if none was drawn, or it is not cached."""
        arms: object = self._load()
        for key in (developer, activity, task):
            arms = arms.get(key) if isinstance(arms, dict) else None
        return arms if isinstance(arms, str) else None

    def remember(self, developer: str, drawn: Iterable[tuple[str, str, str]]) -> None:
        """Cache a developer's drawn arms, (activity, task, arm) each, in place of the former ones.

        Writes only if they have changed. A disk that cannot store them does not matter: the arm is
        filled in once more when the entry is stored in the database.
        """
        arms: dict[str, dict[str, str]] = {}
        for activity, task, arm in drawn:
            arms.setdefault(activity, {})[task] = arm
        content = self._load()
        if content.get(developer, {}) != arms:
            with suppress(OSError):
                write_json(self._path, content | {developer: arms})

    def _load(self) -> Record:
        try:
            return read_json(self._path)
        except (OSError, ValueError):
            return {}  # the next command that reads the database writes the file anew
