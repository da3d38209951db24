"""`tracker mark`: one mark in this machine's file, for hooks of assistants and of git.

It never fails its caller and never keeps it waiting: a child process writes the mark. It loads as
little as possible before that. The input of the hook, which has the prompt, is thrown away.
"""

from __future__ import annotations

import os
import time

from tracker.local import folders, usage_paths
from tracker.local.git_place import git_place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from tracker.domain.usage import Mark
    from tracker.local.git_place import GitPlace
    from tracker.local.usage_file import Header

DEFAULT_ASSISTANT = "claude-code"
_LONGEST_SECONDS = 10
"""When the child process is ended, whatever it waits for."""
_HOOK_BYTES = 12


class Moment:
    """What stands in the repository when a hook calls; a moment later it may be another commit.

    Args:
        directory: The folder in which the assistant or git works.
        epoch: The instant.
        is_commit: Whether a commit was just made.

    """

    __slots__ = ("branch", "epoch", "head", "is_commit", "message", "place")

    def __init__(self, directory: str, epoch: int, *, is_commit: bool) -> None:
        self.epoch, self.is_commit = epoch, is_commit
        self.place: GitPlace | None = git_place(directory)
        self.branch = self.place.branch if self.place is not None else None
        self.head: str | None = None
        self.message = ""
        if is_commit and self.place is not None:
            self.head, self.message = self.place.head, self.place.commit_message


def main(arguments: Sequence[str]) -> NoReturn:
    """Write a mark in the background, and end with exit code 0 whatever happens."""
    try:
        folder = os.path.join(folders.user_folder(os.environ, "data"), usage_paths.FOLDER)
        if os.path.exists(os.path.join(folder, usage_paths.MARKS)):
            moment = moment_of(arguments, int(time.time()), os.getcwd())
            if os.fork() == 0:
                _work(folder, arguments, moment)
    finally:
        os._exit(0)


def moment_of(arguments: Sequence[str], epoch: int, directory: str) -> Moment:
    """Return the current state of the repository of a folder."""
    return Moment(directory, epoch, is_commit="--git-commit" in arguments)


def record(folder: str, arguments: Sequence[str], moment: Moment) -> bool:
    """Append a mark to this machine's file; return whether there was one to append.

    Args:
        folder: The folder of the marks.
        arguments: Those of `tracker mark`; what is not known is ignored.
        moment: When and where it is.

    Raises:
        OSError: The disk cannot store it.
        BadValue: The file of marks is damaged.

    """
    import fcntl  # late, as all that follows: the caller does not wait for it

    from tracker.local.usage_file import mark_line, read_header

    path = os.path.join(folder, usage_paths.MARKS)
    header = read_header(path)
    if header is None:
        return False
    if moment.is_commit:
        mark = _commit(header, moment)
    else:
        mark = _prompt(header, moment, _value(arguments, "--assistant"))
    if mark is None:
        return False
    lock = os.open(
        os.path.join(folder, usage_paths.LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
    )
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            _append(descriptor, f"{mark_line(mark)}\n".encode())
        finally:
            os.close(descriptor)
    finally:
        os.close(lock)
    return True


def _append(descriptor: int, line: bytes) -> None:
    """Append a line whole or not at all: a part of it would damage the next one, too."""
    size = os.fstat(descriptor).st_size
    try:
        if os.write(descriptor, line) != len(line):
            raise OSError("the disk is full")
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def _work(folder: str, arguments: Sequence[str], moment: Moment) -> None:
    """Write the mark in the child process, which holds nothing that its caller waits for."""
    import signal

    os.setsid()
    signal.alarm(_LONGEST_SECONDS)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    record(folder, arguments, moment)
    while not os.isatty(0) and os.read(0, 65_536):
        pass  # a hook's input is thrown away, so that its writer meets no closed pipe


def _prompt(header: Header, moment: Moment, assistant: str | None) -> Mark | None:
    from tracker.domain.usage import Mark, plain_name, salted_hash

    name = plain_name(assistant or DEFAULT_ASSISTANT)
    if name is None:
        return None
    return Mark(
        f"hook:{os.urandom(_HOOK_BYTES).hex()}",
        name,
        moment.epoch,
        branch=salted_hash(header.salt, "branch", moment.branch) if moment.branch else None,
        tasks=_keys(header, moment.branch),
        places=_place_hashes(header, moment.place),
    )


def _commit(header: Header, moment: Moment) -> Mark | None:
    """Return the mark of a commit that names an assistant; None of one that does not.

    It is listed only, until `collect` has seen that the commit was not changed since.
    """
    from tracker.domain.commit_signs import signature
    from tracker.domain.usage import Mark, salted_hash

    named = signature(moment.message)
    if named is None or moment.head is None:
        return None
    branch = moment.branch
    subject = moment.message.lstrip().partition("\n")[0]
    return Mark(
        salted_hash(header.salt, "event", f"{named.assistant} commit {moment.head}"),
        named.assistant,
        moment.epoch,
        "commit",
        named.version,
        branch=salted_hash(header.salt, "branch", branch) if branch else None,
        tasks=_keys(header, subject) or _keys(header, branch),
        is_certain=False,
        places=_place_hashes(header, moment.place),
    )


def _keys(header: Header, text: str | None) -> tuple[str, ...]:
    """Return the keys of tasks in a text; () where the pattern is not one that ``re`` reads."""
    import re

    from tracker.domain.task_keys import KEY_PATTERN
    from tracker.domain.usage import task_keys

    try:
        pattern = re.compile(header.pattern or KEY_PATTERN)
        return task_keys(pattern, text or "")
    except (re.error, IndexError, RecursionError):
        return ()


def _place_hashes(header: Header, place: GitPlace | None) -> tuple[str, ...]:
    from tracker.domain.usage import salted_hash
    from tracker.local.git_place import plain_remote

    if place is None:
        return ()
    hashes = [salted_hash(header.salt, "folder", os.path.realpath(place.main_folder))]
    if place.remote:
        hashes.append(salted_hash(header.salt, "remote", plain_remote(place.remote)))
    return tuple(hashes)


def _value(arguments: Sequence[str], option: str) -> str | None:
    """Return the value of an option, written as ``--option value`` or ``--option=value``."""
    for number, argument in enumerate(arguments):
        if argument == option:
            return arguments[number + 1] if number + 1 < len(arguments) else None
        if argument.startswith(f"{option}="):
            return argument.partition("=")[2]
    return None
