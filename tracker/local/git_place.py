"""The repository of a folder and its branch, read from the files of git without running it."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:  # `tracker mark` loads this module and must be fast
    from typing import Final

_LARGEST: Final = 1_000_000
"""Bytes that are read of a file of git."""
_BRANCH: Final = "ref: refs/heads/"
"""The prefix of the branch in HEAD. A detached HEAD has a commit instead."""
_NO_BRANCH: Final = ".invalid"
"""The branch in HEAD of a repository that keeps its references in tables."""


class GitPlace:
    """The repository that a folder lies in.

    Attributes:
        folder: The folder of the working tree.
        git_folder: Its folder of git, of which each worktree has its own.
        common_folder: The folder of git of the repository.

    """

    __slots__ = ("common_folder", "folder", "git_folder")

    def __init__(self, folder: str, git_folder: str, common_folder: str) -> None:
        self.folder, self.git_folder, self.common_folder = folder, git_folder, common_folder

    @property
    def main_folder(self) -> str:
        """The folder of the main working tree, also from within another worktree."""
        folder, name = os.path.split(self.common_folder)
        return folder if name == ".git" else self.common_folder

    @property
    def branch(self) -> str | None:
        """The branch that is checked out; None where it is none, or unreadable."""
        head = _read(os.path.join(self.git_folder, "HEAD")).partition("\n")[0].strip()
        branch = head.removeprefix(_BRANCH)
        return None if branch in {head, _NO_BRANCH} else branch

    @property
    def head(self) -> str | None:
        """The hash of the last commit; None where it is not found without running git."""
        head = _read(os.path.join(self.git_folder, "HEAD")).strip()
        if head.startswith("ref: "):
            name = head.removeprefix("ref: ")
            head = _read(os.path.join(self.common_folder, name)).strip()
        return head if len(head) >= 40 and head.isalnum() else None

    @property
    def remote(self) -> str | None:
        """The URL of the remote ``origin``."""
        section = ""
        for line in _read(os.path.join(self.common_folder, "config")).splitlines():
            text = line.strip()
            if text.startswith("["):
                section = text
            elif section == '[remote "origin"]' and text.partition("=")[0].strip() == "url":
                return text.partition("=")[2].strip() or None
        return None

    @property
    def commit_message(self) -> str:
        """The message of the last commit that was made in the working tree."""
        return _read(os.path.join(self.git_folder, "COMMIT_EDITMSG"))


def git_place(directory: str) -> GitPlace | None:
    """Return the repository of a folder; None where it lies in none, or does not exist.

    Raises:
        OSError: The folder is relative, and the current one was deleted.

    """
    folder = os.path.abspath(directory)
    while True:
        path = os.path.join(folder, ".git")
        if os.path.isdir(path):
            return GitPlace(folder, path, path)
        if os.path.isfile(path):
            return _worktree(folder, _read(path))
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def plain_remote(url: str) -> str:
    """Return a URL of a repository as ``host/owner/name``, however it is written."""
    text = url.strip().removesuffix("/").removesuffix(".git")
    scheme, separator, rest = text.partition("://")
    if separator:
        host, _, path = rest.rpartition("@")[2].partition("/")
        text = f"{host.partition(':')[0]}/{path}" if scheme != "file" else rest
    elif ":" in text and "/" not in text.partition(":")[0]:
        host, _, path = text.partition(":")
        text = f"{host.rpartition('@')[2]}/{path}"
    return text.strip("/").lower()


def _worktree(folder: str, content: str) -> GitPlace | None:
    """Return the repository of a worktree or a submodule, whose ``.git`` is a file."""
    line = content.partition("\n")[0].strip()
    name = line.removeprefix("gitdir:").strip()
    if name in {"", line}:
        return None
    git_folder = os.path.normpath(os.path.join(folder, name))
    common = _read(os.path.join(git_folder, "commondir")).strip()
    common_folder = os.path.normpath(os.path.join(git_folder, common)) if common else git_folder
    return GitPlace(folder, git_folder, common_folder)


def _read(path: str) -> str:
    """Return the beginning of a text file; "" where it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_LARGEST)
    except (OSError, ValueError):
        return ""
