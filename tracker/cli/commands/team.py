"""`rollout` and `activities`: since when who has an assistant, and the registered activities."""

from __future__ import annotations

import click

from tracker.cli.command_names import ShortNamesGroup
from tracker.cli.context import Context
from tracker.cli.options import date, format_option, name, pass_context
from tracker.cli.output import Format, show
from tracker.domain import times
from tracker.domain.errors import BadValue


@click.command()
@click.argument("assistant", type=name, required=False)
@click.option(
    "--on",
    "day",
    type=date,
    metavar="DATE",
    help="The first day with it; give another date to correct it.",
)
@click.option("--developer", type=name, metavar="H", help="This developer had it.")
@click.option("--team", type=name, metavar="T", help="This team had it.")
@click.option("--remove", is_flag=True, help="Remove a rollout that never happened.")
@click.option("--list", "list_", is_flag=True, help="List the rollouts.")
@format_option
@pass_context
def rollout(
    context: Context,
    assistant: str | None,
    day: int | None,
    developer: str | None,
    team: str | None,
    remove: bool,
    list_: bool,
    format: Format,
) -> None:
    """Record the day from which a developer, a team or everybody had an assistant.

    Without --developer and --team it is everybody. The day splits their work into before and after.
    Name assistants with their version.

    \b
    $ tracker rollout "Spark Desk 3.5" --on 2026-03-02 --team payments
    Spark Desk 3.5: team payments has it from 2026-03-02 on
    $ tracker rollout --list
    """
    if developer and team:
        raise click.UsageError("give --developer or --team, not both")
    if list_:
        _list_rollouts(context, format)
    elif assistant is None or (day is None) != remove:
        raise click.UsageError("give an assistant with --on DATE or with --remove, or --list alone")
    elif remove:
        _remove_rollout(context, assistant, developer, team)
    elif day is not None:
        _set_rollout(context, assistant, day, developer, team)


@click.group(cls=ShortNamesGroup, invoke_without_command=True)
@format_option
@click.pass_context
def activities(ctx: click.Context, format: Format) -> None:
    """List the activities, or add one.

    \b
    $ tracker activities add deployment
    """
    if ctx.invoked_subcommand is None:
        _list_activities(ctx.obj, format)


@activities.command("add")
@click.argument("activity", type=name)
@pass_context
def add_activity(context: Context, activity: str) -> None:
    """Add ACTIVITY, so that work can be logged under it."""
    from tracker.store.read import queries
    from tracker.store.write import team_data

    if activity != activity.lower():
        raise BadValue(
            f"activity is {activity!r}: write it in small letters, {activity.lower()!r}, "
            "so that it exists once only."
        )
    database = context.database()
    team_data.add_activity(database, context.developer, activity)
    with database.reading() as connection:
        context.activities.remember(queries.activities(connection))
    context.say(f"{activity} is an activity now")


def _list_activities(context: Context, format: Format) -> None:
    from tracker.store.read import queries

    with context.database().reading() as connection:
        names = queries.activities(connection)
    rows = [{"activity": name} for name in names]
    show(rows, format, {"activity": "Activity"}, text=("activity",))


def _set_rollout(
    context: Context, assistant: str, day: int, developer: str | None, team: str | None
) -> None:
    """Record or correct a rollout, and warn if it splits no work yet."""
    from tracker.domain.records import Rollout
    from tracker.store.read import queries
    from tracker.store.read.developer_names import present_name
    from tracker.store.write import team_data

    rollout = Rollout(assistant, day, developer, team)
    previous_day = team_data.set_rollout(context.database(), context.developer, rollout)
    correction = (
        ""
        if previous_day is None or previous_day == day
        else f", not from {times.day_to_date(previous_day)}"
    )
    date = times.day_to_date(day)
    context.say(f"{assistant}: {_subject(developer, team)} it from {date} on{correction}")
    if day > times.date_to_day(context.now().date()):
        context.warn(f"{date} lies in the future: until then all work counts as before it.")
    with context.database().reading() as connection:
        if developer is not None:
            developer = present_name(connection, developer)
        has_entries = queries.has_entries(connection, developer=developer, team=team)
    if not has_entries and (developer or team):
        label = f"of team {team}" if team else developer
        context.warn(f"nobody in the log is {label}: it splits no work as yet.")


def _remove_rollout(
    context: Context, assistant: str, developer: str | None, team: str | None
) -> None:
    from tracker.store.write import team_data

    rollout = team_data.remove_rollout(
        context.database(), context.developer, assistant, of_developer=developer, of_team=team
    )
    date = times.day_to_date(rollout.day)
    context.say(f"removed: {_subject(developer, team)} {assistant} from {date} on")


def _list_rollouts(context: Context, format: Format) -> None:
    from tracker.store.read import queries

    with context.database().reading() as connection:
        rollouts = queries.rollouts(connection)
    rows = [
        {
            "assistant": rollout.assistant,
            "day": times.day_to_date(rollout.day).isoformat(),
            "developer": rollout.developer,
            "team": rollout.team,
        }
        for rollout in rollouts
    ]
    columns = {"assistant": "Assistant", "day": "From", "developer": "Developer", "team": "Team"}
    empty = "no rollouts: `tracker rollout ASSISTANT --on DATE` records one"
    show(rows, format, columns, text=("assistant", "developer", "team"), empty=empty)


def _subject(developer: str | None, team: str | None) -> str:
    if developer:
        return f"{developer} has"
    return f"team {team} has" if team else "everybody has"
