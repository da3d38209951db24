"""``import --suggest``: drafts a map for a file, with the evidence for each guess."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import PurePath

from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name
from tracker.sources.recognition import read_start
from tracker.sources.registry import SOURCES, recognise
from tracker.sources.suggestions.column_evidence import is_task_list
from tracker.sources.suggestions.draft import Draft, as_toml
from tracker.sources.suggestions.named_map import draft_for_log, draft_for_table
from tracker.sources.suggestions.sample import read_sample
from tracker.sources.suggestions.table_map import Kind, TableMap

_LONGEST_SOURCE = 60


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The draft of a map."""

    text: str
    """The map in TOML, with comments."""
    source: str
    """The source that reads the file, as in ``tracker import SOURCE``."""
    undecided: tuple[str, ...]
    """The keys that the user has to decide before an import."""
    lacks_zone: bool
    """Whether the zone of the times has to be given, in the map or with ``--tz``."""


def _suggestion(draft: Draft, source: str) -> Suggestion:
    return Suggestion(as_toml(draft), source, tuple(draft.undecided), draft.lacks_zone)


def suggest_map(
    file: io.BufferedReader,
    name: str,
    kind: Kind,
    zone: str | None,
    key_pattern: str | None = None,
) -> Suggestion:
    """Return the draft of a map for a table or a log.

    Args:
        file: The file.
        name: Its name.
        kind: Whether its rows are stretches of work (``csv``) or tasks.
        zone: The zone in the options or settings; None if there is none.
        key_pattern: The pattern of a task's key in the settings; None is the usual one.

    Raises:
        BadValue: The file is not a table, or is an export of tracker, which needs no map.
    """
    start = read_start(file)
    known_source = recognise(start)
    if known_source == "tracker":
        raise BadValue(
            f"{name} is an export of tracker: `tracker import tracker FILE` needs no map."
        )
    map_file = SOURCES[known_source].shipped_map if known_source else None
    if known_source and map_file is None:
        draft = draft_for_log(known_source, file, name, zone, key_pattern)
        return _suggestion(draft, known_source)
    sample = read_sample(file, name)
    if known_source and map_file is not None and not sample.is_json:
        draft = draft_for_table(known_source, map_file, sample, zone, key_pattern)
        return _suggestion(draft, known_source)
    if kind == "csv" and is_task_list(sample):
        kind = "tasks"
    draft = TableMap(sample, kind, zone, _source_name(name), key_pattern).fill()
    return _suggestion(draft, kind)


def _source_name(name: str) -> str:
    """Return a name for a log: that of its file, without dates and numbers."""
    stem = PurePath(name).name.partition(".")[0]
    words = re.findall(r"[^\W\d_]+", normalise_name(stem))
    return "-".join(words)[:_LONGEST_SOURCE].lower() or "log"
