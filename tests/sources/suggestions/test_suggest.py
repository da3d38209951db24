"""Suggested maps: what is guessed, with which evidence, and what is left to a person."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from support.log_shapes import LOGS, SHAPES, WORDS, Shape, Work, answered

from tracker.domain.records import Entry, Rejected
from tracker.sources import csv_log
from tracker.sources.foreign_log import ImportContext
from tracker.sources.suggestions.suggest import Suggestion, suggest_map
from tracker.sources.table.column_map import parse_map

BERLIN = ZoneInfo("Europe/Berlin")


def suggest(content: bytes | str, kind: str = "csv", zone: str | None = "UTC") -> Suggestion:
    """Return the suggestion for a file."""
    data = content.encode() if isinstance(content, str) else content
    return suggest_map(io.BufferedReader(io.BytesIO(data)), "log.csv", kind, zone)


def import_all(content: bytes, text: str) -> list[Entry]:
    """Return the entries of a file by a map; no row may be rejected."""
    context = ImportContext(
        ids=(str(number) for number in itertools.count()), map=parse_map(text, "m.toml")
    )
    log = csv_log.open_log(io.BufferedReader(io.BytesIO(content)), "log.csv", context)
    records = list(log.records)
    assert [record for record in records if isinstance(record, Rejected)] == []
    return [record for record in records if isinstance(record, Entry)]


def expected(shape: Shape, log: Sequence[Work]) -> set[tuple[object, ...]]:
    """Return what the entries of a log must be."""
    return {
        (
            work.developer,
            work.task,
            WORDS[work.word],
            work.start.replace(tzinfo=ZoneInfo("UTC")).timestamp()
            if shape.layout != "days"
            else work.start.replace(hour=12, minute=0, tzinfo=ZoneInfo("UTC")).timestamp(),
            work.minutes * 60,
            work.assisted if shape.has_assisted else "unknown",
        )
        for work in log
    }


def has_answer(log: Sequence[Work]) -> bool:
    """Return whether the log says of some work whether an assistant was used."""
    return any(work.assisted != "unknown" for work in log)


@settings(max_examples=60, deadline=None)
@given(SHAPES, LOGS)
def test_a_suggested_map_reads_the_log_it_was_suggested_for(shape: Shape, log: list[Work]) -> None:
    """With the open lines answered it gives the same entries, whatever the shape."""
    content = shape.write(log)
    text = answered(suggest(content).text, shape)
    entries = import_all(content, text)
    actual = {
        (e.developer, e.task, e.activity, e.started_epoch, e.seconds, e.assisted) for e in entries
    }
    wanted = expected(shape, log)
    assert actual == wanted, text
