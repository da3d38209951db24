"""Files that are written whole: a crash, a kill or a full disk leaves the old content or the new, never a part.

On the timer's path: os and contextlib only.
"""

from __future__ import annotations

import os
from contextlib import suppress


def atomic_write(path: str, text: str) -> None:
    """Put a text into a file (mode 0600; its folder is made, 0700); it is durable when this returns.

    It is written beside its place, made durable, then renamed. Raises OSError, and leaves what was there, when the
    disk does not take it.
    """
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    unfinished = f"{path}.{os.getpid()}.tmp"
    try:
        _write(unfinished, text.encode())
        os.replace(unfinished, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(unfinished)
        error.filename = path  # a full disk does not say which file it refused
        raise
    sync_folder(folder)


def durable_move(path: str, into: str) -> None:
    """Rename a file, durably, perhaps into another folder of the same disk (made, 0700, where it is missing)."""
    folder, target = os.path.dirname(path), os.path.dirname(into)
    os.makedirs(target, mode=0o700, exist_ok=True)
    os.replace(path, into)
    sync_folder(target)
    if folder != target:
        sync_folder(folder)


def quarantine(path: str) -> str:
    """Move a file that is of no use out of the way, under a name that is still free; returns that name."""
    kept, count = f"{path}.bad", 1
    while os.path.exists(kept):
        kept, count = f"{path}.{count}.bad", count + 1
    os.replace(path, kept)
    return kept


def sync_folder(folder: str) -> None:
    """Have the disk keep the names that were made, changed or removed in a folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: str, content: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    finally:
        os.close(file)
