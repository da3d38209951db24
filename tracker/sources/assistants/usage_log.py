"""Common parts of the readers of usage logs: homes, lines, instants, and reports."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol

from tracker.domain.stored_times import is_readable_epoch
from tracker.domain.times import DAY_SECONDS
from tracker.domain.usage import UsageEvent, plain_version
from tracker.sources.assistants.log_files import decompressed

LONGEST_LINE = 16 * 1024 * 1024
"""Bytes of the longest line that is read; a longer one is unread, and never in memory."""

DEFAULT_RETENTION_DAYS = 30
"""How many days back a log is believed to be whole, unless the assistant is set to keep less."""

DayRange = tuple[int | None, int | None]
"""The first and the last day of a range; None where it is open."""


@dataclass(frozen=True, slots=True)
class Home:
    """A home folder with the logs of one person."""

    path: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    """The environment variables that move logs; {} for a home that is not the user's own."""


@dataclass(slots=True)
class ReadReport:
    """What one reader read: counts and days, nothing of the content.

    Args:
        reader: The name of the reader.
        day_of: Returns the local day of an instant.
        advance: Called with the number of bytes read.
        last_epoch: When the log was read last; None where it never was.
    """

    reader: str
    day_of: Callable[[int], int]
    advance: Callable[[int], None] = lambda _count: None
    last_epoch: int | None = None
    has_log: bool = False
    """Whether the assistant has a log in this home."""
    files: int = 0
    lines: int = 0
    unread: int = 0
    """Lines that were not understood."""
    unreadable: int = 0
    """Files and folders that could not be read."""
    unread_versions: set[str] = field(default_factory=set)
    """The versions of the assistant that wrote files with unread lines."""
    retention_days: int = DEFAULT_RETENTION_DAYS
    """How many days back the log is whole; 0 where the assistant writes none."""
    days: set[int] = field(default_factory=set)
    """Days with a line that was read."""
    uncertain: list[DayRange] = field(default_factory=list)
    """Days of which something may be missing."""
    agent_seconds: dict[int, float] = field(default_factory=dict)
    """Seconds that the assistant worked, by day, where the log records them."""

    def is_uncertain(self, day: int) -> bool:
        """Return whether something of a day may be missing."""
        return any(
            (first is None or first <= day) and (last is None or day <= last)
            for first, last in self.uncertain
        )

    def agent_worked(self, epoch: int, seconds: float) -> None:
        """Add a time that the log records the assistant to have worked."""
        if 0 < seconds < DAY_SECONDS:
            day = self.day_of(epoch)
            self.agent_seconds[day] = self.agent_seconds.get(day, 0.0) + seconds


class FileReport:
    """What was read of one file.

    Args:
        report: The report of the reader.
        path: The file.
    """

    def __init__(self, report: ReadReport, path: Path) -> None:
        self.report = report
        self.version: str | None = None
        self._unread = 0
        self._is_readable = True
        self._starts_unread = False
        """Whether lines before the first known instant were not understood."""
        self._first: int | None = None
        self._last: int | None = None
        self._modified = _modified_epoch(path)

    def read(self, epoch: int | None) -> None:
        """Count a line that was understood, with its instant where it has one."""
        self.report.lines += 1
        if epoch is not None:
            self.report.days.add(self.report.day_of(epoch))
            self._extend(epoch)

    def unread(self, epoch: int | None = None) -> None:
        """Count a line that was not understood."""
        self.report.lines += 1
        self.report.unread += 1
        self._unread += 1
        if epoch is not None:
            self._extend(epoch)
        elif self._first is None:
            self._starts_unread = True

    def unfinished(self) -> None:
        """Count a last line that is not whole: it was being written when the file changed last."""
        if self._modified is None:
            self.unread()
            return
        self.report.lines += 1
        self.report.unread += 1
        self.report.unread_versions.add(self.version or "unknown")
        day = self.report.day_of(self._modified)
        self.report.uncertain.append((day, day))

    def unreadable(self) -> None:
        """Count a file that could not be read, or not to its end."""
        self.report.unreadable += 1
        self._is_readable = False

    def note_version(self, version: object) -> str | None:
        """Remember the version of the assistant; return it where it looks like one."""
        self.version = plain_version(version) or self.version
        return self.version

    def close(self) -> None:
        """Note the days of which something may be missing.

        They end when the file changed last. They begin with its first known instant, or when the
        log was read last: what the file held then was noted then.
        """
        self.report.files += 1
        if self._unread:
            self.report.unread_versions.add(self.version or "unknown")
        if self._unread or not self._is_readable:
            self.report.uncertain.append((self._first_day(), self._last_day()))

    def _first_day(self) -> int | None:
        day_of, last_read = self.report.day_of, self.report.last_epoch
        if self._first is not None and self._is_readable and not self._starts_unread:
            return day_of(self._first)
        if last_read is None:
            return None
        return day_of(last_read if self._first is None else min(self._first, last_read))

    def _last_day(self) -> int | None:
        if self._modified is None or not self._is_readable:
            return None
        return self.report.day_of(max(self._modified, self._last or self._modified))

    def _extend(self, epoch: int) -> None:
        self._first = epoch if self._first is None else min(self._first, epoch)
        self._last = epoch if self._last is None else max(self._last, epoch)


class ReadFile(Protocol):
    """Yields the events of one file."""

    def __call__(self, path: Path, file: FileReport) -> Iterator[UsageEvent]: ...


def read_files(
    paths: Iterable[Path], report: ReadReport, read_file: ReadFile
) -> Iterator[UsageEvent]:
    """Yield the events of files, one file after the other; an unreadable file is unread."""
    for path in paths:
        file = FileReport(report, path)
        try:
            yield from read_file(path, file)
        except OSError:
            file.unreadable()
        file.close()


def json_lines(path: Path, file: FileReport) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a file, one a line, in bounded memory.

    Raises:
        OSError: The file cannot be read.
    """
    with decompressed(path) as stream:
        for line in _lines(stream, file):
            try:
                content = json.loads(line)
            except (ValueError, RecursionError):
                content = None
            if isinstance(content, dict):
                yield content
            elif line.endswith(b"\n"):
                file.unread()
            else:
                file.unfinished()


def epoch_of(value: object) -> int | None:
    """Return the instant of an ISO 8601 text with its zone; None where it is none."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    if instant.tzinfo is None:
        return None
    epoch = int(instant.timestamp() // 1)
    return epoch if is_readable_epoch(epoch) else None


def epoch_of_number(value: object, *, per_second: int) -> int | None:
    """Return the instant of a number of seconds or of parts of them; None where it is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        epoch = int(value // per_second)
    except (OverflowError, ValueError):  # infinity and NaN
        return None
    return epoch if epoch > 0 and is_readable_epoch(epoch) else None


def text_of(value: object) -> str | None:
    """Return a text of a log; None where it is not text, or empty."""
    return value if isinstance(value, str) and value else None


def mapping_of(value: object) -> dict[str, Any]:
    """Return a JSON object of a log; {} where it is none."""
    return value if isinstance(value, dict) else {}


def _lines(stream: IO[bytes], file: FileReport) -> Iterator[bytes]:
    """Yield the lines that are not blank; one that is too long is unread."""
    is_too_long = False
    while chunk := stream.readline(LONGEST_LINE):
        file.report.advance(len(chunk))
        is_end = chunk.endswith(b"\n")
        if not is_end and len(chunk) == LONGEST_LINE:
            is_too_long = True
        elif is_too_long:
            is_too_long = False
            file.unread()
        elif chunk.strip():
            yield chunk
    if is_too_long:
        file.unread()


def _modified_epoch(path: Path) -> int | None:
    """Return when a file was changed last; None where it is no file, or cannot be looked at."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return int(status.st_mtime) if stat.S_ISREG(status.st_mode) else None
