"""When each row's work was done, and how much effort it took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import lt
from typing import NoReturn, cast

from tracker.sources.table.cells import BadCell, SkipRow
from tracker.sources.table.columns import Chunk, Columns
from tracker.sources.table.instants import Moment


@dataclass(frozen=True, slots=True)
class Efforts:
    """The times of some rows, a list per fact. Epochs and seconds are whole."""

    started: Sequence[int]
    days: Sequence[int]
    zones: Sequence[str]
    ended: Sequence[int | None]
    seconds: Sequence[int]
    interruptions: Sequence[int]
    logged: Sequence[int]
    """When it was written down; where the log does not say, the work's own end."""
    below_zero: int
    """How many interruptions were negative and count 0."""


class EffortColumns:
    """Reads the columns that say when and how long."""

    def __init__(self, columns: Columns) -> None:
        self._started = columns.instants("started_at")
        self._date = columns.days("date")
        self._ended = columns.instants("ended_at")
        self._logged = columns.instants("logged_at")
        self._minutes = columns.minutes("minutes")
        self._interruption = columns.minutes("interruption_minutes", least=float("-inf"))
        self._has_end = "ended_at" in columns.places
        self._says_logged = "logged_at" in columns.places
        self._when = "started_at" if "started_at" in columns.places else "date"

    def read(self, chunk: Chunk) -> Efforts:
        """The times of a chunk's rows; BadCell or LeftOut where one of them has none."""
        started, days, zones = zip(*self._moments(chunk), strict=True)
        ended = [moment and moment[0] for moment in self._ended(chunk)]
        interruptions = [
            round(60 * minutes) if minutes else 0 for minutes in self._interruption(chunk)
        ]
        seconds = self._all_seconds(started, ended, list(self._minutes(chunk)), interruptions)
        below_zero = sum(interruption < 0 for interruption in interruptions)
        if below_zero:
            interruptions = [max(interruption, 0) for interruption in interruptions]
        return Efforts(
            started=started,
            days=days,
            zones=zones,
            ended=ended,
            seconds=seconds,
            interruptions=interruptions,
            logged=self._all_logged(chunk, started, ended, seconds, interruptions),
            below_zero=below_zero,
        )

    def _moments(self, chunk: Chunk) -> list[Moment]:
        """When each row's work began: its start, else noon of its day."""
        pairs = zip(self._started(chunk), self._date(chunk), strict=True)
        return [start or day or self._dateless() for start, day in pairs]

    def _dateless(self) -> NoReturn:
        raise BadCell(
            self._when, "it is missing; fill it in, or give date in [constants] of the map"
        )

    def _all_seconds(
        self,
        started: Sequence[int],
        ended: Sequence[int | None],
        minutes: Sequence[float | None],
        interruptions: Sequence[int],
    ) -> list[int]:
        """Each row's effort."""
        if None in minutes or None in ended or any(map(lt, cast("Sequence[int]", ended), started)):
            return list(map(self._seconds, started, ended, minutes, interruptions))
        return [round(60 * effort) for effort in cast("Sequence[float]", minutes)]

    def _all_logged(
        self,
        chunk: Chunk,
        started: Sequence[int],
        ended: Sequence[int | None],
        seconds: Sequence[int],
        interruptions: Sequence[int],
    ) -> Sequence[int]:
        """When each row was written down."""
        if not self._says_logged and None not in ended:
            return cast("Sequence[int]", ended)
        return list(map(_written, self._logged(chunk), ended, started, seconds, interruptions))

    def _seconds(
        self, started: int, ended: int | None, minutes: float | None, interruption: int
    ) -> int:
        """A row's effort: as logged, else from start to end without the interruption."""
        if ended is not None and ended < started:
            raise BadCell("ended_at", "it lies before the start")
        if minutes is not None:
            return round(60 * minutes)
        if ended is None:
            if self._has_end:
                raise SkipRow("still running: it has no end")
            raise BadCell("minutes", "it is missing; fill it in")
        seconds = ended - started - max(interruption, 0)
        if seconds < 0:
            raise BadCell("interruption_minutes", "it is longer than the time from start to end")
        return seconds


def _written(
    logged: Moment | None, ended: int | None, started: int, seconds: int, interruption: int
) -> int:
    if logged is not None:
        return logged[0]
    return started + seconds + interruption if ended is None else ended
