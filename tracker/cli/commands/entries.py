"""Writing work down afterwards and looking at it: `log`, `entries`, `summary`. One sees one's own."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.commands.timer import new_timer
from tracker.cli.context import Context
from tracker.cli.options import (
    activity,
    activity_argument,
    assisted,
    assisted_options,
    date,
    duration,
    format_option,
    name,
    note_option,
    pass_context,
    task_argument,
    time,
)
from tracker.cli.output import Form, show
from tracker.domain import times
from tracker.domain.errors import BadValue

if TYPE_CHECKING:  # records' dataclasses and SQLAlchemy load with the database
    from sqlalchemy import Connection

    from tracker.domain.records import Entry
    from tracker.local.timer import Timer
    from tracker.store.database import Database

_LISTED = 20
"""How many entries are listed where neither a number nor days are given."""

_LONG_SECONDS = 12 * 3600
"""An entry longer than this is more often a slip than a day's work."""

_SHORTEST_ID = 8
"""Characters of an id that are shown at least: where nothing else was logged in the same minute they are enough."""

_EMPTY = "no entries: `tracker log design TASK 45m` makes one"

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


@click.command()
@activity_argument
@task_argument
@click.argument("duration", type=duration, required=False)
@click.option(
    "--from", "begin", type=time, metavar="T", help="When it began: '9:30', 'yesterday 14:00'."
)
@click.option(
    "--to", "end", type=time, metavar="T", help="When it ended; now, where neither is given."
)
@assisted_options
@note_option
@pass_context
def log(
    context: Context,
    activity: str,
    task: str,
    duration: int | None,
    begin: datetime | None,
    end: datetime | None,
    ai: bool | None,
    assistant: str | None,
    note: str | None,
) -> None:
    """Write down finished work.

    A DURATION ends now unless --from or --to says otherwise; --from and --to do without one. With all three, what
    DURATION leaves of the time between is taken for interruptions.

    \b
    $ tracker log testing PAY-9 45m
    $ tracker log design PAY-12 --from "yesterday 14:00" --to "yesterday 16:30" --ai
    $ tracker log design PAY-12 1h30m --from 9:00
    logged design PAY-12: 1h 30m from 2026-03-02 09:00
    """
    said, helper = assisted(context, ai, assistant)
    started, ended, effort = _stretch(context, duration, begin, end)
    timer = new_timer(context, activity, task, started)._replace(
        assisted=said, assistant=helper, note=note
    )
    record = timer.entry(ended, context.now_epoch)
    record |= {"seconds": effort, "interruption_seconds": ended - started - effort}
    words = f"logged {timer}: {times.format_minutes(effort / 60)} from {timer.when(started)}"
    database = context.submit(timer.id, record, words)
    if effort > _LONG_SECONDS:
        context.warn(
            f"that is {times.format_minutes(effort / 60)} at a stretch; `tracker undo` takes it back."
        )
    if database is not None:
        warn_of_overlaps(context, database, timer.id, started, ended)
        _warn_of_a_late_estimate(context, database, timer, started)


@click.command()
@click.option(
    "--from",
    "first",
    type=date,
    metavar="DATE",
    help="From this day on: '2026-03-01', 'yesterday'.",
)
@click.option("--to", "last", type=date, metavar="DATE", help="Up to this day, included.")
@click.option("--task", type=name, metavar="KEY", help="Of this task.")
@click.option("--activity", type=activity, metavar="A", help="Of this activity.")
@click.option(
    "--developer", type=name, metavar="H", help="Yours; others' are shown to themselves only."
)
@click.option(
    "-n", "number", type=click.IntRange(1), metavar="N", help="So many, the newest first."
)
@format_option
@pass_context
def entries(
    context: Context,
    first: int | None,
    last: int | None,
    task: str | None,
    activity: str | None,
    developer: str | None,
    number: int | None,
    format: Form,
) -> None:
    """List your entries, the newest first.

    The last 20, or all of the days that are given.

    \b
    $ tracker entries --from yesterday
    ID        Started           Effort  Activity  Task    Assisted  Assistant  Note
    01a20917  2026-03-02 09:30  1h 30m  design    PAY-12  yes       Spark      —
    """
    if developer not in (None, context.developer):
        raise BadValue(
            f"--developer is {developer}: entries are shown to their own developer only, and you are "
            f"{context.developer}; `tracker check` tells about everybody together."
        )
    if number is None and first is None and last is None:
        number = _LISTED
    from tracker.store.read import queries

    with context.database().reading() as connection:
        found = queries.entries(
            connection,
            developer=context.developer,
            first_day=first,
            last_day=last,
            task=task,
            activity=activity,
            limit=number,
        )
        shown = _shown_ids(connection, found) if format == "text" else {}
    table = [
        _for_people(entry, shown[entry.id]) if format == "text" else _for_programs(entry)
        for entry in found
    ]
    show(table, format, _COLUMNS, empty=_EMPTY)


@click.command()
@click.option(
    "--from",
    "first",
    type=date,
    metavar="DATE",
    help="From this day on; six days ago unless given.",
)
@click.option("--to", "last", type=date, metavar="DATE", help="Up to this day, included.")
@format_option
@pass_context
def summary(context: Context, first: int | None, last: int | None, format: Form) -> None:
    """Show your hours by day and activity.

    \b
    $ tracker summary
    Day         design  testing   Total
    2026-03-02  1h 30m      45m  2h 15m
    Total       1h 30m      45m  2h 15m
    """
    if first is None:
        first = (times.date_to_day(context.now().date()) if last is None else last) - 6
    from tracker.store.read import queries

    with context.database().reading() as connection:
        found = queries.summary(connection, context.developer, first, last)
    if format == "text":
        table, columns = _by_day(found)
        show(
            table,
            format,
            columns,
            right=list(columns)[1:],
            empty=f"no entries from {times.day_to_date(first)} on",
        )
    else:
        rows_ = [
            {
                "day": times.day_to_date(day).isoformat(),
                "activity": activity,
                "minutes": seconds / 60,
            }
            for day, activity, seconds in found
        ]
        show(rows_, format, {"day": "Day", "activity": "Activity", "minutes": "Minutes"})


def _stretch(
    context: Context, effort: int | None, begin: datetime | None, end: datetime | None
) -> tuple[int, int, int]:
    """The start, the end and the effort in seconds that two of the three say, or all three."""
    if effort is None and (begin is None or end is None):
        raise click.UsageError("give a DURATION such as 45m, or --from and --to")
    now = context.now_epoch
    ended = (
        int(end.timestamp()) if end else int(begin.timestamp()) + (effort or 0) if begin else now
    )
    started = int(begin.timestamp()) if begin else ended - (effort or 0)
    for option, epoch in (("--from", started), ("--to", ended)):
        if epoch > now:
            raise BadValue(f"{option} is {_when(context, epoch)}: give a time that has passed.")
    if started >= ended:
        raise BadValue(
            f"--to is {_when(context, ended)}, not after --from: give a later time, with its day if it needs one."
        )
    if effort is None:
        effort = ended - started
    if effort > ended - started:
        raise BadValue(
            f"duration is more than the time from {_when(context, started)} to {_when(context, ended)}."
        )
    return started, ended, effort


def _when(context: Context, epoch: int) -> str:
    return times.format_instant(epoch, context.zone)


def _warn_of_a_late_estimate(
    context: Context, database: Database, timer: Timer, started: int
) -> None:
    """Say where the work that is written down began before it was estimated."""
    from tracker.store.read import queries

    with database.reading() as connection:
        item = queries.estimates_of(connection, context.developer, timer.activity, timer.task)
    if item is not None and item.estimated_epoch is not None and item.estimated_epoch > started:
        context.warn(f"the estimate of {timer} was made after this work began: it does not count.")


def warn_of_overlaps(
    context: Context, database: Database, id_: str, started: int, ended: int
) -> None:
    """Say which of the person's other entries lie in the same time."""
    from tracker.store.read import queries

    first, last = (times.local_day(epoch, context.zone) for epoch in (started, ended))
    with (
        database.reading() as connection
    ):  # a day more on either side: entries of other zones, and through midnight
        near = queries.entries(
            connection, developer=context.developer, first_day=first - 1, last_day=last + 1
        )
        near = [other for other in near if other.id != id_]
        overlapping = [
            other for other in near if other.started_epoch < ended and started < end_of(other)
        ]
        shown = _shown_ids(connection, overlapping)
    if overlapping:
        named = ", ".join(
            f"{other.activity} {other.task} from {_started(other)} ({shown[other.id]})"
            for other in overlapping
        )
        context.warn(
            f"it overlaps {named}: all are kept; `tracker edit`, `delete` and `undo` mend it."
        )


def _for_people(entry: Entry, id_: str) -> dict[str, Any]:
    return {
        "id": id_,
        "started": _started(entry),
        "effort": times.format_minutes(entry.seconds / 60),
        "activity": entry.activity,
        "task": entry.task,
        "assisted": entry.assisted,
        "assistant": entry.assistant,
        "note": entry.note,
    }


def _for_programs(entry: Entry) -> dict[str, Any]:
    zone = times.zone(entry.zone)
    moments = {
        "started_at": entry.started_epoch,
        "ended_at": entry.ended_epoch,
        "logged_at": entry.logged_epoch,
    }
    return {
        "id": entry.id,
        **{
            key: None if epoch is None else datetime.fromtimestamp(epoch, zone).isoformat()
            for key, epoch in moments.items()
        },
        "minutes": entry.seconds / 60,
        "interruption_minutes": entry.interruption_seconds / 60,
        **{
            key: getattr(entry, key)
            for key in (
                "activity",
                "task",
                "team",
                "assisted",
                "basis",
                "assistant",
                "note",
                "tags",
                "source",
            )
        },
    }


def end_of(entry: Entry) -> int:
    """When an entry ended; where nothing says so, after its effort and its interruptions."""
    return entry.ended_epoch or entry.started_epoch + entry.seconds + entry.interruption_seconds


def _started(entry: Entry) -> str:
    return times.format_instant(entry.started_epoch, times.zone(entry.zone))


def _shown_ids(connection: Connection, shown: list[Entry]) -> dict[str, str]:
    """As much of each entry's id as tells it apart from every other entry of its developer."""
    from tracker.store.read import queries

    if not shown:
        return {}
    starts = {entry.id[:_SHORTEST_ID] for entry in shown}
    ids = ["", *sorted(queries.ids_beginning(connection, shown[0].developer, starts)), ""]
    enough = {  # sorted, an id has most in common with its neighbours
        id_: next(
            n for n in range(_SHORTEST_ID, len(id_) + 1) if before[:n] != id_[:n] != after[:n]
        )
        for before, id_, after in zip(ids, ids[1:], ids[2:], strict=False)
    }
    return {entry.id: entry.id[: enough[entry.id]] for entry in shown}


def _by_day(found: list[tuple[int, str, int]]) -> tuple[list[dict[str, str]], dict[str, str]]:
    """The summary's table: a row a day, a column an activity, sums at the end of both."""
    activities = sorted({activity for _, activity, _ in found})
    table = []
    for heading in [*sorted({day for day, _, _ in found}), None]:
        of_row = [(activity, seconds) for day, activity, seconds in found if heading in (None, day)]
        cells = {
            one: sum(seconds for activity, seconds in of_row if activity == one)
            for one in activities
        }
        row = {
            one: times.format_minutes(seconds / 60) if seconds else ""
            for one, seconds in cells.items()
        }
        label = "Total" if heading is None else times.day_to_date(heading).isoformat()
        table.append({"": label, **row, "total": times.format_minutes(sum(cells.values()) / 60)})
    columns = {"": "Day", **{one: one for one in activities}, "total": "Total"}
    return (table if found else []), columns
