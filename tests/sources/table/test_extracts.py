"""``[extract.COLUMN]``: a part of the first text that has it; patterns that cannot be slow."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.foreign_logs import read, records_of, single

from tracker.domain.errors import BadValue
from tracker.domain.records import Entry, Imported, Rejected, Skipped
from tracker.sources.table.column_map import parse_map
from tracker.sources.table.extracts import Extract, read_extracts

KEY = r"'([A-Z][A-Z0-9]+-\d+)'"
MAP = rf"""
source = "toggl"
[columns]
developer = "User"
activity = "Project"
started_at = "Start"
minutes = "Min"
[extract.task]
from = ["Task", "Description"]
pattern = {KEY}
[formats]
timezone = "UTC"
"""
HEADER = "User,Project,Task,Description,Start,Min\n"


def row(task: str, description: str) -> str:
    """Return a row with this task and description."""
    return f"ann,design,{task},{description},2026-03-02 09:00,30\n"


def only(task: str, description: str, map_: str = MAP) -> Imported:
    """Return the record of one row."""
    (record,) = read(HEADER + row(task, description), map_)
    return record


def extract(pattern: str) -> Extract:
    """Return the extract of a task by a pattern."""
    return read_extracts({"task": {"pattern": pattern}}, "m.toml")["task"]


@pytest.mark.parametrize(
    ("task", "description", "key"),
    [
        ("", "PAY-622 Refund flow", "PAY-622"),
        ("", "[PAY-622] Refund flow", "PAY-622"),
        ("", "feature/PAY-622-x", "PAY-622"),
        ("PAY-2", "PAY-622 Refund flow", "PAY-2"),
        ("reading", "PAY-622 Refund flow", "PAY-622"),
        ("reading", "nothing", "reading"),
        ("", "nothing", "nothing"),
        ("", "pay-622 in small letters", "pay-622 in small letters"),
    ],
)
def test_the_first_column_with_a_match_gives_the_task(
    task: str, description: str, key: str
) -> None:
    """Without a match the whole text of the first column that has one is kept."""
    record = only(task, description)
    assert isinstance(record, Entry)
    assert record.task == key


def test_without_a_match_the_column_itself_is_kept() -> None:
    """The text of [columns] goes before those that are only searched."""
    map_ = MAP.replace("[columns]", '[columns]\ntask = "Task"').replace('"Task", "D', '"D')
    record = only("reading", "nothing", map_)
    assert isinstance(record, Entry)
    assert record.task == "reading"
    record = only("", "nothing", map_)
    assert isinstance(record, Entry)
    assert record.task == "nothing"


def test_a_row_without_a_match_is_refused_or_skipped_where_the_map_says_so() -> None:
    """The refusal names line, columns and values; a skipped row is counted with its reason."""
    refuse, skip = (
        MAP.replace("[formats]", f'otherwise = "{word}"\n[formats]') for word in ("refuse", "skip")
    )
    rejected = only("a", "b", refuse)
    assert isinstance(rejected, Rejected)
    assert (rejected.line, rejected.column, rejected.value) == (2, "Task + Description", "a + b")
    assert "no part of it matches" in rejected.reason
    assert only("a", "b", skip) == Skipped(2, "nothing matches the pattern of task")
    missing = only("", "", skip)
    assert isinstance(missing, Rejected)
    assert "it is missing" in missing.reason


def test_an_extracted_text_is_translated() -> None:
    """[values] applies to the part, not to the whole text."""
    map_ = MAP + '[values.task]\n"PAY-*" = "payments"\n'
    record = only("", "PAY-622 Refund flow", map_)
    assert isinstance(record, Entry)
    assert record.task == "payments"


def test_texts_are_matched_in_nfc() -> None:
    """An accented letter in either form matches the pattern in either form."""
    nfd = unicodedata.normalize("NFD", "Prüfung-7")
    for pattern in ("(Prüfung-[0-9])", unicodedata.normalize("NFD", "(Prüfung-[0-9])")):
        assert extract(pattern).search(["x", nfd]) == "Prüfung-7"
    assert extract(r"(\p{L}+)").search(["12 Ähre"]) == "Ähre"


def test_a_hopeless_pattern_takes_no_time() -> None:
    """Nested quantifiers, which make other matchers hang, take linear time."""
    started = time.perf_counter()
    assert extract("((?:a+)+)$").search(["a" * 50_000 + "b"]) is None
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("[extract.tsak]\npattern = '(a)'", "did you mean task?"),
        ("[extract.minutes]\npattern = '(a)'", "unknown key"),
        ("[extract.task]\npatern = '(a)'", "did you mean pattern?"),
        ("[extract.task]\n", "has no pattern"),
        ("[extract.task]\npattern = 3", "a regular expression"),
        ("[extract.task]\npattern = 'a'", "it has 0 groups"),
        ("[extract.task]\npattern = '(a)(b)'", "it has 2 groups"),
        ("[extract.task]\npattern = '(a'", "missing )"),
        ("[extract.task]\npattern = '(?=a)(b)'", "without look-around"),
        (r"[extract.task]" + "\n" + r"pattern = '(a)\1'", "back references"),
        ("[extract.task]\npattern = '(a)'\nfrom = []", "a list of them"),
        ("[extract.task]\npattern = '(a)'\nfrom = [3]", "a list of them"),
        ("[extract.task]\npattern = '(a)'\notherwise = 'drop'", "keep, refuse, skip"),
        ("[extract]\ntask = '(a)'", "write it as [extract.task]"),
    ],
)
def test_a_faulty_extract_is_refused_when_the_map_is_read(section: str, message: str) -> None:
    """The line names the map, the section and what to do."""
    with pytest.raises(BadValue) as refusal:
        parse_map(f'source = "s"\n{section}', "m.toml")
    line = str(refusal.value)
    assert message in line
    assert line.startswith("m.toml ")
    assert "\n" not in line


def test_an_extract_of_a_table_needs_a_column() -> None:
    """Without from and without a column of its own there is nothing to search."""
    with pytest.raises(BadValue, match=r"\[extract\.task\] has no from"):
        read(HEADER, MAP.replace('from = ["Task", "Description"]\n', ""))
    with pytest.raises(BadValue, match="no column 'Descriptoin'"):
        read(HEADER, MAP.replace('"Description"', '"Descriptoin"'))


@given(texts=st.lists(st.text(), max_size=3))
def test_any_text_can_be_searched(texts: list[str]) -> None:
    """The part is within one of the texts, in NFC, or there is none."""
    part = extract(r"([A-Z]+-\d+)").search([*texts, "\udc80 PAY-1"])
    assert part is not None
    assert any(part in unicodedata.normalize("NFC", text) for text in [*texts, "PAY-1"])


TAGS = """
source = "tags"
[columns]
developer = ["First", "Last"]
task = "Task"
activity = ["Tags", "Project"]
assisted = "Tags"
tags = "Tags"
started_at = "Start"
minutes = "Min"
[values.activity]
"des*" = "design"
"QA" = "testing"
[values.assisted]
"ai" = "yes"
[formats]
timezone = "UTC"
"""


@pytest.mark.parametrize(
    ("tags", "project", "activity", "assisted"),
    [
        ("backend, QA, design", "x", "testing", "unknown"),
        ("ai, design", "x", "design", "yes"),
        ("backend", "QA", "testing", "unknown"),
        ("backend", "x", "backend", "unknown"),
        ("", "x", "x", "unknown"),
    ],
)
def test_the_first_known_tag_is_the_activity(
    tags: str, project: str, activity: str, assisted: str
) -> None:
    """Tags are tried one by one, then the next column; none that is known leaves the first text."""
    log = (
        f'First,Last,Task,Tags,Project,Start,Min\nAnn,Lee,T,"{tags}",{project},2026-03-02 09:00,5\n'
    )
    entry = single(Entry, read(log, TAGS))
    assert (entry.activity, entry.assisted) == (activity, assisted)
    assert entry.developer == "Ann Lee"
    assert entry.tags == (tags or None)


def test_a_column_without_tags_must_have_a_known_word() -> None:
    """A word of another column than tags that is none of yes, no, unknown is rejected."""
    map_ = TAGS.replace('tags = "Tags"\n', "")
    log = "First,Last,Task,Tags,Project,Start,Min\nAnn,Lee,T,design,x,2026-03-02 09:00,5\n"
    assert [row.column for row in records_of(Rejected, read(log, map_))] == ["Tags"]
