"""Instants and zones as the database holds them, of which some may be unreadable.

Every entry is checked before it is stored. But a database lives long: another version wrote it, the
zone database changed, somebody edited it by hand, a disk failed. One record that cannot be
interpreted must not keep the others from being read, so nothing in this module raises.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

FIRST_EPOCH = -62_104_060_800
"""The year 2: the first instant that can be shown in every zone."""
LAST_EPOCH = 253_370_764_799
"""The end of the year 9998: the last instant that can be shown in every zone."""
FIRST_DAY, LAST_DAY = FIRST_EPOCH // 86_400, LAST_EPOCH // 86_400

LONGEST_ZONE = 100
"""Characters of the longest name of a zone. The zone database imports a package for each ``/``."""

UNREADABLE = "—"
"""How a table shows an instant that is out of range."""


@lru_cache(maxsize=1_024)
def stored_zone(name: object) -> ZoneInfo | None:
    """Return the zone of a name; None where there is none."""
    if not isinstance(name, str) or len(name) > LONGEST_ZONE:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: a folder of the zone database
        return None


def is_readable_epoch(epoch: object) -> bool:
    """Return whether a value is an instant that can be shown."""
    return isinstance(epoch, int) and FIRST_EPOCH <= epoch <= LAST_EPOCH


def is_readable(zone_name: object, *epochs: object) -> bool:
    """Return whether a stored zone exists and all instants but None are in range."""
    return stored_zone(zone_name) is not None and all(
        epoch is None or is_readable_epoch(epoch) for epoch in epochs
    )


def local_time(epoch: int, zone_name: object) -> datetime:
    """Return an instant that is in range in its zone; in UTC where the zone does not exist."""
    return datetime.fromtimestamp(epoch, stored_zone(zone_name) or UTC)


def iso_instant(epoch: int, zone_name: object) -> str:
    """Return an instant as ISO 8601 in its zone, else in UTC.

    One that is out of range is the stored number: an export loses nothing.
    """
    return local_time(epoch, zone_name).isoformat() if is_readable_epoch(epoch) else str(epoch)


def format_instant(epoch: int, zone_name: object) -> str:
    """Return an instant as people read it: ``2026-03-01 14:00``.

    ``2026-03-01 14:00 UTC`` where the zone does not exist, ``—`` where the instant is out of range.
    """
    if not is_readable_epoch(epoch):
        return UNREADABLE
    suffix = "" if stored_zone(zone_name) else " UTC"
    return f"{local_time(epoch, zone_name):%Y-%m-%d %H:%M}{suffix}"
