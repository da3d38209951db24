"""Counts of an import's implausible values, made while the columns are in memory.

:mod:`tracker.store.read.plausibility` counts the same in any part of a stored log, but reads each
entry several times, which would take a tenth of the time of a first import.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain, compress
from math import log
from operator import add, sub

from tracker.domain.entry_batch import EntryBatch
from tracker.domain.plausibility import (
    CLOCK_SLACK_SECONDS,
    LONG_SPAN_SECONDS,
    PHRASES,
    SPAN_SLACK_SECONDS,
    UNIT_FACTOR,
    UNIT_TOLERANCE,
    isolated_months,
)
from tracker.domain.stored_times import LAST_EPOCH
from tracker.domain.times import LONG_EFFORT_SECONDS, month_of_day
from tracker.store.read.plausibility import (
    MAX_EXAMPLES,
    ImplausibleEntries,
    UnitCounts,
    effort_message,
)

_LEAST_RATIO, _MOST_RATIO = UNIT_FACTOR // UNIT_TOLERANCE, UNIT_FACTOR * UNIT_TOLERANCE


class EntryTally:
    """Counts entries by what is implausible about them, and by their ratio of effort to span.

    Args:
        clock_epoch: The clock.
    """

    def __init__(self, clock_epoch: int) -> None:
        self.size = 0
        """How many entries were added."""
        self._last_epoch = min(clock_epoch + CLOCK_SLACK_SECONDS, LAST_EPOCH)
        self._sources: set[str | None] = set()
        self._is_counted = True
        self._days: Counter[int] = Counter()
        self._counts: Counter[str] = Counter()
        self._ids: dict[str, list[str]] = {}
        self._logarithms = 0.0

    def add(self, batch: EntryBatch) -> None:
        """Count the entries of a batch."""
        self.size += len(batch)
        if not batch or not self._is_counted:
            return
        columns = batch.columns
        started, ended, seconds = (columns[n] for n in ("started_epoch", "ended_epoch", "seconds"))
        self._sources.update(columns["source"])
        self._is_counted = (
            len(self._sources) == 1 and None not in ended and max(ended) <= self._last_epoch
        )
        if not self._is_counted:
            return
        spans = list(map(sub, ended, started))
        self._is_counted = min(map(min, (started, seconds, spans))) >= 0
        if not self._is_counted:
            return
        self._days.update(columns["local_day"])
        efforts = map(add, seconds, columns["interruption_seconds"])
        ids = columns["id"]
        self._count("over_12h", ids, seconds, LONG_EFFORT_SECONDS)
        self._count("over_24h", ids, spans, LONG_SPAN_SECONDS)
        self._count("beyond_span", ids, list(map(sub, efforts, spans)), SPAN_SLACK_SECONDS)
        self._count_units(seconds, spans)

    def implausible(self) -> list[ImplausibleEntries] | None:
        """Return the implausible entries by kind, where the entries added are the whole log.

        None where the database has to be asked.
        """
        months: Counter[int] = Counter()
        for day, count in self._days.items():
            months[month_of_day(day)] += count
        if not self._is_counted or isolated_months(months):
            return None
        return [
            ImplausibleEntries(phrase, self._counts[kind], tuple(self._ids[kind]))
            for kind, phrase in PHRASES.items()
            if self._counts[kind]
        ]

    def unit_messages(self) -> list[str] | None:
        """Return what suggests that efforts are in another unit than minutes.

        None where the database has to be asked.
        """
        if not self._is_counted:
            return None
        n = self._counts["n"]
        mean_log = self._logarithms / n - log(60) if n else 0.0
        counts = UnitCounts(
            with_span=self._counts["with_span"],
            sixtyfold=self._counts["sixtyfold"],
            sixtieth=self._counts["sixtieth"],
            n=n,
            mean_log=mean_log,
        )
        messages = (effort_message(source, counts) for source in self._sources)
        return [message for message in messages if message]

    def _count(self, kind: str, ids: Sequence[str], values: Sequence[int], limit: int) -> None:
        """Count the entries of which a value exceeds its limit, and keep the first ids."""
        if max(values) > limit:
            exceed = [value > limit for value in values]
            self._counts[kind] += sum(exceed)
            all_ids = chain(self._ids.get(kind, ()), compress(ids, exceed))
            self._ids[kind] = sorted(all_ids)[:MAX_EXAMPLES]

    def _count_units(self, seconds: Sequence[int], spans: Sequence[int]) -> None:
        """Count the entries that have effort and span, and those with about 60 or 1/60 of it."""
        pairs = zip(seconds, spans, strict=True)
        rows = [(effort, span) for effort, span in pairs if effort and span]
        self._counts["with_span"] += len(rows)
        self._counts["sixtyfold"] += sum(
            _LEAST_RATIO * span <= effort <= _MOST_RATIO * span for effort, span in rows
        )
        self._counts["sixtieth"] += sum(
            _LEAST_RATIO * effort <= span <= _MOST_RATIO * effort for effort, span in rows
        )
        positive = list(filter(None, seconds))
        self._counts["n"] += len(positive)
        self._logarithms += sum(map(log, positive))
