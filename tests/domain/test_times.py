"""Words for time are understood whole or refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain import times
from tracker.domain.errors import BadValue

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 6, 10, 12, 0, tzinfo=BERLIN)
NAMED_ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "UTC",
]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("45m", 45),
        ("1h30m", 90),
        ("1h 30m", 90),
        ("1:30", 90),
        ("0:05", 5),
        ("1.5h", 90),
        ("1,5h", 90),
        ("1.5 hours", 90),
        ("2 hours 5 minutes", 125),
        ("90 min", 90),
        ("1HR", 60),
        (" 20 mins ", 20),
        ("100:30", 6030),
        ("0m", 0),
    ],
)
def test_a_duration_is_read_whole(text: str, minutes: int) -> None:
    """The forms of the contract, and how people write them out."""
    assert times.parse_duration(text) == minutes * 60


def test_seconds_are_read() -> None:
    """A stopwatch's reading is kept to the second."""
    assert times.parse_duration("1:02:03") == 3723
    assert times.parse_duration("1h 2m 3s") == 3723


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "90",
        "h",
        "1h30",
        "1.5h30m",
        "1h90m",
        "1:75",
        "-5m",
        "1m1h",
        "5 m 5",
        "1e3m",
        "½h",
        "٣m",
        "1d",
        "9000h",
    ],
)
def test_what_is_no_duration_is_refused_in_one_line(text: str) -> None:
    """A bare number, a wrong order, a sign, a slip: refused with the value, never half read."""
    with pytest.raises(BadValue) as refusal:
        times.parse_duration(text)
    assert repr(text) in str(refusal.value)
    assert "\n" not in str(refusal.value)


@given(st.integers(min_value=0, max_value=365 * 24 * 60))
def test_a_printed_duration_reads_back(minutes: int) -> None:
    """What `entries` prints can be given to `log`."""
    assert times.parse_duration(times.format_minutes(minutes)) == minutes * 60


@given(st.text())
def test_no_text_breaks_the_readers(text: str) -> None:
    """Any text is read or refused in one line; nothing else is raised."""
    for read in (
        times.parse_duration,
        lambda text: times.parse_instant(text, now=NOW),
        lambda text: times.parse_day(text, now=NOW),
    ):
        try:
            read(text)
            said = "read"
        except BadValue as refusal:
            said = str(refusal)
        assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2026-06-10T12:00+02:00"),
        ("9:30", "2026-06-10T09:30+02:00"),
        ("09:30:15", "2026-06-10T09:30:15+02:00"),
        ("13:00", "2026-06-10T13:00+02:00"),
        ("yesterday 10:15", "2026-06-09T10:15+02:00"),
        ("Yesterday 14:00", "2026-06-09T14:00+02:00"),
        ("today 8:00", "2026-06-10T08:00+02:00"),
        ("2026-03-01 14:00", "2026-03-01T14:00+01:00"),
        ("2026-03-01T14:00", "2026-03-01T14:00+01:00"),
        ("2026-03-01 14:00Z", "2026-03-01T15:00+01:00"),
        ("2026-03-01T14:00-05:00", "2026-03-01T20:00+01:00"),
        ("2026-10-25 02:30+01:00", "2026-10-25T02:30+01:00"),
        ("40 minutes ago", "2026-06-10T11:20+02:00"),
        ("1.5 hours ago", "2026-06-10T10:30+02:00"),
        ("1h30m ago", "2026-06-10T10:30+02:00"),
        ("1:30 ago", "2026-06-10T10:30+02:00"),
    ],
)
def test_an_instant_is_read_whole(text: str, expected: str) -> None:
    """The forms of the contract; yesterday's clock time is yesterday's, and half hours count."""
    instant = times.parse_instant(text, now=NOW)
    assert instant.timestamp() == datetime.fromisoformat(expected).timestamp()
    assert instant.tzinfo is BERLIN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-03-01",
        "1.5 hours 5 ago",
        "hours ago",
        "5 ago",
        "25:00",
        "9:60",
        "9:30 pm",
        "14",
        "tomorrow 9:00",
        "2026-02-30 10:00",
        "1969-12-31 10:00",
        "yesterday 10:15 ago",
        "yesterdayt10:15",
        "9:30+24:00",
        "9:30 foo",
        "ago",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    """Half understood is not understood."""
    with pytest.raises(BadValue, match=r"^(time|date) is "):
        times.parse_instant(text, now=NOW)


def test_ago_counts_real_minutes_over_a_clock_change() -> None:
    """Forty minutes before 3:20 on the night that skips 2:00-3:00 it was 1:40."""
    now = datetime(2026, 3, 29, 3, 20, tzinfo=BERLIN)
    assert times.parse_instant("40 minutes ago", now=now) == datetime.fromisoformat(
        "2026-03-29T01:40+01:00"
    )


def test_the_doubled_hour_is_refused_with_both_readings() -> None:
    """Each reading is named in a form that can be given back."""
    with pytest.raises(BadValue) as refusal:
        times.parse_instant("2026-10-25 02:30", now=NOW)
    for reading, epoch in (
        ("2026-10-25 02:30+02:00", 1792888200),
        ("2026-10-25 02:30+01:00", 1792891800),
    ):
        assert reading in str(refusal.value)
        assert times.parse_instant(reading, now=NOW).timestamp() == epoch


def test_the_doubled_hour_can_be_settled() -> None:
    """`earlier` is the first of the two, `later` the second, an hour on."""
    naive = datetime(2026, 10, 25, 2, 30)
    assert times.resolve(naive, BERLIN, "earlier") == 1792888200
    assert times.resolve(naive, BERLIN, "later") == 1792891800


@pytest.mark.parametrize("ambiguous", ["refuse", "earlier", "later"])
def test_the_skipped_hour_is_refused_with_the_jump(ambiguous: times.Ambiguous) -> None:
    """A time that never was has no reading, whatever the map says of doubled ones."""
    with pytest.raises(BadValue, match="jumped from 2026-03-29 02:00 to 03:00"):
        times.resolve(datetime(2026, 3, 29, 2, 30), BERLIN, ambiguous)


def test_a_skipped_day_names_both_dates() -> None:
    """Samoa left out 30 December 2011."""
    with pytest.raises(BadValue, match="jumped from 2011-12-30 00:00 to 2011-12-31 00:00"):
        times.resolve(datetime(2011, 12, 30, 12), ZoneInfo("Pacific/Apia"), "earlier")


@given(st.sampled_from(NAMED_ZONES), st.integers(min_value=0, max_value=2_100_000_000))
def test_every_instant_is_found_again_from_its_local_time(name: str, epoch: int) -> None:
    """An instant is one of the readings of its own local time."""
    zone = ZoneInfo(name)
    naive = datetime.fromtimestamp(epoch, zone).replace(tzinfo=None, fold=0)
    assert epoch in (times.resolve(naive, zone, "earlier"), times.resolve(naive, zone, "later"))


@given(st.sampled_from(NAMED_ZONES), st.datetimes(datetime(1971, 1, 1), datetime(2036, 1, 1)))
def test_the_short_way_agrees_with_asking_for_both_readings(name: str, naive: datetime) -> None:
    """Far from a clock change there is one reading, and it is the one that the zone gives for either fold."""
    zone = ZoneInfo(name)
    readings = {
        int((naive - zone.utcoffset(naive.replace(fold=fold))).replace(tzinfo=UTC).timestamp())
        for fold in (0, 1)
    }
    if len(readings) == 1:
        assert readings == {times.resolve(naive, zone, "refuse")}
    else:
        with pytest.raises(BadValue):
            times.resolve(naive, zone, "refuse")


def test_every_clock_change_of_a_zone_is_noticed() -> None:
    """On all change nights of 60 years each doubled minute is refused and each skipped one too."""
    zone = ZoneInfo("America/New_York")
    hours = [
        datetime(1975, 1, 1) + timedelta(hours=hour, minutes=30) for hour in range(60 * 365 * 24)
    ]
    odd = [hour for hour in hours if zone.utcoffset(hour) != zone.utcoffset(hour.replace(fold=1))]
    assert len(odd) > 110
    for naive in odd:
        with pytest.raises(BadValue):
            times.resolve(naive, zone, "refuse")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("today", date(2026, 6, 10)),
        ("yesterday", date(2026, 6, 9)),
        ("3 days ago", date(2026, 6, 7)),
        ("1 week ago", date(2026, 6, 3)),
        ("2027-01-01", date(2027, 1, 1)),
    ],
)
def test_a_day_is_read(text: str, expected: date) -> None:
    """Dates may lie in the future: a rollout is planned."""
    assert times.day_to_date(times.parse_day(text, now=NOW)) == expected


@pytest.mark.parametrize(
    "text", ["", "2026-13-01", "01/03/2026", "2026-3-1", "0016-05-01", "20260301", "day before"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    """The order of day and month is never guessed."""
    with pytest.raises(BadValue, match=r"^date is "):
        times.parse_day(text, now=NOW)


def test_today_is_that_of_the_zone() -> None:
    """At 23:30 in New York it is already tomorrow in UTC, but not for its people."""
    now = datetime(2026, 6, 10, 23, 30, tzinfo=ZoneInfo("America/New_York"))
    assert times.day_to_date(times.parse_day("today", now=now)) == date(2026, 6, 10)
    assert times.local_day(int(now.timestamp()), ZoneInfo("UTC")) == times.date_to_day(
        date(2026, 6, 11)
    )


@given(st.dates(date(1970, 1, 1), date(2200, 1, 1)))
def test_days_and_months_count_from_1970(day: date) -> None:
    """Days go to a date and back; months are told from them."""
    number = times.date_to_day(day)
    assert times.day_to_date(number) == day
    assert divmod(times.month_of_day(number), 12) == (day.year - 1970, day.month - 1)


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("Europe/Berln", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("utc", "UTC"),
    ],
)
def test_an_unknown_zone_is_refused_with_the_nearest(wrong: str, near: str) -> None:
    """A slip in the name, a city alone, a wrong case."""
    with pytest.raises(BadValue, match=f"did you mean {near}"):
        times.zone(wrong)


@pytest.mark.parametrize(
    "wrong", ["", "../etc/passwd", "/etc/passwd", "\0", "CET-1CEST,M3.5.0", "America"]
)
def test_no_name_reaches_outside_the_zone_database(wrong: str) -> None:
    """Paths and rubbish are refused like any other unknown name."""
    with pytest.raises(BadValue, match=r"^zone is "):
        times.zone(wrong)


def test_the_local_zone_comes_from_tz_first() -> None:
    """As libc reads it: a leading colon and a path are allowed, empty is UTC."""
    for value, name in {
        "America/New_York": "America/New_York",
        ":Europe/Berlin": "Europe/Berlin",
        "/usr/share/zoneinfo/Asia/Kolkata": "Asia/Kolkata",
        "": "UTC",
    }.items():
        assert times.local_zone_name({"TZ": value}) == name


def test_the_local_zone_comes_from_the_machine_next(tmp_path: Path) -> None:
    """From where the link points; from the name beside a copied file; UTC where there is neither; else refused."""
    localtime = tmp_path / "localtime"
    assert times.local_zone_name({}, str(localtime)) == "UTC"
    localtime.symlink_to("../usr/share/zoneinfo/America/Argentina/Ushuaia")
    assert times.local_zone_name({}, str(localtime)) == "America/Argentina/Ushuaia"
    localtime.unlink()
    localtime.write_bytes(b"TZif")
    with pytest.raises(BadValue, match="config set zone"):
        times.local_zone_name({}, str(localtime))
    (tmp_path / "timezone").write_text("Europe/Berlin\n")
    assert times.local_zone_name({}, str(localtime)) == "Europe/Berlin"


def test_an_instant_is_shown_in_its_zone() -> None:
    """What people read is local time."""
    assert times.format_instant(1792888200, BERLIN) == "2026-10-25 02:30"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0m"), (59.6, "1h 00m"), (45, "45m"), (90, "1h 30m"), (125.2, "2h 05m")],
)
def test_minutes_are_shown_in_hours(minutes: float, text: str) -> None:
    """Rounded to the minute, in the form that `log` takes."""
    assert times.format_minutes(minutes) == text
