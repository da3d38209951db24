"""Atomic file operations: a crash or a full disk leaves the old content or the new, never a part.

The timer's commands load this module, so it imports only os and contextlib.
"""

from __future__ import annotations

import os
from contextlib import suppress


def atomic_write(path: str, text: str) -> None:
    """Replace the content of a file (mode 0600), durably when this returns.

    The text is written to a temporary file in the same folder, synced, then renamed. A missing
    folder is created (mode 0700).

    Raises:
        OSError: The disk cannot store it. The previous content is unchanged.

    """
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        _write_synced(temporary, text.encode())
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(temporary)
        error.filename = path  # on a full disk the error names no file
        raise
    sync_folder(folder)


def durable_move(path: str, new_path: str) -> None:
    """Rename a file durably, also into another folder of the same disk.

    A missing folder is created (mode 0700).
    """
    folder, new_folder = os.path.dirname(path), os.path.dirname(new_path)
    os.makedirs(new_folder, mode=0o700, exist_ok=True)
    os.replace(path, new_path)
    sync_folder(new_folder)
    if folder != new_folder:
        sync_folder(folder)


def quarantine(path: str) -> str:
    """Rename a damaged file to an unused name ending in ``.bad`` and return the new path."""
    new_path, count = f"{path}.bad", 1
    while os.path.exists(new_path):
        new_path, count = f"{path}.{count}.bad", count + 1
    os.replace(path, new_path)
    return new_path


def sync_folder(folder: str) -> None:
    """Make new, changed and removed names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_synced(path: str, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        remaining = memoryview(content)
        while remaining:
            remaining = remaining[os.write(descriptor, remaining) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
