"""`pull`: the same as an import, over the interface of the other tool."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, Unpack

import click

from tracker.cli.commands.imports import ImportedFile, import_stream, interruptible
from tracker.cli.context import Context
from tracker.cli.import_options import ImportOptions, import_options
from tracker.cli.options import date, pass_context
from tracker.domain import times

if TYPE_CHECKING:  # loads the web client
    from tracker.pull.address import Address

Kind = Literal["jira", "gitlab", "toggl", "kimai"]


@click.command("pull")
@click.argument("source", type=click.Choice(["jira", "gitlab", "toggl", "kimai"]))
@click.argument("url", metavar="URL")
@click.option(
    "--since",
    type=date,
    metavar="DATE",
    help="From when on; otherwise from the last pull, or the beginning.",
)
@import_options
@pass_context
def pull_command(
    context: Context,
    source: Kind,
    url: str,
    since: int | None,
    **options: Unpack[ImportOptions],
) -> None:
    """Import a log from the server of the tool that keeps it.

    The token comes from the environment: TRACKER_JIRA_TOKEN (with TRACKER_JIRA_USER, your e-mail
    address, for Jira Cloud), TRACKER_GITLAB_TOKEN, TRACKER_TOGGL_TOKEN, TRACKER_KIMAI_TOKEN. It is
    sent to URL alone, and neither stored nor printed. Nothing is changed on the server.

    URL is the address of the server; for GitLab with the group or project, for Toggl with the
    number of the workspace. A pull is imported as a whole or not at all. The next one begins
    where the last complete one did, and pulling twice adds nothing.

    \b
    $ tracker pull jira https://example.atlassian.net --map ours.toml --dry-run
    $ tracker pull gitlab https://gitlab.example.org/team/pay --since 2026-01-01
    $ tracker pull toggl https://api.track.toggl.com/1234567 --update
    $ tracker pull kimai https://kimai.example.org --on-error skip
    """
    from tracker.pull.address import parse_address
    from tracker.pull.client import Surroundings
    from tracker.pull.registry import Request, fetch_to
    from tracker.pull.spool import Spool

    address = parse_address(url)
    label = address.name
    begin = _begin(context, source, address, since)
    surroundings = Surroundings(context.read_clock, time.monotonic, time.sleep, context.say)
    with interruptible(label), Spool() as spool:
        fetch_to(spool, Request(source, address, begin), context.environ, surroundings)
        if not len(spool) and not spool.deleted:
            context.say(f"{label}: nothing{f' since {begin:%Y-%m-%d}' if begin else ''}.")
            return
        file = ImportedFile(label, label, begin is None, frozenset(spool.deleted))
        import_stream(context, source, spool.open(), file, options)


def _begin(context: Context, source: Kind, address: Address, since: int | None) -> datetime | None:
    """Return the instant from which on to pull: as given, else a little before the last pull."""
    from tracker.pull.registry import SERVICES
    from tracker.store.read.imports import last_complete_import

    if since is not None:
        day = times.day_to_date(since)
        return datetime(day.year, day.month, day.day, tzinfo=context.zone)
    with context.database().reading() as connection:
        epoch = last_complete_import(connection, context.developer, address.name)
    if epoch is None:
        return None
    overlap: timedelta = SERVICES[source].overlap
    return datetime.fromtimestamp(epoch, UTC) - overlap
