"""Undoing and redoing what is in this machine's files only: the timer and the outbox."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from tracker.domain.errors import NothingToDo
from tracker.domain.names import normalise_name
from tracker.local.history import History, Step
from tracker.local.outbox import Outbox
from tracker.local.record_files import Record
from tracker.local.timer import Timer, is_same, parse_timer
from tracker.local.timer_file import TimerConflict, TimerFile


class TimerReversal:
    """Takes steps of the timer back, and puts them back.

    Args:
        timer: The developer's timer.
        outbox: The outbox of the database.
        history: The steps of the timer.
        new_id: Returns a new id.

    """

    def __init__(
        self, timer: TimerFile, outbox: Outbox, history: History, new_id: Callable[[], str]
    ) -> None:
        self._timer = timer
        self._outbox = outbox
        self._history = history
        self._new_id = new_id

    def undo_waiting(self, developer: str) -> Step | None:
        """Undo the last command if all that it recorded waits in the outbox; return its step.

        Raises:
            NothingToDo: Another timer runs than the one that the step left.

        """
        with self._outbox.taking_back():
            step = self._last_waiting_step(developer)
            if step is None:
                return None
            self.undo_timer(step)
            with suppress(FileNotFoundError):
                for id_ in step.records:
                    os.unlink(self._outbox.path(id_))
            self._history.mark_undone(step, in_files_only=True)
            return step

    def undo_timer(self, step: Step) -> None:
        """Put back the timer as it was before a step.

        Raises:
            NothingToDo: Another timer runs than the one that the step left.

        """
        self._timer.replace(as_timer(step.after), as_timer(step.before), self._new_id())

    def undo_alone(self, step: Step) -> Step | None:
        """Undo a step that recorded nothing; return it, or None where it is no longer true.

        Raises:
            NothingToDo: Another timer runs than the one that the step left, or another command has
                undone the step.

        """
        with self._outbox.taking_back():
            if self._history.last() != step:
                raise NothingToDo("another command has just undone that.")
            after = as_timer(step.after)
            if step.records or (after and not is_same(self._timer.running(), after)):
                self._history.discard(step)
                return None
            self.undo_timer(step)
            self._history.mark_undone(step, in_files_only=True)
            return step

    def redo_timer(self, step: Step) -> None:
        """Put back the timer as it was after a step.

        Raises:
            NothingToDo: Another timer runs than the one before the step.

        """
        self._timer.replace(as_timer(step.before), as_timer(step.after), self._new_id())

    def redo_alone(self, step: Step) -> None:
        """Redo a step that was undone in the files only.

        Raises:
            NothingToDo: Another timer runs than the one before the step, or another command has
                redone the step.

        """
        with self._outbox.taking_back():
            if self._history.last_undone() != step:
                raise NothingToDo("another command has just redone that.")
            for id_, record in step.records.items():
                self._outbox.put(id_, record)
            try:
                self.redo_timer(step)
            except TimerConflict:
                self._outbox.discard(map(self._outbox.path, step.records))
                raise
            self._history.mark_redone(step)

    def last_waiting_ms(self, developer: str) -> int:
        """Return when the last record was made that waits in the outbox; 0 if none waits."""
        return max(map(instant_ms, self._waiting(developer)), default=0)

    def _waiting(self, developer: str) -> dict[str, Record]:
        """Return the records of a developer that wait, by id."""
        return {
            os.path.basename(path).removesuffix(".json"): record
            for path, record in self._outbox.pending()
            if normalise_name(str(record.get("developer"))) == developer
        }

    def _last_waiting_step(self, developer: str) -> Step | None:
        """Return the step of the last command if its records wait; None if it has none."""
        waiting = self._waiting(developer)
        steps = self._history.done()
        of_timer = {id_ for step in steps for id_ in step.records}
        logged = max((id_ for id_ in waiting if id_ not in of_timer), default=None)
        last = steps[-1] if steps else None
        if logged is not None and (last is None or instant_ms(logged) >= last.made_ms):
            record = waiting[logged]
            verb = "add" if record["kind"] == "entry" else "estimate"
            return Step(verb, instant_ms(logged), None, None, {logged: record})
        if last is not None and last.records and set(last.records) <= set(waiting):
            return last
        return None


def as_timer(fields: Record | None) -> Timer | None:
    """Return the timer with these fields; None for None.

    Raises:
        NothingToDo: The file of the history is damaged.

    """
    try:
        return None if fields is None else parse_timer(fields)
    except ValueError as error:
        raise NothingToDo(
            f"the history of the timer is damaged ({error}): `tracker edit`, `tracker delete` and "
            "`tracker start` correct what is wrong."
        ) from None


def instant_ms(id_: str) -> int:
    """Return when an id was made, in milliseconds since 1970 UTC."""
    return int(id_.replace("-", "")[:12], 16)
