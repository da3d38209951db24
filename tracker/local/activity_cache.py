"""The activities that the database knows, cached in a file on this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress

from tracker.domain.errors import BadValue
from tracker.local.record_files import write_json


class ActivityCache:
    """The activities that the database knows, remembered in a file, so that a slip is refused without asking it."""

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, "activities.json")

    def names(self) -> Sequence[str]:
        """The remembered names; those known from the start where none are remembered yet."""
        if names := self._remembered():
            return names
        from tracker.domain.records import (
            ACTIVITIES,  # late: its dataclasses take as long to make as all of this module
        )

        with suppress(OSError):  # so that it is once only
            self.remember(ACTIVITIES)
        return ACTIVITIES

    def remember(self, names: Sequence[str]) -> None:
        """Keep what the database knows now; nothing is written where it is known already."""
        if list(names) != self._remembered():
            write_json(self._path, list(names))

    def _remembered(self) -> list[str]:
        try:
            with open(self._path, encoding="utf-8") as file:
                names = json.load(file)
        except (OSError, ValueError):
            return []  # a memory only: the next command that reaches the database writes it anew
        return names if isinstance(names, list) else []

    def check(self, name: str) -> str:
        """The activity itself if it is known; else BadValue with the nearest one."""
        known = self.names()
        if name in known:
            return name
        from difflib import get_close_matches  # late: for a refusal only

        near = get_close_matches(name.lower(), known, n=1)
        instead = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
        raise BadValue(
            f"activity is {name!r}: {instead} A new one is made with `tracker activities add`."
        )
