"""A running timer: what it is for, its pauses, and the entry that it becomes."""

from __future__ import annotations

from typing import NamedTuple

from tracker.domain import names, times
from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.domain.stored_times import is_readable_epoch
from tracker.local.record_files import (
    Record,
    check_id,
)

Pauses = tuple[tuple[int, int | None], ...]


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
    pauses: Pauses = ()
    """(start, end) of each pause, in epoch seconds; the end is None for a pause in progress."""
    drawn: bool = False
    """Whether ``assisted`` is the arm drawn for the work item, and not a flag."""
    unplaced_seconds: int = 0
    """Interruptions whose times are not known, besides the pauses."""

    @property
    def paused_epoch(self) -> int | None:
        """The start of the pause in progress; None if the timer is not paused."""
        return self.pauses[-1][0] if self.pauses and self.pauses[-1][1] is None else None

    @property
    def latest_epoch(self) -> int:
        """The instant of the last start, pause or resume."""
        start, end = self.pauses[-1] if self.pauses else (self.started_epoch, None)
        return start if end is None else end

    @property
    def basis(self) -> str | None:
        """The evidence for ``assisted``; None where that is unknown."""
        if self.assisted == "unknown":
            return None
        return "drawn" if self.drawn else "flag"

    def without(self, start_epoch: int, end_epoch: int) -> Timer:
        """Return the timer with one more pause, joined with those that it touches."""
        last: int | None = end_epoch
        first, others = start_epoch, []
        for pause in self.pauses:
            start, end = pause
            if start > end_epoch or (end is not None and end < start_epoch):
                others.append(pause)
                continue
            first = min(first, start)
            last = None if last is None or end is None else max(last, end)
        return self._replace(pauses=tuple(sorted([*others, (first, last)], key=lambda it: it[0])))

    def interruption_seconds(self, until_epoch: int) -> int:
        """Return the seconds of the interruptions and of the pauses up to ``until_epoch``."""
        pauses = (
            (start, until_epoch if end is None else min(end, until_epoch))
            for start, end in self.pauses
        )
        return self.unplaced_seconds + sum(max(0, end - start) for start, end in pauses)

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
            "basis": self.basis,
            "assistant": self.assistant,
            "note": self.note,
        }

    def when(self, epoch: int) -> str:
        """Format an instant in the time zone of the timer."""
        return times.format_instant(epoch, times.zone(self.zone))

    def __str__(self) -> str:
        return f"{self.activity} {self.task}"


def is_same(timer: Timer | None, other: Timer | None) -> bool:
    """Whether two timers are of the same work; the id and the pauses may differ."""
    if timer is None or other is None:
        return timer is other
    return timer._replace(id="", pauses=()) == other._replace(id="", pauses=())


def parse_timer(content: Record) -> Timer:
    """Return the timer in a file's content; ValueError if it holds no valid timer."""
    check_id(content)
    required = [content.get(key) for key in ("developer", "task", "activity")]
    optional = [content.get(key, "") or "" for key in ("team", "assistant", "note")]
    if not all(required) or not all(isinstance(text, str) for text in (*required, *optional)):
        raise ValueError("a name is missing or is not text")
    for text in (*required, *optional):
        if fault := names.fault(str(text), names.LONGEST_NOTE):
            raise ValueError(f"{quote(text)}: {fault}")
    if content.get("assisted", "unknown") not in ("yes", "no", "unknown"):
        raise ValueError(f"assisted is {quote(content['assisted'])}")
    try:
        timer = Timer(**content)
        pauses = tuple((int(start), end and int(end)) for start, end in timer.pauses)
        times.zone(timer.zone)
    except (TypeError, BadValue, OverflowError) as error:
        raise ValueError(str(error)) from None
    ends = [end for _, end in pauses if end is not None]
    instants = (timer.started_epoch, *(start for start, _ in pauses), *ends)
    if not all(map(is_readable_epoch, instants)) or isinstance(timer.started_epoch, bool):
        raise ValueError("a time in it is none")
    if type(timer.unplaced_seconds) is not int or timer.unplaced_seconds < 0:
        raise ValueError(f"unplaced_seconds is {quote(timer.unplaced_seconds)}")
    return timer._replace(pauses=pauses)
