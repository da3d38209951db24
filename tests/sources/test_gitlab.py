"""``import gitlab``: timelogs, and what corrections leave of them."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.foreign_logs import read, records_of, single
from support.time_servers import gitlab_timelog

from tracker.domain.errors import BadValue
from tracker.domain.records import Entry, Rejected, Skipped, Task
from tracker.sources.gitlab import CORRECTION, MORE_PAGES, TAKEN_BACK

ADA, BOB = {"username": "ada", "name": "Ada"}, {"username": "bob", "name": "Bob"}


def page(*nodes: Any, has_next: bool = False, kind: str = "group") -> dict[str, Any]:
    """Return an answer to a query of timelogs."""
    info = {"hasNextPage": has_next, "endCursor": "x"}
    return {"data": {kind: {"name": "pay", "timelogs": {"pageInfo": info, "nodes": list(nodes)}}}}


def read_gitlab(*documents: Any, notes: Counter[str] | None = None, zone: str | None = None) -> Any:
    """Return the records of documents, one after another."""
    text = "\n".join(json.dumps(document) for document in documents)
    return read(text, None, kind="gitlab", notes=notes, zone=zone)


def seconds(records: list[Any]) -> dict[int, int]:
    """Return the number of each entry's timelog and its seconds."""
    return {
        int(str(entry.source_key).rpartition("/")[2]): entry.seconds
        for entry in records_of(Entry, records)
    }


@pytest.mark.parametrize(
    "documents",
    [
        [page(gitlab_timelog(1))],
        [[page(gitlab_timelog(1)), page()]],
        [page(gitlab_timelog(1), kind="project")],
        [[gitlab_timelog(1)]],
        [gitlab_timelog(1)],
        [{"data": {"timelogs": {"edges": [{"cursor": "a", "node": gitlab_timelog(1)}]}}}],
        [page(gitlab_timelog(1)), page(gitlab_timelog(1))],
    ],
)
def test_every_shape_of_an_answer_is_read(documents: list[Any]) -> None:
    """Pages of a group or a project, lists, edges; a repeated timelog counts once."""
    records = read_gitlab(*documents)
    (entry,) = records_of(Entry, records)
    assert (entry.developer, entry.task, entry.activity) == ("ada", "pay/web#1", "design")
    assert (entry.seconds, entry.source_key) == (3600, "gid://gitlab/Timelog/1")
    assert records_of(Task, records) == [Task("pay/web#1", "Issue 1", "pay/web", 120.0)]


def test_a_merge_request_has_its_own_mark() -> None:
    """As GitLab writes it; without a project the path is that of the address."""
    request = {
        "iid": "5",
        "title": "MR",
        "webUrl": "https://gitlab.example.org/a/b/-/merge_requests/5",
    }
    log = gitlab_timelog(1, issue=None, mergeRequest=request, project=None)
    assert records_of(Entry, read_gitlab(log))[0].task == "a/b!5"


@pytest.mark.parametrize(
    ("spent_at", "zone", "epoch", "day"),
    [
        ("2026-03-02T00:00:00Z", "America/New_York", 1_772_470_800, 20_514),  # noon there
        ("2026-03-02T12:00:00Z", "America/New_York", 1_772_470_800, 20_514),
        ("2026-03-02T00:00:00Z", None, 1_772_452_800, 20_514),  # noon in UTC
        ("2026-03-02T09:15:00Z", "America/New_York", 1_772_442_900, 20_514),
    ],
)
def test_midnight_and_noon_are_a_day(spent_at: str, zone: str | None, epoch: int, day: int) -> None:
    """GitLab gives one of the two where only the day is known."""
    (entry, _) = read_gitlab(gitlab_timelog(1, spentAt=spent_at), zone=zone)
    assert (entry.started_epoch, entry.local_day) == (epoch, day)


def test_a_correction_takes_back_its_authors_own_time() -> None:
    """The latest first, wherever it stands in the file."""
    logs = [
        gitlab_timelog(5, -4500),
        gitlab_timelog(1, 3600),
        gitlab_timelog(2, 3600, user=BOB),
        gitlab_timelog(3, 3600),
        gitlab_timelog(4, 1800, iid=2),
    ]
    records = read_gitlab(page(*logs))
    assert seconds(records) == {1: 2700, 2: 3600, 4: 1800}
    assert Counter(row.reason for row in records_of(Skipped, records)) == {
        CORRECTION: 1,
        TAKEN_BACK: 1,
    }


def test_a_reset_takes_back_everybodys_time() -> None:
    """`/remove_time_spent` writes minus the whole total under whoever called it."""
    logs = [
        gitlab_timelog(1, 3600),
        gitlab_timelog(2, 1800, user=BOB),
        gitlab_timelog(3, -5400, user=BOB),
        gitlab_timelog(4, 900),
        gitlab_timelog(5, 900, iid=2),
    ]
    assert seconds(read_gitlab(page(*logs))) == {4: 900, 5: 900}


def test_a_correction_without_its_time_is_rejected() -> None:
    """As in an export that was cut by date; what it does cover is taken off."""
    logs = [gitlab_timelog(1, 600), gitlab_timelog(2, -900), gitlab_timelog(3, 600, user=BOB)]
    records = read_gitlab(page(*logs))
    (rejected,) = records_of(Rejected, records)
    assert (rejected.column, rejected.value) == ("timeSpent", "-900")
    assert "300 seconds more than the file has" in rejected.reason
    assert seconds(records) == {3: 600}


def test_what_an_uncovered_correction_may_have_taken_back_is_rejected() -> None:
    """It may be a reset, which takes everybody's time back; later time and other items are kept."""
    logs = [
        gitlab_timelog(1, 3600, user=BOB),
        gitlab_timelog(2, 1800),
        gitlab_timelog(3, -9000),
        gitlab_timelog(4, 900, user=BOB),
        gitlab_timelog(5, 900, iid=2),
    ]
    records = read_gitlab(page(*logs))
    rejected = records_of(Rejected, records)
    assert [(row.line, row.value) for row in rejected] == [(1, "3600"), (3, "-9000")]
    assert "perhaps this time too: export a longer period" in rejected[0].reason
    assert seconds(records) == {4: 900, 5: 900}


@given(
    logs=st.lists(
        st.tuples(st.integers(-5, 5), st.sampled_from([ADA, BOB]), st.integers(1, 2)), max_size=12
    ),
    order=st.randoms(use_true_random=False),
)
def test_what_is_left_adds_up(logs: list[tuple[int, Any, int]], order: Any) -> None:
    """Entries sum to the total where corrections are covered; the order of rows has no effect."""
    nodes = [
        gitlab_timelog(number, 60 * spent, iid, user=user)
        for number, (spent, user, iid) in enumerate(logs, 1)
    ]
    in_order = read_gitlab(page(*nodes))
    if not records_of(Rejected, in_order):
        assert sum(seconds(in_order).values()) == 60 * sum(spent for spent, _, _ in logs)
    order.shuffle(nodes)
    assert seconds(read_gitlab(page(*nodes))) == seconds(in_order)


def test_further_pages_are_told() -> None:
    """Where the last answer has a next page that the file lacks."""
    notes: Counter[str] = Counter()
    read_gitlab(page(gitlab_timelog(1), has_next=True), notes=notes)
    assert notes == {MORE_PAGES: 1}
    notes.clear()
    read_gitlab(page(gitlab_timelog(1), has_next=True), page(gitlab_timelog(2)), notes=notes)
    assert notes == {}


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"user": None}, "user"),
        ({"issue": None}, "issue"),
        ({"spentAt": None}, "spentAt"),
        ({"spentAt": "2026-03-02"}, "spentAt"),
        ({"timeSpent": "1h"}, "timeSpent"),
        ({"note": "text"}, "note"),
    ],
)
def test_a_field_of_another_kind_is_rejected(changes: dict[str, Any], column: str) -> None:
    """With the name of the field; the others are kept."""
    records = read_gitlab(page(gitlab_timelog(1, **changes), gitlab_timelog(2)))
    assert [row.column for row in records_of(Rejected, records)] == [column]
    assert len(records_of(Entry, records)) == 1


@pytest.mark.parametrize("document", [{}, 5, None, "x", [5], {"data": None}, {"data": {"a": [1]}}])
def test_something_else_is_refused(document: Any) -> None:
    """Any other JSON ends in one line that says what to give."""
    with pytest.raises(BadValue, match="give the answer to a GraphQL query of timelogs"):
        read_gitlab(gitlab_timelog(1), document)


def test_errors_are_refused() -> None:
    """A query that failed answers with errors."""
    with pytest.raises(BadValue, match="holds errors in place of timelogs"):
        read_gitlab({"errors": [{"message": "x"}], "data": {"group": {"timelogs": {"nodes": []}}}})


def test_an_empty_answer_has_no_records() -> None:
    """It is no error."""
    assert read_gitlab(page()) == []
    assert single(Entry, records_of(Entry, read_gitlab(page(), gitlab_timelog(1)))).seconds == 3600  # type: ignore[arg-type]


def test_seconds_may_have_a_fraction() -> None:
    """A number with a point is a number too, and no correction."""
    node = gitlab_timelog(1) | {"timeSpent": 3600.0}
    assert seconds(read_gitlab(page(node), zone="UTC")) == {1: 3600}


@pytest.mark.parametrize("project", [[], 5, "pay"])
def test_a_project_of_the_wrong_kind_is_rejected(project: object) -> None:
    """Also where the issue has neither an id nor an address, and the project would identify it."""
    timelog = gitlab_timelog(1, issue={"iid": "1"}, project=project)
    (rejected,) = read_gitlab(timelog)
    assert (type(rejected), rejected.column) == (Rejected, "project")


def test_issues_without_ids_are_told_apart_by_project_and_number() -> None:
    """A reset of one issue takes nothing from the same number of another project."""
    documents = [
        gitlab_timelog(number, issue={"iid": "1"}, project={"fullPath": project}, timeSpent=spent)
        for number, project, spent in [(1, "pay/web", 60), (2, "pay/app", 60), (3, "pay/web", -60)]
    ]
    assert seconds(read_gitlab(*documents)) == {2: 60}
