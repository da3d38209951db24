"""Foreign datetimes → moments, fast: the offset of a zone is looked up once a day, not once a row.

On a day whose offset does not change, the moment is the epoch of the local midnight plus the time of day, both
remembered by their text. Every other case (a clock change on that day, an offset in the text, a format that does not
part into day and time) takes the exact way: ``datetime`` and :func:`tracker.domain.times.resolve`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tracker.domain import times
from tracker.domain.errors import BadValue
from tracker.sources.table.cells import Memo
from tracker.sources.table.column_map import Formats

_DAY_THEN_TIME = r"((?:%[aAbBdjmyY]|[^%\s])+)([ T])((?:%[HIMSpf]|[^%])+)"
_BARE_DAY = r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}"
_NO_ZONE = "its zone is not known; set timezone in [formats] of the map, or give --tz"


Moment = tuple[int, int, str]
"""An instant (epoch), the local day it falls on, and the name of the zone it was logged in."""


class UnreadableInstant(Exception):
    """A text is no moment; says why, or what to do instead."""


class Instants:
    """Reads columns of datetimes, as a map's formats say."""

    def __init__(self, formats: Formats) -> None:
        self._formats = formats
        self._bare_days = Days(formats, form=None)
        if formats.datetime and "%z" not in formats.datetime and not formats.zone:
            raise BadValue(
                "the log's times have no zone: give timezone in the map, or --tz, such as --tz Europe/Berlin."
            )
        day_of, time_of, self._separator = _halves(formats.datetime)
        self._midnights = Memo(lambda text: self._midnight(text, day_of))
        self._times = Memo(lambda text: _seconds_of_day(time_of(text)))

    def read_all(self, texts: Sequence[str], *, day_will_do: bool = False) -> list[Moment | None]:
        """The moment of each text, None where it is missing; Unreadable for the first that cannot be read.

        ``day_will_do``: a bare ISO day is taken, as its noon; else it is refused for want of a time of day.
        """
        midnights, clock = self._midnights, self._times
        separator = self._separator or ("T" if texts and "T" in texts[0] else " ")
        zone = self._formats.zone.key if self._formats.zone else ""
        moments: list[Moment | None] = []
        for text in texts:
            day_text, _, time_text = text.partition(separator)
            try:
                midnight, day = midnights[day_text]
                moments.append((midnight + clock[time_text], day, zone))
            except (
                ValueError
            ):  # missing, not of the everyday shape, or on a day with a clock change
                moments.append(self._exactly(text.strip(), day_will_do))
        return moments

    def _midnight(self, text: str, day_of: Callable[[str], datetime]) -> tuple[int, int]:
        """Epoch of the local midnight, and the day; ValueError unless one offset holds all that day."""
        if text in self._formats.missing:
            raise ValueError(text)
        day, zone = day_of(text), self._formats.zone
        number = times.date_to_day(day.date())
        if zone is None or number < 0 or not _one_offset(day, zone):
            raise ValueError(text)
        return times.resolve(day, zone, "refuse"), number

    def _exactly(self, text: str, day_will_do: bool) -> Moment | None:
        """The moment of any text, or Unreadable."""
        if text in self._formats.missing:
            return None
        if self._formats.datetime is None and re.fullmatch(_BARE_DAY, text):
            if not day_will_do:
                raise UnreadableInstant(
                    "it has no time of day; map it as date = … where only the day is known"
                )
            return self._bare_days.read(text)
        read = self._parse(text)
        if read.year < 1970:
            raise UnreadableInstant(f"the year is {read.year}; give one from 1970 on")
        return self._local(read) if read.tzinfo is None else self._aware(read)

    def _parse(self, text: str) -> datetime:
        form = self._formats.datetime
        try:
            return datetime.fromisoformat(text) if form is None else datetime.strptime(text, form)
        except ValueError:
            shape = f"of the form {form}" if form else "ISO 8601, such as 2026-03-01 14:00"
            raise UnreadableInstant(
                f"it is not {shape}; mend it, or set datetime in [formats]"
            ) from None

    def _local(self, read: datetime) -> Moment:
        """A naive time in the map's zone; its doubled or skipped hour is refused unless the map says otherwise."""
        zone = self._formats.zone
        if zone is None:
            raise UnreadableInstant(_NO_ZONE)
        try:
            epoch = times.resolve(read, zone, self._formats.ambiguous)
        except BadValue as error:
            first, again = (
                zone.utcoffset(read.replace(fold=fold)) or timedelta(0) for fold in (0, 1)
            )
            cure = ", or set ambiguous in [formats] to earlier or later" if first > again else ""
            raise UnreadableInstant(str(error).rstrip(".") + cure) from None
        return epoch, times.date_to_day(read.date()), zone.key

    def _aware(self, read: datetime) -> Moment:
        """A time with its offset is that instant. Its zone is the map's where that agrees or the offset is UTC's,
        which says nothing of the place; else the offset's own.
        """
        zone = self._formats.zone
        if zone is None or (
            read.utcoffset() and read.astimezone(zone).utcoffset() != read.utcoffset()
        ):
            zone = self._offset_zone(read)
        local = read.astimezone(zone)
        return int(local.timestamp() // 1), times.date_to_day(local.date()), zone.key

    def _offset_zone(self, read: datetime) -> ZoneInfo:
        """The zone of a bare offset: the zone database names those of whole hours (``Etc/GMT-2`` is UTC+02:00)."""
        hours, rest = divmod(read.utcoffset() or timedelta(0), timedelta(hours=1))
        try:
            if not rest:
                return ZoneInfo(f"Etc/GMT{-hours:+d}" if hours else "UTC")
        except KeyError:  # beyond those that exist
            pass
        raise UnreadableInstant(
            "no zone has that offset by itself; set timezone in [formats] to the log's zone"
        )


class Days:
    """Reads columns of bare days. A day stands for its local noon: no clock change of any zone falls on it."""

    def __init__(self, formats: Formats, form: str | None) -> None:
        self._formats = formats
        self._format = form

    def read(self, cell: str) -> Moment | None:
        """Noon of that day in the map's zone; None where it is missing, Unreadable where it is none."""
        text, zone = cell.strip(), self._formats.zone
        if text in self._formats.missing:
            return None
        try:
            day = _iso_day(text) if self._format is None else datetime.strptime(text, self._format)
        except ValueError:
            shape = self._format or "2026-03-01"
            raise UnreadableInstant(
                f"it is not a day of the form {shape}; mend it, or set date in [formats]"
            ) from None
        if day.year < 1970:
            raise UnreadableInstant(f"the year is {day.year}; give one from 1970 on")
        if zone is None:
            raise UnreadableInstant(_NO_ZONE)
        try:
            epoch = times.resolve(day.replace(hour=12), zone, "earlier")
        except BadValue as error:  # Samoa had no 2011-12-30
            raise UnreadableInstant(str(error).rstrip(".")) from None
        return epoch, times.date_to_day(day.date()), zone.key


def _halves(form: str | None) -> tuple[Callable[[str], datetime], Callable[[str], datetime], str]:
    """How to read the day and the time of a datetime by themselves, and what parts them ("": a T or a space)."""
    if form is None:
        return _iso_day, _iso_time, ""
    parts = re.fullmatch(_DAY_THEN_TIME, form)
    if parts is None:
        return _no_half, _no_half, " "
    day_form, separator, time_form = parts.groups()
    return (
        lambda text: datetime.strptime(text, day_form),
        lambda text: datetime.strptime(text, time_form),
        separator,
    )


def _no_half(text: str) -> datetime:
    """Such a format is read whole."""
    raise ValueError(text)


def _iso_day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time())


def _iso_time(text: str) -> datetime:
    """A time of day; ValueError where an offset follows it."""
    read = time.fromisoformat(text)
    if read.tzinfo is not None:
        raise ValueError(text)
    return datetime.combine(date.min, read)


def _seconds_of_day(read: datetime) -> int:
    return read.hour * 3600 + read.minute * 60 + read.second


def _one_offset(day: datetime, zone: ZoneInfo) -> bool:
    """Whether the zone keeps one offset from this midnight to the next, both ends' doubled readings included."""
    hours = (
        timedelta(hours=0),
        timedelta(hours=6),
        timedelta(hours=12),
        timedelta(hours=18),
        timedelta(hours=24),
    )
    probes = [
        day + hour - (timedelta(microseconds=1) if hour.days else timedelta(0)) for hour in hours
    ]
    return (
        len({zone.utcoffset(probe.replace(fold=fold)) for probe in probes for fold in (0, 1)}) == 1
    )
