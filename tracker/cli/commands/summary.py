"""`summary`: the developer's own hours by day, week, month, task, project or activity."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

import click

from tracker.cli import streams
from tracker.cli.context import Context
from tracker.cli.options import current_context, format_option, pass_context
from tracker.cli.output import Format, show
from tracker.cli.overlaps import do_overlap
from tracker.cli.periods import PeriodOptions, period, period_options
from tracker.domain import stored_times, times

if TYPE_CHECKING:  # SQLAlchemy is imported with the database
    from tracker.domain.records import Entry
    from tracker.store.read.summaries import Effort

_PERIODS = ("day", "week", "month")
_BY = (*_PERIODS, "task", "project", "activity")
_SPANS = ("week", "month", "last week", "last month")
"""What may stand in place of a day."""
_NOTHING = "—"
_BAR_WIDTH = 20
_MIN_BAR_WIDTH = 5
_GAP_MINUTES = 5
"""Shorter gaps are not listed."""
_GAP_COLUMNS = {
    "day": "Day",
    "from": "From",
    "to": "To",
    "kind": "Kind",
    "length": "Length",
    "first": "Entry",
    "second": "Next entry",
}


class _SummaryCommand(click.Command):
    """`summary`, to which a span of days may be given as a word, too."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        """Take ``week``, ``last month`` and the like in place of a day for the options."""
        word = self.make_parser(context).parse_args(list(arguments))[0].get("day")
        if isinstance(word, str) and word in _SPANS:
            options = (o for o in self.params if isinstance(o, click.Option) and not o.is_flag)
            flags = {flag for option in options for flag in option.opts}
            before = ["", *arguments]
            places = [i for i, text in enumerate(arguments) if text == word]
            place = next(i for i in places if before[i] not in flags)
            arguments = [*arguments[:place], *_span_options(word), *arguments[place + 1 :]]
        return super().parse_args(context, arguments)


def _span_options(word: str) -> list[str]:
    """Return the options for one of _SPANS, such as ``--week --to 2026-03-01``."""
    span = word.removeprefix("last ")
    if span == word:
        return [f"--{span}"]
    today = times.date_to_day(current_context().now().date())
    first_day = _first_day(today, week=span == "week", month=span == "month")
    return [f"--{span}", "--to", times.day_to_date(first_day - 1).isoformat()]


@click.command("summary", cls=_SummaryCommand)
@period_options(from_help="From this day on; if not given, six days before --to or today.")
@click.option(
    "--week", is_flag=True, help="The week from Monday on that holds today, or the day of --to."
)
@click.option("--month", is_flag=True, help="The month that holds today, or the day of --to.")
@click.option("--by", type=click.Choice(_BY), default="day", help="What a row is.")
@click.option("--gaps", is_flag=True, help="List the gaps and the overlaps of each day instead.")
@format_option
@pass_context
def summary_command(
    context: Context,
    /,
    week: bool,
    month: bool,
    by: str,
    gaps: bool,
    format: Format,
    **options: Unpack[PeriodOptions],
) -> None:
    """Show your hours by day and activity, the running timer included.

    DAY is a single day, such as yesterday or monday; "week" and "month" are --week and --month,
    "last week" and "last month" the ones before. An entry that lasts over midnight counts for both
    days.

    \b
    $ tracker summary
    Day         design  testing   Total
    2026-03-02  1h 30m      45m  2h 15m  ████████████████████
    2026-03-03           1h 00m  1h 00m  █████████
    Total       1h 30m   1h 45m  3h 15m
    $ tracker summary yesterday --by task
    $ tracker summary --month --by task
    $ tracker summary --week --gaps
    """
    first_day, last_day = period(context, options)
    if week + month + (first_day is not None) > 1:
        raise click.UsageError("give one of a day, --from, --week and --month")
    if first_day is None:
        last = times.date_to_day(context.now().date()) if last_day is None else last_day
        first_day = _first_day(last, week=week, month=month)
    end = "on" if last_day is None else f"to {times.day_to_date(last_day)}"
    label = f"from {times.day_to_date(first_day)} {end}"
    if first_day == last_day:
        label = f"on {times.day_to_date(first_day)}"
    if gaps:
        _show_gaps(context, first_day, last_day, format, f"no gaps and no overlaps {label}")
        return
    sums = _sums(context, first_day, last_day)
    if format != "text":
        _show_rows(sums, by, format)
        return
    rows, columns = _table(sums, by)
    show(rows, format, columns, right=list(columns)[1:-1], text=("",), empty=f"no entries {label}")


def _first_day(last: int, *, week: bool, month: bool) -> int:
    """Return the first day of the week, of the month or of the seven days that end with a day."""
    if week:
        return last - times.day_to_date(last).weekday()
    if month:
        return times.first_day_of_month(times.month_of_day(last))
    return last - 6


def _sums(context: Context, first_day: int, last_day: int | None) -> Counter[Effort]:
    """Return the seconds of effort of the entries and of the running timer."""
    from tracker.store.read import summaries

    timer = context.timer.running()
    with context.database().reading() as connection:
        sums = summaries.efforts(connection, context.developer, first_day, last_day)
        project = summaries.project_of(connection, timer.task) if timer else None
    if timer is None or timer.started_epoch >= context.now_epoch:
        return sums
    zone = times.zone(timer.zone)
    parts = times.split_by_day(timer.started_epoch, context.now_epoch, zone)
    for day, seconds in times.share_by_day(parts, timer.seconds(context.now_epoch)):
        if first_day <= day <= (day if last_day is None else last_day):
            sums[summaries.Effort(day, timer.activity, timer.task, project)] += seconds
    return sums


_LABELS: Mapping[str, Callable[[Effort], str]] = {
    "day": lambda effort: times.day_to_date(effort.day).isoformat(),
    "week": lambda effort: _week(effort.day),
    "month": lambda effort: times.format_month(times.month_of_day(effort.day)),
    "task": lambda effort: effort.task,
    "project": lambda effort: effort.project or _NOTHING,
    "activity": lambda effort: effort.activity,
}
"""The label of the row that an effort counts for."""


def _week(day: int) -> str:
    year, week, _ = times.day_to_date(day).isocalendar()
    return f"{year}-W{week:02d}"


def _show_rows(sums: Counter[Effort], by: str, format: Format) -> None:
    """Print one row for each label and activity, for programs."""
    minutes: Counter[tuple[str, str]] = Counter()
    for effort, seconds in sums.items():
        minutes[_LABELS[by](effort), effort.activity] += seconds
    rows: list[dict[str, Any]] = [
        {by: None if by == "project" and label == _NOTHING else label, "activity": activity}
        | {"minutes": seconds / 60}
        for (label, activity), seconds in sorted(minutes.items())
    ]
    show(rows, format, {by: by.title(), "activity": "Activity", "minutes": "Minutes"})


def _table(sums: Counter[Effort], by: str) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Return the rows of the table (one for each label, then the totals) and the headings."""
    activities = [] if by == "activity" else sorted({effort.activity for effort in sums})
    cells: dict[str, Counter[str]] = {}
    for effort, seconds in sums.items():
        cells.setdefault(_LABELS[by](effort), Counter())[effort.activity] += seconds
    totals: Counter[str] = Counter()
    for row in cells.values():
        totals.update(row)
    labels = sorted(cells)
    if by not in _PERIODS:
        labels.sort(key=lambda label: -cells[label].total())
    longest = max((row.total() for row in cells.values()), default=0)
    rows = [_row(label, cells[label], activities) for label in labels]
    headings = {"": by.title(), **{name: name for name in activities}, "total": "Total"}
    width = _bar_width([*rows, _row("Total", totals, activities)], headings)
    for label, line in zip(labels, rows, strict=True):
        line["bar"] = _bar(cells[label].total(), longest, width)
    total = _row("Total", totals, activities) | {"bar": ""}
    return ([*rows, total] if sums else []), headings | {"bar": ""}


def _row(label: str, seconds: Counter[str], activities: Sequence[str]) -> dict[str, Any]:
    """Return the cells of a row."""
    cells = {
        name: times.format_minutes(seconds[name] / 60) if seconds[name] else ""
        for name in activities
    }
    return {"": label, **cells, "total": times.format_minutes(seconds.total() / 60)}


def _bar_width(rows: Sequence[Mapping[str, Any]], headings: Mapping[str, str]) -> int:
    """Return the characters of the longest bar that fit beside the columns; 0 for no bar."""
    from rich.cells import cell_len  # late: rich takes as long as click

    columns = [
        max(cell_len(heading), *(cell_len(str(row[key])) for row in rows))
        for key, heading in headings.items()
    ]
    width = streams.terminal_width(sys.stdout, os.environ) or streams.DEFAULT_WIDTH
    spare = width - sum(columns) - 2 * len(columns)
    return min(spare, _BAR_WIDTH) if spare >= _MIN_BAR_WIDTH else 0


def _bar(seconds: int, longest: int, width: int) -> str:
    """Return the bar of a row, which is at least one character long."""
    if not width or not longest:
        return ""
    block = "█" if streams.encodes_everything(sys.stdout) else "#"
    return block * max(round(width * seconds / longest), 1)


def _show_gaps(
    context: Context, first_day: int, last_day: int | None, format: Format, empty: str
) -> None:
    """Print the time between entries of one day, and the time that two entries share."""
    from tracker.store.read import entry_ids, queries

    with context.database().reading() as connection:
        entries = queries.entries(
            connection, developer=context.developer, first_day=first_day, last_day=last_day
        )
    rows = []
    last: Entry | None = None
    for entry in reversed(entries):
        if not stored_times.is_readable_epoch(entry.started_epoch):
            continue
        if last is not None:
            rows += _gap(context, last, entry)
        if last is None or entry.end_epoch > last.end_epoch:
            last = entry
    if format == "text":
        named = {row[key] for row in rows for key in ("first_id", "second_id")}
        entries = [entry for entry in entries if entry.id in named]
        with context.database().reading() as connection:
            ids = entry_ids.short_ids(connection, context.developer, entries)
        labels = {entry.id: f"{ids[entry.id]} {_work(entry)}" for entry in entries}
        rows = [
            row
            | {"length": times.format_minutes(row["minutes"])}
            | {key: labels[row[f"{key}_id"]] for key in ("first", "second")}
            for row in rows
        ]
    show(rows, format, _GAP_COLUMNS, text=("first", "second"), empty=empty)


def _gap(context: Context, last: Entry, entry: Entry) -> list[dict[str, Any]]:
    """Return the row of the gap or the overlap between two entries; none where they touch."""
    end, start = last.end_epoch, entry.started_epoch
    shares_time = start < end
    first, second = (start, min(end, entry.end_epoch)) if shares_time else (end, start)
    minutes = (second - first) / 60
    is_same_day = times.local_day(first, context.zone) == times.local_day(second, context.zone)
    is_gap = not shares_time and minutes >= _GAP_MINUTES and is_same_day
    if not is_gap and not (shares_time and do_overlap(last, entry)):
        return []
    day, first_time = times.format_instant(first, context.zone).split()
    return [
        {
            "day": day,
            "from": first_time,
            "to": times.format_instant(second, context.zone).split()[1],
            "kind": "gap" if is_gap else "overlap",
            "minutes": minutes,
            "between": f"{_work(last)} and {_work(entry)}",
            "first_id": last.id,
            "second_id": entry.id,
        }
    ]


def _work(entry: Entry) -> str:
    return f"{entry.activity} {entry.task}"
