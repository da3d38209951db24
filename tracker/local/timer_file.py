"""The running timer, stored in a file on the developer's machine.

Stopping takes two renames: the finished entry replaces the timer's file, then that file moves to
the outbox. If a process dies in between, the next command does the second rename. The entry has the
id that the timer got at its start, so storing it twice still makes one entry.

`tracker start` waits for this module to load, so it imports only fast modules of the standard
library.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tracker.domain import times
from tracker.domain.errors import BadValue, NothingToDo
from tracker.local.atomic_files import durable_move, quarantine
from tracker.local.history import History
from tracker.local.outbox import Outbox
from tracker.local.record_files import (
    Notify,
    Record,
    checked_record,
    read_json,
    write_json,
)
from tracker.local.timer import Pauses, Timer, is_same, parse_timer

_UNWRITABLE = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT)
_LOCK_SECONDS = 2.0
"""How long a command waits for another one that works on the timer."""
_LOCK_RETRY_SECONDS = 0.02


class TimerConflict(NothingToDo):
    """Another timer runs than the one that `undo` or `redo` would replace."""


class TimerFile:
    """The developer's one timer, in the file ``timer.json`` of the data folder.

    Every method locks the file for a few milliseconds. The system releases the lock if the process
    dies. Every method can raise OSError if the disk cannot store a change.

    Args:
        folder: The data folder.
        outbox: Receives the finished entries.
        notify: Called with a message about a file that cannot be used.
        history: Receives the steps that `undo` takes back; None keeps none.

    """

    def __init__(
        self, folder: str, outbox: Outbox, notify: Notify, history: History | None = None
    ) -> None:
        self._history = history
        self._folder = folder
        self._outbox = outbox
        self._notify = notify
        self._path = os.path.join(folder, "timer.json")
        self._last_path = os.path.join(folder, "last.json")

    def running(self) -> Timer | None:
        """Return the running or paused timer, or None. Works on a read-only disk, too."""
        try:
            with self._locked():
                return self._load()
        except OSError as error:
            if error.errno not in _UNWRITABLE:
                raise
        try:
            return parse_timer(read_json(self._path))
        except (OSError, ValueError):
            return None

    def start(
        self, timer: Timer, now_epoch: int, estimate: tuple[str, Record] | None = None
    ) -> Record | None:
        """Start a timer and stop the one that runs.

        Args:
            timer: The new timer.
            now_epoch: The present.
            estimate: (id, record) of an estimate, which is stored before the timer runs.

        Returns:
            The entry of the stopped timer; None if none ran.

        Raises:
            BadValue: The timer starts in the future, or before the start of the running one.

        """
        if timer.started_epoch > now_epoch:
            raise BadValue(f"the time is {timer.when(timer.started_epoch)}: {times.PAST_ONLY}.")
        with self._locked():
            previous = self._load()
            # An estimate and the entry of the stopped timer are undone together.
            group = {"group_id": timer.id} if estimate and previous else {}
            entry = None
            if previous:
                entry = self._finish(previous, timer.started_epoch, now_epoch, group)
            records = {entry["id"]: entry} if entry else {}
            if estimate:
                id_, record = estimate
                records[id_] = record | group
                self._outbox.put(id_, records[id_])
            write_json(self._path, timer._asdict())
            self._remember("start", previous, timer, records)
        return entry

    def stop(self, now_epoch: int, until_epoch: int, note: str | None = None) -> Record:
        """Stop the timer and return its entry.

        Args:
            now_epoch: The present.
            until_epoch: When work ended, now or earlier.
            note: The entry's note; None keeps the timer's.

        Raises:
            NothingToDo: No timer runs.
            BadValue: ``until_epoch`` is in the future, or before the start of the timer.

        """
        with self._locked():
            timer = self._load_or_refuse("stop")
            if until_epoch > now_epoch:
                raise BadValue(f"the time is {timer.when(until_epoch)}: {times.PAST_ONLY}.")
            noted = timer._replace(note=note) if note else timer
            record = self._finish(noted, until_epoch, now_epoch, {})
            self._remember("stop", timer, None, {record["id"]: record})
            return record

    def pause(self, now_epoch: int, at_epoch: int | None = None) -> Timer:
        """Pause the timer and return it.

        Args:
            now_epoch: The present.
            at_epoch: When the pause began; None is now.

        Raises:
            NothingToDo: No timer runs, or it is already paused.
            BadValue: ``at_epoch`` is in the future, or before the last start, pause or resume.

        """
        with self._locked():
            timer = self._load_or_refuse("pause")
            if timer.paused_epoch is not None:
                raise NothingToDo(
                    f"{timer} is paused since {timer.when(timer.paused_epoch)}: "
                    "`tracker resume` goes on."
                )
            start = _event_epoch(timer, now_epoch, at_epoch)
            return self._change("pause", timer, (*timer.pauses, (start, None)))

    def resume(self, now_epoch: int, at_epoch: int | None = None) -> Timer:
        """End the pause of the timer and return it.

        Args:
            now_epoch: The present.
            at_epoch: When the pause ended; None is now.

        Raises:
            NothingToDo: No timer runs, or it is not paused.
            BadValue: ``at_epoch`` is in the future, or before the start of the pause.

        """
        with self._locked():
            timer = self._load_or_refuse("resume")
            if timer.paused_epoch is None:
                raise NothingToDo(
                    f"{timer} is not paused: it runs since {timer.when(timer.latest_epoch)}."
                )
            pause = (timer.paused_epoch, _event_epoch(timer, now_epoch, at_epoch))
            return self._change("resume", timer, (*timer.pauses[:-1], pause))

    def edit(self, timer: Timer, changed: Timer, records: dict[str, Record] | None = None) -> None:
        """Replace the running timer by a corrected one.

        Args:
            timer: The running timer.
            changed: The corrected one.
            records: What was changed together with it in the database, by id.

        Raises:
            NothingToDo: Another timer runs by now, or nothing is different.

        """
        with self._locked():
            if self._load_or_refuse("edit") != timer:
                raise NothingToDo(f"{timer} was changed just now: run the command again.")
            if changed == timer:
                raise NothingToDo(f"{timer} is like that already.")
            write_json(self._path, changed._asdict())
            self._remember("edit", timer, changed, records or {})

    def cancel(self) -> Timer:
        """Remove the timer without an entry and return it; :meth:`last` still returns it.

        Raises:
            NothingToDo: No timer runs.

        """
        with self._locked():
            timer = self._load_or_refuse("cancel")
            durable_move(self._path, self._last_path)
            self._remember("cancel", timer, None, {})
            return timer

    def replace(self, present: Timer | None, new: Timer | None, new_id: str) -> None:
        """Replace the timer by another one, for `undo` and `redo`; None stands for no timer.

        Args:
            present: The timer that runs.
            new: The timer that shall run.
            new_id: The new timer's id: an entry with the old one may have been undone, and is not
                stored again.

        Raises:
            TimerConflict: Neither ``present`` nor ``new`` is the timer that runs.

        """
        if present is None and new is None:
            return  # a step without the timer, whether one runs or not
        with self._locked():
            running = self._load()
            if not is_same(running, present):
                if is_same(running, new):
                    return  # a command that was killed has replaced it before
                raise TimerConflict(_conflict(running, new))
            if new is not None:
                write_json(self._path, new._replace(id=new_id)._asdict())
            elif running is not None:
                durable_move(self._path, self._last_path)

    def last(self) -> Timer:
        """Return the timer that was stopped or cancelled last on this machine.

        Raises:
            NothingToDo: None was stopped or cancelled yet.

        """
        with self._locked():
            self._load()  # moves an entry that a dead process left
            last = self._last()
        if last is None:
            raise NothingToDo(
                "no timer was stopped here yet: start one with `tracker start design TASK`."
            )
        return last

    def _last(self) -> Timer | None:
        with suppress(FileNotFoundError, ValueError):
            return parse_timer(read_json(self._last_path))
        return None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Lock the timer.

        Raises:
            OSError: The folder cannot be written, or another process keeps the lock.

        """
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        lock_path = os.path.join(self._folder, "timer.lock")
        descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(descriptor, lock_path)
            yield
        finally:
            os.close(descriptor)

    def _load(self) -> Timer | None:
        """Return the timer in the file, or None.

        A finished entry, which a dead process did not move, goes to the outbox. A damaged file is
        quarantined.
        """
        try:
            content = read_json(self._path)
            if "kind" in content:
                self._move_to_outbox(checked_record(content))
                return None
            return parse_timer(content)
        except FileNotFoundError:
            return None
        except ValueError as error:
            new_path = quarantine(self._path)
            self._notify(
                f"{self._path} could not be read ({error}); it is kept as {new_path}, "
                "and no timer runs."
            )
            return None

    def _load_or_refuse(self, verb: str) -> Timer:
        timer = self._load()
        if timer is None:
            last = self._last() if verb == "resume" else None
            raise NothingToDo(
                f"no timer runs, so there is none to {verb}: "
                + (
                    f"`tracker continue` goes on with {last}."
                    if last
                    else "start one with `tracker start design TASK`."
                )
            )
        return timer

    def _change(self, verb: str, timer: Timer, pauses: Pauses) -> Timer:
        """Store the pauses of the timer, as a step to undo; return what it is then."""
        changed = timer._replace(pauses=pauses)
        write_json(self._path, changed._asdict())
        self._remember(verb, timer, changed, {})
        return changed

    def _remember(
        self, verb: str, before: Timer | None, after: Timer | None, records: dict[str, Record]
    ) -> None:
        """Add a step to the history."""
        if self._history is not None:
            self._history.add(verb, before and before._asdict(), after and after._asdict(), records)

    def _finish(self, timer: Timer, until_epoch: int, now_epoch: int, group: Record) -> Record:
        if until_epoch < timer.started_epoch:
            raise BadValue(
                f"{timer} would end at {timer.when(until_epoch)}, before its start at "
                f"{timer.when(timer.started_epoch)}: give a later time, or "
                "`tracker cancel`."
            )
        record = timer.entry(until_epoch, now_epoch) | group
        if record["seconds"] < 0:
            interruptions = times.format_minutes(record["interruption_seconds"] / 60)
            raise BadValue(
                f"{timer} would end at {timer.when(until_epoch)}, and interruptions of "
                f"{interruptions} leave no effort: give a later time, or "
                "`tracker cancel`."
            )
        with suppress(OSError):  # only `continue` needs this file; the entry matters more
            write_json(self._last_path, timer._asdict())
        write_json(self._path, record)  # from now on the timer is stopped, even after a crash
        self._move_to_outbox(record)
        return record

    def _move_to_outbox(self, record: Record) -> None:
        self._outbox.receive(self._path, record["id"])


def _event_epoch(timer: Timer, now_epoch: int, at_epoch: int | None) -> int:
    """Return when a pause begins or ends: as given, or now.

    Now is never before an earlier event, even if the clock was set back.
    """
    latest = timer.latest_epoch
    if at_epoch is None:
        return max(now_epoch, latest)
    if at_epoch > now_epoch:
        raise BadValue(f"the time is {timer.when(at_epoch)}: {times.PAST_ONLY}.")
    if at_epoch < latest:
        raise BadValue(
            f"the time is {timer.when(at_epoch)}, before the last start, pause or resume of "
            f"{timer} at {timer.when(latest)}: give a later time."
        )
    return at_epoch


def _lock(descriptor: int, path: str) -> None:
    """Lock a file, within the time that a person waits.

    Raises:
        TimeoutError: Another process keeps the lock.

    """
    end = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise TimeoutError(
                    errno.ETIMEDOUT, "another tracker keeps it locked; end that process", path
                ) from None
            time.sleep(_LOCK_RETRY_SECONDS)
        else:
            return


def _conflict(running: Timer | None, new: Timer | None) -> str:
    """Return why `undo` or `redo` cannot replace the timer that runs."""
    if running is None:
        return "the timer that ran then is no longer there: start one with `tracker start`."
    subject = f"the timer of {new}" if new else "the state without a timer"
    return (
        f"{running} runs, so {subject} cannot be restored: "
        "`tracker stop` or `tracker cancel` ends it first."
    )
