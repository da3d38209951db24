"""Whether two task keys look like one key that was typed in two ways.

The timer's commands load this module, so it imports nothing heavy.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

_STANDARD = (
    r"(?:UTF-(?:7|8|16|32)|SHA-(?:1|2|3|224|256|384|512)|MD-5|AES-(?:128|192|256)"
    r"|ISO-(?:639|3166|4217|8601|8859|9001|27001)|RFC-[0-9]{3,5}|CVE-[0-9]{4}-[0-9]+|IEEE-754|X86-64"
    r"|COVID-19)"
)
"""Names of standards and the like that have the form of a key, but are none."""
KEY_PATTERN = (
    rf"(?<![A-Za-z0-9])(?!{_STANDARD}(?![A-Za-z0-9]))"
    r"([A-Z][A-Z0-9]+-[0-9]+)(?![A-Za-z0-9])"
)
"""The usual pattern of a task's key within a text, as in ``feature/PAY-12-refunds``."""

_INVISIBLE = r"[\u00ad\u200b-\u200d\u2060\ufeff]"
_SEPARATORS = r"[\s_\-\u2010-\u2015\u2212]+"
"""Spaces, underscores, and dashes of any width."""
_BEFORE_NUMBER = r"(?<=\D)-(?=\d)"
_MAX_DIGITS = 18
_NEXT = 3
"""Numbers after the largest one of a series that are nothing unusual."""
_MIN_PREFIX = 3
"""Letters of a prefix from which a slip in it is assumed."""
_NUMBERED = r"(?s)(.*?)-?(\d+)"


class NumberedKey(NamedTuple):
    """A key such as PAY-12 in its parts."""

    prefix: str
    digits: str


def canonical_key(key: str) -> str:
    """Return the common form of variants of a key: ``PAY-12``, ``pay 12``, ``Pay_12``, ``PAY12``.

    Case, the width of letters and the kind of dash or space do not count, and nor does whether
    there is one between letters and a number. Between two numbers it counts.
    """
    if key.isascii() and key.isalnum():
        return key.lower()  # the usual case of a log with thousands of keys
    text = key
    if not key.isascii():
        import unicodedata  # late: few keys need it

        text = re.sub(_INVISIBLE, "", unicodedata.normalize("NFKC", key))
    text = re.sub(_SEPARATORS, "-", text.casefold()).strip("-")
    return re.sub(_BEFORE_NUMBER, "", text)


def numbered_key(key: str) -> NumberedKey | None:
    """Return the prefix and the number of a key; None where it has none at its end."""
    match = re.fullmatch(_NUMBERED, canonical_key(key))
    return NumberedKey(*match.groups()) if match else None


def similar_key(
    key: str, keys: Collection[str], candidates: Collection[str], *, with_slips: bool = True
) -> str | None:
    """Return the key that a new one was probably meant to be; None where it looks right.

    Any recorded key may be meant by a variant of it. A slip in the number (two digits swapped, one
    too many or too few) is assumed only of a candidate, and not of the next numbers of a series:
    PAY-13 after PAY-12 is no slip. A slip in the letters is assumed of a prefix that is new.

    Args:
        key: The new key.
        keys: The keys that have entries or facts.
        candidates: Those of them that were estimated or drawn and are not complete.
        with_slips: Whether a slip in the number or in the letters counts.
    """
    if key in keys:
        return None
    canonical = canonical_key(key)
    for other in (*candidates, *keys):
        if canonical_key(other) == canonical:
            return other
    parts = numbered_key(key)
    if parts is None or not with_slips:
        return None
    for other in candidates:
        other_parts = numbered_key(other)
        if (
            other_parts
            and other_parts.prefix == parts.prefix
            and _is_slip(parts.digits, other_parts.digits)
        ):
            return None if _is_next(parts, keys) else other
    return _with_right_prefix(parts, keys)


def _with_right_prefix(key: NumberedKey, keys: Collection[str]) -> str | None:
    """Return a key with the known prefix that a new one was probably meant to be: PAY for PYA."""
    if len(key.prefix) < _MIN_PREFIX:
        return None
    spellings = {parts.prefix: other for other in keys if (parts := numbered_key(other))}
    if key.prefix in spellings:
        return None
    for prefix, other in spellings.items():
        if len(prefix) >= _MIN_PREFIX and (
            is_transposed(key.prefix, prefix)
            or (has_extra_digit(key.prefix, prefix) and key.prefix[0] == prefix[0])
        ):
            return other.rstrip("0123456789") + key.digits
    return None


def _is_slip(digits: str, other: str) -> bool:
    return is_transposed(digits, other) or has_extra_digit(digits, other)


def _is_next(key: NumberedKey, keys: Collection[str]) -> bool:
    """Return whether a key continues the series of its prefix."""
    numbers = [
        int(parts.digits)
        for parts in map(numbered_key, keys)
        if parts and parts.prefix == key.prefix and len(parts.digits) <= _MAX_DIGITS
    ]
    largest = max(numbers, default=0)
    return len(key.digits) <= _MAX_DIGITS and largest < int(key.digits) <= largest + _NEXT


def is_transposed(digits: str, other: str) -> bool:
    """Return whether two neighbouring digits are swapped, as in 12 and 21."""
    if len(digits) != len(other):
        return False
    places = [
        place for place, pair in enumerate(zip(digits, other, strict=True)) if len({*pair}) > 1
    ]
    return (
        len(places) == 2
        and places[1] == places[0] + 1
        and digits[places[0]] == other[places[1]]
        and digits[places[1]] == other[places[0]]
    )


def has_extra_digit(digits: str, other: str) -> bool:
    """Return whether one of two numbers has a digit more than the other, as in 124 and 1234."""
    shorter, longer = sorted((digits, other), key=len)
    return len(longer) == len(shorter) + 1 and any(
        longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer))
    )
