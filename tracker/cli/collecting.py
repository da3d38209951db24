"""Collecting marks: from assistants' logs to this machine's file, and from there to answers.

Raw events live in this module's loop only. What is kept of them is a mark.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tracker.cli.context import Context
from tracker.cli.progress import ShowProgress
from tracker.domain import times
from tracker.domain.task_keys import KEY_PATTERN
from tracker.domain.usage import Mark, UsageEvent, salted_hash, task_keys
from tracker.domain.usage_rule import Inference, Rule
from tracker.local.repositories import Repositories
from tracker.local.usage_file import Header
from tracker.sources.assistants import claude_code, codex, copilot, cursor, git_log, wakatime
from tracker.sources.assistants.usage_log import Home, ReadReport

PROMPT_READERS: tuple[Any, ...] = (claude_code, codex, copilot)
"""The readers of logs that hold prompts: only where they have read all does silence mean anything.
"""

_HOOK_SECONDS = 10
"""A hook's mark and the log's of one prompt are not further apart."""
HOOK = "hook:"
"""How the ids of hooks' marks begin, before their random part."""


class Collected(NamedTuple):
    """What one run has read."""

    marks: tuple[Mark, ...]
    """All marks, the earlier ones included."""
    new: int
    reports: tuple[ReadReport, ...]
    runs: dict[str, int]
    """When each log was read last, by reader and home."""
    covered: set[int]
    """The covered days of this machine."""
    covered_by_log: dict[str, set[int]]
    """The days that each log with prompts covers, by reader and home."""
    after_clock: int
    """Events after the clock, which are left out."""


class Collector:
    """Reads the logs of homes and of the configured repositories.

    Args:
        context: The run of the program.
        header: The header of this machine's file of marks.
        homes: The home folders; the first one is that of the user unless others are named.
        now_epoch: The clock; events after it are left out.
        since_epoch: Events before are left out; None reads all.
    """

    def __init__(
        self,
        context: Context,
        header: Header,
        homes: Sequence[Home],
        now_epoch: int,
        since_epoch: int | None,
    ) -> None:
        self._context = context
        self._header = header
        self._homes = homes
        self._since = since_epoch
        self.now_epoch = now_epoch
        self.repositories = Repositories(
            context.settings.repositories, [str(home.path) for home in homes]
        )
        self._pattern = key_pattern(context.settings.task_pattern)
        self._after_clock = 0
        self._all_reports: list[ReadReport] = []
        self._show: Callable[[int], None] = lambda _count: None

    @property
    def machine(self) -> str:
        """The random name of this machine."""
        return self._header.machine

    def day_of(self, epoch: int) -> int:
        """Return the local day of an instant."""
        return times.local_day(epoch, self._context.zone)

    def collect(
        self, earlier: Sequence[Mark], state: dict[str, Any], show: ShowProgress | None
    ) -> Collected:
        """Read all logs; return the marks, the earlier ones included, and what is covered."""
        marks = {mark.event: self.repositories.resolve(mark, self._header.salt) for mark in earlier}
        before = set(marks)
        self._show = _progress(show, self._size())
        reports: list[ReadReport] = []
        runs = _numbers(state.get("runs"))
        read_reports: dict[str, ReadReport] = {}
        for home in self._homes:
            for reader in PROMPT_READERS:
                report = self._report(reader.NAME)
                self._add(marks, reader.read(home, report))
                key = f"{reader.NAME} {self._hash('home', str(home.path.resolve()))}"
                if report.has_log or key in runs:
                    read_reports[key] = report
                reports.append(report)
            reports += self._add_listed(marks, home)
        reports.append(self._add_commits(marks))
        _drop_repeated_hooks(marks)
        by_log = self._covered_by_log(read_reports, runs, state)
        covered = self._covered(by_log, state)
        runs |= {key: self.now_epoch for key, report in read_reports.items() if report.has_log}
        ordered = sorted(marks.values(), key=lambda mark: (mark.epoch, mark.event))
        return Collected(
            tuple(ordered),
            len(marks.keys() - before),
            tuple(reports),
            runs,
            covered,
            by_log,
            self._after_clock,
        )

    def rule(self, marks: Sequence[Mark], coverage: dict[str, set[int]]) -> Rule:
        """Return the rule for the developer's entries.

        Args:
            marks: The marks.
            coverage: The covered days of each of the developer's machines.
        """

        def is_covered(start: int, end: int) -> bool:
            days = range(self.day_of(start), self.day_of(max(start, end - 1)) + 1)
            return bool(coverage) and all(own.issuperset(days) for own in coverage.values())

        return Rule(marks, lambda name: self._hash("repository", name), self.task_key, is_covered)

    def task_key(self, task: str) -> str:
        """Return the key in the name of a task; the name where it holds none."""
        return next(iter(task_keys(self._pattern, task)), task)

    def _add(self, marks: dict[str, Mark], events: Iterable[UsageEvent]) -> None:
        for event in events:
            if event.epoch > self.now_epoch:
                self._after_clock += 1
            elif self._since is None or event.epoch >= self._since:
                mark = self._mark(event)
                old = marks.get(mark.event)
                if old is None or (mark.repository, mark.tasks) != (None, ()):
                    marks[mark.event] = mark

    def _add_listed(self, marks: dict[str, Mark], home: Home) -> list[ReadReport]:
        """Add what is listed only: Cursor's commits and WakaTime's heartbeats."""
        of_cursor, of_wakatime = self._report(cursor.NAME), self._report(wakatime.NAME)
        folders = self.repositories.folders() if cursor.files(home) else []
        self._add(
            marks,
            cursor.read(home, of_cursor, lambda sha: _folder_with(folders, sha)),
        )
        if of_cursor.has_log:
            start = cursor.tracking_start(home)
            first = self.day_of(start) if start is not None else 0
            of_cursor.uncertain_days.update(range(first, self.day_of(self.now_epoch) + 1))
        self._add(marks, wakatime.read(home, of_wakatime))
        return [of_cursor, of_wakatime]

    def _add_commits(self, marks: dict[str, Mark]) -> ReadReport:
        report = self._report(git_log.NAME)
        folders = self.repositories.folders()
        self._add(marks, git_log.read(folders, report, since_epoch=self._since))
        return report

    def _mark(self, event: UsageEvent) -> Mark:
        project = self.repositories.project(event.directory, event.remote)
        texts = [text for text in (event.subject, event.branch) if text]
        keys = next((keys for text in texts if (keys := task_keys(self._pattern, text))), ())
        return Mark(
            self._hash("event", f"{event.assistant} {event.id}"),
            event.assistant,
            event.epoch,
            event.kind,
            event.version,
            self._hash("repository", project) if project else None,
            self._hash("branch", event.branch) if event.branch else None,
            keys,
            event.work,
            event.is_certain,
        )

    def _covered_by_log(
        self, reports: dict[str, ReadReport], runs: dict[str, int], state: dict[str, Any]
    ) -> dict[str, set[int]]:
        """Return the days that each log covers, also those that are not read any more.

        A day is covered by a log that was read before and after it, at most as far apart as the
        log is kept, or that has a line of that day; not by one with unread lines about that day.
        """
        today, stored = self.day_of(self.now_epoch), state.get("covered_by_log")
        by_log = {key: _days(stored, key) for key in {**runs, **reports}}
        for key, report in reports.items():
            by_log[key] |= self._days_of(report, runs.get(key), today)
        return {key: days - self._uncertain for key, days in by_log.items()}

    def _covered(self, by_log: dict[str, set[int]], state: dict[str, Any]) -> set[int]:
        """Return the covered days of this machine: those that every log with prompts covers.

        A day that was covered before there was a further log stays covered.
        """
        new = set.intersection(*by_log.values()) if by_log else set()
        return (_days(state, "covered") | new) - self._uncertain

    def _days_of(self, report: ReadReport, last_run: int | None, today: int) -> set[int]:
        if not report.has_log or not report.retention_days:
            return set()
        days = {day for day in report.days if day < today}
        first = self.day_of(self._since) if self._since is not None else None
        if (
            last_run is not None
            and self.now_epoch - last_run <= report.retention_days * times.DAY_SECONDS
        ):
            days.update(range(self.day_of(last_run), today))
        return days if first is None else {day for day in days if day > first}

    def _report(self, name: str) -> ReadReport:
        report = ReadReport(name, self.day_of, lambda count: self._show(count))
        self._all_reports.append(report)
        return report

    @property
    def _uncertain(self) -> set[int]:
        """The days of which something may be missing, by any reader."""
        return set().union(*(report.uncertain_days for report in self._all_reports))

    def _size(self) -> int:
        """Return the bytes of the files that will be read."""
        return sum(
            _file_size(path)
            for home in self._homes
            for reader in (*PROMPT_READERS, wakatime)
            for path in reader.files(home)
        )

    def _hash(self, kind: str, text: str) -> str:
        return salted_hash(self._header.salt, kind, text)


def key_pattern(setting: str | None) -> Any:
    """Return the compiled pattern of a task's key.

    Raises:
        BadValue: The setting is no valid pattern.
    """
    if setting is None:
        return re.compile(KEY_PATTERN)
    from tracker.sources.user_map import key_matcher  # late: loads the matcher

    return key_matcher(setting)


def inferences_of(state: Mapping[str, Any]) -> dict[str, Inference]:
    """Return what this machine inferred of entries, by their ids."""
    inferences: dict[str, Inference] = {}
    content = state.get("inferred")
    for id_, pair in (content if isinstance(content, dict) else {}).items():
        if isinstance(pair, list) and len(pair) == 2 and all(len(part) == 2 for part in pair):
            inferences[id_] = Inference(*(tuple(part) for part in pair))
    return inferences


def _drop_repeated_hooks(marks: dict[str, Mark]) -> None:
    """Drop hooks' marks of prompts that the assistant's log has too, each against one of it."""
    logged = [m for m in marks.values() if m.kind == "prompt" and not m.event.startswith(HOOK)]
    free: dict[str, list[int]] = {}
    for mark in sorted(logged, key=lambda mark: mark.epoch):
        free.setdefault(mark.assistant, []).append(mark.epoch)
    hooks = [mark for mark in marks.values() if mark.event.startswith(HOOK)]
    for mark in sorted(hooks, key=lambda mark: mark.epoch):
        epochs = free.get(mark.assistant, [])
        nearest = bisect_left(epochs, mark.epoch - _HOOK_SECONDS)
        if nearest < len(epochs) and epochs[nearest] <= mark.epoch + _HOOK_SECONDS:
            del epochs[nearest], marks[mark.event]


def _progress(show: ShowProgress | None, total: int) -> Callable[[int], None]:
    """Return what counts the bytes read and shows them, a hundred times at most."""
    if show is None:
        return lambda _count: None
    done, shown = 0, 0

    def advance(count: int) -> None:
        nonlocal done, shown
        done += count
        if (done - shown) * 100 >= total:
            shown = done
            show(done, total)

    return advance


def _folder_with(folders: Sequence[str], sha: str) -> str | None:
    """Return the folder of the repository that has a commit; None without one."""
    return next((folder for folder in folders if git_log.has_commit(folder, sha)), None)


def _file_size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _days(content: object, key: str) -> set[int]:
    """Return the days that a JSON object lists under a key."""
    days = content.get(key) if isinstance(content, dict) else None
    return {day for day in days if isinstance(day, int)} if isinstance(days, list) else set()


def _numbers(content: object) -> dict[str, int]:
    """Return the whole numbers of a JSON object."""
    items = content.items() if isinstance(content, dict) else ()
    return {key: value for key, value in items if isinstance(value, int)}
