"""The benchmark that sends hostile inputs to every way into the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.fuzz import fuzz
from benchmarks.fuzz_logs import ADDRESSES, ANSWERS
from benchmarks.long_logs import FORMS
from benchmarks.mutations import read_log
from tracker.domain.records import Entry, Rejected, Task
from tracker.pull.registry import SERVICES
from tracker.sources.registry import SOURCES


def test_every_source_and_service_has_a_form() -> None:
    """A new source is fuzzed, and its memory is measured."""
    assert {form.source for form in FORMS.values()} == set(SOURCES)
    assert set(ADDRESSES) == set(ANSWERS) == set(SERVICES)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_read_whole(name: str) -> None:
    """Each of the rows is an entry, or a task in the list of tasks; none is rejected."""
    form = FORMS[name]
    content = "".join(form.pieces(150)).encode()
    records = read_log(form.source, content, form.map, has_zone=bool(form.options))
    kind = Task if form.source == "tasks" else Entry
    assert sum(isinstance(record, kind) for record in records) == 150
    assert not [record for record in records if isinstance(record, Rejected)]


def test_hostile_inputs_are_read_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few inputs at the ways in end in records or in one line."""
    monkeypatch.chdir(tmp_path)
    assert "0 tracebacks" in fuzz(tmp_path, 60, seed=1)
