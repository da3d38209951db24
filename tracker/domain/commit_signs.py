"""The signs by which the message of a commit names an assistant."""

from __future__ import annotations

import re
from typing import NamedTuple

from tracker.domain.usage import plain_name, plain_version

ADDRESSES = {
    "noreply@anthropic.com": "claude-code",
    "copilot@github.com": "copilot",
    "copilot@users.noreply.github.com": "copilot",
    "cursoragent@cursor.com": "cursor",
    "noreply@openai.com": "codex",
    "codex@openai.com": "codex",
    "aider@aider.chat": "aider",
    "noreply@aider.chat": "aider",
    "gemini-cli@google.com": "gemini-cli",
    "amp@ampcode.com": "amp",
    "noreply@opencode.ai": "opencode",
}
"""The addresses that assistants sign with; the names beside them vary."""

_CO_AUTHOR = re.compile(r"^co-authored-by:[^<\n]*<\s*([^>\s]+)\s*>", re.IGNORECASE | re.MULTILINE)
_ASSISTED_BY = re.compile(
    r"^assisted-by:[ \t]*([^:\s][^:\n]{0,39}?)[ \t]*:[ \t]*(\S+)(?:[ \t].*)?$", re.I | re.M
)
"""NAME:VERSION, and tools after it. A name alone may be that of a person."""
_GENERATED = re.compile(
    r"^\W*generated with \[?([A-Za-z][\w .-]{0,39}?)\]?(?:\(|\s*$)", re.I | re.M
)
_NUMBERED = re.compile(r"^\d+\+")
_GENERATED_NAMES = {
    "claude code": "claude-code",
    "codex cli": "codex",
    "copilot cli": "copilot-cli",
}


class Signature(NamedTuple):
    """An assistant that a commit names."""

    assistant: str
    version: str | None = None


def signature(message: str) -> Signature | None:
    """Return the assistant that the message of a commit names; None without one."""
    for match in _CO_AUTHOR.finditer(message):
        address = _NUMBERED.sub("", match[1].lower())
        if address in ADDRESSES:
            return Signature(ADDRESSES[address])
    for match in _ASSISTED_BY.finditer(message):
        if name := plain_name(match[1]):
            return Signature(name.lower(), plain_version(match[2]))
    for match in _GENERATED.finditer(message):
        name = match[1].strip().lower()
        if name in _GENERATED_NAMES:
            return Signature(_GENERATED_NAMES[name])
    return None
