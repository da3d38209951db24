"""``import jira``: the shapes of its answers, what they lack, and who wrote them."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from typing import Any

import pytest
from support.foreign_logs import read, records_of, single
from support.time_servers import jira_issue, jira_worklog

from tracker.domain.errors import BadValue
from tracker.domain.records import Entry, Rejected, Skipped, Task
from tracker.sources.jira import BY_APP, INCOMPLETE, NAMESAKES, WITHOUT_KEY

UPDATED = "2026-03-02T10:00:00.000+0000"
LOG = jira_worklog(7, UPDATED)


def issue(number: int, *worklogs: Any, total: int | None = None, **fields: Any) -> dict[str, Any]:
    """Return an issue with embedded worklogs."""
    page = {"startAt": 0, "maxResults": 20, "total": total or len(worklogs)}
    return jira_issue(number, worklog={**page, "worklogs": list(worklogs)}, **fields)


def read_jira(*documents: Any, map_: str | None = None, notes: Counter[str] | None = None) -> Any:
    """Return the records of documents, one after another."""
    text = "\n".join(json.dumps(document) for document in documents)
    return read(text, map_, kind="jira", notes=notes, zone="Europe/Berlin")


@pytest.mark.parametrize(
    "documents",
    [
        [{"issues": [issue(1, LOG)]}],
        [[{"issues": [issue(1, LOG)]}]],
        [issue(1, LOG)],
        [[issue(1, LOG)]],
        [issue(1), {"startAt": 0, "total": 1, "worklogs": [LOG]}],
        [{"issues": [issue(1)]}, [LOG]],
        [{**LOG, "issue": jira_issue(1)}],
    ],
)
def test_every_shape_of_an_answer_is_read(documents: list[Any]) -> None:
    """A search, issues, pages of worklogs, and what `tracker pull` fetches."""
    records = read_jira(*documents)
    entry = single(Entry, records_of(Entry, records))  # type: ignore[arg-type]
    assert (entry.developer, entry.task, entry.activity) == ("Ada", "PAY-1", "design")
    assert (entry.seconds, entry.ended_epoch, entry.zone) == (3600, None, "Europe/Berlin")
    assert (entry.source_key, entry.note, entry.tags) == ("7", "thinking", "design")
    assert records_of(Task, records) == [Task("PAY-1", "Issue 1", "Payments", 120.0)]


def test_the_key_of_an_entry_does_not_depend_on_the_shape() -> None:
    """An import of a file and a pull of the same worklogs add nothing to each other."""
    (first, *_), (second, *_) = (
        read_jira({"issues": [issue(1, LOG)]}),
        read_jira({**LOG, "issue": jira_issue(1)}),
    )
    assert (first.source_key, first.row_hash) == (second.source_key, second.row_hash)


def test_what_a_search_leaves_out_is_told() -> None:
    """Jira embeds 20 worklogs of an issue."""
    notes: Counter[str] = Counter()
    read_jira(
        {"issues": [issue(1, LOG, total=30), issue(2, jira_worklog(8, UPDATED))]}, notes=notes
    )
    assert notes == {INCOMPLETE: 29}


def test_pages_that_are_missing_are_told() -> None:
    """The pages of an issue may come in any order, and beside the worklogs of a search."""
    first, last = ([jira_worklog(n, UPDATED, 10010) for n in numbers] for numbers in ((1, 2), (6,)))
    pages = [
        {"startAt": 5, "maxResults": 2, "total": 6, "worklogs": last},
        {"startAt": 0, "maxResults": 2, "total": 6, "worklogs": first},
    ]
    notes: Counter[str] = Counter()
    read_jira(*pages, notes=notes)
    assert notes[INCOMPLETE] == 3
    rest = [jira_worklog(n, UPDATED, 10010) for n in (3, 4, 5)]
    notes.clear()
    read_jira({"startAt": 2, "total": 6, "worklogs": rest}, *pages, notes=notes)
    assert notes[INCOMPLETE] == 0


def test_a_page_without_its_issue_has_no_key() -> None:
    """The task is the issue's number then, and that is told; a map can translate it."""
    notes: Counter[str] = Counter()
    page = {"worklogs": [jira_worklog(7, UPDATED, 10010)]}
    assert single(Entry, read_jira(page, notes=notes)).task == "10010"
    assert notes == {WITHOUT_KEY: 1}
    map_ = 'source = "jira"\n[values.task]\n"10010" = "PAY-9"\n'
    assert single(Entry, read_jira(page, map_=map_)).task == "PAY-9"


def test_what_an_app_wrote_is_nobodys_time() -> None:
    """Worklogs booked through Tempo have the app as author, unless the map names it."""
    app = {"accountId": "t", "displayName": "Tempo Timesheets", "accountType": "app"}
    page = issue(1, jira_worklog(7, UPDATED, author=app))
    assert read_jira(page) == [Skipped(1, BY_APP)]
    map_ = 'source = "jira"\n[values.developer]\n"Tempo*" = "tess"\n'
    assert records_of(Entry, read_jira(page, map_=map_))[0].developer == "tess"


def test_a_person_of_data_center_has_a_name() -> None:
    """Without a display name the user name counts; without any the row is rejected."""
    logs = [
        jira_worklog(number, UPDATED, author=author)
        for number, author in enumerate([{"name": "ada", "key": "k"}, {"key": "k2"}, {}, None])
    ]
    records = read_jira(issue(1, *logs))
    assert [entry.developer for entry in records_of(Entry, records)] == ["ada", "k2"]
    assert [row.column for row in records_of(Rejected, records)] == ["author", "author"]


def test_namesakes_are_told() -> None:
    """Two accounts with one display name."""
    notes: Counter[str] = Counter()
    other = {"accountId": "a-2", "displayName": "Ada", "accountType": "atlassian"}
    read_jira(issue(1, LOG, jira_worklog(8, UPDATED, author=other)), notes=notes)
    assert notes == {NAMESAKES: 1}


def test_a_comment_of_version_3_is_a_document() -> None:
    """Its paragraphs are the lines of the note, in which a pattern finds the activity."""
    paragraph = [
        {"type": "paragraph", "content": [{"type": "text", "text": text}]}
        for text in ("Testing: the", "second line")
    ]
    comment = {"type": "doc", "version": 1, "content": paragraph}
    map_ = (
        'source = "jira"\n[extract.activity]\nfrom = "comment"\npattern = "^([A-Z][a-z]+):"\n'
        '[values.activity]\n"Testing" = "testing"\n'
    )
    records = read_jira(issue(1, jira_worklog(7, UPDATED, comment=comment)), map_=map_)
    (entry,) = records_of(Entry, records)
    assert (entry.note, entry.activity) == ("Testing: the\nsecond line", "testing")


def test_facts_of_the_task() -> None:
    """Estimates in seconds (0 and null are none), the day of resolution, the type as activity."""
    for estimate in (0, None):
        fields = {"timeoriginalestimate": estimate, "labels": [], "issuetype": {"name": "Spike"}}
        records = read_jira(issue(1, LOG, resolutiondate="2026-03-05T10:00:00.000+0100", **fields))
        (task,) = records_of(Task, records)
        assert (task.estimate_minutes, task.completed_epoch) == (None, 1_772_701_200)
        assert records_of(Entry, records)[0].activity == "Spike"


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"started": "2026-03-02T09:00:00"}, "started"),
        ({"started": 5}, "started"),
        ({"started": None}, "started"),
        ({"timeSpentSeconds": "3600"}, "timeSpentSeconds"),
        ({"timeSpentSeconds": float("nan")}, "timeSpentSeconds"),
        ({"timeSpentSeconds": None}, "timeSpentSeconds"),
        ({"timeSpentSeconds": -60}, "minutes"),
        ({"timeSpentSeconds": 10**9}, "minutes"),
        ({"author": "ada"}, "author"),
        ({"created": "yesterday"}, "created"),
        ({"id": [1]}, "id"),
    ],
)
def test_a_field_of_another_kind_is_rejected(changes: dict[str, Any], column: str) -> None:
    """With the name of the field; the others are kept."""
    records = read_jira(issue(1, {**LOG, **changes}, jira_worklog(8, UPDATED)))
    assert [row.column for row in records_of(Rejected, records)] == [column]
    assert len(records_of(Entry, records)) == 1


@pytest.mark.parametrize(
    "document", [{}, 5, None, "x", [5], {"issues": 5}, {"issues": [5]}, {"worklogs": [None]}]
)
def test_something_else_is_refused(document: Any) -> None:
    """Any other JSON ends in one line that says what to give."""
    with pytest.raises(BadValue, match="give what Jira's interface gives"):
        read_jira(issue(1, LOG), document)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "log.csv is empty"),
        ("Summary,Issue key\nx,PAY-1\n", "is not JSON, it begins with 'Summary,Issue key': give"),
        ('{"issues": [', "is the file cut off"),
    ],
)
def test_what_is_not_json_is_not_called_cut_off(content: str, message: str) -> None:
    """Jira's export as CSV, for example."""
    with pytest.raises(BadValue, match=message):
        read(content, None, kind="jira")


@pytest.mark.parametrize("id_", [[], {"a": 1}, "\ud800", 10**30])
def test_an_id_of_any_kind_ends_in_records_or_rejected_rows(id_: object) -> None:
    """The other worklogs of the file are read."""
    records = read_jira(issue(1) | {"id": id_}, LOG | {"issueId": id_}, issue(2, LOG))
    assert len(records_of(Entry, records)) + len(records_of(Rejected, records)) == 2
    assert records_of(Entry, records)[-1].task == "PAY-2"


def test_a_worklog_without_an_issue_is_of_no_issue_without_an_id() -> None:
    """Its task is unknown, not that of the issue before it."""
    nameless = {key: value for key, value in LOG.items() if key != "issueId"}
    anonymous = {key: value for key, value in issue(1).items() if key != "id"}
    assert not any(
        isinstance(record, Entry) and record.task == "PAY-1"
        for record in read_jira(anonymous, nameless)
    )


def test_an_issue_that_is_nested_too_deeply_is_refused() -> None:
    """At any depth, in one line."""
    for depth in range(900, 1000):
        nested = json.dumps(issue(1, LOG, issuetype="@")).replace('"@"', "[" * depth + "]" * depth)
        with contextlib.suppress(BadValue):
            read(nested, None, kind="jira", zone="UTC")
