"""The outbox: pending records stay in order, and an invalid file blocks no other."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from support.local_state import LocalState

from tracker.domain.ids import uuid7


def test_an_invalid_record_is_quarantined_and_the_others_are_pending(
    local_state: LocalState,
) -> None:
    """A damaged file in the outbox blocks no other record and is not deleted."""
    local_state.outbox.put("01", {"kind": "estimate", "id": "01"})
    local_state.outbox.put("03", {"kind": "estimate", "id": "03"})
    for name, content in {"00": "", "02": '{"kind": "what"}', "04": "[1]"}.items():
        (local_state.folder / "outbox" / f"{name}.json").write_text(content)
    assert [record["id"] for record in local_state.records()] == ["01", "03"]
    assert len(local_state.messages) == 3
    assert sorted(file.name for file in (local_state.folder / "outbox").glob("*.bad")) == [
        "00.json.bad",
        "02.json.bad",
        "04.json.bad",
    ]
    assert local_state.outbox.count() == 2


def test_a_folder_in_the_outbox_is_skipped_with_a_message(local_state: LocalState) -> None:
    """A folder is not a record, and it blocks no record."""
    local_state.outbox.put("01", {"kind": "estimate", "id": "01"})
    (local_state.folder / "outbox" / "e.json").mkdir()
    assert [record["id"] for record in local_state.records()] == ["01"]
    assert "e.json could not be read (Is a directory): it is skipped" in local_state.messages[0]
    assert local_state.outbox.count() == 1


@pytest.mark.parametrize(
    "listing_order",
    [sorted, lambda names: sorted(names, reverse=True), lambda names: Random(1).sample(names, 20)],
    ids=["ascending", "descending", "shuffled"],
)
def test_pending_records_are_sorted_oldest_first(
    local_state: LocalState,
    monkeypatch: pytest.MonkeyPatch,
    listing_order: Callable[[list[str]], list[str]],
) -> None:
    """The database gets records in the order of their creation, however the disk lists files."""
    ids = [uuid7(minute * 60 * 10**9, bytes([255 - minute] * 8)) for minute in range(20)]
    for id_ in Random(2).sample(ids, len(ids)):
        local_state.outbox.put(id_, {"kind": "entry", "id": id_})
    list_folder = os.listdir
    monkeypatch.setattr(os, "listdir", lambda folder: listing_order(list_folder(folder)))
    assert [record["id"] for record in local_state.records()] == ids
    assert [Path(path).stem for path, _ in local_state.outbox.pending()] == ids


def test_discarded_records_are_deleted(local_state: LocalState) -> None:
    """Discarding twice has no further effect; an outbox that was never used is empty."""
    assert local_state.outbox.count() == 0
    assert local_state.records() == []
    for id_ in ("02", "01"):
        local_state.outbox.put(id_, {"kind": "estimate", "id": id_})
    paths = [path for path, _ in local_state.outbox.pending()]
    local_state.outbox.discard(paths)
    local_state.outbox.discard(paths)
    assert local_state.outbox.count() == 0


@pytest.mark.parametrize(
    "content",
    [
        b'{"kind": ' + b"[" * 100_000,
        b'{"kind": ' * 50_000,
        b'{"kind": "entry", "id": ' + b"9" * 5_000 + b"}",
        b'{"kind": "entry", "id": "' + b"." * 20_000 + b'"}',
        b'{"kind": "entry\xff"}',
        b"\0" * 100,
    ],
    ids=["deep lists", "deep objects", "digits", "dots", "not UTF-8", "NUL"],
)
def test_an_absurd_file_is_quarantined(local_state: LocalState, content: bytes) -> None:
    """It blocks no other record, and the message names the file that it is kept in."""
    local_state.outbox.put("01", {"kind": "estimate", "id": "01"})
    (local_state.folder / "outbox" / "00.json").write_bytes(content)
    assert [record["id"] for record in local_state.records()] == ["01"]
    (message,) = local_state.messages
    assert "00.json.bad" in message
    assert len(message) < 1_000
    assert (local_state.folder / "outbox" / "00.json.bad").read_bytes() == content
