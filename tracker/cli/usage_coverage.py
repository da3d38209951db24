"""The days of coverage of this machine: where its assistants' logs were read whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tracker.domain import times
from tracker.domain.errors import BadValue
from tracker.local.usage_state import UsageState
from tracker.sources.assistants.usage_log import ReadReport


class Coverage(NamedTuple):
    """When this machine's logs were read, and which days they cover."""

    runs: dict[str, int]
    """When each log was read last, by reader and home."""
    days: frozenset[int]
    """The covered days of this machine."""
    by_log: dict[str, frozenset[int]]
    """The days that each log with prompts covers, by reader and home."""


def coverage_of(
    logs: Mapping[str, ReadReport],
    reports: Sequence[ReadReport],
    state: UsageState,
    *,
    now_epoch: int,
    since_epoch: int | None,
    day_of: Callable[[int], int],
) -> Coverage:
    """Return which days are covered after a run.

    A day is covered by a log that was read before and after it, at most as far apart as the log is
    kept, or that has a line of that day, which is not older than logs are kept. It is covered on
    the machine if every log with prompts covers it, and no reader may have missed something of it.
    A day that was covered before there was a further log stays covered. A log that is gone covers
    the days after the assistant was used last, where a person has stated that day.

    Args:
        logs: What was read of each log with prompts, by reader and home.
        reports: What was read of all logs.
        state: What was known before the run.
        now_epoch: The clock.
        since_epoch: Older events were left out; None reads all.
        day_of: Returns the local day of an instant.
    """
    today = day_of(now_epoch)
    first = None if since_epoch is None else day_of(since_epoch) + 1

    def certain(days: set[int]) -> frozenset[int]:
        return frozenset(day for day in days if not any(r.is_uncertain(day) for r in reports))

    by_log = {key: set(state.covered_by_log.get(key, ())) for key in {**state.runs, **logs}}
    for key in by_log:
        report = logs.get(key)
        if report is None or not report.has_log:
            last_used = state.retired.get(reader_of(key))
            if last_used is not None and last_used >= day_of(state.runs[key]):
                by_log[key].update(range(last_used + 1, today))
            continue
        if not report.retention_days:
            continue
        new = {day for day in report.days if today - report.retention_days < day < today}
        last_run = state.runs.get(key)
        longest_gap = report.retention_days * times.DAY_SECONDS
        if last_run is not None and now_epoch - last_run <= longest_gap:
            new.update(range(day_of(last_run), today))
        by_log[key] |= {day for day in new if first is None or day >= first}
    of_logs = {key: certain(days) for key, days in by_log.items()}
    common = frozenset.intersection(*of_logs.values()) if of_logs else frozenset()
    read = {key: now_epoch for key, report in logs.items() if report.has_log}
    return Coverage(state.runs | read, certain({*state.covered, *common}), of_logs)


def log_key(reader: str, home: str) -> str:
    """Return the key of a log, from the name of its reader and the hash of its home."""
    return f"{reader} {home}"


def reader_of(key: str) -> str:
    """Return the name of the reader in the key of a log."""
    return key.partition(" ")[0]


def check_last_use(
    reader: str, last_used: int, state: UsageState, day_of: Callable[[int], int], today: int
) -> None:
    """Check the day on which an assistant was used last on this machine.

    Raises:
        BadValue: Its log was read later, or the day has not come.
    """
    runs = [day_of(run) for key, run in state.runs.items() if reader_of(key) == reader]
    if last_used < max(runs, default=last_used) or last_used > today:
        raise BadValue(
            f"{reader} cannot have been used last on {times.day_to_date(last_used)}: give a day "
            "that has come, and on which its log was read last or later."
        )
