"""`import` and `export`: read foreign logs, and write out what the log holds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Unpack

import click

from tracker.cli.commands import import_suggest, import_undo
from tracker.cli.context import Context
from tracker.cli.import_options import ImportOptions, import_options
from tracker.cli.input_file import file_state, label_of, open_input, refuse_if_changed
from tracker.cli.options import format_option, name, pass_context
from tracker.cli.output import Format, show
from tracker.cli.output_file import STDOUT, force_option, open_output, output_option
from tracker.cli.progress import progress_bar
from tracker.domain import times
from tracker.domain.errors import Interrupted

if TYPE_CHECKING:  # this module is imported for `tracker --help` too
    from tracker.sources.foreign_log import ForeignLog, ImportContext
    from tracker.store.database import Database
    from tracker.store.write.import_result import ImportResult

_SOURCE_OF_HELP = "tracker.source"
"""The key in click's context for the source of `import SOURCE --help`."""

_MAP_HELP = {
    "required": "It needs a map that says what its columns are: --map M.toml.",
    "optional": "It needs no map. A map with [values] and [extract] says which words mean which "
    "activity, task and assistance: --map M.toml.",
    "none": "It takes no map.",
}


class _ImportCommand(click.Command):
    """`import`, whose help about one source says how to get its file."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        """Remember the source that is named before the options are parsed."""
        context.meta[_SOURCE_OF_HELP] = next(
            (argument for argument in arguments if not argument.startswith("-")), None
        )
        return super().parse_args(context, arguments)

    def format_help_text(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help of the source, else that of all."""
        from tracker.sources.registry import SOURCES  # late: `tracker --help` imports this module

        name = context.meta.get(_SOURCE_OF_HELP)
        source = SOURCES.get(name or "")
        if source is None:
            super().format_help_text(context, formatter)
            return
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(f"Import {source.summary}.")
            formatter.write_paragraph()
            formatter.write_text(_MAP_HELP[source.map])
            formatter.write_paragraph()
            formatter.write_text("How to get the file:")
            formatter.write_paragraph()
            for line in source.instructions.splitlines():
                formatter.write_text(line)
            formatter.write_paragraph()
            map_option = " --map M.toml" if source.map == "required" else ""
            formatter.write_text(f"$ tracker import {name} FILE{map_option} --dry-run")


@click.command("import", cls=_ImportCommand)
@click.argument("source", required=False)
@click.argument("files", nargs=-1, metavar="FILE|-...")
@import_options
@click.option(
    "--suggest", is_flag=True, help="Write a draft of the map for FILE instead of importing it."
)
@output_option("-", show_default=False)
@force_option
@click.option("--list", "list_", is_flag=True, help="List the sources.")
@format_option
@click.option("--undo", is_flag=True, help="Undo your last import, or the one with this ID.")
@click.option("--of", "owner", type=name, metavar="H", help="With --undo: this developer's import.")
@click.option(
    "--yes", is_flag=True, help="With --undo: do not ask before undoing another's import."
)
@pass_context
def import_command(
    context: Context,
    /,
    source: str | None,
    files: tuple[str, ...],
    suggest: bool,
    output: Path,
    force: bool,
    list_: bool,
    undo: bool,
    owner: str | None,
    yes: bool,
    format: Format,
    **options: Unpack[ImportOptions],
) -> None:
    """Import a log that is kept elsewhere.

    Importing it again adds only its new rows; what is stored stays as it is, unless --update is
    given.

    docs/importing.md explains the map. With --on-error skip the rows that cannot be imported go to
    FILE.rejected.csv: correct them there, and import that file with the same map. `-` reads
    standard input.

    \b
    $ tracker import --list
    $ tracker import csv time.csv --suggest -o ours.toml
    $ tracker import csv time.csv --map ours.toml --dry-run
    $ tracker import csv time.csv --map ours.toml --on-error skip
    $ tracker import csv time.csv --map ours.toml --update
    $ tracker import tasks tasks.csv --map tasks.toml
    $ tracker import timewarrior --help
    $ tracker import timewarrior timew.json --map words.toml
    $ tracker import --undo
    $ tracker import --undo --list
    """
    if (owner or yes) and not undo:
        raise click.UsageError("--of and --yes go with --undo")
    if undo:
        import_undo.run(context, (source, *files), owner, format, is_list=list_, is_confirmed=yes)
        return
    if list_:
        if source:
            raise click.UsageError("give --list by itself")
        _list_sources(format)
        return
    if not source or not files:
        raise click.UsageError(
            "say which source and which FILE, such as: import csv time.csv --map ours.toml"
        )
    if suggest and options["map_file"]:
        raise click.UsageError("--suggest drafts a map: name its file with -o instead of --map")
    if suggest:
        import_suggest.run(context, source, files, output, force=force, zone=options["tz"])
        return
    if output != STDOUT or force:
        raise click.UsageError("-o and --force go with --suggest")
    for file in files:
        _import_file(context, source, file, options)


def _import_context(context: Context, source: str, options: ImportOptions) -> ImportContext:
    """Return the import context of a log."""
    from random import Random  # late, like the others: `tracker --help` imports this module

    from tracker.domain.ids import uuid7s
    from tracker.sources.foreign_log import ImportContext
    from tracker.sources.registry import source_of
    from tracker.sources.table.column_map import read_map

    # The map of a named source need not repeat the name.
    default_source = None if source_of(source).map == "required" else source
    map_file = options["map_file"]
    zone = context.settings.zone
    seed = int.from_bytes(context.random_bytes(8), "big")
    rng = Random(seed)  # noqa: S311 - makes ids unique, no secret
    return ImportContext(
        ids=uuid7s(int(context.now().timestamp() * 1e6) * 1000, rng),
        map=read_map(map_file, default_source) if map_file else None,
        zone=options["tz"],
        default_zone=times.zone(zone) if zone else None,
        developer=options["developer"] or context.configured_developer,
        key_pattern=context.settings.task_pattern,
        now_epoch=context.now_epoch,
    )


def _import_file(context: Context, source: str, file: str, options: ImportOptions) -> None:
    """Import one file in one transaction, and print the result."""
    from tracker.cli import whole_log  # late: reads JSON

    label = label_of(file)
    with interruptible(label), open_input(file) as stream:
        start = stream.peek(whole_log.START_LENGTH) if source == "tracker" else b""
        if whole_log.is_whole_log(start.decode(errors="replace")):
            _import_whole_log(context, stream, ImportedFile(label, file), options)
            return
        import_stream(context, source, stream, ImportedFile(label, file), options)


def _import_whole_log(
    context: Context, stream: BufferedReader, file: ImportedFile, options: ImportOptions
) -> None:
    """Restore what `export all` wrote: what a team agrees on, then tasks, then entries."""
    from tracker.cli import whole_log

    content = whole_log.read_whole_log(stream, file.label)
    if not options["dry_run"]:
        whole_log.restore_team_data(context, content)
    for key, table in whole_log.tables_of(content):
        is_followed = key != "entries" and bool(content["entries"])
        part = ImportedFile(f"{file.label} ({key})", file.path, is_followed=is_followed)
        import_stream(context, "tracker", table, part, options)


class ImportedFile(NamedTuple):
    """The name of an imported stream, for messages."""

    label: str
    """Its name in messages and in the list of imports."""
    path: str
    """The file's path, ``-``, or the same as the label where it is no file."""
    is_whole: bool = True
    """Whether it holds all of the log in its period, and not only what has changed."""
    deleted_keys: frozenset[str] = frozenset()
    """The keys of entries that were deleted in the log."""
    is_followed: bool = False
    """Whether the entries of the same file are imported next."""


def import_stream(
    context: Context,
    source: str,
    stream: BufferedReader,
    file: ImportedFile,
    options: ImportOptions,
) -> None:
    """Import a log in one transaction, and print the result."""
    from tracker.sources.registry import open_log
    from tracker.store.write import imports

    # A new import context for each file: ids and the facts about tasks belong to one file.
    import_context = _import_context(context, source, options)
    state = file_state(stream)
    log = open_log(source, stream, file.label, import_context)
    database = context.database()
    size = state.size if state else None
    with progress_bar(context, "importing") as show_bytes:
        result = imports.import_records(
            database,
            chain(log.batched, refuse_if_changed(stream, state, file.label)),
            source=log.source,
            file=file.label,
            now_epoch=context.now_epoch,
            on_error=options["on_error"],
            update=options["update"],
            dry_run=options["dry_run"],
            progress=None
            if show_bytes is None
            else lambda _records: show_bytes(stream.tell() if size else None, size),
            developer=context.developer,
            is_whole=file.is_whole,
            deleted_keys=file.deleted_keys,
        )
    _print_result(context, result, log, file, options)
    if result.import_id is not None and not context.is_quiet:
        _print_next_steps(context, database)


def _print_next_steps(context: Context, database: Database) -> None:
    """Print what to do next with the log as it is after the import."""
    from tracker.claims.catalogue import select_claims
    from tracker.cli.next_step import next_steps
    from tracker.store.read import queries
    from tracker.store.read.log_counts import log_counts

    with database.reading() as connection:
        counts = log_counts(connection, context.now_epoch)
        claims = select_claims((), (), queries.claims(connection))
    for line in next_steps(counts, {claim.activity for claim in claims}):
        context.say(line)


def _print_result(
    context: Context,
    result: ImportResult,
    log: ForeignLog,
    file: ImportedFile,
    options: ImportOptions,
) -> None:
    """Print the result of an import, and write the rows that it rejected to a file."""
    from dataclasses import replace  # late, like the others

    from tracker.cli import import_messages, import_owner, import_report

    dry_run = options["dry_run"]
    if file.is_followed:  # their estimates are counted with the entries
        result = replace(result, estimates=None)
    is_table = log.table is not None
    suggestion = import_suggest.command(file.path) if is_table and not options["map_file"] else None
    for line in import_messages.lines(
        result,
        log.notes,
        file.label,
        dry_run=dry_run,
        is_table=is_table,
        suggestion=suggestion,
    ):
        context.say(line, is_warning=line.startswith(import_messages.WARNING))
    for line in import_messages.rejected_lines(result.rejected, file.label):
        context.warn(line)
    if result.rejected and log.table is None:
        context.warn(f"correct them where {file.label} comes from, and import it again.")
    elif result.rejected and not dry_run:
        name = import_messages.name_of_rejected(file.path, log.source)
        path = import_messages.write_rejected(result.rejected, log, name)
        context.warn(
            f"the rejected rows are in {path}: correct them, "
            "and import that file with the same map."
        )
    if result.sums:
        for line in import_report.lines(result.sums):
            context.say(line)
        owner = options["developer"]
        for line in import_owner.lines(context, result.sums, owner, dry_run=dry_run):
            context.say(line)


@contextlib.contextmanager
def interruptible(label: str) -> Iterator[None]:
    """Say after Ctrl-C that nothing of a file is kept: its import is one transaction."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted: nothing of {label} is kept.") from None


def _list_sources(format: Format) -> None:
    from tracker.sources.registry import SOURCES

    rows = [
        {
            "source": name,
            "summary": source.summary,
            "wants_map": source.map == "required",
            "takes_map": source.map != "none",
            "instructions": source.instructions,
        }
        for name, source in SOURCES.items()
    ]
    show(rows, format, {"source": "Source", "summary": "What it reads"}, whole=("summary",))


@click.command()
@click.argument(
    "content", type=click.Choice(["entries", "tasks", "moments", "all"]), default="entries"
)
@click.option(
    "--format",
    "format",
    type=click.Choice(["csv", "json"]),
    default="csv",
    help="The file's format.",
)
@output_option("-", show_default=False)
@force_option
@click.option(
    "--safe", is_flag=True, help="Put an apostrophe before texts that a spreadsheet would run."
)
@pass_context
def export(
    context: Context,
    content: Literal["entries", "tasks", "moments", "all"],
    format: Literal["csv", "json"],
    output: Path,
    force: bool,
    safe: bool,
) -> None:
    """Write out the log; `tracker import tracker FILE` reads it back without loss.

    `all` is one JSON file with the rollouts, your own claims and activities, too: read back into an
    empty database, every verdict is the same.

    A file that exists is replaced only if it is such an export, or with --force.

    Moments are the sums that verdicts are computed from, for other tools: by activity, arm and
    months, merged until each group is of five developers or more, without names.

    \b
    $ tracker export -o log.csv
    $ tracker export tasks --format json
    $ tracker export all -o log.json
    """
    from tracker.cli import export_writer, whole_log  # late, with the store

    if content == "all":
        if safe:
            raise click.UsageError("--safe is for tables: give entries or tasks")
        with open_output(context, output, whole_log.OUTPUT_KIND, force=force) as file:
            whole_log.write_whole_log(context, file)
        return
    kind = export_writer.output_kind(content, format)
    with open_output(context, output, kind, force=force) as file:
        export_writer.write_export(context, content, format, file, safe=safe)
