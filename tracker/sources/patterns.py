r"""Users' regular expressions, matched by RE2 in time linear in the text.

In RE2 ``\w`` matches ASCII only; ``\p{L}`` matches every letter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote

EXAMPLE = r"'([A-Z][A-Z0-9]+-\d+)'"
"""A pattern, as an example in messages."""


def compile_pattern(pattern: str, label: str) -> Any:
    """Return a compiled pattern, which has one group.

    Args:
        pattern: The pattern.
        label: Its name in messages.

    Raises:
        BadValue: The pattern is not valid in RE2, or does not have exactly one group.
    """
    import re2  # late, since most commands have no pattern

    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(unicodedata.normalize("NFC", pattern), options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if isinstance(error, re2.error) else "a lone surrogate"
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise BadValue(
            f"{label} is {quote(pattern)}, which RE2 does not read ({text}): "
            "correct it, without look-around and back references."
        ) from None
    if compiled.groups != 1:
        raise BadValue(
            f"{label} is {quote(pattern)}: it has {compiled.groups} groups; "
            f"put the part to take in one pair of parentheses, such as {EXAMPLE}, "
            "and write others as (?:…)."
        )
    return compiled


def first_match(pattern: Any, texts: Iterable[str]) -> str | None:
    """Return what the group matches in the first text with a match; None without a match.

    Args:
        pattern: A pattern with one group, of :func:`compile_pattern` or of ``re``.
        texts: The texts. The comparison is case-sensitive, in Unicode NFC.
    """
    for text in texts:
        match = pattern.search(_searchable(text))
        part: str | None = match and match[1]
        if part and (part := part.strip()):
            return part
    return None


def _searchable(text: str) -> str:
    """Return a text in NFC without lone surrogates, as the matcher requires."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
