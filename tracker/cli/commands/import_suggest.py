"""`import --suggest`: write the draft of a map instead of importing."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from tracker.cli.context import Context
from tracker.cli.input_file import label_of, open_input
from tracker.cli.output_file import STDOUT, OutputKind, check_output, open_output
from tracker.domain.errors import BadValue

_KINDS = ("csv", "tasks")


def run(
    context: Context,
    source: str,
    files: Sequence[str],
    output: Path,
    *,
    force: bool,
    zone: ZoneInfo | None,
) -> None:
    """Write the draft of a map for one file, and say how to go on.

    Args:
        context: The run of the program.
        source: What the file is: ``csv`` or ``tasks``.
        files: The file.
        output: Where the map is written; ``-`` is standard output.
        force: Whether another file of that name is replaced.
        zone: The zone given with ``--tz``.

    Raises:
        BadValue: The file is no table, or the map may not be written.
    """
    from tracker.sources.suggestions.draft import DRAFT_PREFIX  # late, like the others
    from tracker.sources.suggestions.suggest import suggest_map

    if len(files) != 1:
        raise click.UsageError("--suggest takes one FILE")
    if source not in _KINDS:
        raise BadValue(_other_source(source, files[0]))
    kind = OutputKind("map", lambda start: start.startswith(f"# {DRAFT_PREFIX}"))
    check_output(context, output, kind, force=force)
    label = label_of(files[0])
    known_zone = zone.key if zone else context.settings.zone
    with open_input(files[0]) as stream:
        suggestion = suggest_map(
            stream,
            label,
            source,  # type: ignore[arg-type]
            known_zone,
            context.settings.task_pattern,
        )
    with open_output(context, output, kind, force=force) as file:
        file.write(suggestion.text)
    map_file = "M.toml" if output == STDOUT else shlex.quote(str(output))
    command = f"tracker import {suggestion.source} {shlex.quote(files[0])} --map {map_file}"
    if suggestion.lacks_zone:
        command += " --tz ZONE"
    if suggestion.undecided:
        context.say(f"to decide in the map: {', '.join(suggestion.undecided)}")
    context.say(f"check the map, then: `{command} --dry-run`")


def command(file: str) -> str:
    """Return the command that drafts a map of a table, also of an export of a known tool."""
    return f"tracker import csv {'FILE' if file == '-' else shlex.quote(file)} --suggest"


def _other_source(source: str, file: str) -> str:
    """Return what to do instead of `import SOURCE FILE --suggest`."""
    from tracker.sources.registry import source_of

    start = f"--suggest is for {' and '.join(_KINDS)}"
    if source_of(source).shipped_map:
        return f"{start}: `{command(file)}` recognises an export of {source}, too."
    if source_of(source).map == "none":
        return f"{start}: {source} takes no map."
    return (
        f"{start}: a map for {source} has [values] and [extract] only, see `tracker import "
        f"{source} --help`."
    )
