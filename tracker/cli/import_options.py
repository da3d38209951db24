"""The options that say how a log is imported, from a file or from a server."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypedDict
from zoneinfo import ZoneInfo

import click

from tracker.cli.options import Command, name
from tracker.domain import times


class ImportOptions(TypedDict):
    """The options that say how a log is imported."""

    map_file: Path | None
    update: bool
    dry_run: bool
    tz: ZoneInfo | None
    developer: str | None
    on_error: Literal["stop", "skip"]


_IMPORT_OPTIONS = (
    click.option(
        "--map",
        "map_file",
        type=click.Path(path_type=Path),
        metavar="M.toml",
        help="The map: what columns and words mean.",
    ),
    click.option(
        "--update",
        is_flag=True,
        help="Replace a stored entry that has changed in the log; `import --undo` restores it.",
    ),
    click.option("--dry-run", is_flag=True, help="Say what would be imported, and keep nothing."),
    click.option(
        "--tz",
        type=times.zone,
        metavar="ZONE",
        help="The zone of the log's times; takes precedence over the map's.",
    ),
    click.option(
        "--developer", type=name, metavar="H", help="Whose log it is, if the log does not say."
    ),
    click.option(
        "--on-error",
        type=click.Choice(["stop", "skip"]),
        default="stop",
        show_default=True,
        help="If a row cannot be imported: keep nothing, or keep the rest and write the row of a "
        "table to a file.",
    ),
)


def import_options(command: Command) -> Command:
    """Add the options that say how a log is imported, as :class:`ImportOptions`."""
    for option in reversed(_IMPORT_OPTIONS):
        command = option(command)
    return command
