"""What a source needs that reads no table: entries built from keyword arguments."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pytest
from support.foreign_logs import import_context

from tracker.domain.errors import BadValue
from tracker.domain.records import Entry, Rejected
from tracker.sources.foreign_log import EntryFields, ForeignLog, build_entry

NOW_EPOCH = 1_800_000_000
FIELDS: EntryFields = {
    "developer": "ann",
    "task": "T-1",
    "activity": "design",
    "started_epoch": 1_750_030_000,
    "zone": "Asia/Tokyo",
    "seconds": 3600,
    "source_key": "abc",
}


def test_an_entry_is_completed() -> None:
    """Id, local day, source and the time of logging are filled in."""
    context = import_context(None, now_epoch=NOW_EPOCH)
    first, second = (build_entry(context, "commits", line, **FIELDS) for line in (1, 2))
    assert isinstance(first, Entry)
    assert isinstance(second, Entry)
    assert first.id < second.id
    assert (first.source, first.source_key) == ("commits", "abc")
    assert first.local_day == 20_255  # 2025-06-16 in Tokyo, still the 15th in UTC
    assert first.logged_epoch == first.started_epoch + 3600


def test_the_end_is_the_time_of_logging() -> None:
    """An entry with an end was logged at its end, unless the source says otherwise."""
    ended: EntryFields = {**FIELDS, "ended_epoch": 1_750_040_000}
    entry = build_entry(import_context(None), "commits", 1, **ended)
    assert isinstance(entry, Entry)
    assert entry.logged_epoch == 1_750_040_000
    entry = build_entry(import_context(None), "commits", 1, **{**ended, "logged_epoch": 1})
    assert isinstance(entry, Entry)
    assert entry.logged_epoch == 1


def test_names_are_in_nfc() -> None:
    """A developer's name is in NFC however the source spells it."""
    nfd: EntryFields = {**FIELDS, "developer": unicodedata.normalize("NFD", "Zoë")}
    entry = build_entry(import_context(None), "commits", 1, **nfd)
    assert isinstance(entry, Entry)
    assert entry.developer == "Zoë"


def test_an_invalid_entry_is_rejected() -> None:
    """The rejected row has the line, the column and the value."""
    future: EntryFields = {**FIELDS, "ended_epoch": NOW_EPOCH + 1}
    context = import_context(None, now_epoch=NOW_EPOCH)
    rejected = build_entry(context, "commits", 7, **future)
    assert isinstance(rejected, Rejected)
    assert (rejected.line, rejected.column) == (7, "ended_at")
    assert rejected.value == str(NOW_EPOCH + 1)


def test_an_unknown_zone_is_refused() -> None:
    """A source that gives no valid zone is refused as a whole."""
    with pytest.raises(BadValue, match="Asia/Tokyo"):
        build_entry(import_context(None), "commits", 1, **{**FIELDS, "zone": "Asia/Tokio"})


def test_a_log_need_not_be_a_table() -> None:
    """Without a table there is no header, and the other properties have the usual values."""
    log = ForeignLog("commits", iter(()), Counter())
    assert (log.header, log.delimiter, log.encoding) == ((), ",", "utf-8")
