"""Commits that name an assistant, by a trailer or by a note of git-ai, in one's own repositories.

A commit without such a sign says nothing. One that was changed since (its author's date is not its
committer's), or that somebody else made, is listed only. git does not record on which branch a
commit was made: the task's key is that in its subject.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator

from tracker.domain.commit_signs import Signature, signature
from tracker.domain.usage import UsageEvent, plain_name
from tracker.sources.assistants.usage_log import ReadReport, mapping_of

NAME = "git"

_FIELDS = ("%H", "%at", "%ct", "%ae", "%ce", "%P", "%s", "%B", "%N")
_FORMAT = "%x1e" + "%x1f".join(_FIELDS) + "%x1d"
_LONGEST_RECORD = 1_000_000


def read(
    folders: Iterable[str], report: ReadReport, *, since_epoch: int | None = None
) -> Iterator[UsageEvent]:
    """Yield the commits of repositories that name an assistant, each once.

    Args:
        folders: A folder of each repository.
        report: The report.
        since_epoch: Older commits are left out; None reads all.
    """
    if shutil.which("git") is None:
        return
    for folder in folders:
        address = _own_address(folder)
        report.has_log = True
        report.files += 1
        for record in _records(folder, report, since_epoch):
            report.lines += 1
            event = _event(record, folder, address)
            if event is not None:
                yield event


def _event(record: str, folder: str, own_address: str) -> UsageEvent | None:
    """Return the event of a commit; None where it names no assistant, or is a merge."""
    fields = record.split("\x1f")
    if len(fields) != len(_FIELDS) or not fields[1].isdigit():
        return None
    sha, authored, committed, author, committer, parents, subject, message, note = fields
    named = signature(message) or _noted(note)
    if named is None or " " in parents.strip():
        return None
    is_own = bool(own_address) and {author.lower(), committer.lower()} == {own_address}
    return UsageEvent(
        f"commit {sha}",
        named.assistant,
        int(authored),
        "commit",
        version=named.version,
        directory=folder,
        subject=subject,
        is_certain=is_own and authored == committed,
    )


def _noted(note: str) -> Signature | None:
    """Return the assistant of a note of git-ai (``authorship/3``): lines, ``---``, JSON."""
    start = note.find("{")
    if "authorship/3" not in note or start < 0:
        return None
    try:
        content = json.loads(note[start:])
    except (ValueError, RecursionError):
        return None
    if not str(mapping_of(content).get("schema_version")).startswith("authorship/3"):
        return None
    for prompt in mapping_of(mapping_of(content).get("prompts")).values():
        agent = mapping_of(mapping_of(prompt).get("agent_id"))
        if name := plain_name(agent.get("tool")):
            return Signature(name.lower())
    return None


def _records(folder: str, report: ReadReport, since_epoch: int | None) -> Iterator[str]:
    """Yield the fields of each commit of all branches, one commit at a time."""
    arguments = ["log", "--branches", "--tags", "--remotes", "HEAD", "--notes=ai"]
    arguments += ["--no-color", "--no-show-signature", f"--format=tformat:{_FORMAT}"]
    if since_epoch is not None:
        arguments.append(f"--since={since_epoch}")
    with _git(folder, *arguments) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        rest, decode = "", getincrementaldecoder("utf-8")(errors="replace").decode
        while chunk := process.stdout.read(65_536):
            rest += decode(chunk)
            *records, rest = rest.split("\x1d")
            for record in records:
                yield record.partition("\x1e")[2]
            rest = rest[-_LONGEST_RECORD:]
    if process.returncode and not _is_readable(folder):  # not just without a commit
        report.unreadable += 1


def _own_address(folder: str) -> str:
    """Return the address that the user commits with in a repository; "" without one."""
    with _git(folder, "config", "user.email") as process:
        output, _ = process.communicate()
    return output.decode("utf-8", "replace").strip().lower()


def _is_readable(folder: str) -> bool:
    """Return whether git reads a repository. It refuses one of another owner."""
    with _git(folder, "rev-parse", "--git-dir") as process:
        process.communicate()
    return process.returncode == 0


def has_commit(folder: str, sha: str) -> bool:
    """Return whether a repository has a commit, without fetching it."""
    if not re.fullmatch(r"[0-9a-f]{7,64}", sha):
        return False
    with _git(folder, "cat-file", "-e", f"{sha}^{{commit}}") as process:
        process.communicate()
    return process.returncode == 0


def _git(folder: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start git in a folder, so that it runs no other program and fetches nothing."""
    options = ["-c", "core.fsmonitor=false", "-c", "log.showSignature=false"]
    options += ["-c", "protocol.allow=never"]  # a partial clone would fetch what it lacks
    quiet = {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    # a hook of git has variables that name another repository
    others = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", *options, *arguments]
    return subprocess.Popen(  # noqa: S603 - a fixed program, in a folder of the settings
        command,
        cwd=folder,
        env={**others, **quiet},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
