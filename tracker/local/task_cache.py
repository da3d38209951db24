"""A local copy of a developer's task keys, to notice a mistyped one without the database."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress

from tracker.domain.task_keys import similar_key
from tracker.local.record_files import Record, read_json, write_json

_KEYS = ("keys", "candidates", "new")
_MAX_NEW = 50
"""New keys that are remembered until the database knows them."""


class TaskCache:
    """Task keys in the file ``tasks.json`` of a folder.

    Args:
        folder: The folder.
        developer: Whose keys they are; the file of another developer counts as empty.

    """

    def __init__(self, folder: str, developer: str) -> None:
        self._path = os.path.join(folder, "tasks.json")
        self.developer = developer

    def similar(
        self,
        key: str,
        *,
        with_slips: bool = True,
        is_new: bool = False,
        fresh: Sequence[str] = (),
        estimated: Sequence[str] = (),
    ) -> str | None:
        """Return the key that a new one was probably meant to be, None where it looks right.

        Args:
            key: The key.
            with_slips: As in :func:`similar_key`.
            is_new: Whether it is new although it is in the cache now, because it was just used.
            fresh: Keys that were used since the database was read.
            estimated: Those of them that were estimated.

        """
        content = self._load()
        keys = [*content["keys"], *content["new"], *fresh]
        if is_new:
            keys = [other for other in keys if other != key]
        return similar_key(key, keys, [*content["candidates"], *estimated], with_slips=with_slips)

    def completed_epoch(self, activity: str, task: str) -> int | None:
        """Return when a work item or its task was completed; None where neither was."""
        epochs = [
            epoch
            for key, item_activity, epoch in self._load()["completed"]
            if key == task and item_activity in (None, activity)
        ]
        return max(epochs, default=None)

    def remember(
        self,
        keys: Sequence[str],
        candidates: Sequence[str],
        completed: Sequence[tuple[str, str | None, int]] = (),
    ) -> None:
        """Cache what the database holds now. Writes only if it has changed.

        Args:
            keys: The keys.
            candidates: Those whose work is expected.
            completed: (task, activity, epoch) of what was completed; the activity is None for a
                task as a whole.

        Raises:
            OSError: The disk cannot store them.

        """
        old = self._load()
        new = [key for key in old["new"] if key not in keys]
        self._write(
            old,
            {
                "keys": list(keys),
                "candidates": list(candidates),
                "new": new,
                "completed": [list(row) for row in completed],
            },
        )

    def accept(self, key: str) -> None:
        """Remember a new key, so that it is remarked on once only."""
        old = self._load()
        with suppress(OSError):  # stored only to spare a remark
            self._write(old, {**old, "new": [*old["new"], key][-_MAX_NEW:]})

    def forget(self, key: str) -> None:
        """Remove a renamed key from the new ones."""
        old = self._load()
        with suppress(OSError):
            self._write(old, {**old, "new": [other for other in old["new"] if other != key]})

    def _write(self, old: Record, content: Record) -> None:
        content = {**content, "developer": self.developer}
        if content != old:
            write_json(self._path, content)

    def _load(self) -> Record:
        empty: Record = {"keys": [], "candidates": [], "new": [], "completed": []}
        try:
            content = read_json(self._path)
        except (OSError, ValueError):
            return empty  # the next command that reaches the database writes the file anew
        is_valid = (
            content.get("developer") == self.developer
            and all(isinstance(content.get(name), list) for name in empty)
            and all(isinstance(key, str) for name in _KEYS for key in content[name])
            and all(map(_is_completion, content["completed"]))
        )
        return content if is_valid else empty


def _is_completion(row: object) -> bool:
    """Return whether a row of the file is a task, an activity or None, and an instant."""
    return (
        isinstance(row, list)
        and len(row) == 3
        and isinstance(row[0], str)
        and isinstance(row[1], str | None)
        and isinstance(row[2], int)
    )
