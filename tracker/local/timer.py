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
from typing import NamedTuple

from tracker.domain import times
from tracker.domain.errors import BadValue, NothingToDo
from tracker.local.atomic_files import durable_move, quarantine
from tracker.local.outbox import Outbox
from tracker.local.record_files import (
    Notify,
    Record,
    check_id,
    checked_record,
    read_json,
    write_json,
)

_UNWRITABLE = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT)
_LOCK_SECONDS = 2.0
"""How long a command waits for another one that works on the timer."""
_LOCK_RETRY_SECONDS = 0.02


class Timer(NamedTuple):
    """A running or paused timer."""

    id: str
    developer: str
    task: str
    activity: str
    started_epoch: int
    zone: str
    team: str | None = None
    assisted: str = "unknown"
    assistant: str | None = None
    note: str | None = None
    pauses: tuple[tuple[int, int | None], ...] = ()
    """(start, end) of each pause, in epoch seconds; the end is None for a pause in progress."""

    @property
    def paused_epoch(self) -> int | None:
        """The start of the pause in progress; None if the timer is not paused."""
        return self.pauses[-1][0] if self.pauses and self.pauses[-1][1] is None else None

    @property
    def latest_epoch(self) -> int:
        """The instant of the last start, pause or resume."""
        start, end = self.pauses[-1] if self.pauses else (self.started_epoch, None)
        return start if end is None else end

    def interruption_seconds(self, until_epoch: int) -> int:
        """Return the seconds of all pauses up to ``until_epoch``."""
        pauses = (
            (start, until_epoch if end is None else min(end, until_epoch))
            for start, end in self.pauses
        )
        return sum(max(0, end - start) for start, end in pauses)

    def seconds(self, until_epoch: int) -> int:
        """Return the seconds of effort up to ``until_epoch``, without pauses."""
        return until_epoch - self.started_epoch - self.interruption_seconds(until_epoch)

    def entry(self, until_epoch: int, logged_epoch: int) -> Record:
        """Return the record of the finished entry.

        Args:
            until_epoch: When work ended. If the timer was paused then, the entry ends at the start
                of that pause.
            logged_epoch: When the timer was stopped.

        """
        enclosing_pauses = (
            start
            for start, end in self.pauses
            if start <= until_epoch and (end is None or until_epoch <= end)
        )
        ended = next(enclosing_pauses, until_epoch)
        return {
            "kind": "entry",
            "id": self.id,
            "developer": self.developer,
            "task": self.task,
            "activity": self.activity,
            "started_epoch": self.started_epoch,
            "zone": self.zone,
            "seconds": self.seconds(ended),
            "local_day": times.local_day(self.started_epoch, times.zone(self.zone)),
            "logged_epoch": logged_epoch,
            "ended_epoch": ended,
            "interruption_seconds": self.interruption_seconds(ended),
            "team": self.team,
            "assisted": self.assisted,
            "basis": None if self.assisted == "unknown" else "flag",
            "assistant": self.assistant,
            "note": self.note,
        }

    def when(self, epoch: int) -> str:
        """Format an instant in the time zone of the timer."""
        return times.format_instant(epoch, times.zone(self.zone))

    def __str__(self) -> str:
        return f"{self.activity} {self.task}"


class TimerFile:
    """The developer's one timer, in the file ``timer.json`` of the data folder.

    Every method locks the file for a few milliseconds. The system releases the lock if the process
    dies. Every method can raise OSError if the disk cannot store a change.

    Args:
        folder: The data folder.
        outbox: Receives the finished entries.
        notify: Called with a message about a file that cannot be used.

    """

    def __init__(self, folder: str, outbox: Outbox, notify: Notify) -> None:
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
            return _parse_timer(read_json(self._path))
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
            raise BadValue(
                f"--at is {timer.when(timer.started_epoch)}: give a time that has passed."
            )
        with self._locked():
            previous = self._load()
            entry = self._finish(previous, timer.started_epoch, now_epoch) if previous else None
            if estimate:
                self._outbox.put(*estimate)
            write_json(self._path, timer._asdict())
        return entry

    def stop(self, now_epoch: int, until_epoch: int) -> Record:
        """Stop the timer and return its entry.

        Args:
            now_epoch: The present.
            until_epoch: When work ended, now or earlier.

        Raises:
            NothingToDo: No timer runs.
            BadValue: ``until_epoch`` is in the future, or before the start of the timer.

        """
        with self._locked():
            timer = self._load_or_refuse("stop")
            if until_epoch > now_epoch:
                raise BadValue(f"--at is {timer.when(until_epoch)}: give a time that has passed.")
            return self._finish(timer, until_epoch, now_epoch)

    def pause(self, now_epoch: int) -> Timer:
        """Pause the timer and return it.

        Raises:
            NothingToDo: No timer runs, or it is already paused.

        """
        with self._locked():
            timer = self._load_or_refuse("pause")
            if timer.paused_epoch is not None:
                raise NothingToDo(
                    f"{timer} is paused since {timer.when(timer.paused_epoch)}: "
                    "`tracker resume` goes on."
                )
            # never before an earlier event, even if the clock was set back
            start = max(now_epoch, timer.latest_epoch)
            return self._save(timer, (*timer.pauses, (start, None)))

    def resume(self, now_epoch: int) -> Timer:
        """End the pause of the timer and return it.

        Raises:
            NothingToDo: No timer runs, or it is not paused.

        """
        with self._locked():
            timer = self._load_or_refuse("resume")
            if timer.paused_epoch is None:
                raise NothingToDo(
                    f"{timer} is not paused: it runs since {timer.when(timer.latest_epoch)}."
                )
            pause = (timer.paused_epoch, max(now_epoch, timer.paused_epoch))
            return self._save(timer, (*timer.pauses[:-1], pause))

    def cancel(self) -> Timer:
        """Remove the timer without an entry and return it; :meth:`last` still returns it.

        Raises:
            NothingToDo: No timer runs.

        """
        with self._locked():
            timer = self._load_or_refuse("cancel")
            durable_move(self._path, self._last_path)
            return timer

    def last(self) -> Timer:
        """Return the timer that was stopped or cancelled last on this machine.

        Raises:
            NothingToDo: A timer runs, or none was stopped or cancelled yet.

        """
        with self._locked():
            if timer := self._load():
                raise NothingToDo(f"{timer} has not been stopped: `tracker status` shows it.")
            try:
                return _parse_timer(read_json(self._last_path))
            except (FileNotFoundError, ValueError):
                raise NothingToDo(
                    "no timer was stopped here yet: start one with `tracker start design TASK`."
                ) from None

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
            return _parse_timer(content)
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
            raise NothingToDo(
                f"no timer runs, so there is none to {verb}: "
                "start one with `tracker start design TASK`."
            )
        return timer

    def _save(self, timer: Timer, pauses: tuple[tuple[int, int | None], ...]) -> Timer:
        changed = timer._replace(pauses=pauses)
        write_json(self._path, changed._asdict())
        return changed

    def _finish(self, timer: Timer, until_epoch: int, now_epoch: int) -> Record:
        if until_epoch < timer.started_epoch:
            raise BadValue(
                f"{timer} would end at {timer.when(until_epoch)}, before its start at "
                f"{timer.when(timer.started_epoch)}: give a later time with --at, or "
                "`tracker cancel`."
            )
        record = timer.entry(until_epoch, now_epoch)
        with suppress(OSError):  # only `continue` needs this file; the entry matters more
            write_json(self._last_path, timer._asdict())
        write_json(self._path, record)  # from now on the timer is stopped, even after a crash
        self._move_to_outbox(record)
        return record

    def _move_to_outbox(self, record: Record) -> None:
        self._outbox.receive(self._path, record["id"])


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


def _parse_timer(content: Record) -> Timer:
    """Return the timer in a file's content; ValueError if it holds no valid timer."""
    check_id(content)
    required = [content.get(key) for key in ("developer", "task", "activity")]
    optional = [content.get(key, "") or "" for key in ("team", "assistant", "note")]
    if not all(required) or not all(isinstance(text, str) for text in (*required, *optional)):
        raise ValueError("a name is missing or is not text")
    if content.get("assisted", "unknown") not in ("yes", "no", "unknown"):
        raise ValueError(f"assisted is {content['assisted']!r}")
    try:
        timer = Timer(**content)
        timer = timer._replace(
            pauses=tuple((int(start), end and int(end)) for start, end in timer.pauses)
        )
        times.local_day(timer.started_epoch, times.zone(timer.zone))
    except (TypeError, BadValue, OverflowError) as error:
        raise ValueError(str(error)) from None
    return timer
