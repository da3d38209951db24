"""`team`: what the log, or a part of it, is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import click

from tracker.cli.context import Context
from tracker.cli.options import format_option, pass_context
from tracker.cli.output import Format, print_json, print_paragraph, show
from tracker.cli.question_options import PartOptions, open_team_part, part_options
from tracker.domain import times
from tracker.domain.counts import count_of

if TYPE_CHECKING:  # pandas
    from tracker.analysis.team_sums import TeamSums

_ANSWERS = {"yes": "with assistance", "no": "without", "unknown": "unknown"}
_REST = "in no group yet"


@click.command("team")
@part_options
@format_option
@pass_context
def team_command(context: Context, /, format: Format, **options: Unpack[PartOptions]) -> None:
    """Show what the log is about: people, period, hours, assistance and estimates.

    The same as an import tells, of the whole log or a part of it. Filters take whole groups of at
    least five developers in months that have ended; "limits used" says which. Activities and
    months of fewer developers are merged. A month's hours are those of the work that began in it.

    \b
    $ tracker team
    $ tracker team --team payments --from 2026-01-01 --format json
    $ tracker team --mine
    """
    from tracker.analysis.team_sums import team_sums  # late: pandas

    sums = team_sums(*open_team_part(context, options))
    if format == "text":
        _print(sums)
    elif format == "json":
        print_json(_content(sums))
    else:
        show(_rows(sums), format, {"figure": "figure"})


def _print(sums: TeamSums) -> None:
    from tracker.cli.import_report import hours_words, share_words
    from tracker.report.labels import limits_text

    people = count_of(sums.developers, "person", "people")
    only = " (these developers only)" if sums.these_developers_only else ""
    first, last = (times.day_to_date(day) for day in (sums.first_day, sums.last_day))
    print_paragraph(f"{people}{only}, {first} to {last}, {hours_words(sums.seconds)}")
    if sums.seconds:
        shares = ", ".join(
            f"{share_words(seconds, sums.seconds)} {' or '.join(map(_ANSWERS.__getitem__, names))}"
            for names, seconds in sums.by_assisted
        )
        print_paragraph(f"hours: {shares}")
    items, estimated = sums.items
    share = f" ({share_words(estimated, items)})" if items else ""
    print_paragraph(
        f"estimates: {estimated:,} of {count_of(items, 'work item')}{share} "
        f"{'has' if estimated == 1 else 'have'} one from before the work"
    )
    if sums.estimates and sums.estimates.without_entries:
        number = count_of(sums.estimates.without_entries, "estimate is", "estimates are")
        print_paragraph(f"{number} of tasks without entries")
    for notice in (sums.synthetic_notice, limits_text(sums.limits)):
        if notice:
            print_paragraph(f"limits used: {notice}" if notice != sums.synthetic_notice else notice)
    click.echo()
    rows: list[dict[str, Any]] = [
        {
            "name": " + ".join(names),
            "hours": hours_words(seconds),
            "share": share_words(seconds, sums.seconds) if sums.seconds else None,
        }
        for names, seconds in sums.by_activity
    ]
    headings = {"name": "Activity", "hours": "Hours", "share": "Share"}
    show(rows, "text", headings, right=("hours", "share"), text=("name",))
    click.echo()
    months = [
        {"name": _months(first, last), "hours": hours_words(seconds)}
        for first, last, seconds in sums.by_month
    ]
    if sums.rest_seconds:
        months.append({"name": _REST, "hours": hours_words(sums.rest_seconds)})
    show(months, "text", {"name": "Months", "hours": "Hours"}, right=("hours",))


def _months(first: int, last: int) -> str:
    """Return a group of months, such as ``2026-03`` or ``2026-03 to 2026-05``."""
    return " to ".join(dict.fromkeys(map(times.format_month, (first, last))))


def _content(sums: TeamSums) -> dict[str, Any]:
    """Return the sums as JSON has them. Efforts are in minutes."""
    from tracker.report.labels import limits_text

    return {
        "people": sums.developers,
        "these_developers_only": sums.these_developers_only,
        "own_log": sums.is_own,
        "first_day": times.day_to_date(sums.first_day).isoformat(),
        "last_day": times.day_to_date(sums.last_day).isoformat(),
        "minutes": sums.seconds / 60,
        "activities": [
            {"activities": list(names), "minutes": seconds / 60}
            for names, seconds in sums.by_activity
        ],
        "assisted": [
            {"answers": list(names), "minutes": seconds / 60} for names, seconds in sums.by_assisted
        ],
        "months": [
            {
                "first_month": times.format_month(first),
                "last_month": times.format_month(last),
                "minutes": seconds / 60,
            }
            for first, last, seconds in sums.by_month
        ],
        "minutes_in_no_group": sums.rest_seconds / 60,
        "work_items": sums.items.work_items,
        "work_items_estimated": sums.items.estimated,
        "estimates": sums.estimates.estimates if sums.estimates else None,
        "estimates_without_entries": sums.estimates.without_entries if sums.estimates else None,
        "limits": limits_text(sums.limits) or None,
        "made_up": sums.synthetic_notice,
    }


def _rows(sums: TeamSums) -> list[dict[str, Any]]:
    """Return the sums as CSV has them: a figure a row."""
    content = _content(sums)
    lists = ("activities", "assisted", "months")
    rows = [
        {"figure": name, "of": None, "value": value}
        for name, value in content.items()
        if name not in lists
    ]
    for names, seconds in sums.by_activity:
        rows.append({"figure": "minutes", "of": " + ".join(names), "value": seconds / 60})
    for names, seconds in sums.by_assisted:
        of = f"assisted {' or '.join(names)}"
        rows.append({"figure": "minutes", "of": of, "value": seconds / 60})
    for first, last, seconds in sums.by_month:
        rows.append({"figure": "minutes", "of": _months(first, last), "value": seconds / 60})
    return rows
