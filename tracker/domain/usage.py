"""Assistants' use as their own logs record it: raw events, and the marks that are kept of them.

A mark says that an assistant was used at an instant, never how long a person worked. It holds no
prompt, path or answer: repository and branch are salted hashes.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Literal, NamedTuple, get_args

Kind = Literal["prompt", "commit", "activity"]
"""A prompt that a person wrote, a commit that names an assistant, or another sign of use."""
Work = Literal["plan", "talk", "edit", "test"]
"""What an assistant did after a prompt: planned, only answered, edited files, or ran tests."""

KINDS: tuple[Kind, ...] = get_args(Kind)
WORKS: tuple[Work, ...] = get_args(Work)

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,39}")
_NAME = re.compile(r"[a-z0-9][a-z0-9.+_ -]{0,39}", re.IGNORECASE)
_DIGEST_BYTES = 12


class UsageEvent(NamedTuple):
    """One sign of use as a reader finds it. It is never stored: paths and branches are in clear."""

    id: str
    """The log's own id of the event, which a copy of the log repeats."""
    assistant: str
    epoch: int
    kind: Kind = "prompt"
    version: str | None = None
    directory: str | None = None
    """The folder in which the assistant worked."""
    remote: str | None = None
    """The URL of the repository, or ``owner/name``."""
    branch: str | None = None
    subject: str | None = None
    """The first line of a commit."""
    work: Work | None = None
    is_certain: bool = True
    """Whether it may answer for an entry; else it is listed only."""


class Mark(NamedTuple):
    """The part of an event that is kept."""

    event: str
    """Salted hash of the event's id."""
    assistant: str
    epoch: int
    kind: Kind = "prompt"
    version: str | None = None
    repository: str | None = None
    """Salted hash of the project of the repository; None where no setting names it."""
    branch: str | None = None
    """Salted hash."""
    tasks: tuple[str, ...] = ()
    """The keys of tasks in the branch, or in the subject of the commit."""
    work: Work | None = None
    is_certain: bool = True
    places: tuple[str, ...] = ()
    """Of a hook's mark: salted hashes of the repository's folder and URL, until it is matched."""


def salted_hash(salt: str, kind: str, text: str) -> str:
    """Return a hash of a text that cannot be guessed without the salt.

    Args:
        salt: 64 hexadecimal digits.
        kind: What the text is, so that equal texts of two kinds have different hashes.
        text: The text.

    """
    content = f"{kind}:{text}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, key=bytes.fromhex(salt), digest_size=_DIGEST_BYTES).hexdigest()


def plain_version(text: object) -> str | None:
    """Return a version as a log states it; None where it does not look like one."""
    return text if isinstance(text, str) and _VERSION.fullmatch(text) else None


def plain_name(text: object) -> str | None:
    """Return an assistant's name as a log states it; None where it does not look like one."""
    return text.strip() if isinstance(text, str) and _NAME.fullmatch(text.strip()) else None


def task_keys(pattern: Any, text: str) -> tuple[str, ...]:
    """Return the keys of tasks in a text, each once; branches are often written in lower case.

    Args:
        pattern: A compiled pattern with one group.
        text: A branch, the subject of a commit or the name of a task.

    """
    clean = text.encode("utf-8", "replace").decode()
    keys = [match[1] for match in pattern.finditer(clean) if match[1]]
    keys = keys or [match[1] for match in pattern.finditer(clean.upper()) if match[1]]
    return tuple(dict.fromkeys(keys))
