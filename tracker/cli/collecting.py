"""Collecting marks: from assistants' logs to this machine's file, and from there to answers.

Raw events live in this module's loop only. What is kept of them is a mark.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tracker.cli.context import Context
from tracker.cli.progress import ShowProgress
from tracker.cli.usage_coverage import Coverage, coverage_of, log_key
from tracker.domain import times
from tracker.domain.task_keys import KEY_PATTERN
from tracker.domain.usage import Mark, UsageEvent, salted_hash, task_keys
from tracker.domain.usage_rule import Rule
from tracker.local.repositories import Repositories
from tracker.local.usage_file import Header
from tracker.local.usage_state import UsageState
from tracker.sources.assistants import claude_code, codex, copilot, cursor, git_log, wakatime
from tracker.sources.assistants.usage_log import Home, ReadReport

PROMPT_READERS: tuple[Any, ...] = (claude_code, codex, copilot)
"""The readers of logs that hold prompts: only where they have read all does silence mean anything.
"""
RETIRABLE = frozenset({*(reader.NAME for reader in PROMPT_READERS), cursor.NAME})
"""The assistants whose log keeps days from being covered, also when it is not used any more."""

_HOOK_SECONDS = 10
"""A hook's mark and the log's of one prompt are not further apart."""
HOOK = "hook:"
"""How the ids of hooks' marks begin, before their random part."""


class Collected(NamedTuple):
    """The logs that one run has read."""

    marks: tuple[Mark, ...]
    """All marks, the earlier ones included."""
    new: int
    reports: tuple[ReadReport, ...]
    coverage: Coverage
    in_use: frozenset[str]
    """The assistants whose logs are here, without those that are not used any more."""
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
        self._salt, self.machine = header.salt, header.machine
        self._homes = homes
        self._since = since_epoch
        self.now_epoch = now_epoch
        self.repositories = Repositories(
            context.settings.repositories, [str(home.path) for home in homes]
        )
        self._pattern = key_pattern(context.settings.task_pattern)
        self._after_clock = 0
        self._reports: list[ReadReport] = []
        self._is_cursor_used = True
        self._show: Callable[[int], None] = lambda _count: None

    def day_of(self, epoch: int) -> int:
        """Return the local day of an instant."""
        return times.local_day(epoch, self._context.zone)

    def collect(
        self, earlier: Sequence[Mark], state: UsageState, show: ShowProgress | None
    ) -> Collected:
        """Read all logs; return the marks, the earlier ones included, and what is covered."""
        marks = {mark.event: mark for mark in self.repositories.resolved(earlier, self._salt)}
        before = set(marks)
        self._show = _progress(show, self._size())
        logs: dict[str, ReadReport] = {}
        for home in self._homes:
            for reader in PROMPT_READERS:
                key = log_key(reader.NAME, self._hash("home", os.path.realpath(home.path)))
                report = self._report(reader.NAME, state.runs.get(key))
                self._add(marks, reader.read(home, report))
                if report.has_log or key in state.runs:
                    logs[key] = report
            self._add_listed(marks, home, state.retired.get(cursor.NAME))
        self._add_commits(marks)
        _weigh_hooks(marks)
        coverage = coverage_of(
            logs,
            self._reports,
            state,
            now_epoch=self.now_epoch,
            since_epoch=self._since,
            day_of=self.day_of,
        )
        ordered = sorted(marks.values(), key=lambda mark: (mark.epoch, mark.event))
        in_use = {report.reader for report in self._reports if report.has_log}
        return Collected(
            tuple(ordered),
            len(marks.keys() - before),
            tuple(self._reports),
            coverage,
            frozenset(in_use if self._is_cursor_used else in_use - {cursor.NAME}),
            self._after_clock,
        )

    def rule(self, marks: Sequence[Mark], coverage: Mapping[str, Collection[int]]) -> Rule:
        """Return the rule for the developer's entries.

        Args:
            marks: The marks.
            coverage: The covered days of each of the developer's machines.
        """

        def is_covered(start: int, end: int) -> bool:
            days = range(self.day_of(start), self.day_of(max(start, end - 1)) + 1)
            return bool(coverage) and all(
                day in covered for covered in coverage.values() for day in days
            )

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
                marks[mark.event] = _merged(mark, marks.get(mark.event))

    def _add_listed(
        self, marks: dict[str, Mark], home: Home, last_use_of_cursor: int | None
    ) -> None:
        """Add what is listed only: Cursor's commits and WakaTime's heartbeats."""
        of_cursor, of_wakatime = self._report(cursor.NAME), self._report(wakatime.NAME)
        folders = self.repositories.folders() if cursor.files(home) else []
        self._add(
            marks,
            cursor.read(home, of_cursor, lambda sha: _folder_with(folders, sha)),
        )
        if of_cursor.has_log:
            start = cursor.tracking_start(home)
            first, last = None if start is None else self.day_of(start), last_use_of_cursor
            if last is not None and max(of_cursor.days, default=last) > last:
                last = None  # its commits show that it was used later
            of_cursor.uncertain.append((first, last))
            self._is_cursor_used = last is None
        self._add(marks, wakatime.read(home, of_wakatime))

    def _add_commits(self, marks: dict[str, Mark]) -> None:
        report = self._report(git_log.NAME)
        folders = self.repositories.folders()
        self._add(marks, git_log.read(folders, report, since_epoch=self._since))

    def _mark(self, event: UsageEvent) -> Mark:
        project = self.repositories.project(event.directory, event.remote)
        named_by = event.subject or event.branch
        return Mark(
            self._hash("event", f"{event.assistant} {event.id}"),
            event.assistant,
            event.epoch,
            event.kind,
            event.version,
            self._hash("repository", project) if project else None,
            self._hash("branch", event.branch) if event.branch else None,
            task_keys(self._pattern, named_by) if named_by else (),
            event.work,
            event.is_certain,
        )

    def _report(self, name: str, last_epoch: int | None = None) -> ReadReport:
        report = ReadReport(name, self.day_of, lambda count: self._show(count), last_epoch)
        self._reports.append(report)
        return report

    def _size(self) -> int:
        """Return the bytes of the files that will be read."""
        return sum(
            _file_size(path)
            for home in self._homes
            for reader in (*PROMPT_READERS, wakatime)
            for path in reader.files(home)
        )

    def _hash(self, kind: str, text: str) -> str:
        return salted_hash(self._salt, kind, text)


def key_pattern(setting: str | None) -> Any:
    """Return the compiled pattern of a task's key.

    Raises:
        BadValue: The setting is no valid pattern.
    """
    if setting is None:
        return re.compile(KEY_PATTERN)
    from tracker.sources.user_map import key_matcher  # late: loads the matcher

    return key_matcher(setting)


def _merged(mark: Mark, old: Mark | None) -> Mark:
    """Return a mark as its log has it now, with what is known of it from earlier.

    Of a commit only a hook knows on which branch it was made. A copy of a log in another home may
    not show the repository.
    """
    if old is None:
        return mark
    if mark.kind == "commit" and not mark.tasks:
        return mark._replace(branch=old.branch, tasks=old.tasks)
    return mark if mark.repository or mark.tasks else old


def _weigh_hooks(marks: dict[str, Mark]) -> None:
    """Drop hooks' marks of prompts that the assistant's log has too, each against one of it.

    The others of an assistant whose log has its prompts are listed only: hooks run for messages of
    the program, too. A turn that Copilot's database still has counts like a hook's mark.
    """
    prompts: dict[str, list[int]] = {}
    for mark in sorted(marks.values(), key=lambda mark: mark.epoch):
        if mark.kind == "prompt" and not _is_hooks(mark):
            prompts.setdefault(mark.assistant, []).append(mark.epoch)
    repeated = [mark for mark in marks.values() if _is_hooks(mark) or _is_stored_turn(mark)]
    for mark in sorted(repeated, key=lambda mark: mark.epoch):
        epochs = prompts.get(mark.assistant, [])
        nearest = bisect_left(epochs, mark.epoch - _HOOK_SECONDS)
        if nearest < len(epochs) and epochs[nearest] <= mark.epoch + _HOOK_SECONDS:
            del epochs[nearest], marks[mark.event]
        elif mark.assistant in {reader.NAME for reader in PROMPT_READERS}:
            marks[mark.event] = mark._replace(is_certain=False)


def _is_hooks(mark: Mark) -> bool:
    return mark.event.startswith(HOOK)


def _is_stored_turn(mark: Mark) -> bool:
    return mark.assistant == copilot.NAME and mark.kind == "activity"


def _progress(show: ShowProgress | None, total: int) -> Callable[[int], None]:
    """Return a callback that counts the bytes read and shows them, at most a hundred times."""
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
