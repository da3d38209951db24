"""Finding and opening the files of assistants' logs, so that what cannot be read is noticed."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import IO
from urllib.parse import quote


def is_folder(path: Path) -> bool:
    """Return whether there is a folder, also where it may not be looked at."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False


def log_files(folder: Path, *patterns: str, levels: int | None = None) -> list[Path]:
    """Return the files below a folder whose names match a pattern.

    Links are followed, and no folder is searched twice. A folder that cannot be searched is
    returned itself, so that reading it fails and is counted.

    Args:
        folder: The folder.
        patterns: Shell patterns of names.
        levels: How many levels of folders below it are searched; None searches all.
    """
    paths: list[Path] = []
    searched = {os.path.realpath(folder)}

    def add_unsearched(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            paths.append(Path(error.filename))

    for parent, folders, names in os.walk(folder, onerror=add_unsearched, followlinks=True):
        targets = {os.path.realpath(Path(parent, name)): name for name in sorted(folders)}
        folders[:] = [name for target, name in targets.items() if target not in searched]
        searched.update(targets)
        if levels is not None and len(Path(parent).relative_to(folder).parts) >= levels:
            folders.clear()
        paths.extend(
            Path(parent, name)
            for name in names
            if any(fnmatchcase(name, pattern) for pattern in patterns)
        )
    return paths


def unique_paths(paths: Iterable[Path]) -> list[Path]:
    """Return paths by name, each file once, also where a folder is linked into another."""
    by_target: dict[str, Path] = {}
    for path in sorted(paths):
        by_target.setdefault(os.path.realpath(path), path)
    return list(by_target.values())


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading.

    Raises:
        OSError: It cannot be read, or is not a regular file: a pipe would wait for its writer.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path} is not a regular file")
        yield stream


@contextmanager
def opened_database(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database of SQLite for reading, with rows by names of columns.

    Raises:
        OSError: It cannot be read.
    """
    try:
        uri = f"file:{quote(os.path.realpath(path))}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            yield connection
    except sqlite3.Error as error:
        raise OSError(f"{path}: {error}") from None


def column_names(connection: sqlite3.Connection, table: str) -> set[str]:
    """Return the names of a table's columns; none where there is no such table."""
    query = "SELECT name FROM pragma_table_info(?)"
    return {row["name"] for row in connection.execute(query, (table,))}


@contextmanager
def decompressed(path: Path) -> Iterator[IO[bytes]]:
    """Open a file; one that is compressed with zstd through the program of that name."""
    if path.suffix != ".zst":
        with opened(path) as stream:
            yield stream
        return
    command = ["zstd", "-dcq", "--memory=128MB"]
    with (
        opened(path) as compressed,  # not an argument: the list of processes shows those
        subprocess.Popen(  # noqa: S603 - a fixed program
            command, stdin=compressed, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        yield process.stdout
    if process.returncode:
        raise OSError(f"zstd ended with {process.returncode}")
