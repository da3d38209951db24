"""Ids made by the client: UUIDs of version 7 (RFC 9562), which sort by their time of creation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the timer's commands load this module, and `random` would double its load time
    from collections.abc import Iterator
    from random import Random

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
"""The pattern of an id."""

_END_LENGTH = 6
"""Last characters of a new id, all random: enough to name it in a log of any size."""
_MILLISECOND = 1_000_000
_COUNTER_BITS = 48


def id_end(id_: str) -> str:
    """Return the end of a new id, which names its entry in every command."""
    return id_[-_END_LENGTH:]


def uuid7(now_ns: int, random_bytes: bytes) -> str:
    """Return an id for an instant, e.g. ``uuid7(time.time_ns(), os.urandom(8))``.

    The 12 bits after the milliseconds hold the fraction of the millisecond (RFC 9562, section 6.2,
    method 3), so ids of one process sort finer than a microsecond.

    Args:
        now_ns: Nanoseconds since 1970 UTC.
        random_bytes: At least 8 random bytes, of which the first 8 are used.

    Raises:
        ValueError: There are fewer than 8 bytes.

    """
    if len(random_bytes) < 8:
        raise ValueError(f"random_bytes has {len(random_bytes)} bytes: give 8 or more")
    return _format_uuid(now_ns, int.from_bytes(random_bytes[:8], "big"))


def uuid7s(now_ns: int, rng: Random) -> Iterator[str]:
    """Yield endless increasing ids for one instant, to write many records at once.

    The last 48 bits count up from a random start in their lower half. The other random bits stay
    fixed. Two runs therefore collide only if 14 random bits, the fraction of the millisecond and
    the range of the counter all agree.

    Args:
        now_ns: Nanoseconds since 1970 UTC.
        rng: The source of the random bits.

    """
    first = _format_uuid(now_ns, rng.getrandbits(64))
    prefix = first[: -_COUNTER_BITS // 4]
    start = rng.getrandbits(_COUNTER_BITS - 1)
    for count in range(start, 1 << _COUNTER_BITS):
        # a third faster than an f-string, which matters for imports of 200,000 rows
        yield prefix + "%012x" % count  # noqa: UP031


def _format_uuid(now_ns: int, random_bits: int) -> str:
    """Return the id whose last 62 bits are the lowest of ``random_bits``."""
    milliseconds, nanoseconds = divmod(now_ns, _MILLISECOND)
    fraction = (nanoseconds << 12) // _MILLISECOND
    tail = (0b10 << 62) | (random_bits & ((1 << 62) - 1))
    digits = f"{milliseconds:012x}7{fraction:03x}{tail:016x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
