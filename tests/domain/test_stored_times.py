"""Instants and zones of the database are shown whatever they are."""

from __future__ import annotations

import pytest

from tracker.domain import stored_times
from tracker.domain.stored_times import FIRST_EPOCH, LAST_EPOCH


@pytest.mark.parametrize(
    "zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin", "Mars", None]
)
@pytest.mark.parametrize("epoch", [FIRST_EPOCH, -1, 0, LAST_EPOCH])
def test_an_instant_in_range_is_shown_in_any_zone(zone: str | None, epoch: int) -> None:
    """Both ends of the range included; without a zone it is shown in UTC."""
    assert stored_times.iso_instant(epoch, zone)[4] == "-"
    text = stored_times.format_instant(epoch, zone)
    assert text.endswith(" UTC") == (zone in ("Mars", None))


@pytest.mark.parametrize("epoch", [FIRST_EPOCH - 1, LAST_EPOCH + 1, 2**62, -(2**62), 10**30])
def test_an_instant_out_of_range_is_a_number_or_a_dash(epoch: int) -> None:
    """For programs the number as it is stored, for people a dash."""
    assert stored_times.iso_instant(epoch, "Europe/Berlin") == str(epoch)
    assert stored_times.format_instant(epoch, "Europe/Berlin") == "\N{EM DASH}"
    assert not stored_times.is_readable("Europe/Berlin", epoch)


@pytest.mark.parametrize("name", ["Mars", "", "America", "a\0b", "\ud800", "a/" * 5_000, None, 5])
def test_what_is_no_zone_is_none(name: object) -> None:
    """Whatever the database holds, nothing is raised."""
    assert stored_times.stored_zone(name) is None
    assert not stored_times.is_readable(name, 0)
