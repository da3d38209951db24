"""`import processdash`: flags, garbled elements, and XML that would harm."""

from __future__ import annotations

import pytest
from support.foreign_logs import read, records_of

from tracker.domain.errors import BadValue
from tracker.domain.records import Entry, Imported, Rejected, Skipped, Task
from tracker.sources.processdash import CHANGED, DELETED, RENAMED

ELEMENT = '<time id="1" path="/Project/Shop/PAY-1 x/Design" start="@1092921342000" delta="76" />'


def read_elements(
    *elements: str, head: str = "<?xml version='1.0' encoding='UTF-8' ?>\n"
) -> list[Imported]:
    """Return the records of a time log."""
    text = f"{head}<timeLogEntries>\n{chr(10).join(elements)}\n</timeLogEntries>\n"
    return read(text, None, kind="processdash", developer="ada", now_epoch=1_780_000_000)


def test_an_element_becomes_an_entry() -> None:
    """The last part of the path is the phase; the end is start + delta + interrupt."""
    records = read_elements(
        ELEMENT.replace("/>", 'interrupt="4" comment="a&#10;b &amp; c" flag="A" />')
    )
    (entry,) = records_of(Entry, records)
    assert (entry.task, entry.activity, entry.source_key) == ("PAY-1", "design", "1")
    assert (entry.seconds, entry.interruption_seconds) == (76 * 60, 240)
    assert entry.ended_epoch == entry.started_epoch + 80 * 60
    assert entry.note == "a\nb & c"
    assert records_of(Task, records) == [Task("PAY-1", project="Shop")]


def test_a_path_without_a_key_is_the_task() -> None:
    """Without its phase; attributes of 0 are left out."""
    (entry,) = records_of(
        Entry, read_elements('<time id="2" path="/Non Project/CAPRE/Mail" start="@0"/>')
    )
    assert (entry.task, entry.activity, entry.seconds) == ("/Non Project/CAPRE", "Mail", 0)


def test_the_flag_of_an_addition_does_not_change_an_entry() -> None:
    """A is added: the same work."""
    hashes = {
        records_of(Entry, read_elements(ELEMENT.replace("/>", f"{flag} />")))[0].row_hash
        for flag in ("", 'flag="A"')
    }
    assert len(hashes) == 1


def test_elements_that_are_no_work_are_told() -> None:
    """M is a change, with the difference of the minutes and without what stays as it is."""
    records = read_elements(
        ELEMENT.replace("/>", 'flag="D" />'),
        '<time path="/Project&#10;/Foo/Bar" flag="R" />',
        '<time id="1" delta="-10" flag="M" />',
    )
    assert records == [Skipped(3, DELETED), Skipped(4, RENAMED), Skipped(5, CHANGED)]


@pytest.mark.parametrize(
    ("element", "column"),
    [
        (ELEMENT.replace('id="1" ', ""), "id"),
        (ELEMENT.replace('id="1"', 'id="x"'), "id"),
        (ELEMENT.replace("@", ""), "start"),
        (ELEMENT.replace("@", "@99"), "started_at"),
        (ELEMENT.replace('"76"', '"7.5"'), "delta"),
        (ELEMENT.replace('"76"', '"-5"'), "minutes"),
        (ELEMENT.replace("/>", 'interrupt="-4" />'), "interrupt"),
        (ELEMENT.replace("/Project/Shop/PAY-1 x/Design", "/"), "path"),
    ],
)
def test_a_garbled_element_is_rejected(element: str, column: str) -> None:
    """Process Dashboard drops it in silence; here it is rejected by its line."""
    (rejected,) = records_of(Rejected, read_elements(ELEMENT.replace('"1"', '"9"'), element))
    assert (rejected.line, rejected.column) == (4, column)


BOMB = (
    "<?xml version='1.0'?>\n<!DOCTYPE timeLogEntries [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>\n"
)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (BOMB, "a document type"),
        ("<!DOCTYPE timeLogEntries SYSTEM 'file:///etc/passwd'>", "a document type"),
        ("<x/>", "begins with <x>"),
        ("&a;", "is not XML"),
        ("<?xml version='1.0' encoding='rot13'?>", "cannot be read|not XML"),
    ],
)
def test_xml_that_is_no_time_log_is_refused(head: str, message: str) -> None:
    """Entities are not expanded, and no other file is read."""
    with pytest.raises(BadValue, match=message):
        read_elements(ELEMENT, head=head)


def test_other_elements_are_passed_over() -> None:
    """Only `time` below the root is work."""
    assert len(read_elements(f"<group>{ELEMENT}</group>", ELEMENT)) == 2
