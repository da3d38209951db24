"""`undo` and `redo`: take back the last command, and do it again.

What a command changed is in the change log. What it did to the timer is in a file on this machine,
so that a stopped timer runs again. A command whose records still wait in the outbox is undone
without the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracker.cli.context import Context
from tracker.cli.options import pass_context
from tracker.domain import times
from tracker.domain.counts import count_of
from tracker.domain.errors import NothingToDo, StoreError
from tracker.local.history import MOVED_ESTIMATE
from tracker.local.timer_file import TimerConflict
from tracker.local.timer_reversal import TimerReversal, as_timer, instant_ms

if TYPE_CHECKING:  # SQLAlchemy is imported where the database is needed
    from tracker.local.history import Step
    from tracker.local.record_files import Record
    from tracker.store.write.change_log import Change, Group


class _TimerFirst(Exception):
    """The last step of the timer is to be reversed before the change at hand."""


@click.command("undo")
@pass_context
def undo_command(context: Context) -> None:
    """Undo your last command: an entry, a correction, a pause, a stopped timer.

    Run again, it undoes the command before; `tracker redo` does it again. The undo of `stop` lets
    the timer run on. Draws are not undone; imports are, by `tracker import --undo`.

    \b
    $ tracker undo
    undone: delete of design PAY-12 (1h 30m)
    """
    context.say(f"undone: {_Reversal(context).undo()}")


@click.command("redo")
@pass_context
def redo_command(context: Context) -> None:
    """Redo what `tracker undo` undid last.

    Run again, it redoes what was undone before that. Any other change ends this.

    \b
    $ tracker redo
    redone: delete of design PAY-12 (1h 30m)
    """
    context.say(f"redone: {_Reversal(context).redo()}")


class _Reversal:
    """One run of `undo` or `redo`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._history = context.history
        self._timer = TimerReversal(context.timer, context.outbox, context.history, context.new_id)
        self._step: Step | None = None
        """The step of the timer that is reversed together with changes in the database."""
        self._age = ""
        """How long ago the changes were made that are undone, if not within a day."""

    def undo(self) -> str:
        """Undo the last command; return what was undone."""
        self._context.timer.running()  # moves the entry that a killed process left to the outbox
        step = self._timer.undo_waiting(self._context.stated_name)
        while step is None:
            last = self._history.last()
            try:
                return self._undo_in_database()
            except TimerConflict:
                raise
            except (_TimerFirst, NothingToDo, StoreError) as error:
                if last is None or not _is_before(error, last):
                    raise
            step = self._timer.undo_alone(last)  # None where the step is no longer true
        return _undone_words(step)

    def redo(self) -> str:
        """Redo what was undone last; return what was redone."""
        step = self._history.last_undone()
        try:
            return self._redo_in_database()
        except (_TimerFirst, NothingToDo, StoreError) as error:
            if step is None or not step.in_files_only or self._is_outdated(step, error):
                raise
        self._timer.redo_alone(step)
        return _redone_words(step)

    def _undo_in_database(self) -> str:
        from tracker.cli.flushing import refresh_caches
        from tracker.store.write import reversal

        context = self._context
        try:
            words = reversal.undo(context.database(), context.developer, self._join_undo)
        except BaseException:
            if self._step is not None:  # the transaction is rolled back, so the timer is, too
                self._timer.redo_timer(self._step)
                self._history.mark_redone(self._step)
            raise
        refresh_caches(context, context.database())
        words, separator, skipped = words.partition("; skipped: ")
        if self._step is not None:
            words = _undone_words(self._step)
        return words + self._age + separator + skipped

    def _redo_in_database(self) -> str:
        from tracker.cli.flushing import refresh_caches
        from tracker.store.write import reversal

        context = self._context
        try:
            words = reversal.redo(context.database(), context.developer, self._join_redo)
        except BaseException:
            if self._step is not None:
                self._timer.undo_timer(self._step)
                self._history.mark_undone(self._step, in_files_only=False)
            raise
        refresh_caches(context, context.database())
        return words if self._step is None else _redone_words(self._step)

    def _join_undo(self, group: Group) -> None:
        """Undo the step of the timer that belongs to changes.

        Raises:
            _TimerFirst: The last step came after the changes.
        """
        days = (self._context.now_epoch - _command_ms(group) // 1000) // times.DAY_SECONDS
        self._age = f", made {count_of(days, 'day')} ago" if days > 0 else ""
        steps = self._history.done()
        if not steps:
            return
        *earlier, last = steps
        if _belongs_to(last, group):
            self._timer.undo_timer(last)
            self._history.mark_undone(last, in_files_only=False)
            self._step = self._history.last_undone()
        elif last.made_ms > _command_ms(group) or any(_belongs_to(step, group) for step in earlier):
            raise _TimerFirst

    def _join_redo(self, group: Group) -> None:
        """Redo the step of the timer that belongs to changes.

        Raises:
            _TimerFirst: The last step was undone after the changes.
            NothingToDo: The timer was changed since the changes were undone.
        """
        step, last, undone_ms = (
            self._history.last_undone(),
            self._history.last(),
            instant_ms(group[0].id),
        )
        if step is not None and step.in_files_only and (step.undone_ms or 0) >= undone_ms:
            raise _TimerFirst
        if last is not None and last.made_ms > undone_ms:
            raise NothingToDo(
                "there is nothing to redo: the timer was changed since the last `undo`."
            )
        if step is not None and not step.in_files_only and _belongs_to(step, group):
            self._timer.redo_timer(step)
            self._history.mark_redone(step)
            self._step = self._history.last()

    def _is_outdated(self, step: Step, error: Exception) -> bool:
        """Whether something was changed since a step was undone."""
        undone_ms = step.undone_ms or 0
        if self._timer.last_waiting_ms(self._context.stated_name) > undone_ms:
            return True
        if isinstance(error, StoreError):
            return False
        from tracker.store.write import reversal

        group = reversal.last_change(self._context.database(), self._context.developer)
        # What a redone step recorded may be stored just now; it is no new command.
        is_redone = any(_belongs_to(done, group) for done in self._history.done())
        return bool(group) and not is_redone and _command_ms(group) > undone_ms


def _is_before(error: Exception, step: Step) -> bool:
    """Whether a step of the timer is to be undone where the database undoes nothing."""
    if isinstance(error, StoreError):
        return not step.records
    change_id = getattr(error, "change_id", None)
    return change_id is None or step.made_ms > instant_ms(change_id)


def _belongs_to(step: Step, group: Group) -> bool:
    """Whether changes store what a step recorded."""
    return any(_stores(change, record) for _, change in group for record in step.records.values())


def _stores(change: Change, record: Record) -> bool:
    """Whether a change stores a record of the outbox."""
    if record["kind"] == "entry":
        return change.verb == "add" and change.row["id"] == record["id"]
    keys = ("task", "activity", "estimated_epoch")  # the developer may have another name since
    verb = "rename" if record["kind"] == MOVED_ESTIMATE else "estimate"
    return change.verb.startswith(verb) and all(change.row.get(key) == record[key] for key in keys)


def _command_ms(group: Group) -> int:
    """Return when the command ran that made changes; the outbox may have stored them later."""
    instants = [instant_ms(id_) for id_, _ in group]
    for _, change in group:
        row = change.row
        if change.verb == "add":
            instants.append(max(instant_ms(row["id"]), row["logged_epoch"] * 1000))
        elif change.verb.startswith("estimate"):
            instants.append((row["estimated_epoch"] or 0) * 1000 + 999)
    return min(instants)


def _undone_words(step: Step) -> str:
    """Return what was undone by a step, and what the timer is now."""
    return _words(step) + _running_words(step.before, "runs again", is_timer=step.after is not None)


def _redone_words(step: Step) -> str:
    """Return what was redone by a step, and what the timer is now."""
    return _words(step) + _running_words(step.after, "runs", is_timer=step.before is not None)


def _words(step: Step) -> str:
    """Return a step in a few words, such as ``stop of design PAY-12``."""
    timer = as_timer(step.after or step.before)
    if timer is not None:
        return f"{step.verb} of {timer}"
    (record,) = step.records.values()
    effort = f" ({times.format_minutes(record['seconds'] / 60)})" if "seconds" in record else ""
    return f"{step.verb} of {record['activity']} {record['task']}{effort}"


def _running_words(fields: dict[str, object] | None, verb: str, *, is_timer: bool) -> str:
    timer = as_timer(fields)
    if timer is not None and timer.paused_epoch is not None:
        return f"; {timer} is paused since {timer.when(timer.paused_epoch)}"
    if timer is not None:
        return f"; {timer} {verb} since {timer.when(timer.started_epoch)}"
    return "; no timer runs" if is_timer else ""
