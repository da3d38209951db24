"""The days of a list: a single one, or a first and a last one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

import click

from tracker.cli.context import Context
from tracker.cli.options import Command, date
from tracker.domain import times


class PeriodOptions(TypedDict):
    """The options of a period; days are since 1970-01-01, None where they are not given."""

    day: int | None
    first_day: int | None
    last_day: int | None
    today: bool
    yesterday: bool


def period_options(*, from_help: str) -> Callable[[Command], Command]:
    """Return a decorator that adds ``[DAY] --from --to --today --yesterday`` to a command."""

    def decorate(command: Command) -> Command:
        for decorator in (
            click.option("--yesterday", is_flag=True, help="Yesterday only."),
            click.option("--today", is_flag=True, help="Today only."),
            click.option(
                "--to", "last_day", type=date, metavar="DATE", help="Up to this day, included."
            ),
            click.option("--from", "first_day", type=date, metavar="DATE", help=from_help),
            click.argument("day", type=date, required=False),
        ):
            command = decorator(command)
        return command

    return decorate


def period(context: Context, options: PeriodOptions) -> tuple[int | None, int | None]:
    """Return the first and the last day; None for no limit.

    Raises:
        click.UsageError: A single day is given twice, or beside --from or --to.
    """
    today = times.date_to_day(context.now().date())
    days = [
        *([] if options["day"] is None else [options["day"]]),
        *([today] if options["today"] else []),
        *([today - 1] if options["yesterday"] else []),
    ]
    first_day, last_day = options["first_day"], options["last_day"]
    if not days:
        return first_day, last_day
    if len(days) > 1 or first_day is not None or last_day is not None:
        raise click.UsageError("give one of a day, --today, --yesterday, and --from with --to")
    return days[0], days[0]
