"""The running timer: a file on its developer's machine.

The timer becomes an entry by two renames: its file is replaced by the finished entry, then that file is moved into the
outbox. A command that finds the first step done and the second not does the second. The entry's id is fixed when the
timer starts, so however often the record is stored it stays one entry.

Standard library only, and of it only modules that load quickly: `tracker start` waits for this module.
"""

from __future__ import annotations

import fcntl
import os
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


class Timer(NamedTuple):
    """A running timer. ``pauses`` are (from, to) instants, the last one open (to is None) while it is paused."""

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

    @property
    def paused_epoch(self) -> int | None:
        """Since when it is paused, None while it runs."""
        return self.pauses[-1][0] if self.pauses and self.pauses[-1][1] is None else None

    @property
    def latest_epoch(self) -> int:
        """The last instant at which something happened to it."""
        begin, end = self.pauses[-1] if self.pauses else (self.started_epoch, None)
        return begin if end is None else end

    def interruption_seconds(self, until_epoch: int) -> int:
        """How much of the time from its start to ``until_epoch`` it was paused."""
        ends = (
            (begin, until_epoch if end is None else min(end, until_epoch))
            for begin, end in self.pauses
        )
        return sum(max(0, end - begin) for begin, end in ends)

    def seconds(self, until_epoch: int) -> int:
        """The effort up to ``until_epoch``: interruptions taken off."""
        return until_epoch - self.started_epoch - self.interruption_seconds(until_epoch)

    def entry(self, until_epoch: int, logged_epoch: int) -> Record:
        """The finished entry. Work that was paused at ``until_epoch`` ended when the pause began."""
        inside = (
            begin
            for begin, end in self.pauses
            if begin <= until_epoch and (end is None or until_epoch <= end)
        )
        ended = next(inside, until_epoch)
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
        """An instant as the timer's developer reads it."""
        return times.format_instant(epoch, times.zone(self.zone))

    def __str__(self) -> str:
        return f"{self.activity} {self.task}"


class TimerFile:
    """The developer's one running timer: ``timer.json`` in a folder of their own machine.

    Each verb holds a lock for its few milliseconds, which the system lets go of when its process dies. Verbs raise
    NothingToDo where there is nothing to stop, pause, resume … and OSError when the disk does not take what they write.
    """

    def __init__(self, folder: str, outbox: Outbox, tell: Notify) -> None:
        self._folder = folder
        self._outbox = outbox
        self._tell = tell
        self._path = os.path.join(folder, "timer.json")
        self._last_path = os.path.join(folder, "last.json")

    def running(self) -> Timer | None:
        """The timer that runs (or is paused), None when none does."""
        with self._locked():
            return self._load()

    def start(
        self, timer: Timer, now_epoch: int, estimate: tuple[str, Record] | None = None
    ) -> Record | None:
        """Start a timer, first stopping the one that runs; returns the entry that this made.

        ``estimate`` (id, record) is put into the outbox before: what was expected stands before the work begins.
        Raises BadValue when the start lies in the future or before what happened to the running timer.
        """
        if timer.started_epoch > now_epoch:
            raise BadValue(
                f"--at is {timer.when(timer.started_epoch)}: give a time that has passed."
            )
        with self._locked():
            before = self._load()
            stopped = self._finish(before, timer.started_epoch, now_epoch) if before else None
            if estimate:
                self._outbox.put(*estimate)
            write_json(self._path, timer._asdict())
        return stopped

    def stop(self, now_epoch: int, until_epoch: int) -> Record:
        """Stop the timer, now or at an earlier instant; returns the entry that this made.

        Raises BadValue when ``until_epoch`` lies in the future or before the start.
        """
        with self._locked():
            timer = self._load_or_refuse("stop")
            if until_epoch > now_epoch:
                raise BadValue(f"--at is {timer.when(until_epoch)}: give a time that has passed.")
            return self._finish(timer, until_epoch, now_epoch)

    def pause(self, now_epoch: int) -> Timer:
        """Interrupt the timer; what follows is not counted until ``resume``."""
        with self._locked():
            timer = self._load_or_refuse("pause")
            if timer.paused_epoch is not None:
                raise NothingToDo(
                    f"{timer} is paused since {timer.when(timer.paused_epoch)}: `tracker resume` goes on."
                )
            return self._save(timer, (*timer.pauses, (max(now_epoch, timer.latest_epoch), None)))

    def resume(self, now_epoch: int) -> Timer:
        """Go on after a pause."""
        with self._locked():
            timer = self._load_or_refuse("resume")
            if timer.paused_epoch is None:
                raise NothingToDo(
                    f"{timer} is not paused: it runs since {timer.when(timer.latest_epoch)}."
                )
            return self._save(
                timer,
                (*timer.pauses[:-1], (timer.paused_epoch, max(now_epoch, timer.paused_epoch))),
            )

    def cancel(self) -> Timer:
        """Drop the timer without an entry; ``last`` still knows it."""
        with self._locked():
            timer = self._load_or_refuse("cancel")
            durable_move(self._path, self._last_path)
            return timer

    def last(self) -> Timer:
        """The timer that was stopped or cancelled last; NothingToDo when there is none on this machine."""
        with self._locked():
            if timer := self._load():
                raise NothingToDo(f"{timer} has not been stopped: `tracker status` shows it.")
            try:
                return _timer(read_json(self._last_path))
            except (FileNotFoundError, ValueError):
                raise NothingToDo(
                    "no timer was stopped here yet: start one with `tracker start design TASK`."
                ) from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        lock = os.open(
            os.path.join(self._folder, "timer.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _load(self) -> Timer | None:
        """The timer in the file. A finished one, left by a process that died, is moved on; a damaged one set aside."""
        try:
            found = read_json(self._path)
            if "kind" in found:
                self._move_to_outbox(checked_record(found))
                return None
            return _timer(found)
        except FileNotFoundError:
            return None
        except ValueError as damage:
            kept = quarantine(self._path)
            self._tell(
                f"{self._path} could not be read ({damage}); it is kept as {kept}, and no timer runs."
            )
            return None

    def _load_or_refuse(self, verb: str) -> Timer:
        timer = self._load()
        if timer is None:
            raise NothingToDo(
                f"no timer runs, so there is none to {verb}: start one with `tracker start design TASK`."
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
                f"{timer.when(timer.started_epoch)}: give a later time with --at, or `tracker cancel`."
            )
        record = timer.entry(until_epoch, now_epoch)
        with suppress(
            OSError
        ):  # what `continue` remembers may be lost; the entry must not wait for it
            write_json(self._last_path, timer._asdict())
        write_json(self._path, record)  # from here on it is stopped, whatever happens
        self._move_to_outbox(record)
        return record

    def _move_to_outbox(self, record: Record) -> None:
        durable_move(self._path, self._outbox.path(record["id"]))


def _timer(content: Record) -> Timer:
    """The timer of a file's content; ValueError where it is none."""
    check_id(content)
    texts = [content.get(key) for key in ("developer", "task", "activity")]
    perhaps = [content.get(key, "") or "" for key in ("team", "assistant", "note")]
    if not all(texts) or not all(isinstance(text, str) for text in (*texts, *perhaps)):
        raise ValueError("its texts are none")
    if content.get("assisted", "unknown") not in ("yes", "no", "unknown"):
        raise ValueError(f"assisted is {content['assisted']!r}")
    try:
        timer = Timer(**content)
        timer = timer._replace(
            pauses=tuple((int(begin), end and int(end)) for begin, end in timer.pauses)
        )
        times.local_day(timer.started_epoch, times.zone(timer.zone))
    except (TypeError, BadValue, OverflowError) as damage:
        raise ValueError(str(damage)) from None
    return timer
