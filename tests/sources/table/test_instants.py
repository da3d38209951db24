"""Foreign datetimes: the fast way agrees with ``datetime`` and ``zoneinfo``."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain import times
from tracker.domain.errors import BadValue
from tracker.domain.times import Ambiguous
from tracker.sources.table.datetime_parsers import UnreadableInstant
from tracker.sources.table.formats import Formats
from tracker.sources.table.instants import DayParser, InstantParser

ZONES = (
    *(
        "America/New_York",
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
        "Asia/Tehran",
        "Africa/Cairo",
    ),
    *(
        "Pacific/Apia",
        "Africa/Casablanca",
        "Asia/Kathmandu",
        "America/St_Johns",
        "Asia/Beirut",
        "UTC",
        "Africa/Monrovia",
    ),
)
FORMATS = (
    None,
    "%m/%d/%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%d %b %Y %I:%M %p",
    "%H:%M %d/%m/%Y",
    "%Y%m%d%H%M",
)


def changes(zone: ZoneInfo) -> list[datetime]:
    """Return the UTC hours from 1970 to 2037 in which a zone's offset changes."""
    hours, hour = [], timedelta(hours=1)
    day, end = datetime(1970, 1, 2, tzinfo=UTC), datetime(2037, 12, 31, tzinfo=UTC)
    while day < end:
        following = day + timedelta(days=1)
        if day.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
            while day.astimezone(zone).utcoffset() == (day + hour).astimezone(zone).utcoffset():
                day += hour
            hours.append(day)
        day = following
    return hours


CHANGES = {name: changes(ZoneInfo(name)) or [datetime(2001, 1, 1, tzinfo=UTC)] for name in ZONES}


@st.composite
def near_changes(draw: st.DrawFn) -> tuple[str, datetime]:
    """Draw a zone and a naive local time, often within two days of one of its clock changes."""
    name = draw(st.sampled_from(ZONES))
    change = draw(st.sampled_from(CHANGES[name])).astimezone(ZoneInfo(name)).replace(tzinfo=None)
    near = change + timedelta(seconds=draw(st.integers(-2 * 86_400, 2 * 86_400)))
    return name, draw(
        st.sampled_from([near, draw(st.datetimes(datetime(1970, 1, 3), datetime(2037, 1, 1)))])
    )


def exact(naive: datetime, zone: ZoneInfo, ambiguous: Ambiguous) -> tuple[int, int, str] | None:
    """Return the instant by definition; None where it is unreadable."""
    readings = {
        fold: naive.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        for fold in (0, 1)
        if naive.replace(tzinfo=zone, fold=fold)
        .astimezone(UTC)
        .astimezone(zone)
        .replace(tzinfo=None, fold=0)
        == naive
    }
    if not readings or (len(set(readings.values())) == 2 and ambiguous == "refuse"):
        return None
    instant = readings[1] if ambiguous == "later" else readings[0]
    return int(instant.timestamp()), (naive.date() - date(1970, 1, 1)).days, zone.key


@given(near_changes(), st.sampled_from(FORMATS), st.sampled_from(["refuse", "earlier", "later"]))
def test_the_fast_way_agrees_with_the_exact_way(
    case: tuple[str, datetime], form: str | None, ambiguous: Ambiguous
) -> None:
    """The instant is that of datetime and zoneinfo, or unreadable where they have none."""
    name, naive = case
    zone = ZoneInfo(name)
    text = naive.strftime(form) if form else naive.isoformat(" ", "seconds")
    naive = datetime.strptime(text, form) if form else naive.replace(microsecond=0)
    expected = exact(naive, zone, ambiguous)
    instants = InstantParser(
        Formats(datetime=(form,) if form else (), zone=zone, ambiguous=ambiguous)
    )
    for _ in range(2):  # the second time from the cache
        if expected is None:
            with pytest.raises(UnreadableInstant):
                instants.parse_all([text])
        else:
            assert instants.parse_all([text]) == [expected]


@given(
    st.datetimes(
        datetime(1970, 1, 3),
        datetime(2037, 1, 1),
        timezones=st.sampled_from([ZoneInfo(z) for z in ZONES]),
    )
)
def test_an_offset_determines_the_instant(aware: datetime) -> None:
    """A time with its offset is that instant in any zone, and has its own local day."""
    aware = datetime.fromtimestamp(int(aware.timestamp()), aware.tzinfo)
    zone = aware.tzinfo
    assert isinstance(zone, ZoneInfo)
    for separator in "T ":
        (instant,) = InstantParser(Formats(zone=zone)).parse_all([aware.isoformat(separator)])
        assert instant == (int(aware.timestamp()), times.date_to_day(aware.date()), zone.key)


@pytest.mark.parametrize(
    ("text", "form", "zone", "expected"),
    [
        (
            "2026-03-01T14:00:00Z",
            None,
            "America/New_York",
            ("America/New_York", "2026-03-01 09:00"),
        ),
        ("2026-03-01T23:30:00+02:00", None, "America/New_York", ("Etc/GMT-2", "2026-03-01 23:30")),
        (
            "2026-03-01T23:30:00-05:00",
            None,
            "America/New_York",
            ("America/New_York", "2026-03-01 23:30"),
        ),
        ("2026-03-01T14:00:00+00:00", None, None, ("UTC", "2026-03-01 14:00")),
        ("20260301T1400", None, "UTC", ("UTC", "2026-03-01 14:00")),
        ("2026-03-01 14:00:59.9", None, "UTC", ("UTC", "2026-03-01 14:00")),
        ("01/03/2026 14:00 +0200", "%d/%m/%Y %H:%M %z", None, ("Etc/GMT-2", "2026-03-01 14:00")),
        ("  2026-03-01 14:00 ", None, "UTC", ("UTC", "2026-03-01 14:00")),
    ],
)
def test_the_zone_of_an_instant_with_an_offset(
    text: str, form: str | None, zone: str | None, expected: tuple[str, str]
) -> None:
    """It is the map's where that agrees with the offset or the offset is 0, else the offset's."""
    (instant,) = InstantParser(
        Formats(datetime=(form,) if form else (), zone=zone and ZoneInfo(zone))
    ).parse_all([text])
    assert instant is not None
    epoch, day, name = instant
    assert (name, times.format_instant(epoch, ZoneInfo(name))) == expected
    assert day == times.local_day(epoch, ZoneInfo(name))


@pytest.mark.parametrize(
    ("text", "form", "message"),
    [
        ("0016-01-11 16:22:26", None, "the year is 16"),
        ("1/11/0016 16:22", "%m/%d/%Y %H:%M", "the year is 16"),
        ("0016-01-11 16:22:26", "%m/%d/%Y %H:%M", "not of the form %m/%d/%Y %H:%M"),
        ("9999-12-31 23:00", None, "the year is 9999"),
        ("9999-12-31T23:00:00-11:00", None, "the year is 9999"),
        ("tomorrow", None, "ISO 8601"),
        ("2022-08-18:22:30", None, "ISO 8601"),
        ("2022-08-18x22:30", None, "ISO 8601"),
        ("2026-02-30 10:00", None, "ISO 8601"),
        ("2026-03-01", None, "no time of day"),
        ("2026-03-01T14:00:00+05:30", None, "that offset alone does not tell the zone"),
        ("2026-11-01 01:30", None, "it came twice in America/New_York"),
        ("2026-11-01 01:30", None, "set ambiguous in [formats]"),
        ("2026-03-08 02:30", None, "does not exist in America/New_York"),
    ],
)
def test_an_unreadable_instant_is_refused(text: str, form: str | None, message: str) -> None:
    """The refusal names the reason and what to do instead."""
    with pytest.raises(UnreadableInstant) as refusal:
        InstantParser(
            Formats(datetime=(form,) if form else (), zone=ZoneInfo("America/New_York"))
        ).parse_all([text])
    assert message in str(refusal.value)


def test_a_naive_time_needs_a_zone() -> None:
    """Without a zone, naive times are refused: at once if the format has no offset, else by row."""
    with pytest.raises(BadValue, match="--tz"):
        InstantParser(Formats(datetime=("%Y-%m-%d %H:%M",)))
    with pytest.raises(UnreadableInstant, match="--tz"):
        InstantParser(Formats()).parse_all(["2026-03-01 14:00"])


def test_missing_texts_are_none() -> None:
    """The map's texts for a missing value and the empty text are None."""
    instants = InstantParser(
        Formats(zone=ZoneInfo("UTC"), missing=frozenset({"", "n/a", "not known"}))
    )
    assert instants.parse_all(["", " ", "n/a", "not known"]) == [None] * 4


def test_a_bare_day_is_its_noon() -> None:
    """A day is its local noon; another format, years before 1970 and skipped days are refused."""
    zone = ZoneInfo("America/Sao_Paulo")  # its clock jumped at midnight of 2018-11-04
    noon = (
        int(datetime(2018, 11, 4, 12, tzinfo=zone).timestamp()),
        times.date_to_day(date(2018, 11, 4)),
        zone.key,
    )
    assert DayParser(Formats(zone=zone)).read(" 2018-11-04 ") == noon
    assert DayParser(Formats(zone=zone), ("%d.%m.%Y",)).read("4.11.2018") == noon
    several = DayParser(Formats(zone=zone), ("%d.%m.%Y", "%Y-%m-%d"))
    assert several.read("4.11.2018") == several.read("2018-11-04") == noon
    with pytest.raises(UnreadableInstant, match=r"%d\.%m\.%Y or %Y-%m-%d"):
        several.read("11/04/2018")
    assert DayParser(Formats(zone=zone)).read("") is None
    assert InstantParser(Formats(zone=zone)).parse_all(["2018-11-04"], "noon") == [noon]
    for text, name in (
        ("4.11.2018", "UTC"),
        ("1969-12-31", "UTC"),
        ("2011-12-30", "Pacific/Apia"),
        ("9999-12-31", "UTC"),
    ):
        with pytest.raises(UnreadableInstant):
            DayParser(Formats(zone=ZoneInfo(name))).read(text)
    with pytest.raises(UnreadableInstant, match="--tz"):
        DayParser(Formats()).read("2018-11-04")


@pytest.mark.parametrize(
    ("strptime_format", "text"),
    [
        (None, "2026-03-28 24:00"),
        (None, "2026-03-28T24:00:00"),
        (None, "20260328T2400"),
        (None, "2026-03-28T24:00+01:00"),
        ("%d.%m.%Y %H:%M", "28.03.2026 24:00"),
        ("%H:%M %d/%m/%Y", "24:00 28/03/2026"),
    ],
)
def test_24_00_is_the_start_of_the_next_day(strptime_format: str | None, text: str) -> None:
    """Also before a day on which the clock changes."""
    formats = Formats(
        datetime=(strptime_format,) if strptime_format else (), zone=ZoneInfo("Europe/Berlin")
    )
    midnight = datetime(2026, 3, 29, tzinfo=ZoneInfo("Europe/Berlin"))
    (instant,) = InstantParser(formats).parse_all([text])
    assert instant is not None
    assert instant[:2] == (int(midnight.timestamp()), times.date_to_day(midnight.date()))


@pytest.mark.parametrize("text", ["2026-03-28 24:01", "2026-03-28 24:00:01", "2026-03-28 25:00"])
def test_no_other_time_of_a_24th_hour_is_one(text: str) -> None:
    """It is refused like any text that is no time."""
    with pytest.raises(UnreadableInstant, match="ISO 8601"):
        InstantParser(Formats(zone=ZoneInfo("Europe/Berlin"))).parse_all([text])
