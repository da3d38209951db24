"""The marks of a developer's assistants, in files of their own (mode 0600).

``marks.jsonl`` has a header with the salt, then one mark a line; ``state.json`` says until when
each reader has read, and what was inferred of which entry. Neither leaves the machine.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from tracker.domain.errors import BadValue, NothingToDo
from tracker.domain.stored_times import is_readable_epoch
from tracker.domain.usage import KINDS, WORKS, Mark
from tracker.local import usage_paths
from tracker.local.atomic_files import atomic_write
from tracker.local.record_files import read_json
from tracker.local.usage_state import UsageState, state_of, state_text

_SALT_BYTES, _MACHINE_BYTES = 32, 8
_DEFAULTS = Mark._field_defaults


class Header(NamedTuple):
    """The first line of the file of marks."""

    salt: str
    machine: str
    """A random name of this machine."""
    pattern: str | None = None
    """The pattern of a task's key, a copy of the setting for `tracker mark`."""


class Usage(NamedTuple):
    """The content of the file of marks."""

    header: Header
    marks: tuple[Mark, ...]
    damaged: int
    """Lines that hold no mark."""


class UsageFiles:
    """The files of marks in the data folder."""

    def __init__(self, data_folder: str) -> None:
        self.folder = os.path.join(data_folder, usage_paths.FOLDER)
        self.marks_path = os.path.join(self.folder, usage_paths.MARKS)
        self.state_path = os.path.join(self.folder, "state.json")

    def exist(self) -> bool:
        """Whether marks are collected on this machine."""
        return os.path.exists(self.marks_path)

    def read(self) -> Usage | None:
        """Return the header and the marks, by instant; None where there is no file.

        Raises:
            BadValue: The file has no header.
            OSError: The file cannot be read.

        """
        try:
            with open(self.marks_path, encoding="utf-8", errors="replace") as file:
                header = _header(file.readline(), self.marks_path)
                marks, damaged = _marks(file)
        except FileNotFoundError:
            return None
        return Usage(
            header, tuple(sorted(marks, key=lambda mark: (mark.epoch, mark.event))), damaged
        )

    def write(self, header: Header, marks: Iterable[Mark]) -> None:
        """Replace the file of marks; call within :meth:`locked`.

        Raises:
            OSError: The disk cannot store it.

        """
        lines = [header_line(header), *(mark_line(mark) for mark in marks)]
        atomic_write(self.marks_path, "".join(f"{line}\n" for line in lines))

    def state(self) -> UsageState:
        """Return the state; an empty one where there is none, or it is damaged."""
        try:
            return state_of(read_json(self.state_path))
        except (OSError, ValueError):
            return UsageState()

    def write_state(self, state: UsageState) -> None:
        """Replace the state; call within :meth:`locked`.

        Raises:
            OSError: The disk cannot store it.

        """
        atomic_write(self.state_path, state_text(state))

    def forget(self) -> None:
        """Delete the files."""
        for path in (self.marks_path, self.state_path):
            with suppress(FileNotFoundError):
                os.unlink(path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other commands from changing the marks."""
        with self._lock(usage_paths.LOCK, fcntl.LOCK_EX):
            yield

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Keep another `collect` from running at the same time; hooks may add marks meanwhile.

        Raises:
            NothingToDo: Another one runs.

        """
        try:
            with self._lock("collect.lock", fcntl.LOCK_EX | fcntl.LOCK_NB):
                yield
        except BlockingIOError:
            raise NothingToDo(
                "another `tracker collect` runs on this machine: wait until it is done."
            ) from None

    @contextmanager
    def _lock(self, name: str, operation: int) -> Iterator[None]:
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(os.path.join(self.folder, name), flags, 0o600)
        try:
            fcntl.flock(descriptor, operation)
            yield
        finally:
            os.close(descriptor)


def read_header(path: str) -> Header | None:
    """Return the header of a file of marks; None where there is no file.

    Raises:
        BadValue: The file has no header.
        OSError: The file cannot be read.

    """
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return _header(file.readline(), path)
    except FileNotFoundError:
        return None


def new_header(random_bytes: Any, pattern: str | None) -> Header:
    """Return a header with a new salt and a new name of the machine."""
    return Header(random_bytes(_SALT_BYTES).hex(), random_bytes(_MACHINE_BYTES).hex(), pattern)


def header_line(header: Header) -> str:
    """Return the first line of the file of marks."""
    return json.dumps({"format": 1, **header._asdict()}, ensure_ascii=False)


def mark_line(mark: Mark) -> str:
    """Return a mark as a line of the file, without the fields that have their default."""
    fields = mark._asdict()
    shown = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in fields.items()
        if name not in _DEFAULTS or value != _DEFAULTS[name]
    }
    return json.dumps(shown, ensure_ascii=False)


def _header(line: str, path: str) -> Header:
    try:
        values = json.loads(line)
        header = Header(values["salt"], values["machine"], values.get("pattern"))
        if len(bytes.fromhex(header.salt)) != _SALT_BYTES or not header.machine:
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadValue(
            f"{path} has no header with a salt: `tracker collect --forget` makes a new file."
        ) from None
    return header


def _marks(lines: Iterable[str]) -> tuple[list[Mark], int]:
    marks, damaged = [], 0
    for line in lines:
        mark = _mark(line)
        if mark is None:
            damaged += 1
        else:
            marks.append(mark)
    return marks, damaged


def _mark(line: str) -> Mark | None:
    """Return the mark in a line; None where it holds none."""
    try:
        fields = json.loads(line)
        for name in ("tasks", "places"):
            fields[name] = tuple(map(str, fields.get(name, ())))
        mark = Mark(**fields)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    is_valid = (
        is_readable_epoch(mark.epoch)
        and isinstance(mark.event, str)
        and isinstance(mark.assistant, str)
        and mark.kind in KINDS
        and mark.work in (None, *WORKS)
    )
    return mark if is_valid else None
