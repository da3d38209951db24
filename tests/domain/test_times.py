"""Durations, instants, days and time zones are parsed as a whole or refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain import times, typed_intervals, typed_times
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
        ("90", 90),
        ("5", 5),
        ("1h30", 90),
        ("1h 5", 65),
    ],
)
def test_a_duration_is_parsed(text: str, minutes: int) -> None:
    """All documented notations and common variations are accepted."""
    assert typed_times.parse_duration(text) == minutes * 60


def test_seconds_are_parsed() -> None:
    """A duration may have seconds, as on a stopwatch."""
    assert typed_times.parse_duration("1:02:03") == 3723
    assert typed_times.parse_duration("1h 2m 3s") == 3723


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h",
        "1.5",
        "1h75",
        "1.5h30",
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
def test_another_text_is_not_a_duration(text: str) -> None:
    """A bare fraction, a wrong order, a sign or a typing error is refused in one line."""
    with pytest.raises(BadValue) as error:
        typed_times.parse_duration(text)
    assert repr(text) in str(error.value)
    assert "\n" not in str(error.value)


@given(st.integers(min_value=0, max_value=365 * 24 * 60))
def test_a_printed_duration_can_be_parsed(minutes: int) -> None:
    """A duration that `entries` prints is valid input for `log`."""
    assert typed_times.parse_duration(times.format_minutes(minutes)) == minutes * 60


@given(st.text())
def test_no_text_crashes_the_parsers(text: str) -> None:
    """Any text is parsed or refused in one line; no other exception is raised."""
    parsers = (
        typed_times.parse_duration,
        lambda text: typed_times.parse_instant(text, now=NOW),
        lambda text: typed_times.parse_day(text, now=NOW),
        typed_intervals.parse_interval,
    )
    for parse in parsers:
        try:
            parse(text)
            message = "parsed"
        except BadValue as error:
            message = str(error)
        assert len(message.splitlines()) == 1


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
        ("90 ago", "2026-06-10T10:30+02:00"),
        ("an hour ago", "2026-06-10T11:00+02:00"),
        ("a minute ago", "2026-06-10T11:59+02:00"),
        ("-30m", "2026-06-10T11:30+02:00"),
        ("-1h30", "2026-06-10T10:30+02:00"),
        ("10am", "2026-06-10T10:00+02:00"),
        ("12am", "2026-06-10T00:00+02:00"),
        ("yesterday 9:30 pm", "2026-06-09T21:30+02:00"),
        ("12:15pm", "2026-06-10T12:15+02:00"),
        ("noon", "2026-06-10T12:00+02:00"),
        ("yesterday noon", "2026-06-09T12:00+02:00"),
        ("midnight", "2026-06-10T00:00+02:00"),
        ("monday 10:00", "2026-06-08T10:00+02:00"),
        ("Wed 10:00", "2026-06-10T10:00+02:00"),  # a Wednesday: today
        ("last wednesday 10:00", "2026-06-03T10:00+02:00"),
        ("thu 10am", "2026-06-04T10:00+02:00"),
        ("2 days ago 10:00", "2026-06-08T10:00+02:00"),
        ("1 week ago noon", "2026-06-03T12:00+02:00"),
        ("16 dec 9:00", "2025-12-16T09:00+01:00"),
        ("June 2 9am", "2026-06-02T09:00+02:00"),
    ],
)
def test_an_instant_is_parsed(text: str, expected: str) -> None:
    """All documented notations give the instant, in the zone of ``now``."""
    instant = typed_times.parse_instant(text, now=NOW)
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
        "a ago",
        "an 5 minutes ago",
        "5.5 ago",
        "25:00",
        "9:60",
        "13pm",
        "0am",
        "14",
        "monday",
        "noon 10:00",
        "--30m",
        "2 days ago",
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
def test_another_text_is_not_an_instant(text: str) -> None:
    """A text that matches only in part is refused."""
    with pytest.raises(BadValue, match=r"^(time|date) is "):
        typed_times.parse_instant(text, now=NOW)


def test_ago_counts_elapsed_minutes_across_a_clock_change() -> None:
    """In the night that skips 2:00 to 3:00, forty minutes before 3:20 is 1:40."""
    now = datetime(2026, 3, 29, 3, 20, tzinfo=BERLIN)
    assert typed_times.parse_instant("40 minutes ago", now=now) == datetime.fromisoformat(
        "2026-03-29T01:40+01:00"
    )


def test_a_repeated_hour_is_refused_with_both_readings() -> None:
    """The message names each reading in a notation that is valid input."""
    with pytest.raises(BadValue) as error:
        typed_times.parse_instant("2026-10-25 02:30", now=NOW)
    for reading, epoch in (
        ("2026-10-25 02:30+0200", 1792888200),
        ("2026-10-25 02:30+0100", 1792891800),
    ):
        assert reading in str(error.value)
        assert typed_times.parse_instant(reading, now=NOW).timestamp() == epoch


def test_a_repeated_hour_can_be_resolved() -> None:
    """``earlier`` is the first occurrence, ``later`` the second, one hour after it."""
    naive = datetime(2026, 10, 25, 2, 30)
    assert times.resolve(naive, BERLIN, "earlier") == 1792888200
    assert times.resolve(naive, BERLIN, "later") == 1792891800


@pytest.mark.parametrize("ambiguous", ["refuse", "earlier", "later"])
def test_a_skipped_hour_is_refused(ambiguous: times.Ambiguous) -> None:
    """The message names the gap; the rule for repeated hours does not matter."""
    with pytest.raises(BadValue, match="jumped from 2026-03-29 02:00 to 03:00"):
        times.resolve(datetime(2026, 3, 29, 2, 30), BERLIN, ambiguous)


def test_a_skipped_day_is_refused_with_both_dates() -> None:
    """Samoa skipped 30 December 2011."""
    with pytest.raises(BadValue, match="jumped from 2011-12-30 00:00 to 2011-12-31 00:00"):
        times.resolve(datetime(2011, 12, 30, 12), ZoneInfo("Pacific/Apia"), "earlier")


@given(st.sampled_from(NAMED_ZONES), st.integers(min_value=0, max_value=2_100_000_000))
def test_an_instant_is_a_reading_of_its_local_time(name: str, epoch: int) -> None:
    """The local time of any instant resolves to that instant, as the earlier or the later one."""
    zone = ZoneInfo(name)
    naive = datetime.fromtimestamp(epoch, zone).replace(tzinfo=None, fold=0)
    assert epoch in (times.resolve(naive, zone, "earlier"), times.resolve(naive, zone, "later"))


@given(st.sampled_from(NAMED_ZONES), st.datetimes(datetime(1971, 1, 1), datetime(2036, 1, 1)))
def test_local_times_resolve_as_the_zone_states(name: str, naive: datetime) -> None:
    """A time with the same offset for both folds has one reading; any other is refused."""
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


def test_every_clock_change_of_a_zone_is_detected() -> None:
    """In 60 years, each repeated or skipped half hour is refused."""
    zone = ZoneInfo("America/New_York")
    hours = [
        datetime(1975, 1, 1) + timedelta(hours=hour, minutes=30) for hour in range(60 * 365 * 24)
    ]
    irregular = [
        hour for hour in hours if zone.utcoffset(hour) != zone.utcoffset(hour.replace(fold=1))
    ]
    assert len(irregular) > 110
    for naive in irregular:
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
        ("Monday", date(2026, 6, 8)),
        ("wed", date(2026, 6, 10)),
        ("last wed", date(2026, 6, 3)),
        ("thursday", date(2026, 6, 4)),
        ("10 june", date(2026, 6, 10)),
        ("Sept 1", None),
        ("9 Dec", date(2025, 12, 9)),
        ("dec 20", date(2025, 12, 20)),
        ("11 june", None),
        ("8 dec", None),
        ("30 feb", None),
    ],
)
def test_a_day_is_parsed(text: str, expected: date | None) -> None:
    """A date may be in the future, such as that of a planned rollout.

    A day without its year is one of the last half year, else it is refused.
    """
    if expected is None:
        with pytest.raises(BadValue, match=r"not a day of the last half year: .*, such as 2026-"):
            typed_times.parse_day(text, now=NOW)
        return
    assert times.day_to_date(typed_times.parse_day(text, now=NOW)) == expected


@pytest.mark.parametrize(
    "text", ["", "2026-13-01", "01/03/2026", "2026-3-1", "0016-05-01", "20260301", "wedding"]
)
def test_another_text_is_not_a_day(text: str) -> None:
    """For example, the order of day and month is never guessed."""
    with pytest.raises(BadValue, match=r"^date is "):
        typed_times.parse_day(text, now=NOW)


def test_today_is_the_day_in_the_zone_of_now() -> None:
    """At 23:30 in New York it is the next day in UTC, but not in New York."""
    now = datetime(2026, 6, 10, 23, 30, tzinfo=ZoneInfo("America/New_York"))
    assert times.day_to_date(typed_times.parse_day("today", now=now)) == date(2026, 6, 10)
    assert times.local_day(int(now.timestamp()), ZoneInfo("UTC")) == times.date_to_day(
        date(2026, 6, 11)
    )


@given(st.dates(date(1970, 1, 1), date(2200, 1, 1)))
def test_days_and_months_count_from_1970(day: date) -> None:
    """A day converts to a date and back, and months are computed from it."""
    number = times.date_to_day(day)
    assert times.day_to_date(number) == day
    assert divmod(times.month_of_day(number), 12) == (day.year - 1970, day.month - 1)


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("Europe/Berln", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("utc", "UTC"),
    ],
)
def test_an_unknown_zone_is_refused_with_a_suggestion(name: str, suggestion: str) -> None:
    """A typing error, a city without its region and a wrong case are corrected."""
    with pytest.raises(BadValue, match=f"did you mean {suggestion}"):
        times.zone(name)


@pytest.mark.parametrize(
    "name", ["", "../etc/passwd", "/etc/passwd", "\0", "CET-1CEST,M3.5.0", "America"]
)
def test_a_path_is_not_a_zone(name: str) -> None:
    """Nothing outside the zone database can be read by its name."""
    with pytest.raises(BadValue, match=r"^zone is "):
        times.zone(name)


def test_the_variable_tz_names_the_local_zone() -> None:
    """As in libc, it may start with a colon or be a path, and an empty one means UTC."""
    for value, name in {
        "America/New_York": "America/New_York",
        ":Europe/Berlin": "Europe/Berlin",
        "/usr/share/zoneinfo/Asia/Kolkata": "Asia/Kolkata",
        "": "UTC",
    }.items():
        assert times.local_zone_name({"TZ": value}) == name


def test_without_tz_the_machine_names_the_local_zone(tmp_path: Path) -> None:
    """From the link's target, or the file beside a copy; without either it is UTC or refused."""
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


def test_an_instant_is_formatted_in_its_zone() -> None:
    """An instant is printed as local time."""
    assert times.format_instant(1792888200, BERLIN) == "2026-10-25 02:30"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0m"), (59.6, "1h 00m"), (45, "45m"), (90, "1h 30m"), (125.2, "2h 05m")],
)
def test_minutes_are_formatted_in_hours(minutes: float, text: str) -> None:
    """They are rounded to the minute, in a notation that `log` accepts."""
    assert times.format_minutes(minutes) == text


@pytest.mark.parametrize(
    ("start", "end", "zone", "parts"),
    [
        ("2025-10-13 23:31", "2025-10-14 00:09", "UTC", [29, 9]),
        ("2025-10-15 22:30", "2025-10-17 08:00", "Europe/Berlin", [90, 1440, 480]),
        ("2025-10-25 23:00", "2025-10-27 01:00", "Europe/Berlin", [60, 1500, 60]),
        ("2026-03-28 23:00", "2026-03-30 01:00", "Europe/Berlin", [60, 1380, 60]),
        ("2025-10-15 00:00", "2025-10-16 00:00", "UTC", [1440]),
    ],
)
def test_a_stretch_is_split_at_local_midnights(
    start: str, end: str, zone: str, parts: list[int]
) -> None:
    """Each day has its own part; days with a clock change have 23 or 25 hours."""
    tz = ZoneInfo(zone)
    epochs = [
        int(datetime.fromisoformat(text).replace(tzinfo=tz).timestamp()) for text in (start, end)
    ]
    days = times.split_by_day(*epochs, tz)
    assert [seconds // 60 for _, seconds in days] == parts
    assert [day for day, _ in days] == list(range(days[0][0], days[0][0] + len(parts)))


ABSURD = ["9" * 400 + "h", "9" * 5_000, "9" * 98 + "h", "." * 20_000, "1h" + " " * 50_000 + "x"]


@pytest.mark.parametrize("text", ABSURD, ids=["400", "5000", "98", "dots", "blanks"])
def test_absurd_texts_are_refused_at_once(text: str) -> None:
    """They are neither durations, nor instants, days or zones; the message quotes their start."""
    now = datetime(2026, 6, 10, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    for parse in (
        typed_times.parse_duration,
        lambda text: typed_times.parse_instant(f"{text} ago", now=now),
        lambda text: typed_times.parse_instant(text, now=now),
        lambda text: typed_times.parse_day(text, now=now),
        times.zone,
    ):
        with pytest.raises(BadValue) as error:
            parse(text)
        assert len(str(error.value)) < 250


@pytest.mark.parametrize("text", ["9999-12-31 23:59", "9999-12-31 0:00-12:00", "9999-01-01T00:00Z"])
def test_the_last_year_is_refused(text: str) -> None:
    """Its end cannot be computed in every zone."""
    now = datetime(2026, 6, 10, 12, tzinfo=ZoneInfo("Pacific/Kiritimati"))
    with pytest.raises(BadValue, match="the year is 9999"):
        typed_times.parse_instant(text, now=now)
    with pytest.raises(BadValue, match="the year is 9999"):
        times.resolve(datetime(9999, 12, 31, 23, 59), ZoneInfo("Europe/Berlin"), "refuse")


def test_the_last_day_limits_nothing() -> None:
    """`--to 9999-12-31` is a common way to say "without end"."""
    now = datetime(2026, 6, 10, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    assert times.day_to_date(typed_times.parse_day("9999-12-31", now=now)).year == 9999
    assert times.day_to_date(2**31).year == 9999
    assert times.day_to_date(-(2**31)).year == 1


def test_a_zone_of_many_parts_is_no_zone() -> None:
    """The zone database would import a package for each part."""
    with pytest.raises(BadValue, match="give a name such as Europe/Berlin"):
        times.zone("a/" * 5_000)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 3, 1), "early March 2026"),
        (date(2026, 3, 11), "mid-March 2026"),
        (date(2026, 3, 31), "late March 2026"),
    ],
)
def test_about_when_a_day_is(day: date, expected: str) -> None:
    """It is a third of a month, as precise as a plan."""
    assert times.approximate_day(times.date_to_day(day)) == expected


@pytest.mark.parametrize("day", ["yesterday", "Monday", "2 days ago", "2026-03-01"])
def test_a_day_alone_is_no_instant(day: str) -> None:
    """The message says what is missing."""
    with pytest.raises(BadValue, match=f"add the time of day, as in '{day.lower()} 14:00'"):
        typed_times.parse_instant(day, now=NOW)
