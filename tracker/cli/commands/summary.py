"""`summary`: the developer's own hours by day and activity."""

from __future__ import annotations

import click

from tracker.cli.context import Context
from tracker.cli.options import date, format_option, pass_context
from tracker.cli.output import Format, show
from tracker.domain import times


@click.command("summary")
@click.option(
    "--from",
    "first_day",
    type=date,
    metavar="DATE",
    help="From this day on; if not given, six days before --to or today.",
)
@click.option("--to", "last_day", type=date, metavar="DATE", help="Up to this day, included.")
@format_option
@pass_context
def summary_command(
    context: Context, first_day: int | None, last_day: int | None, format: Format
) -> None:
    """Show your hours by day and activity.

    \b
    $ tracker summary
    Day         design  testing   Total
    2026-03-02  1h 30m      45m  2h 15m
    Total       1h 30m      45m  2h 15m
    """
    if first_day is None:
        today = times.date_to_day(context.now().date())
        first_day = (today if last_day is None else last_day) - 6
    from tracker.store.read import queries

    with context.database().reading() as connection:
        sums = queries.summary(connection, context.developer, first_day, last_day)
    if format == "text":
        rows, columns = _table_by_day(sums)
        end = "on" if last_day is None else f"to {times.day_to_date(last_day)}"
        empty = f"no entries from {times.day_to_date(first_day)} {end}"
        show(rows, format, columns, right=list(columns)[1:], empty=empty)
        return
    show(
        [
            {
                "day": times.day_to_date(day).isoformat(),
                "activity": activity,
                "minutes": seconds / 60,
            }
            for day, activity, seconds in sums
        ],
        format,
        {"day": "Day", "activity": "Activity", "minutes": "Minutes"},
    )


def _table_by_day(
    sums: list[tuple[int, str, int]],
) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Return the rows of `summary` (one per day, then the totals) and the column headings.

    Args:
        sums: (day, activity, seconds).
    """
    activities = sorted({activity for _, activity, _ in sums})
    rows = []
    for day in [*sorted({day for day, _, _ in sums}), None]:  # None: the row of totals
        day_sums = [item for item in sums if day in (None, item[0])]
        seconds_by_activity = {
            column: sum(seconds for _, activity, seconds in day_sums if activity == column)
            for column in activities
        }
        row = {
            activity: times.format_minutes(seconds / 60) if seconds else ""
            for activity, seconds in seconds_by_activity.items()
        }
        label = "Total" if day is None else times.day_to_date(day).isoformat()
        total = times.format_minutes(sum(seconds_by_activity.values()) / 60)
        rows.append({"": label, **row, "total": total})
    columns = {"": "Day", **{activity: activity for activity in activities}, "total": "Total"}
    return (rows if sums else []), columns
