"""The last steps of the timer on this machine, for `undo` and `redo`.

A step has the timer before and after a command, and the records that the command put into the
outbox. `start` waits for this module to load, so it imports only fast modules.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from tracker.local.record_files import Record, read_json, write_json

_LONGEST = 50
"""How many steps are kept."""

MOVED_ESTIMATE = "moved estimate"
"""The kind of the record of a step that moved an estimate to another task in the database."""


class Step(NamedTuple):
    """The changes of one command to the timer and the outbox."""

    verb: str
    made_ms: int
    """When it was done, in milliseconds since 1970 UTC."""
    before: Record | None
    """The fields of the timer before; None where none ran."""
    after: Record | None
    """The fields of the timer after; None where none runs."""
    records: dict[str, Record]
    """The records that it put into the outbox, by id."""
    undone_ms: int | None = None
    """When it was undone; None where it is not."""
    in_files_only: bool = False
    """Whether it was undone before the database had its records."""


class History:
    """Steps that can be undone and redone, oldest first, in a file of the data folder.

    Only `undo` and `redo` need the file, so a failure to write it does not stop a command.

    Args:
        path: The file.
        now_ms: Returns the current instant in milliseconds.

    """

    def __init__(self, path: str, now_ms: Callable[[], int]) -> None:
        self._path = path
        self._now_ms = now_ms

    def add(
        self,
        verb: str,
        before: Record | None,
        after: Record | None,
        records: dict[str, Record],
    ) -> None:
        """Add the step of a new command. What was undone before can no longer be redone."""
        done, _ = self._read()
        self._write([*done, Step(verb, self._now_ms(), before, after, records)], [])

    def done(self) -> list[Step]:
        """Return the steps that are not undone, oldest first."""
        return self._read()[0]

    def last(self) -> Step | None:
        """Return the last step that is not undone."""
        done, _ = self._read()
        return done[-1] if done else None

    def last_undone(self) -> Step | None:
        """Return the step that was undone last."""
        _, undone = self._read()
        return undone[-1] if undone else None

    def discard(self, step: Step) -> None:
        """Remove a step that is no longer true."""
        done, undone = self._read()
        self._write([other for other in done if other != step], undone)

    def mark_undone(self, step: Step, *, in_files_only: bool) -> None:
        """Move a step to those that can be redone."""
        done, undone = self._read()
        undone_step = step._replace(undone_ms=self._now_ms(), in_files_only=in_files_only)
        self._write([other for other in done if other != step], [*undone, undone_step])

    def mark_redone(self, step: Step) -> None:
        """Move a step back to those that can be undone."""
        done, undone = self._read()
        redone_step = step._replace(undone_ms=None, in_files_only=False)
        self._write([*done, redone_step], [other for other in undone if other != step])

    def _read(self) -> tuple[list[Step], list[Step]]:
        """Return the steps to undo and to redo; none where the file is missing or damaged."""
        try:
            content = read_json(self._path)
            done, undone = ([Step(**step) for step in content[key]] for key in ("done", "undone"))
        except (OSError, ValueError, KeyError, TypeError):
            return [], []
        return done, undone

    def _write(self, done: list[Step], undone: list[Step]) -> None:
        content = {
            "done": [step._asdict() for step in done[-_LONGEST:]],
            "undone": [step._asdict() for step in undone[-_LONGEST:]],
        }
        with suppress(OSError):
            write_json(self._path, content)
