"""Files that a command writes with ``-o``: what may be replaced, and how the file appears.

A file that exists is replaced only if tracker wrote it as the same kind of output, or with
``--force``. Devices, pipes, folders and links are never replaced.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TextIO, TypeVar

import click

from tracker.cli.context import Context
from tracker.cli.streams import prepare_for_programs
from tracker.domain.errors import BadValue
from tracker.local.atomic_files import PRIVATE, new_file, remove_abandoned

Command = TypeVar("Command", bound=Callable[..., Any])

STDOUT = Path("-")
"""The name that stands for standard output."""

_START_BYTES = 4096
"""How much of an existing file is read to recognise it."""

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}

force_option = click.option(
    "--force", is_flag=True, help="Replace a file that tracker did not write."
)


class OutputKind(NamedTuple):
    """A kind of output file."""

    noun: str
    """What a message calls it; "" if none is ever replaced unless that is said."""
    recognise: Callable[[str], bool]
    """Returns whether a file that starts with this text is of the kind."""
    mode: int = PRIVATE
    """The permissions of the file."""
    parameter: str = "-o"
    """Its parameter on the command line."""
    has_stdout: bool = True
    """Whether ``-`` is standard output."""


def output_option(default: str | None, *, show_default: bool | str) -> Callable[[Command], Command]:
    """Return the option ``-o`` of a command that writes one file.

    Args:
        default: The name of the file; None where the command makes one.
        show_default: Whether help shows the default, or what it shows.
    """
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path, allow_dash=True),
        default=default,
        show_default=show_default,
        metavar="FILE",
        help="The file to write; - is standard output.",
    )


def check_output(
    context: Context, path: Path, kind: OutputKind, *, force: bool
) -> os.stat_result | None:
    """Check that a file may be written, before the work for it begins.

    Args:
        context: The run of the program.
        path: The file; ``-`` is standard output.
        kind: What is written.
        force: Whether a file of another kind is replaced.

    Returns:
        The status of the file that is replaced; None where there is none.

    Raises:
        BadValue: It may not be written. The message says what is there.
    """
    label = f"{kind.parameter} is {path}"
    if path == STDOUT:
        if not kind.has_stdout:
            raise BadValue(f"{label}: it is not written to standard output; give a file's name.")
        return None
    if not path.parent.is_dir():
        raise BadValue(f"{label}: there is no folder {path.parent}; make it, or name another.")
    if any(_is_within(path, name) for name in context.own_files()):
        raise BadValue(f"{label}: tracker keeps its own data there; give another name.")
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        noun = _KINDS.get(stat.S_IFMT(status.st_mode), "no regular file")
        remedy = "name a regular file" + (", or - for standard output" if kind.has_stdout else "")
        raise BadValue(f"{label}: that is {noun}; {remedy}.")
    if not force and status.st_size and not kind.recognise(_start_of(path)):
        reason = (
            f"that file is no {kind.noun} by tracker"
            if kind.noun
            else "it cannot be made, because that file exists"
        )
        raise BadValue(f"{label}: {reason}; give another name, or --force to replace it.")
    return status


@contextmanager
def open_output(
    context: Context, path: Path, kind: OutputKind, *, force: bool = False
) -> Iterator[TextIO]:
    """Open standard output (``-``) or a file, which appears when it is complete.

    Raises:
        BadValue: The file may not be written.
        OSError: The disk cannot store it. What was there is unchanged.
    """
    if path == STDOUT:
        prepare_for_programs(sys.stdout)
        yield sys.stdout
        return
    previous = check_output(context, path, kind, force=force)
    remove_abandoned(str(path))
    with text_file(path, mode=kind.mode, replace=previous is not None) as file:
        yield file
    if previous and previous.st_size:
        context.say(f"{path}: replaced the file that was there")


@contextmanager
def text_file(
    path: Path, *, mode: int = PRIVATE, replace: bool, encoding: str = "utf-8"
) -> Iterator[TextIO]:
    """Open a file that appears when it is complete.

    Args:
        path: The file.
        mode: Its permissions, which the umask limits.
        replace: Whether a regular file of that name is replaced.
        encoding: The encoding; bytes that were read as lone surrogates are written as they were.

    Raises:
        FileExistsError: The file exists, and ``replace`` is false.
        OSError: The disk cannot store it.
    """
    with (
        new_file(str(path), mode=mode, replace=replace) as new,
        os.fdopen(
            os.dup(new.descriptor), "w", encoding=encoding, errors="surrogateescape", newline=""
        ) as file,
    ):
        yield file


def _start_of(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_START_BYTES).decode("utf-8", "replace")


def _is_within(path: Path, name: str) -> bool:
    """Whether a path is that of a file, by whatever link, or lies in that folder."""
    own = Path(name)
    try:
        if path.samefile(own):
            return True
    except OSError:  # one of them does not exist
        pass
    return (path.parent.resolve() / path.name).is_relative_to(own.resolve())
