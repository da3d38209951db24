"""The database's care: what form it has, upgrades, copies, a look-over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.context import Context
from tracker.cli.options import format_option, name, pass_context
from tracker.cli.output import Form, as_json, show
from tracker.domain.errors import TrackerError

if TYPE_CHECKING:
    from tracker.store.database import Database


@click.group()
def db() -> None:
    """Look after the database: its form, upgrades, backups."""


def _as_it_is(context: Context) -> Database:
    """The database whatever its form: what cares for it must not wait for it to be right."""
    from tracker.store.database import connect

    return connect(context.url, now=context.now)


@db.command()
@format_option
@pass_context
def status(context: Context, format: Form) -> None:
    """Where the database lies, its form and its size."""
    from tracker.store import upgrade

    database = _as_it_is(context)
    found = upgrade.database_status(database)
    rows = found.pop("rows")
    if format == "json":
        click.echo(as_json({**found, "rows": rows}))
        return
    table = [*found.items(), *((f"rows in {table}", count) for table, count in rows.items())]
    show(
        [{"what": what.replace("_", " "), "is": value} for what, value in table],
        format,
        {"what": "", "is": ""},
    )


@db.command()
@pass_context
def upgrade(context: Context) -> None:
    """Bring the tables to the form this program needs; a SQLite file is backed up first."""
    from tracker.store import upgrade

    context.say(upgrade.upgrade_schema(_as_it_is(context)))


@db.command()
@click.argument("revision", type=name)
@pass_context
def downgrade(context: Context, revision: str) -> None:
    """Take the tables back to an older REVISION, for an older program; a SQLite file is backed up first."""
    from tracker.store import upgrade

    context.say(upgrade.downgrade_schema(_as_it_is(context), revision))


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_context
def backup(context: Context, file: Path) -> None:
    """Copy a SQLite database into a new FILE while it is in use."""
    from tracker.store import upgrade

    size = upgrade.back_up(context.database(), file)
    context.say(f"{file}: {size:,} bytes")


@db.command()
@format_option
@pass_context
def doctor(context: Context, format: Form) -> None:
    """Look the database over; exits 1 where something is wrong. Nothing is changed."""
    from tracker.store.doctor import examine

    findings = examine(_as_it_is(context))
    table = [
        {"check": found.check, "well": found.well, "message": found.message} for found in findings
    ]
    shown = (
        [{**row, "well": "well" if row["well"] else "WRONG"} for row in table]
        if format == "text"
        else table
    )
    show(shown, format, {"check": "", "well": "", "message": ""})
    if wrong := [found.check for found in findings if not found.well]:
        raise TrackerError(f"not as it should be: {', '.join(wrong)}.")
