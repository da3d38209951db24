"""What a team agrees on: who had an assistant from when, and which activities there are."""

from __future__ import annotations

import click

from tracker.cli.context import Context
from tracker.cli.options import date, format_option, name, pass_context
from tracker.cli.output import Form, show
from tracker.domain import times
from tracker.domain.errors import BadValue


@click.command()
@click.argument("assistant", type=name, required=False)
@click.option(
    "--on",
    "day",
    type=date,
    metavar="DATE",
    help="The first day with it; again with another to correct.",
)
@click.option("--developer", type=name, metavar="H", help="This developer had it.")
@click.option("--team", type=name, metavar="T", help="This team had it.")
@click.option("--remove", is_flag=True, help="Take it back: it was never rolled out so.")
@click.option("--list", "listed", is_flag=True, help="Show what is recorded.")
@format_option
@pass_context
def rollout(
    context: Context,
    assistant: str | None,
    day: int | None,
    developer: str | None,
    team: str | None,
    remove: bool,
    listed: bool,
    format: Form,
) -> None:
    """Say who had an assistant from when on.

    A developer, a team or (neither) everybody. It splits their work into before and after. Name assistants with their
    version.

    \b
    $ tracker rollout "Spark Desk 3.5" --on 2026-03-02 --team payments
    Spark Desk 3.5: team payments has it from 2026-03-02 on
    $ tracker rollout --list
    """
    if developer and team:
        raise click.UsageError("give --developer or --team, not both")
    if listed:
        _list(context, format)
    elif assistant is None or (day is None) != remove:
        raise click.UsageError("give an assistant with --on DATE or with --remove, or --list alone")
    elif remove:
        _remove(context, assistant, developer, team)
    elif day is not None:
        _set(context, assistant, day, developer, team)


@click.group(invoke_without_command=True)
@format_option
@click.pass_context
def activities(ctx: click.Context, format: Form) -> None:
    """List the known activities, or add one.

    \b
    $ tracker activities add deployment
    """
    if ctx.invoked_subcommand is None:
        _list_activities(ctx.obj, format)


@activities.command("add")
@click.argument("activity", type=name)
@pass_context
def add(context: Context, activity: str) -> None:
    """Make ACTIVITY known, so that work can be logged under it."""
    from tracker.store.read import queries
    from tracker.store.write import team_data

    if activity != activity.lower():
        raise BadValue(
            f"activity is {activity!r}: write it in small letters, {activity.lower()!r}, so that it is one."
        )
    database = context.database()
    team_data.add_activity(database, context.developer, activity)
    with database.reading() as connection:
        context.activities.remember(queries.activities(connection))
    context.say(f"{activity} is an activity now")


def _list_activities(context: Context, format: Form) -> None:
    from tracker.store.read import queries

    with context.database().reading() as connection:
        known = queries.activities(connection)
    show([{"activity": known_one} for known_one in known], format, {"activity": "Activity"})


def _set(
    context: Context, assistant: str, day: int, developer: str | None, team: str | None
) -> None:
    from tracker.domain.records import Rollout
    from tracker.store.read import queries
    from tracker.store.write import team_data

    recorded = Rollout(assistant, day, developer, team)
    before = team_data.set_rollout(context.database(), context.developer, recorded)
    corrected = "" if before in (None, day) else f", not from {times.day_to_date(before)}"
    context.say(
        f"{assistant}: {_whose(developer, team)} it from {times.day_to_date(day)} on{corrected}"
    )
    if day > times.date_to_day(context.now().date()):
        context.warn(
            f"{times.day_to_date(day)} lies ahead: until then all work counts as before it."
        )
    with context.database().reading() as connection:
        known = queries.has_entries(connection, developer=developer, team=team)
    if not known and (developer or team):
        context.warn(
            f"nobody in the log is {f'of team {team}' if team else developer}: it splits no work as yet."
        )


def _remove(context: Context, assistant: str, developer: str | None, team: str | None) -> None:
    from tracker.store.write import team_data

    gone = team_data.remove_rollout(
        context.database(), context.developer, assistant, of_developer=developer, of_team=team
    )
    context.say(
        f"removed: {_whose(developer, team)} {assistant} from {times.day_to_date(gone.day)} on"
    )


def _list(context: Context, format: Form) -> None:
    from tracker.store.read import queries

    with context.database().reading() as connection:
        found = queries.rollouts(connection)
    table = [
        {
            "assistant": one.assistant,
            "day": times.day_to_date(one.day).isoformat(),
            "developer": one.developer,
            "team": one.team,
        }
        for one in found
    ]
    columns = {"assistant": "Assistant", "day": "From", "developer": "Developer", "team": "Team"}
    show(
        table,
        format,
        columns,
        empty="no rollouts: `tracker rollout ASSISTANT --on DATE` records one",
    )


def _whose(developer: str | None, team: str | None) -> str:
    return f"{developer} has" if developer else f"team {team} has" if team else "everybody has"
