"""Drafts of the user's map for a file of a source that tracker knows by name."""

from __future__ import annotations

from collections import Counter
from io import BufferedReader
from random import Random

from tracker.domain import times
from tracker.domain.counts import count_of
from tracker.domain.ids import uuid7s
from tracker.domain.records import Entry
from tracker.sources import shipped_map
from tracker.sources.foreign_log import ImportContext
from tracker.sources.registry import open_log
from tracker.sources.suggestions import amounts
from tracker.sources.suggestions.column_evidence import encoding_evidence
from tracker.sources.suggestions.draft import DRAFT_PREFIX, Draft, Line, Word, quote_text
from tracker.sources.suggestions.key_patterns import find_keys
from tracker.sources.suggestions.profiles import Profile, profiles_of
from tracker.sources.suggestions.sample import Sample
from tracker.sources.suggestions.time_columns import TimeColumns, find_formats, span_minutes
from tracker.sources.suggestions.words import (
    WORDS_NOTE,
    activity_words,
    assisted_value,
    split_tags,
    weigh_words,
)
from tracker.sources.table.column_map import ColumnMap

_TIMES = ("started_at", "ended_at", "date")
_DEFAULT_ZONE = "UTC"
"""The zone in which a log is read to count its words, which do not depend on it."""


def draft_for_table(
    kind: str, map_file: str, sample: Sample, zone: str | None, key_pattern: str | None = None
) -> Draft:
    """Return the draft for an export that is a table.

    Args:
        kind: The source.
        map_file: Its shipped map.
        sample: The export.
        zone: The zone in the options or settings; None if there is none.
        key_pattern: The pattern of a task's key in the settings; None is the usual one.

    Raises:
        BadValue: The export lacks a column that it must have.
    """
    map_ = shipped_map.map_for_header(
        kind, map_file, sample.header, sample.name, key_pattern=key_pattern
    )
    profiles = {profile.name: profile for profile in profiles_of(sample)}
    draft = _draft(kind, sample.name, sample.extent)
    if sample.encoding is not None:
        draft.add("formats", Line("encoding", sample.encoding, encoding_evidence(sample)))
    minutes = _add_formats(draft, map_, profiles, zone)
    _add_key_pattern(draft, map_, profiles, len(sample.rows), key_pattern)
    names = [name for name in map_.columns.get("activity", ()) if name in profiles]
    tag_columns = set(map_.columns.get("tags", ()))
    rows = [
        [
            word
            for name in names
            for word in (
                split_tags(profiles[name].cells[index])
                if name in tag_columns
                else filter(None, [profiles[name].cells[index]])
            )
        ]
        for index in range(len(sample.rows))
    ]
    counts, sums = weigh_words(rows, minutes)
    _add_words(draft, counts, sums)
    return draft


def draft_for_log(
    kind: str, file: BufferedReader, name: str, zone: str | None, key_pattern: str | None = None
) -> Draft:
    """Return the draft for a log that is not a table: the words for its activities.

    Args:
        kind: The source.
        file: The log.
        name: Its name.
        zone: The zone in the options or settings; None if there is none.
        key_pattern: The pattern of a task's key in the settings; None is the usual one.

    Raises:
        BadValue: The log cannot be read.
    """
    context = ImportContext(
        ids=uuid7s(0, Random(0)),  # noqa: S311 - nothing is stored under these ids
        zone=times.zone(zone or _DEFAULT_ZONE),
        developer="-",
        key_pattern=key_pattern,
    )
    counts: Counter[str] = Counter()
    sums: dict[str, float] = {}
    for record in open_log(kind, file, name, context).records:
        if isinstance(record, Entry):
            counts[record.activity] += 1
            sums[record.activity] = sums.get(record.activity, 0.0) + record.seconds / 60
    draft = _draft(kind, name, f"{count_of(counts.total(), 'entry', 'entries')}")
    _add_words(draft, counts, sums)
    return draft


def _draft(kind: str, name: str, extent: str) -> Draft:
    return Draft(
        [
            f"{DRAFT_PREFIX} {quote_text(name)}, {extent}: an export of {kind}, whose columns "
            "tracker knows. This map adds what the words of your team mean.",
        ],
        source=None,
    )


def _add_words(draft: Draft, counts: Counter[str], sums: dict[str, float]) -> None:
    draft.words["activity"] = activity_words(counts, sums)
    draft.notes["values.activity"] = [WORDS_NOTE]
    words = [
        Word(word, None, answer, f"in {count_of(counts[word], 'row')}")
        for word in counts
        if len(word) > 1 and (answer := assisted_value(word)) in ("yes", "no")
    ]
    if words:
        draft.words["assisted"] = words
        draft.notes["values.assisted"] = ["Do these tags say whether an assistant was used?"]


def _add_key_pattern(
    draft: Draft,
    map_: ColumnMap,
    profiles: dict[str, Profile],
    rows: int,
    key_pattern: str | None,
) -> None:
    """Add the pattern of the task's key, with the number of rows that have one."""
    extract = map_.extracts.get("task")
    if extract is None:
        return
    columns = [profiles[name] for name in extract.columns if name in profiles]
    keys = find_keys(columns, columns[0] if columns else None, key_pattern)
    if keys is None:
        draft.note(
            "extract.task",
            f"Fewer than half of {count_of(rows, 'row')} hold a key such as PAY-12 in "
            f"{' or '.join(quote_text(column.name) for column in columns)}: the others keep their "
            "whole text as the task. Give the pattern of your keys.",
        )
        pattern = str(extract.pattern.pattern)
        draft.add("extract.task", Line("pattern", pattern, "it matches PAY-12, for example"))
        return
    names = " or ".join(quote_text(column.name) for column in keys.columns)
    evidence = f"{keys.rows:,} of {count_of(rows, 'row')} hold a key in {names}"
    draft.add("extract.task", Line("pattern", keys.pattern, evidence))


def _add_formats(
    draft: Draft, map_: ColumnMap, profiles: dict[str, Profile], zone: str | None
) -> list[float | None]:
    """Add the formats that depend on the tool's settings; return the minutes of each row.

    Returns:
        Empty if the minutes are not known.
    """
    started, ended, date = (
        tuple(profiles[name] for name in map_.columns.get(column, ()) if name in profiles)
        for column in _TIMES
    )
    columns = TimeColumns(started, ended, date)
    formats = find_formats(columns)
    minutes: list[float | None] = []
    if formats is not None:
        for line in formats.lines(columns):
            draft.add("formats", line)
        if formats.is_decided:
            minutes = span_minutes(columns, formats)
    if formats is not None and formats.has_naive:
        if zone is None:
            draft.lacks_zone = True
            draft.note("formats", "The times have no offset: name the zone, or give --tz.")
        else:
            draft.add("formats", Line("timezone", zone, "the zone in your options or settings"))
    effort = next((profiles.get(name) for name in map_.columns.get("minutes", ())), None)
    if effort is not None and effort.amount is not None and not minutes:
        guess = amounts.guess_unit(effort.name, effort.amount, effort.cells)
        if guess.unit in ("hours", "hms", "words"):
            minutes = [
                effort.amount.durations.minutes(cell, guess.unit) if cell else None  # type: ignore[arg-type]
                for cell in effort.cells
            ]
    return minutes
