"""The sources by name, each loaded when it is first used."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from io import BufferedReader

from tracker.domain.errors import NotFound
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.table.file_kind import check_is_text


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of foreign log."""

    module: str
    """The module in this package with its ``open_log(file, name, context)``."""
    summary: str
    wants_map: bool


SOURCES = {
    "csv": Source(
        "csv_log", "any log in CSV, one stretch of work a row, read by a map", wants_map=True
    ),
    "tasks": Source(
        "task_list",
        "what is known of tasks: title, project, estimates, completion; by a map",
        wants_map=True,
    ),
    "tracker": Source(
        "tracker_export", "what `tracker export entries` or `tasks` wrote", wants_map=False
    ),
}
"""Every source, by its name in ``tracker import``."""


def open_log(kind: str, file: BufferedReader, name: str, context: ImportContext) -> ForeignLog:
    """Open a foreign log; its records are read as they are iterated over.

    Args:
        kind: One of SOURCES.
        file: The log as a binary stream.
        name: The log's name, for messages.
        context: What the import is given besides the log.

    Raises:
        NotFound: There is no such source.
        BadValue: The log cannot be read at all, or the map does not fit it.
    """
    if kind not in SOURCES:
        matches = get_close_matches(kind, SOURCES, n=1)
        advice = f"did you mean {matches[0]}?" if matches else f"give one of {', '.join(SOURCES)}."
        raise NotFound(f"source is {kind!r}: {advice}")
    check_is_text(file, name)
    module = import_module(f"tracker.sources.{SOURCES[kind].module}")
    log: ForeignLog = module.open_log(file, name, context)
    return log
