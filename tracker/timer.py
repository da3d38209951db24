"""The running timer, and the outbox of records that the database has not taken yet: files, nothing but files.

The timer becomes an entry by two renames: its file is replaced by the finished entry, and that is moved into the
outbox; whoever finds the first done and the second not does the second. The entry's id is fixed when the timer
starts, so that however often it is put or absorbed it stays one entry.

Standard library only, and of that only what starts quickly: `tracker start` waits for this module.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from tracker import times
from tracker.durable import move, set_aside, write_whole
from tracker.errors import BadValue, NothingToDo
from tracker.ids import UUID

Record = dict[str, Any]
"""``{"kind": "entry" | "estimate", …}`` with the fields of records.Entry or records.WorkItem."""

Tell = Callable[[str], None]
"""Takes a line for the person: something happened that they should know of."""


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
        ends = ((begin, until_epoch if end is None else min(end, until_epoch)) for begin, end in self.pauses)
        return sum(max(0, end - begin) for begin, end in ends)

    def seconds(self, until_epoch: int) -> int:
        """The effort up to ``until_epoch``: interruptions taken off."""
        return until_epoch - self.started_epoch - self.interruption_seconds(until_epoch)

    def entry(self, until_epoch: int, logged_epoch: int) -> Record:
        """The finished entry. Work that was paused at ``until_epoch`` ended when the pause began."""
        inside = (begin for begin, end in self.pauses if begin <= until_epoch and (end is None or until_epoch <= end))
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


class Outbox:
    """Records that are safe on this machine but not yet in the database: one file each, so that it takes no lock."""

    def __init__(self, folder: str, tell: Tell) -> None:
        self.folder = os.path.join(folder, "outbox")
        self._tell = tell

    def put(self, id_: str, record: Record) -> None:
        """Make a record durable; the same id again replaces it. OSError when the disk does not take it."""
        _write(self.path(id_), record)

    def path(self, id_: str) -> str:
        """Where the record of an id lies while it waits."""
        return os.path.join(self.folder, f"{id_}.json")

    def count(self) -> int:
        """How many records wait."""
        return sum(os.path.isfile(os.path.join(self.folder, name)) for name in self._names())

    def pending(self) -> list[tuple[str, Record]]:
        """The waiting records with their files, oldest first; one that cannot be read is set aside."""
        found = []
        for name in self._names():
            path = os.path.join(self.folder, name)
            try:
                found.append((path, _record(_read(path))))
            except FileNotFoundError:
                continue  # absorbed by another command since it was listed
            except OSError as refusal:
                self._tell(f"{path} could not be read ({refusal.strerror}): it is passed by; move it away.")
            except ValueError as damage:
                self.set_aside(path, str(damage))
        return found

    def set_aside(self, path: str, reason: str) -> None:
        """Keep a file that is of no use out of the way, and say so."""
        self._tell(f"{path} could not be taken ({reason}); it is kept as {set_aside(path)}.")

    def discard(self, paths: Iterable[str]) -> None:
        """Forget records that the database has taken."""
        for path in paths:
            with suppress(FileNotFoundError):  # another command absorbed it too: once is enough
                os.unlink(path)

    def _names(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self.folder) if name.endswith(".json"))
        except FileNotFoundError:
            return []


class TimerFile:
    """The developer's one running timer: ``timer.json`` in a folder of their own machine.

    Each verb holds a lock for its few milliseconds, which the system lets go of when its process dies. Verbs raise
    NothingToDo where there is nothing to stop, pause, resume … and OSError when the disk does not take what they write.
    """

    def __init__(self, folder: str, outbox: Outbox, tell: Tell) -> None:
        self._folder = folder
        self._outbox = outbox
        self._tell = tell
        self._path = os.path.join(folder, "timer.json")
        self._last_path = os.path.join(folder, "last.json")

    def running(self) -> Timer | None:
        """The timer that runs (or is paused), None when none does."""
        with self._locked():
            return self._load()

    def start(self, timer: Timer, now_epoch: int, estimate: tuple[str, Record] | None = None) -> Record | None:
        """Start a timer, first stopping the one that runs; returns the entry that this made.

        ``estimate`` (id, record) is put into the outbox before: what was expected stands before the work begins.
        Raises BadValue when the start lies in the future or before what happened to the running timer.
        """
        if timer.started_epoch > now_epoch:
            raise BadValue(f"--at is {timer.when(timer.started_epoch)}: give a time that has passed.")
        with self._locked():
            before = self._load()
            stopped = self._finish(before, timer.started_epoch, now_epoch) if before else None
            if estimate:
                self._outbox.put(*estimate)
            _write(self._path, timer._asdict())
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
                raise NothingToDo(f"{timer} is not paused: it runs since {timer.when(timer.latest_epoch)}.")
            return self._save(timer, (*timer.pauses[:-1], (timer.paused_epoch, max(now_epoch, timer.paused_epoch))))

    def cancel(self) -> Timer:
        """Drop the timer without an entry; ``last`` still knows it."""
        with self._locked():
            timer = self._load_or_refuse("cancel")
            move(self._path, self._last_path)
            return timer

    def last(self) -> Timer:
        """The timer that was stopped or cancelled last; NothingToDo when there is none on this machine."""
        with self._locked():
            if timer := self._load():
                raise NothingToDo(f"{timer} has not been stopped: `tracker status` shows it.")
            try:
                return _timer(_read(self._last_path))
            except (FileNotFoundError, ValueError):
                raise NothingToDo(
                    "no timer was stopped here yet: start one with `tracker start design TASK`."
                ) from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        lock = os.open(os.path.join(self._folder, "timer.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _load(self) -> Timer | None:
        """The timer in the file. A finished one, left by a process that died, is moved on; a damaged one set aside."""
        try:
            found = _read(self._path)
            if "kind" in found:
                self._move_to_outbox(_record(found))
                return None
            return _timer(found)
        except FileNotFoundError:
            return None
        except ValueError as damage:
            kept = set_aside(self._path)
            self._tell(f"{self._path} could not be read ({damage}); it is kept as {kept}, and no timer runs.")
            return None

    def _load_or_refuse(self, verb: str) -> Timer:
        timer = self._load()
        if timer is None:
            raise NothingToDo(f"no timer runs, so there is none to {verb}: start one with `tracker start design TASK`.")
        return timer

    def _save(self, timer: Timer, pauses: tuple[tuple[int, int | None], ...]) -> Timer:
        changed = timer._replace(pauses=pauses)
        _write(self._path, changed._asdict())
        return changed

    def _finish(self, timer: Timer, until_epoch: int, now_epoch: int) -> Record:
        if until_epoch < timer.started_epoch:
            raise BadValue(
                f"{timer} would end at {timer.when(until_epoch)}, before its start at "
                f"{timer.when(timer.started_epoch)}: give a later time with --at, or `tracker cancel`."
            )
        record = timer.entry(until_epoch, now_epoch)
        with suppress(OSError):  # what `continue` remembers may be lost; the entry must not wait for it
            _write(self._last_path, timer._asdict())
        _write(self._path, record)  # from here on it is stopped, whatever happens
        self._move_to_outbox(record)
        return record

    def _move_to_outbox(self, record: Record) -> None:
        move(self._path, self._outbox.path(record["id"]))


class KnownActivities:
    """The activities that the database knows, remembered in a file, so that a slip is refused without asking it."""

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, "activities.json")

    def names(self) -> Sequence[str]:
        """The remembered names; those known from the start where none are remembered yet."""
        if names := self._remembered():
            return names
        from tracker.records import ACTIVITIES  # late: its dataclasses take as long to make as all of this module

        with suppress(OSError):  # so that it is once only
            self.remember(ACTIVITIES)
        return ACTIVITIES

    def remember(self, names: Sequence[str]) -> None:
        """Keep what the database knows now; nothing is written where it is known already."""
        if list(names) != self._remembered():
            _write(self._path, list(names))

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
        raise BadValue(f"activity is {name!r}: {instead} A new one is made with `tracker activities add`.")


def _write(path: str, content: Record | list[str]) -> None:
    """Put JSON into a file, durably."""
    write_whole(path, json.dumps(content, ensure_ascii=False))


def _read(path: str) -> Record:
    """A JSON object from a file; ValueError saying what is wrong with it."""
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    if not isinstance(content, dict):
        raise ValueError("it holds no JSON object")
    return content


def _record(content: Record) -> Record:
    if content.get("kind") not in ("entry", "estimate"):
        raise ValueError(f"its kind is {content.get('kind')!r}")
    if content["kind"] == "entry":
        _check_id(content)
    return content


def _check_id(content: Record) -> None:
    """Refuse an id that is none: it becomes the name of a file."""
    id_ = content.get("id")
    if not isinstance(id_, str) or not re.fullmatch(UUID, id_):
        raise ValueError(f"its id is {id_!r}, which is no UUID")


def _timer(content: Record) -> Timer:
    """The timer of a file's content; ValueError where it is none."""
    _check_id(content)
    texts = [content.get(key) for key in ("developer", "task", "activity")]
    perhaps = [content.get(key, "") or "" for key in ("team", "assistant", "note")]
    if not all(texts) or not all(isinstance(text, str) for text in (*texts, *perhaps)):
        raise ValueError("its texts are none")
    if content.get("assisted", "unknown") not in ("yes", "no", "unknown"):
        raise ValueError(f"assisted is {content['assisted']!r}")
    try:
        timer = Timer(**content)
        timer = timer._replace(pauses=tuple((int(begin), end and int(end)) for begin, end in timer.pauses))
        times.local_day(timer.started_epoch, times.zone(timer.zone))
    except (TypeError, BadValue, OverflowError) as damage:
        raise ValueError(str(damage)) from None
    return timer
