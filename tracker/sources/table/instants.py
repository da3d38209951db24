"""Parsing of foreign dates and times as instants.

On a day without a clock change an instant is the epoch of the local midnight plus the seconds of
the day, both cached by their text. Every other case (a clock change on that day, an offset in the
text, a format that does not split into day and time) takes a slower path by ``datetime`` and
:func:`tracker.domain.times.resolve`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from operator import add
from typing import Literal
from zoneinfo import ZoneInfo

from tracker.domain import times
from tracker.domain.errors import BadValue
from tracker.domain.times import DAY_SECONDS
from tracker.sources.table.datetime_parsers import (
    UnreadableInstant,
    day_parser,
    parse_iso_day,
)
from tracker.sources.table.format_parser import FormatParser
from tracker.sources.table.formats import Formats
from tracker.sources.table.strptime_formats import EPOCHS

_BARE_DAY = r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}"
_GIVE_ZONE = "give --tz, such as --tz Europe/Berlin, or set timezone in [formats] of a map"
NO_ZONE_OF_LOG = f"the log's times have no zone: {_GIVE_ZONE}."
_NO_ZONE = f"its zone is not known; {_GIVE_ZONE}"

LocalInstant = tuple[int, int, str]
"""An instant: its epoch, its local day, and the name of the zone that it was logged in."""

LocalInstants = tuple[list[int], list[int], str]
"""Instants of one zone: their epochs, their local days, and the name of the zone."""

BareDays = Literal["refuse", "noon", "start"]
"""What to do with a day without a time of day: refuse it, or take its noon or its start."""


class InstantParser:
    """A parser of columns of dates and times.

    Args:
        formats: The formats of the map.

    Raises:
        BadValue: A format has no offset and there is no zone.
    """

    def __init__(self, formats: Formats) -> None:
        self._formats = formats
        self._bare_days = DayParser(formats)
        have_offset = [text in EPOCHS or "%z" in text for text in formats.datetime]
        if not all(have_offset) and not formats.zone:
            raise BadValue(NO_ZONE_OF_LOG)
        self._parsers = [FormatParser(text, formats) for text in formats.datetime or (None,)]

    def parse_plain(self, texts: Sequence[str]) -> LocalInstants | None:
        """Return the instants of plain texts: of the first format, on days without a clock change.

        This is the fast path. :meth:`parse_all` reads all texts.

        Returns:
            None if a text is missing or is not plain.
        """
        first, zone = self._parsers[0], self._formats.zone
        separator = first.separator or ("T" if "T" in texts[0] else " ")
        joined = "\n".join(texts)
        # Two lines for each text: the day, and the separator with the time of day.
        lines = joined.replace(separator, f"\n{separator}").split("\n")
        if zone is None or len(lines) != 2 * len(texts) or joined.count("\n") >= len(texts):
            return None
        try:
            midnights, days = zip(*map(first.midnights.__getitem__, lines[::2]), strict=True)
            seconds = map(first.seconds_after_separator.__getitem__, lines[1::2])
            return list(map(add, midnights, seconds)), list(days), zone.key
        except ValueError:
            return None

    def parse_all(
        self, texts: Sequence[str], bare_days: BareDays = "refuse"
    ) -> list[LocalInstant | None]:
        """Return the instant of each text, None where it is missing.

        Args:
            texts: The texts.
            bare_days: What to do with ISO days without a time of day.

        Raises:
            UnreadableInstant: A text cannot be read.
        """
        first = self._parsers[0]
        midnights, seconds_of_day = first.midnights, first.seconds_of_day
        separator = first.separator or ("T" if texts and "T" in texts[0] else " ")
        zone = self._formats.zone.key if self._formats.zone else ""
        instants: list[LocalInstant | None] = []
        for text in texts:
            day_text, _, time_text = text.partition(separator)
            try:
                midnight, day = midnights[day_text]
                instants.append((midnight + seconds_of_day[time_text], day, zone))
            except ValueError:  # missing, not plain, or on a day with a clock change
                instants.append(self._parse_slowly(text.strip(), bare_days))
        return instants

    def parse_ends(
        self, texts: Sequence[str], starts: Sequence[LocalInstant]
    ) -> list[LocalInstant | None]:
        """Return ends of work; an end before its start on the same day is on the next day.

        Raises:
            UnreadableInstant: A text cannot be read.
        """
        with suppress(UnreadableInstant):
            ends = self.parse_all(texts)
            if not any(map(_is_overnight, ends, starts)):
                return ends
        return list(map(self._parse_end, texts, starts))

    def _parse_end(self, text: str, start: LocalInstant) -> LocalInstant | None:
        """Return the end of work that began at ``start``."""
        reason: UnreadableInstant | None = None
        end: LocalInstant | None = None
        try:
            (end,) = self.parse_all([text])
        except (
            UnreadableInstant
        ) as error:  # perhaps an hour that the clock skips on the start's day
            reason = error
        if reason is None and not _is_overnight(end, start):
            return end
        local_start = datetime.fromtimestamp(start[0], ZoneInfo(start[2])).replace(tzinfo=None)
        for parser in self._parsers:
            with suppress(ValueError):
                written = parser.parse(text.strip())
                local = written.replace(tzinfo=None)
                if local.date() == local_start.date() and local < local_start:
                    return self.to_local_instant(written + timedelta(days=1))
        if reason is not None:
            raise reason
        return end

    def _parse_slowly(self, text: str, bare_days: BareDays) -> LocalInstant | None:
        """Return the instant of a text by the slower path; None if it is missing."""
        if text in self._formats.missing:
            return None
        if not self._formats.datetime and re.fullmatch(_BARE_DAY, text):
            if bare_days == "refuse":
                raise UnreadableInstant(
                    "it has no time of day; map it as date = … where only the day is known"
                )
            noon = self._bare_days.read(text)
            return day_start(noon) if noon and bare_days == "start" else noon
        for parser in self._parsers:
            try:
                return self._parse_with(parser, text)
            except ValueError:  # the next format may match
                pass
        form = (
            f"of the form {' or '.join(self._formats.datetime)}"
            if self._formats.datetime
            else "ISO 8601, such as 2026-03-01 14:00"
        )
        raise UnreadableInstant(f"it is not {form}; correct it, or set datetime in [formats]")

    def _parse_with(self, parser: FormatParser, text: str) -> LocalInstant:
        """Return the instant of a text; raise ValueError if it does not match the format."""
        zone = self._formats.zone
        if zone is not None and parser is not self._parsers[0]:
            with suppress(ValueError):
                return (*parser.parse_plain(text), zone.key)
        return self.to_local_instant(parser.parse(text))

    def to_local_instant(self, moment: datetime) -> LocalInstant:
        """Return a datetime as an instant; a naive one is in the map's zone.

        Raises:
            UnreadableInstant: It is ambiguous, does not exist, or is out of range.
        """
        _check_year(moment)
        return self._from_naive(moment) if moment.tzinfo is None else self._from_aware(moment)

    def _from_naive(self, naive: datetime) -> LocalInstant:
        """Return a naive datetime as an instant in the map's zone.

        Raises:
            UnreadableInstant: The zone is not known, the clock skips this time, or it shows it
                twice and the map does not say which one is meant.
        """
        zone = self._formats.zone
        if zone is None:
            raise UnreadableInstant(_NO_ZONE)
        try:
            epoch = times.resolve(naive, zone, self._formats.ambiguous)
        except BadValue as error:
            first, second = (
                zone.utcoffset(naive.replace(fold=fold)) or timedelta(0) for fold in (0, 1)
            )
            is_doubled = first > second
            advice = (
                ", or set ambiguous in [formats] of a map to earlier or later" if is_doubled else ""
            )
            raise UnreadableInstant(str(error).rstrip(".") + advice) from None
        return epoch, times.date_to_day(naive.date()), zone.key

    def _from_aware(self, aware: datetime) -> LocalInstant:
        """Return an aware datetime as an instant.

        The zone is the map's if it has this offset, or if the offset is 0, which says nothing about
        the place. Otherwise it is a zone of this offset.
        """
        zone = self._formats.zone
        if zone is None or (
            aware.utcoffset() and aware.astimezone(zone).utcoffset() != aware.utcoffset()
        ):
            zone = _zone_of_offset(aware)
        local = aware.astimezone(zone)
        return int(local.timestamp() // 1), times.date_to_day(local.date()), zone.key


def _is_overnight(end: LocalInstant | None, start: LocalInstant) -> bool:
    """Return whether an end lies before its start on the same local day."""
    return end is not None and end[0] < start[0] and end[1] == start[1]


class DayParser:
    """A parser of columns of bare days.

    A day is represented by its local noon, since no clock changes at noon. A number of seconds or
    milliseconds since 1970 is a day in UTC.

    Args:
        formats: The formats of the map.
        strptime_formats: The formats of the days, or EPOCHS; () is ISO 8601.
    """

    def __init__(self, formats: Formats, strptime_formats: Sequence[str] = ()) -> None:
        self._formats = formats
        self._strptime_formats = strptime_formats
        self._parsers = [day_parser(text) for text in strptime_formats] or [parse_iso_day]

    def read(self, cell: str) -> LocalInstant | None:
        """Return noon of a day in the map's zone; None if the day is missing.

        Raises:
            UnreadableInstant: The cell is not a day.
        """
        text = cell.strip()
        if text in self._formats.missing:
            return None
        for parse in self._parsers:
            with suppress(ValueError):  # the next format may match
                return self.noon_of(parse(text).date())
        form = " or ".join(self._strptime_formats) or "2026-03-01"
        raise UnreadableInstant(
            f"it is not a day of the form {form}; correct it, or set date in [formats]"
        )

    def noon_of(self, day: date) -> LocalInstant:
        """Return noon of a day in the map's zone.

        Raises:
            UnreadableInstant: The zone is not known, or has no such day.
        """
        zone = self._formats.zone
        _check_year(day)
        if zone is None:
            raise UnreadableInstant(_NO_ZONE)
        try:
            epoch = times.resolve(datetime.combine(day, time(12)), zone, "earlier")
        except BadValue as error:  # Samoa skipped 2011-12-30
            raise UnreadableInstant(str(error).rstrip(".")) from None
        return epoch, times.date_to_day(day), zone.key


def epoch_instant(epoch: int, zone: ZoneInfo | None) -> LocalInstant:
    """Return an instant given in seconds since 1970; without a zone it is in UTC.

    Raises:
        UnreadableInstant: It lies before 1970 or after the year 9998.
    """
    zone = zone or ZoneInfo("UTC")
    try:
        local = datetime.fromtimestamp(epoch, zone)
    except (ValueError, OverflowError, OSError):
        raise UnreadableInstant("it lies outside the years 1970 to 9998") from None
    _check_year(local)
    return epoch, times.date_to_day(local.date()), zone.key


def day_start(noon: LocalInstant) -> LocalInstant:
    """Return the start of a day, accurate to an hour, from its noon: some days have no midnight."""
    epoch, day, zone = noon
    return max(epoch - DAY_SECONDS // 2, 0), day, zone


def _check_year(instant: date) -> None:
    """Raise UnreadableInstant for a year before 1970 or after 9998."""
    if instant.year < 1970:
        raise UnreadableInstant(f"the year is {instant.year}; give one from 1970 on")
    if instant.year == date.max.year:
        raise UnreadableInstant(times.TOO_LATE)


def _zone_of_offset(aware: datetime) -> ZoneInfo:
    """Return the zone of an offset in whole hours, such as ``Etc/GMT-2`` for UTC+02:00.

    Raises:
        UnreadableInstant: No zone has this offset.
    """
    hours, remainder = divmod(aware.utcoffset() or timedelta(0), timedelta(hours=1))
    try:
        if not remainder:
            return ZoneInfo(f"Etc/GMT{-hours:+d}" if hours else "UTC")
    except KeyError:  # an offset that no zone has
        pass
    raise UnreadableInstant(
        "that offset alone does not tell the zone; set timezone in [formats] to the log's zone"
    )
