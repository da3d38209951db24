"""Atomic file operations: a crash or a full disk leaves the old content or the new, never a part.

The timer's commands load this module, so it imports light modules of the standard library only.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

PRIVATE = 0o600
"""The mode of what only its owner may read."""
PUBLIC = 0o666
"""The mode of what others may read as far as the umask lets them."""

_TRANSIENT_BYTES = 8
"""Random bytes in the name of a temporary file."""
_PREFIX_CHARACTERS = 50
"""Characters of a file's name in that of its temporary file; valid at four bytes each."""
_LINK_ERRORS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""Error numbers of file systems without hard links."""


class NewFile(NamedTuple):
    """A temporary file that gets its own name when it is whole."""

    path: str
    descriptor: int


def atomic_write(path: str, text: str) -> None:
    """Replace the content of a file (mode 0600), durably when this returns.

    A missing folder is created (mode 0700).

    Raises:
        OSError: The disk cannot store it. The previous content is unchanged.

    """
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    except OSError as error:
        error.filename = path
        raise
    with new_file(path) as file:
        write_all(file.descriptor, text.encode())


@contextmanager
def new_file(path: str, *, mode: int = PRIVATE, replace: bool = True) -> Iterator[NewFile]:
    """Yield a temporary file in the folder of ``path``; it becomes ``path`` at the end.

    Its name cannot be guessed, and it is never one that exists or a link. It is synced before it is
    renamed, and removed after an error.

    Args:
        path: The file.
        mode: The permissions of the file; the umask limits them.
        replace: Whether a regular file of that name is replaced.

    Raises:
        FileExistsError: The file exists, and ``replace`` is false.
        OSError: The disk cannot store it, or what is there is not a regular file. The error names
            ``path``, and the previous content is unchanged.

    """
    temporary = ""
    try:
        file = _temporary_file(path, mode)
        temporary = file.path
        try:
            yield file
            os.fsync(file.descriptor)
            _put_in_place(temporary, path, replace=replace)
        finally:
            os.close(file.descriptor)
        sync_folder(os.path.dirname(path))
    except BaseException as error:
        with suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError) and error.filename in (None, temporary):
            error.filename, error.filename2 = path, None  # on a full disk the error names no file
        raise


def remove_abandoned(path: str) -> None:
    """Remove temporary files whose process has died, of all files whose path begins with ``path``.

    A process holds a lock on its temporary file for as long as it lives.
    """
    folder, name = os.path.split(path)
    pattern = re.compile(rf"{re.escape(_temporary_prefix(name))}.*\.[0-9a-f]{{16}}\.tmp")
    with suppress(OSError):
        for entry in os.listdir(folder or "."):
            if pattern.fullmatch(entry):
                _remove_unlocked(os.path.join(folder, entry))


def write_all(descriptor: int, content: bytes) -> None:
    """Write all of a content to a descriptor."""
    remaining = memoryview(content)
    while remaining:
        remaining = remaining[os.write(descriptor, remaining) :]


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
    descriptor = os.open(folder or ".", os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _temporary_file(path: str, mode: int) -> NewFile:
    """Create the temporary file of ``path`` and lock it."""
    folder, name = os.path.split(path)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    transient = os.urandom(_TRANSIENT_BYTES).hex()
    temporary = os.path.join(folder, f"{_temporary_prefix(name)}.{transient}.tmp")
    try:
        descriptor = os.open(temporary, flags, mode)
    except OSError as error:
        error.filename = path
        raise
    with suppress(OSError):  # a file system without locks
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return NewFile(temporary, descriptor)


def _temporary_prefix(name: str) -> str:
    """Return the prefix of the names of temporary files for a name; a long name is cut."""
    return f".{name[:_PREFIX_CHARACTERS]}"


def _put_in_place(temporary: str, path: str, *, replace: bool) -> None:
    """Rename a temporary file to its own name.

    Raises:
        FileExistsError: The name exists and may not be replaced.
        OSError: What is there is not a regular file.

    """
    if replace:
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(os.lstat(path).st_mode):
                raise OSError(errno.EINVAL, "it is not a regular file", path)
        os.replace(temporary, path)
        return
    try:
        os.link(temporary, path, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _LINK_ERRORS:
            error.filename, error.filename2 = path, None
            raise
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, PRIVATE))
        os.replace(temporary, path)
    else:
        os.unlink(temporary)


def _remove_unlocked(path: str) -> None:
    """Remove a temporary file unless a process holds a lock on it."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
        finally:
            os.close(descriptor)
