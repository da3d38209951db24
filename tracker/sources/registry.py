"""Foreign logs → records. One file a source; none knows the database."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from io import BufferedReader

from tracker.domain.errors import NotFound
from tracker.sources.foreign_log import ForeignLog, ImportContext


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of foreign log."""

    module: str
    """Where its ``open_log`` is, of the same signature as this module's but for the kind."""
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
"""Every source by the name that `tracker import` knows it by."""


def open_log(kind: str, file: BufferedReader, name: str, request: ImportContext) -> ForeignLog:
    """A foreign log of one of the SOURCES in a binary stream; ``name`` is for messages.

    Its records are read as they are drawn. NotFound for an unknown kind, BadValue where the log cannot be read at all.
    """
    if kind not in SOURCES:
        near = get_close_matches(kind, SOURCES, n=1)
        raise NotFound(
            f"source is {kind!r}: "
            + (f"did you mean {near[0]}?" if near else f"give one of {_names()}.")
        )
    opened: ForeignLog = import_module(f"tracker.sources.{SOURCES[kind].module}").open_log(
        file, name, request
    )
    return opened


def _names() -> str:
    return ", ".join(SOURCES)
