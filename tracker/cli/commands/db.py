"""`db`: the database's status, upgrades, backups and checks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.command_names import ShortNamesGroup
from tracker.cli.context import Context
from tracker.cli.options import format_option, name, pass_context
from tracker.cli.output import Format, print_json, show
from tracker.cli.output_file import OutputKind, check_output, force_option
from tracker.domain.counts import count_of
from tracker.domain.errors import TrackerError
from tracker.local.atomic_files import remove_abandoned

if TYPE_CHECKING:
    from tracker.store.database import Database
    from tracker.store.doctor import Finding

_BACKUP = OutputKind("", lambda _start: False, parameter="FILE", has_stdout=False)
"""A backup is precious: none is replaced unless that is said."""


@click.group("db", cls=ShortNamesGroup)
def db_group() -> None:
    """Maintain the database: status, upgrades, backups, checks."""


def _connect(context: Context) -> Database:
    """Return the database whatever its schema's version: these commands also serve to repair it."""
    from tracker.store.database import connect

    return connect(context.url, now=context.now)


@db_group.command("status")
@format_option
@pass_context
def status_command(context: Context, format: Format) -> None:
    """Show where the database is, its schema's version and its size."""
    from tracker.store import upgrade

    status = upgrade.database_status(_connect(context))
    counts = status.pop("rows")
    if format == "json":
        print_json({**status, "rows": counts})
        return
    facts = _readable_facts(status) if format == "text" else status
    labels = {f"rows in {table}": count for table, count in counts.items()}
    show(
        [
            {"what": label.replace("_", " "), "is": value}
            for label, value in (facts | labels).items()
        ],
        format,
        {"what": "", "is": ""},
        whole=("is",),
    )


def _readable_facts(status: dict[str, Any]) -> dict[str, str]:
    """Return the status of a database in the words of a table for people."""
    revision, newest = status["revision"] or "none", status["newest_revision"]
    is_newest = revision == newest
    return {
        "database": status["url"],
        "kind": f"{status['kind']} {status['server_version']}",
        "revision": revision
        + (", the newest" if is_newest else f"; this program's is {newest}: `tracker db upgrade`"),
        "size": count_of(status["size_bytes"], "byte"),
    }


@db_group.command("upgrade")
@pass_context
def upgrade_command(context: Context) -> None:
    """Upgrade the schema to the version that this program needs.

    A SQLite file is backed up first.
    """
    from tracker.store import upgrade

    context.say(upgrade.upgrade_schema(_connect(context)))


@db_group.command("downgrade")
@click.argument("revision", type=name)
@pass_context
def downgrade_command(context: Context, revision: str) -> None:
    """Return the schema to an older REVISION, for an older program.

    A SQLite file is backed up first.
    """
    from tracker.store import upgrade

    context.say(upgrade.downgrade_schema(_connect(context), revision))


@db_group.command("rebuild")
@pass_context
def rebuild_command(context: Context) -> None:
    """Sum the totals of entries anew, from which results are read.

    Every command that writes keeps them; `tracker db doctor` compares them with the entries.
    """
    from tracker.store.write import entry_totals

    database = context.database()
    with database.writing() as connection:
        rows = entry_totals.rebuild(connection)
    context.say(f"{database.safe_url}: {count_of(rows, 'total')} of entries are summed anew")


@db_group.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@force_option
@pass_context
def backup_command(context: Context, file: Path, force: bool) -> None:
    """Copy a SQLite database into a new FILE while it is in use.

    A file that exists, also an earlier backup, is replaced with --force only.
    """
    from tracker.store import upgrade

    replaces = bool(check_output(context, file, _BACKUP, force=force))
    remove_abandoned(str(file))
    size = upgrade.back_up(context.database(), file, replace=replaces)
    if replaces:
        context.say(f"{file}: replaced the file that was there")
    context.say(f"{file}: {size:,} bytes")


@db_group.command("doctor")
@format_option
@pass_context
def doctor_command(context: Context, format: Format) -> None:
    """Check the database and exit 1 if something is wrong. Nothing is changed."""
    from tracker.store import doctor

    findings = doctor.examine(_connect(context))
    rows = [
        {
            "check": finding.check,
            "well": _in_words(finding) if format == "text" else finding.ok,
            "warning": finding.warning,
            "message": finding.message,
        }
        for finding in findings
    ]
    show(rows, format, {"check": "", "well": "", "message": ""}, whole=("message",))
    if failures := [finding.check for finding in findings if not finding.ok]:
        raise TrackerError(f"not as it should be: {', '.join(failures)}.")


def _in_words(finding: Finding) -> str:
    if not finding.ok:
        return "WRONG"
    return "unlikely" if finding.warning else "well"
