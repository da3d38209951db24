"""``import --suggest``: the draft of a map for a file, with the evidence for each guess."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import PurePath

from tracker.domain.names import normalise_name
from tracker.sources.suggestions.draft import as_toml
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
    """The lines that a person has to decide before the map can be used."""


def suggest_map(file: io.BufferedReader, name: str, kind: Kind, zone: str | None) -> Suggestion:
    """Suggest a map for a table.

    Args:
        file: The file.
        name: Its name.
        kind: Whether its rows are stretches of work (``csv``) or tasks.
        zone: The zone that the user gave or has set; None is not known.

    Raises:
        BadValue: The file is no table.
    """
    sample = read_sample(file, name)
    draft = TableMap(sample, kind, zone, _source_name(name)).fill()
    return Suggestion(as_toml(draft), kind, tuple(draft.undecided))


def _source_name(name: str) -> str:
    """Return the name of a log, from that of its file without dates and numbers."""
    stem = PurePath(name).name.partition(".")[0]
    words = re.findall(r"[^\W\d_]+", normalise_name(stem))
    return "-".join(words)[:_LONGEST_SOURCE].lower() or "log"
