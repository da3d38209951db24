"""`log` and `entries`: log finished work and list entries."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Unpack

import click

from tracker.cli.context import Context
from tracker.cli.entry_times import start_of
from tracker.cli.intervals import task_and_interval, work_interval
from tracker.cli.new_tasks import remark_on_completed_task, remark_on_new_task
from tracker.cli.options import (
    activity,
    activity_argument,
    assistance,
    assisted_options,
    format_option,
    interval,
    name,
    note_option,
    pass_context,
    task_of_branch,
    task_or_branch_argument,
    time,
    time_text,
)
from tracker.cli.output import Format, show
from tracker.cli.overlaps import overlapping_entries
from tracker.cli.periods import PeriodOptions, period, period_options
from tracker.cli.timer_overlaps import warn_of_running_timer
from tracker.cli.timer_start import drawn_suffix, new_timer, with_drawn_arm
from tracker.domain import stored_times, times
from tracker.domain.errors import BadValue
from tracker.domain.ids import id_end

if TYPE_CHECKING:  # dataclasses and SQLAlchemy are imported with the database
    from tracker.domain.records import Entry
    from tracker.domain.typed_intervals import TypedInterval
    from tracker.local.record_files import Record
    from tracker.store.database import Database

_MAX_NUMBER = 1_000_000_000
_DEFAULT_NUMBER = 20
"""How many entries are listed if neither a number nor days are given."""

_COLUMNS = {
    "id": "ID",
    "started": "Started",
    "effort": "Effort",
    "activity": "Activity",
    "task": "Task",
    "assisted": "Assisted",
    "assistant": "Assistant",
    "note": "Note",
}

_EXPORTED_FIELDS = (
    *("activity", "task", "team", "assisted", "basis", "assistant", "note", "tags", "source"),
)
"""The fields of an entry that JSON and CSV show as they are."""


class EntryFilter(PeriodOptions):
    """The options that select entries, None for no limit."""

    task: str | None
    activity: str | None


@click.command()
@activity_argument
@task_or_branch_argument
@click.argument("duration", type=interval, required=False)
@click.option(
    "--from", "start", type=time, metavar="T", help="When it began: '9:30', 'yesterday 14:00'."
)
@click.option(
    "--to",
    "end_text",
    type=time_text,
    metavar="T",
    help="When it ended; now, if neither is given; a time alone is the first after --from.",
)
@assisted_options
@note_option
@pass_context
def log(
    context: Context,
    activity: str,
    task: str | None,
    duration: TypedInterval | None,
    start: datetime | None,
    end_text: str | None,
    ai: bool | None,
    assistant: str | None,
    note: str | None,
) -> None:
    """Log finished work.

    A DURATION such as 45m ends now unless --from or --to says otherwise; 13:00-13:30 says both,
    13:00- lasts until now, and "13:00 30m" has its start first. With --from, --to and a DURATION,
    the rest of the time counts as interruptions. Without a TASK it is the key in the current git
    branch, as of `start`.

    \b
    $ tracker log testing PAY-9 45m
    $ tracker log testing PAY-9 13:00-13:30
    $ tracker log design PAY-12 monday 14:00-16:30 --ai
    $ tracker log design PAY-12 1h30m --from 9:00
    logged design PAY-12: 1h 30m from 2026-03-02 09:00 (id 5b8c1f)
    """
    task, duration = task_and_interval(task, duration)
    task = task or task_of_branch(context)
    assisted, assistant = assistance(context, ai, assistant)
    start_epoch, end_epoch, seconds = work_interval(context, duration, start, end_text)
    timer = new_timer(context, activity, task, start_epoch)
    timer = timer._replace(assisted=assisted, assistant=assistant, note=note)
    timer = with_drawn_arm(context, timer)
    record = timer.entry(end_epoch, context.now_epoch) | {
        "seconds": seconds,
        "interruption_seconds": end_epoch - start_epoch - seconds,
    }
    _check_record(context, record)
    spent = times.format_minutes(seconds / 60)
    similar = context.similar_task(task)
    advice = f"`tracker edit {id_end(timer.id)} --task {{}}`"

    def remark(database: Database) -> None:
        remark_on_new_task(context, task, similar, advice, database)

    suffix = drawn_suffix(timer)
    message = (
        f"logged {timer}: {spent} from {timer.when(start_epoch)}{suffix} (id {id_end(timer.id)})"
    )
    is_stored = context.submit(timer.id, record, message, remark)
    context.warn_of_long_effort(seconds)
    warn_of_running_timer(context, record)
    if not is_stored:
        remark_on_new_task(context, task, similar, advice)
    remark_on_completed_task(context, timer, advice.format("KEY"))


@click.command("entries")
@period_options(from_help="From this day on: '2026-03-01', 'yesterday'.")
@click.option("--task", type=name, metavar="KEY", help="Of this task.")
@click.option("--activity", type=activity, metavar="A", help="Of this activity.")
@click.option(
    "--developer",
    type=name,
    metavar="H",
    help="Only yourself: nobody can list the entries of others.",
)
@click.option(
    "-n",
    "number",
    type=click.IntRange(1, _MAX_NUMBER),
    metavar="N",
    help="At most so many, the newest first.",
)
@click.option("--overlaps", is_flag=True, help="Those that overlap another one of yours.")
@format_option
@pass_context
def entries_command(
    context: Context,
    /,
    developer: str | None,
    number: int | None,
    overlaps: bool,
    format: Format,
    **options: Unpack[EntryFilter],
) -> None:
    """List your entries, the newest first.

    The last 20, or all of the days that are given; DAY is a single one, such as yesterday. ID is
    what `edit`, `delete` and `continue` take: @1 for the entry that started last, whenever it was
    logged or imported, @2 for the one before, or the end of an id, which stays the same. A timer
    becomes an entry when it is stopped.

    \b
    $ tracker entries yesterday
    ID       Started           Effort  Activity  Task    Assisted  Assistant  Note
    @1 8c1f  2026-03-02 14:00  45m     testing   PAY-9   no        —          —
    @2 e07a  2026-03-02 09:30  1h 30m  design    PAY-12  yes       Spark      —
    """
    _check_own(context, developer)
    first_day, last_day = period(context, options)
    is_limited = first_day is not None or last_day is not None or overlaps
    is_cut = number is None and not is_limited
    if is_cut:
        number = _DEFAULT_NUMBER
    from tracker.store.read import entry_ids, queries

    with context.database().reading() as connection:
        entries = queries.entries(
            connection,
            developer=context.developer,
            limit=None if overlaps else number,
            first_day=first_day,
            last_day=last_day,
            task=options["task"],
            activity=options["activity"],
        )
        if overlaps:
            entries = overlapping_entries(entries)[:number]
        ids = (
            entry_ids.aligned_ids(connection, context.developer, entries)
            if format == "text"
            else {}
        )
        names = (options["task"], options["activity"])
        total = queries.count_entries(connection, context.developer, *names) if is_cut else 0
    rows = [
        _table_row(context, entry, ids[entry.id]) if format == "text" else _full_row(entry)
        for entry in entries
    ]
    context.warn_of_unreadable(
        sum(
            not stored_times.is_readable(
                entry.zone, entry.started_epoch, entry.ended_epoch, entry.logged_epoch
            )
            for entry in entries
        )
    )
    show(
        rows,
        format,
        _COLUMNS,
        text=("activity", "task", "assistant", "note"),
        empty=_empty_message(options, overlaps=overlaps),
    )
    if total > len(entries):
        context.say(
            f"the last {len(entries)} of {total:,} entries: `-n {total}` lists all, `--from DATE` "
            "those since a day."
        )


def _empty_message(options: EntryFilter, *, overlaps: bool) -> str:
    """Return what is printed in place of an empty list."""
    if overlaps:
        return "no entry overlaps another"
    if any(value not in (None, False) for value in options.values()):
        return "no entries that match: leave out or widen DAY, --from, --to, --task or --activity"
    return "no entries: `tracker log design TASK 45m` makes one"


def _check_record(context: Context, record: Record) -> None:
    """Raise BadValue for an entry that the database would refuse from the outbox."""
    from tracker.domain.records import Entry
    from tracker.domain.validation import check_entry

    fields = {key: value for key, value in record.items() if key != "kind"}
    check_entry(Entry(**fields), now_epoch=context.now_epoch)


def _check_own(context: Context, developer: str | None) -> None:
    """Raise BadValue for a developer other than the reader."""
    if developer not in (None, context.developer, context.stated_name):
        raise BadValue(
            f"--developer is {developer}: entries are shown to their own developer only, and you "
            f"are {context.developer}; `tracker check` judges everybody's work together."
        )


def _table_row(context: Context, entry: Entry, id_: str) -> dict[str, Any]:
    """Return an entry as the table shows it."""
    return {
        "id": id_,
        "started": start_of(context, entry),
        "effort": times.format_minutes(entry.seconds / 60),
        "activity": entry.activity,
        "task": entry.task,
        "assisted": entry.assisted,
        "assistant": entry.assistant,
        "note": entry.note,
    }


def _full_row(entry: Entry) -> dict[str, Any]:
    """Return an entry as JSON and CSV show it."""
    instants = {
        "started_at": entry.started_epoch,
        "ended_at": entry.ended_epoch,
        "logged_at": entry.logged_epoch,
    }
    return {
        "id": entry.id,
        **{
            key: None if epoch is None else stored_times.iso_instant(epoch, entry.zone)
            for key, epoch in instants.items()
        },
        "minutes": entry.seconds / 60,
        "interruption_minutes": entry.interruption_seconds / 60,
        **{key: getattr(entry, key) for key in _EXPORTED_FIELDS},
    }
