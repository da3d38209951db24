"""`import` and `export`: foreign logs in, everything out again."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import click

from tracker.cli.context import Context
from tracker.cli.options import format_option, name, pass_context
from tracker.cli.output import Form, show
from tracker.domain import times
from tracker.domain.errors import BadValue, NotFound
from tracker.local import settings

if TYPE_CHECKING:  # a command's module loads for `--help` too
    from zoneinfo import ZoneInfo

    from tracker.sources.foreign_log import ImportContext

OnError = Literal["stop", "skip"]

_LONGEST_FILE_NAME = 50
"""Letters of a source's name in that of a file: of any script they leave room for what is added."""


@click.command("import")
@click.argument("source", required=False)
@click.argument("files", nargs=-1, metavar="FILE|-...")
@click.option(
    "--map",
    "map_file",
    type=click.Path(path_type=Path),
    metavar="M.toml",
    help="What the columns are.",
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and keep nothing.")
@click.option(
    "--tz",
    type=times.zone,
    metavar="ZONE",
    help="The zone of the log's times; goes before the map's.",
)
@click.option(
    "--developer", type=name, metavar="H", help="Whose log it is, where the map does not say."
)
@click.option(
    "--on-error",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="A row that cannot be taken: keep nothing of the file, or keep the rest and set it aside.",
)
@click.option("--list", "list_", is_flag=True, help="The sources there are.")
@format_option
@click.option("--undo", is_flag=True, help="Take the last import back.")
@pass_context
def import_(
    context: Context,
    source: str | None,
    files: tuple[str, ...],
    map_file: Path | None,
    dry_run: bool,
    tz: ZoneInfo | None,
    developer: str | None,
    on_error: OnError,
    list_: bool,
    undo: bool,
    format: Form,
) -> None:
    """Bring in a log that is kept elsewhere. Twice is harmless: what is there already stays as it is.

    docs/importing.md explains the map. With --on-error skip the rows that cannot be taken go to FILE.rejected.csv:
    mend them there, and import that file with the same map. `-` reads standard input.

    \b
    $ tracker import --list
    $ tracker import csv time.csv --map ours.toml --dry-run
    $ tracker import csv time.csv --map ours.toml --on-error skip
    $ tracker import tasks tasks.csv --map tasks.toml
    $ tracker import --undo
    """
    if list_ or undo:
        if source or (list_ and undo):
            raise click.UsageError("give --list or --undo by itself")
        _list(format) if list_ else _undo(context)
        return
    if not source or not files:
        raise click.UsageError(
            "say which source and which FILE, such as: import csv time.csv --map ours.toml"
        )
    for file in files:
        # A map is read once a file: ids and what a log has said are of one file.
        _import_one(
            context, source, file, _request(context, map_file, tz, developer), on_error, dry_run
        )


def _request(
    context: Context, map_file: Path | None, tz: ZoneInfo | None, developer: str | None
) -> ImportContext:
    """What is known of the log besides the log."""
    from random import Random  # late, with the rest: `tracker --help` loads this module

    from tracker.domain.ids import uuid7s
    from tracker.sources.foreign_log import ImportContext
    from tracker.sources.table.column_map import read_map

    return ImportContext(
        ids=uuid7s(
            int(context.now().timestamp() * 1e6) * 1000,
            Random(int.from_bytes(context.random_bytes(8), "big")),
        ),
        map=read_map(map_file) if map_file else None,
        zone=tz,
        default_zone=times.zone(context.settings.zone) if context.settings.zone else None,
        developer=developer or settings.configured_developer(context.environ, context.settings),
    )


def _import_one(
    context: Context,
    source: str,
    file: str,
    request: ImportContext,
    on_error: OnError,
    dry_run: bool,
) -> None:
    """One file, in one transaction."""
    from tracker.cli import import_messages
    from tracker.sources.registry import open_log
    from tracker.store.write import imports

    shown = "standard input" if file == "-" else file
    with _opened(file) as stream:
        log = open_log(source, stream, shown, request)
        database = context.database()
        with _progress(stream, file) as tick:
            taken = imports.import_records(
                database,
                log.records,
                source=log.source,
                file=shown,
                now_epoch=context.now_epoch,
                on_error=on_error,
                dry_run=dry_run,
                progress=tick,
            )
    for line in import_messages.lines(taken, log.notes, shown, dry_run=dry_run):
        context.say(line)
    for line in import_messages.rejections(taken.rejected, shown, None):
        context.warn(line)
    if taken.rejected and not dry_run:
        aside = import_messages.write_rejected(taken.rejected, log, _beside(file, log.source))
        for line in import_messages.rejections((), shown, aside):
            context.warn(line)


def _beside(file: str, source: str) -> str:
    """The name that rejected rows go beside; in the current folder for what is no ordinary file."""
    if Path(file).is_file() and not file.startswith(("/dev/", "/proc/")):
        return file
    return re.sub(r"[^\w.-]", "_", source)[:_LONGEST_FILE_NAME].lstrip(".") or "import"


@contextlib.contextmanager
def _opened(file: str) -> Iterator[BufferedReader]:
    """A file's bytes, or those of standard input."""
    if file == "-":
        yield BufferedReader(cast("BufferedReader", sys.stdin.buffer))
        return
    try:
        with Path(file).open("rb") as opened:
            yield opened
    except FileNotFoundError:
        raise NotFound(f"FILE is {file}: there is no such file.") from None
    except IsADirectoryError:
        raise BadValue(f"FILE is {file}: that is a folder; give a file in it.") from None


@contextlib.contextmanager
def _progress(stream: BufferedReader, file: str) -> Iterator[Callable[[int], None] | None]:
    """A bar on stderr, by the bytes read, where a person watches; else nothing."""
    quiet = click.get_current_context().find_root().params["quiet"]
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # late: it takes as long to load as click
    from rich.progress import Progress

    size = Path(file).stat().st_size if file != "-" else None
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("importing", total=size)
        yield lambda _records: bar.update(
            task, completed=stream.tell() if size else None, advance=None
        )


def _list(form: Form) -> None:
    from tracker.sources.registry import SOURCES

    table = [
        {"source": known, "summary": one.summary, "wants_map": one.wants_map}
        for known, one in SOURCES.items()
    ]
    show(table, form, {"source": "Source", "summary": "What it is"})


def _undo(context: Context) -> None:
    from tracker.store.write import imports

    back = imports.undo_import(context.database())
    parts = [(back.entries, "entries"), (back.work_items, "work items"), (back.tasks, "tasks")]
    gone = ", ".join(f"{count:,} {what}" for count, what in parts if count) or "nothing"
    restored = f"; {back.restored:,} put back as they were" if back.restored else ""
    context.say(f"taken back: {back.file} ({back.source}): {gone}{restored}")


@click.command()
@click.argument("what", type=click.Choice(["entries", "tasks", "moments"]), default="entries")
@click.option(
    "--format",
    "format",
    type=click.Choice(["csv", "json"]),
    default="csv",
    help="How it is written.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to; stdout if not given.",
)
@pass_context
def export(
    context: Context,
    what: Literal["entries", "tasks", "moments"],
    format: Literal["csv", "json"],
    output: Path | None,
) -> None:
    """Write out what the log holds; `tracker import tracker FILE` reads entries and tasks back without loss.

    Moments are the sums that verdicts are made of, for other tools: by activity, arm and months, merged until each
    group is of five developers or more, without names.

    \b
    $ tracker export -o log.csv
    $ tracker export tasks --format json
    """
    from tracker.cli import export_writer  # late, with the store

    with export_writer.target(output) as file:
        export_writer.write(context, what, format, file)
