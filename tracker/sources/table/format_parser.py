"""A parser of dates and times in one format, with caches of the days and times of day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tracker.domain import times
from tracker.sources.table.cells import MAX_CACHED, ParseCache
from tracker.sources.table.datetime_parsers import instant_parser, seconds_of_day, split_format
from tracker.sources.table.formats import Formats


class FormatParser:
    """A parser of dates and times in one format.

    Args:
        strptime_format: The format, or one of EPOCHS; None is ISO 8601.
        formats: The formats of the map, with its zone and its missing values.
    """

    def __init__(self, strptime_format: str | None, formats: Formats) -> None:
        self._formats = formats
        self._parse = instant_parser(strptime_format)
        self._parse_day, self._parse_time, self.separator = split_format(strptime_format)
        self.midnights: ParseCache[str, tuple[int, int]] = ParseCache(self._midnight)
        self.seconds_of_day: ParseCache[str, int] = ParseCache(self._seconds_of_day)
        self.seconds_after_separator: ParseCache[str, int] = ParseCache(self._seconds_after)
        self._unmatched: set[str] = set()
        """Days and times of day that did not match, so that they are not parsed again."""

    def parse(self, text: str) -> datetime:
        """Return a date with a time; raise ValueError if the text does not match."""
        day_text, time_text = self._split(text)
        if time_text in self._unmatched or day_text in self._unmatched:
            raise ValueError(text)
        try:
            return self._parse(text)
        except ValueError:
            self._remember_unmatched(day_text, time_text)
            raise

    def _split(self, text: str) -> tuple[str, str]:
        """Split a text into its day and its time of day."""
        day_text, _, time_text = text.partition(self.separator or ("T" if "T" in text else " "))
        return day_text, time_text

    def _remember_unmatched(self, day_text: str, time_text: str) -> None:
        """Remember the half of a text that did not match, if the other half matched before."""
        if len(self._unmatched) >= MAX_CACHED:
            self._unmatched.clear()
        if day_text in self.midnights:
            self._unmatched.add(time_text)
        elif time_text in self.seconds_of_day:
            self._unmatched.add(day_text)

    def parse_plain(self, text: str) -> tuple[int, int]:
        """Return the epoch and the day of a text in the map's zone.

        Raises:
            ValueError: The text does not match, or there is a clock change on its day.
        """
        day_text, time_text = self._split(text)
        midnight, day = self.midnights[day_text]
        return midnight + self.seconds_of_day[time_text], day

    def _seconds_of_day(self, text: str) -> int:
        """Return a time of day in seconds since midnight; raise ValueError if it does not match."""
        if text in self._unmatched:
            raise ValueError(text)
        return seconds_of_day(self._parse_time(text))

    def _seconds_after(self, text: str) -> int:
        """Return the same for the separator followed by a time of day."""
        if text[:1] not in (self.separator or "T "):
            raise ValueError(text)
        return self.seconds_of_day[text[1:]]

    def _midnight(self, text: str) -> tuple[int, int]:
        """Return the epoch of a day's local midnight, and the day.

        Raises:
            ValueError: The text does not match, or there is a clock change on that day.
        """
        if text in self._formats.missing or text in self._unmatched:
            raise ValueError(text)
        midnight, zone = self._parse_day(text), self._formats.zone
        day = times.date_to_day(midnight.date())
        if zone is None or day < 0 or midnight.year == date.max.year:
            raise ValueError(text)
        if not _has_one_offset(midnight, zone):
            raise ValueError(text)
        return times.resolve(midnight, zone, "refuse"), day


def _has_one_offset(midnight: datetime, zone: ZoneInfo) -> bool:
    """Return whether a zone has one offset from this midnight to the next.

    An hour that the clock shows twice, at either end of the day, counts with both offsets.
    """
    last_moment = timedelta(days=1) - timedelta(microseconds=1)
    steps = (*(timedelta(hours=hours) for hours in (0, 6, 12, 18)), last_moment)
    offsets = {
        zone.utcoffset((midnight + step).replace(fold=fold)) for step in steps for fold in (0, 1)
    }
    return len(offsets) == 1
