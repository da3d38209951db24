"""Finds the columns of a table that say when the work was done, and their formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tracker.domain.counts import count_of
from tracker.sources.suggestions.column_names import (
    CLOCK_IN,
    CLOCK_OUT,
    DAY,
    END,
    NOT_WORK,
    START,
    TIME,
    has_word,
    rank,
)
from tracker.sources.suggestions.draft import Alternative, Line, quote_text
from tracker.sources.suggestions.instant_formats import DayOrders, day_orders
from tracker.sources.suggestions.profiles import Profile, join_cells, naive_times

_OTHER_INSTANTS = ("completed_at", "estimated_at")


@dataclass
class TimeColumns:
    """The columns of dates and times of a table, by tracker's names."""

    started: Sequence[Profile] = ()
    ended: Sequence[Profile] = ()
    date: Sequence[Profile] = ()
    others: dict[str, Profile] = field(default_factory=dict)
    """Further columns of instants, such as ``completed_at``."""

    @property
    def columns(self) -> dict[str, Sequence[Profile]]:
        """Tracker's column → the columns of the table."""
        named = {"started_at": self.started, "ended_at": self.ended, "date": self.date}
        named |= {name: (column,) for name, column in self.others.items()}
        return {name: columns for name, columns in named.items() if columns}

    @property
    def used(self) -> set[str]:
        """The headers of these columns."""
        return {column.name for columns in self.columns.values() for column in columns}


def find_time_columns(columns: Sequence[Profile]) -> TimeColumns:
    """Return the columns of dates and times, judged by their cells and headers."""
    others = _other_instants(columns)
    rest = [
        column
        for column in columns
        if column.instant and column not in others.values() and not has_word(column.name, NOT_WORK)
    ]
    instants = [c for c in rest if c.instant and c.instant.kind in ("instant", "epoch")]
    days = [c for c in rest if c.instant and c.instant.kind == "day"]
    clocks = [c for c in rest if c.instant and c.instant.kind == "time" and _is_clock(c)]
    if instants:
        start = _first_named(instants, START) or _first_not_named(instants, END)
        end = _first_named(_without(instants, start), END)
        if start is not None:
            return TimeColumns((start,), (end,) if end else (), (), others)
    start, end = _first_named(clocks, CLOCK_IN), _first_named(clocks, CLOCK_OUT)
    start = start or _first_named(_without(clocks, end), TIME)
    day = _first_named(days, START) or _first_named(days, DAY) or _first_not_named(days, END)
    if day is None:
        return TimeColumns(others=others)
    if start is None:
        return TimeColumns(date=(day,), others=others)
    end_day = _first_named(_without(days, day), END) or day
    return TimeColumns((day, start), (end_day, end) if end else (), (), others)


def _other_instants(columns: Sequence[Profile]) -> dict[str, Profile]:
    others: dict[str, Profile] = {}
    for name in _OTHER_INSTANTS:
        ranked = [
            (order, index)
            for index, column in enumerate(columns)
            if column.instant
            and column.instant.kind in ("instant", "day")
            and (order := rank(column.name, name)) is not None
        ]
        if ranked:
            others[name] = columns[min(ranked)[1]]
    return others


def _is_clock(column: Profile) -> bool:
    """Return whether a column holds times of day, not durations: ``1:30`` may be either."""
    is_named = any(has_word(column.name, words) for words in (CLOCK_IN, CLOCK_OUT))
    return is_named or column.amount is None or rank(column.name, "minutes") is None


def _first_named(columns: Iterable[Profile], vocabulary: frozenset[str]) -> Profile | None:
    return next((column for column in columns if has_word(column.name, vocabulary)), None)


def _first_not_named(columns: Iterable[Profile], vocabulary: frozenset[str]) -> Profile | None:
    return next((column for column in columns if not has_word(column.name, vocabulary)), None)


def _without(columns: Iterable[Profile], other: Profile | None) -> list[Profile]:
    return [column for column in columns if column is not other]


@dataclass(frozen=True, slots=True)
class TimeFormats:
    """The formats of a table's dates and times."""

    datetime: tuple[tuple[str, ...], ...]
    """The formats by each possible order of day, month and year; () for ISO 8601."""
    date: tuple[str, ...]
    """The format of bare days by each order; "" for ISO 8601."""
    evidence: str
    meanings: tuple[str, ...]
    """The meaning of each order, with an example."""
    has_naive: bool
    """Whether some times have no offset."""

    @property
    def is_decided(self) -> bool:
        """Whether only one order is possible."""
        return len(self.meanings) == 1

    def lines(self, times: TimeColumns) -> list[Line]:
        """Return the lines of ``[formats]``."""
        choices = {}
        if set(times.columns) - {"date"}:
            choices["datetime"] = [_value(formats) for formats in self.datetime]
        if times.date:
            choices["date"] = list(self.date)
        lines = []
        for key, values in choices.items():
            if self.is_decided and not values[0]:
                continue
            alternatives = tuple(map(Alternative, values, self.meanings))
            value = values[0] if self.is_decided else ""
            lines.append(Line(key, value, self.evidence, () if self.is_decided else alternatives))
        return lines


def _value(formats: tuple[str, ...]) -> str | tuple[str, ...]:
    if not formats:
        return ""
    return formats[0] if len(formats) == 1 else formats


def find_formats(times: TimeColumns) -> TimeFormats | None:
    """Return the formats of columns; None without dates or times, or if no order fits all days."""
    all_columns = [column for columns in times.columns.values() for column in columns]
    kinds = [column.instant for column in all_columns if column.instant]
    if not kinds:  # the columns are empty, or hold neither dates nor times
        return None
    days: Counter[str] = Counter()
    for kind in kinds:
        days.update(kind.days)
    orders = day_orders(days) if days else DayOrders(("",), "", is_iso=True)
    if orders is None:
        return None
    instant_columns = [columns for name, columns in times.columns.items() if name != "date"]
    datetimes = tuple(_datetime_formats(instant_columns, order, orders) for order in orders.formats)
    epochs = [kind.epoch for kind in kinds if kind.epoch]
    if epochs:
        unit = "milliseconds" if epochs[0] == "epoch_ms" else "seconds"
        evidence = f"numbers of {unit} since 1970"
    else:
        names = " and ".join(dict.fromkeys(quote_text(c.name) for c in all_columns if _has_day(c)))
        evidence = f"{names}: {orders.evidence}"
    meanings = tuple(
        orders.meaning(order, days) if days and not orders.is_iso and "b" not in order.lower()
        else orders.evidence
        for order in orders.formats
    )  # fmt: skip
    date_epochs = [column.instant.epoch for column in times.date if column.instant]
    return TimeFormats(
        datetimes,
        tuple(
            next(filter(None, date_epochs), "" if orders.is_iso else order)
            for order in orders.formats
        ),
        evidence,
        meanings,
        has_naive=not all(
            name != "date" and _has_offset(columns) for name, columns in times.columns.items()
        ),
    )


def _has_day(column: Profile) -> bool:
    return bool(column.instant and column.instant.days)


def _has_offset(columns: Sequence[Profile]) -> bool:
    return any(column.instant.has_offset for column in columns if column.instant)


def _datetime_formats(
    instants: Iterable[Sequence[Profile]], order: str, orders: DayOrders
) -> tuple[str, ...]:
    """Return the formats of all instants by one order of day, month and year; () for ISO 8601."""
    formats: dict[str, None] = {}
    is_iso = orders.is_iso
    for columns in instants:
        kinds = [column.instant for column in columns if column.instant]
        if not kinds:
            continue
        for kind in kinds:
            if kind.epoch:
                formats[kind.epoch] = None
                is_iso = False
            is_iso = is_iso and kind.is_iso_time
        separator = kinds[0].separator if len(kinds) == 1 else " "
        times = [text for kind in kinds for text in kind.times]
        formats |= dict.fromkeys(f"{order}{separator}{text}" for text in times)
        if not times and not kinds[0].epoch and len(kinds) == 1:
            formats.setdefault(order)
    return () if is_iso else tuple(formats)


def span_minutes(times: TimeColumns, formats: TimeFormats) -> list[float | None]:
    """Return the minutes from start to end of each row; empty without starts and ends."""
    if not times.ended or not times.started:
        return []
    own = formats.datetime[0] or ("",)
    starts = naive_times(join_cells(times.started), own)
    ends = naive_times(join_cells(times.ended), own)
    return [
        (end - start).total_seconds() / 60 if start and end else None
        for start, end in zip(starts, ends, strict=True)
    ]


def overnight_line(times: TimeColumns, spans: Sequence[float | None]) -> Line | None:
    """Return the line ``overnight`` if ends are before their starts and share their day."""
    before = sum(span is not None and span < 0 for span in spans)
    has_one_day = bool(times.started and times.ended and times.started[0] is times.ended[0])
    if not before or not has_one_day:
        return None
    rows = count_of(before, "row ends", "rows end")
    evidence = f"{rows} before the start, with one day for both: such ends are on the next day"
    return Line("overnight", value=True, evidence=evidence)
