"""What is fetched from each tool: every item once, with its last form, however the pages change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.time_servers import (
    GitLabServer,
    JiraServer,
    KimaiServer,
    TogglServer,
    gitlab_timelog,
    jira_issue,
    jira_worklog,
    kimai_sheet,
    toggl_entry,
)
from support.web_server import Answer, WebServer, web_server

from tracker.domain.errors import BadValue, NotFound, TrackerError
from tracker.pull import jira
from tracker.pull.address import parse_address
from tracker.pull.client import Limits, Surroundings
from tracker.pull.registry import SERVICES, Request, fetch_to
from tracker.pull.spool import Spool

NOW = datetime(2026, 6, 10, 10, 0, tzinfo=UTC)
KINDS = tuple(SERVICES)
SURROUNDINGS = Surroundings(lambda: NOW, lambda: 0.0, lambda _seconds: None, lambda _text: None)
PATHS = {"jira": "", "gitlab": "/pay", "toggl": "/7", "kimai": ""}


def pull(
    kind: str, url: str, since: datetime | None = None, messages: list[str] | None = None
) -> list[dict[str, Any]]:
    """Return what a pull fetches."""
    world = SURROUNDINGS
    if messages is not None:
        world = Surroundings(lambda: NOW, lambda: 0.0, lambda _seconds: None, messages.append)
    environ = {f"TRACKER_{kind.upper()}_TOKEN": "token"}
    with Spool() as spool:
        request = Request(kind, parse_address(url), since)
        fetch_to(spool, request, environ, world, Limits(requests=200))
        return [json.loads(line) for line in spool.open()]


def ids(items: list[dict[str, Any]]) -> list[int]:
    """Return the sorted numbers of items."""
    return sorted(int(str(item["id"]).rpartition("/")[2]) for item in items)


@contextmanager
def serving(kind: str, count: int = 7) -> Iterator[tuple[WebServer, Any, str]]:
    """Yield a server of a kind with so many entries, its handler, and its URL."""
    numbers = range(1, count + 1)
    handler = {
        "jira": lambda: JiraServer(
            [jira_worklog(n, f"2026-03-02T10:00:{n // 2:02}.000+0000", n % 3) for n in numbers],
            [jira_issue(n) for n in range(3)],
        ),
        "gitlab": lambda: GitLabServer([gitlab_timelog(n) for n in numbers]),
        "toggl": lambda: TogglServer([toggl_entry(n) for n in numbers]),
        "kimai": lambda: KimaiServer([kimai_sheet(n) for n in numbers]),
    }[kind]()
    with web_server(handler) as server:
        yield server, handler, server.url + PATHS[kind]


def entry_ids(kind: str, items: list[dict[str, Any]]) -> list[int]:
    """Return the sorted numbers of the entries."""
    if kind == "toggl":
        items = [entry for item in items for entry in item.get("time_entries", [item])]
    return ids(items)


@pytest.mark.parametrize("kind", KINDS)
def test_all_pages_are_fetched(kind: str) -> None:
    """Every entry once; an instant that two pages share loses none."""
    with serving(kind) as (_server, _handler, url):
        assert entry_ids(kind, pull(kind, url)) == list(range(1, 8))


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_log_is_fetched(kind: str) -> None:
    """It is no error."""
    with serving(kind, 0) as (_server, _handler, url):
        assert pull(kind, url) == []


@pytest.mark.parametrize("kind", KINDS)
def test_faults_on_the_way_lose_nothing(kind: str) -> None:
    """A busy server, an error and a cut connection within the pages."""
    with serving(kind) as (server, handler, url):
        faults = iter(
            [
                Answer(status=429, headers={"Retry-After": "1"}),
                Answer(status=500),
                Answer([1, 2, 3], cut_after=3),
            ]
        )

        def answer(request: Any) -> Answer:
            fault = next(faults, None) if len(server.requests) % 2 == 0 else None
            return fault or handler(request)

        server.handler = answer
        assert entry_ids(kind, pull(kind, url)) == list(range(1, 8))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "body", [None, 7, "text", [1], {}, {"values": 1}, {"data": {"group": 3}}, [{"id": None}], [[]]]
)
def test_an_answer_of_another_shape_is_refused(kind: str, body: Any) -> None:
    """JSON that the interface does not document ends in one refusal, or holds no entries."""
    with serving(kind) as (server, _handler, url):
        server.handler = lambda _request: Answer(body)
        with pytest.raises(TrackerError) as error:
            pull(kind, url)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_since_to_come_is_refused(kind: str) -> None:
    """Nothing can have happened then."""
    with (
        serving(kind) as (_server, _handler, url),
        pytest.raises(BadValue, match="it is in the future"),
    ):
        pull(kind, url, NOW + timedelta(days=1))


# Jira


def test_a_worklog_bears_its_issue() -> None:
    """The key, labels and estimate come from the search, page by page."""
    with serving("jira") as (server, _handler, url):
        items = pull("jira", url)
        assert {item["issue"]["key"] for item in items} == {"PAY-0", "PAY-1", "PAY-2"}
        assert all(item["issue"]["id"] == item["issueId"] for item in items)
        assert sum(r.path.endswith("/search/jql") for r in server.requests) < 4


def test_data_center_has_the_earlier_search() -> None:
    """Where the server does not know the newer one."""
    with serving("jira") as (server, handler, url):
        handler.has_new_search = False
        assert {item["issue"]["key"] for item in pull("jira", url)} == {"PAY-0", "PAY-1", "PAY-2"}
        assert sum(r.path.endswith("/search/jql") for r in server.requests) == 1


def test_an_issue_that_the_search_lacks_is_fetched_by_itself() -> None:
    """The index lags behind; an issue that may not be read has no key."""
    with serving("jira") as (_server, handler, url):
        handler.unindexed = {"1"}
        del handler.issues[2]
        keys = {
            item["issueId"]: item["issue"] and item["issue"]["key"] for item in pull("jira", url)
        }
        assert keys == {"0": "PAY-0", "1": "PAY-1", "2": None}


def test_an_issue_that_was_dropped_from_memory_is_fetched_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Memory is bounded, and each worklog still bears its issue."""
    monkeypatch.setattr(jira, "_MAX_ISSUES", 0)
    monkeypatch.setattr(jira, "_WORKLOGS_A_REQUEST", 2)
    with serving("jira", 7) as (_, _handler, url):
        items = pull("jira", url)
    assert [item["issue"]["id"] for item in items] == [item["issueId"] for item in items]
    assert ids(items) == list(range(1, 8))


def test_edits_are_fetched_since_an_instant() -> None:
    """An edit moves ``updated`` only."""
    with serving("jira") as (_server, handler, url):
        handler.worklogs[0] = jira_worklog(1, "2026-05-01T10:00:00.000+0000", 1, comment="edited")
        (item,) = pull("jira", url, datetime(2026, 5, 1, tzinfo=UTC))
        assert (item["id"], item["comment"]) == ("1", "edited")


@pytest.mark.parametrize("lists_deleted", [True, False])
def test_deleted_worklogs_are_asked_for_since_an_instant(lists_deleted: bool) -> None:
    """Page by page; a worklog that is deleted during the pull is dropped from what was fetched."""
    since = datetime(2026, 5, 1, tzinfo=UTC)
    with serving("jira") as (server, handler, url):
        assert len(pull("jira", url)) == 7
        assert not any("deleted" in request.path for request in server.requests)
        first_ms = int(since.timestamp() * 1000)
        handler.lists_deleted = lists_deleted
        handler.deleted = [(first_ms + n, n) for n in range(-1, 5)]
        handler.worklogs[3] = jira_worklog(4, "2026-05-01T10:00:00.000+0000")
        handler.worklogs[4] = jira_worklog(5, "2026-05-01T10:00:00.000+0000")
        spool = Spool()
        request = Request("jira", parse_address(url), since)
        with spool:
            fetch_to(spool, request, {"TRACKER_JIRA_TOKEN": "token"}, SURROUNDINGS)
            items = [json.loads(line) for line in spool.open()]
        if lists_deleted:
            assert spool.deleted == {"1", "2", "3", "4"}
            assert ids(items) == [5]
        else:
            assert (spool.deleted, ids(items)) == (set(), [4, 5])


def test_a_worklog_edited_during_the_pull_has_its_last_form() -> None:
    """It is listed again at the end."""
    with serving("jira") as (_server, handler, url):

        def edit(number: int) -> None:
            if number == 3:
                handler.worklogs[0] = jira_worklog(
                    1, "2026-03-02T11:00:00.000+0000", 1, comment="edited"
                )

        handler.after_page = edit
        items = pull("jira", url)
        assert ids(items) == list(range(1, 8))


def test_many_worklogs_of_one_millisecond_lose_none() -> None:
    """As long as a page holds more than share it, and it ends where they do not."""
    updated = "2026-03-02T10:00:00.000+0000"
    logs = [jira_worklog(n, updated) for n in range(1, 4)]
    logs += [jira_worklog(n, f"2026-03-02T10:00:0{n}.000+0000") for n in range(4, 9)]
    with web_server(JiraServer(logs, [jira_issue(1)], page_size=4)) as server:
        assert ids(pull("jira", server.url)) == list(range(1, 9))


def test_pages_of_jira_that_do_not_advance_are_refused() -> None:
    """The same page, never the last one."""
    page = {"values": [], "since": 0, "until": 0, "lastPage": False}
    page["values"] = [{"worklogId": 1, "updatedTime": 0}]
    with serving("jira") as (server, handler, url):
        server.handler = lambda request: (
            Answer(page) if request.path.endswith("updated") else handler(request)
        )
        with pytest.raises(BadValue, match="the same page of changed worklogs"):
            pull("jira", url)


# GitLab


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/pay", "group"),
        ("/groups/pay", "group"),
        ("/pay/web", "project"),
        ("/pay/web/-/x", "project"),
    ],
)
def test_a_group_or_a_project_is_recognised(path: str, kind: str) -> None:
    """As the browser shows their addresses."""
    with serving("gitlab") as (server, _handler, _url):
        assert ids(pull("gitlab", server.url + path)) == list(range(1, 8))
        assert f" {kind}(fullPath: $path) {{ timelogs" in server.requests[1].body["query"]


def test_an_unknown_project_is_refused() -> None:
    """In words that say both possible reasons."""
    with serving("gitlab") as (server, _handler, _url):
        with pytest.raises(NotFound, match="no group or project 'x/y' that the token may read"):
            pull("gitlab", f"{server.url}/x/y")
        with pytest.raises(BadValue, match="add the group or the project"):
            pull("gitlab", server.url)


def test_a_correction_brings_the_other_timelogs_of_its_item() -> None:
    """A negative timelog within the period corrects earlier ones, of an issue or merge request."""
    merge_request = {"id": "gid://gitlab/MergeRequest/5", "iid": "5", "title": "MR 5"}
    of_request = {"issue": None, "mergeRequest": merge_request}
    handler = GitLabServer(
        [
            gitlab_timelog(1, iid=1),
            gitlab_timelog(2, iid=2),
            gitlab_timelog(3, **of_request),
            gitlab_timelog(21, -600, iid=1),
            gitlab_timelog(22, -600, **of_request),
            gitlab_timelog(23, iid=3),
        ]
    )
    with web_server(handler) as server:
        items = pull("gitlab", f"{server.url}/pay/web", datetime(2026, 3, 20, tzinfo=UTC))
        assert ids(items) == [1, 3, 21, 22, 23]


def test_errors_of_a_query_are_refused() -> None:
    """GraphQL answers 200 with a list of errors."""
    with serving("gitlab") as (server, _handler, url):
        server.handler = lambda _request: Answer({"errors": [{"message": "complexity"}]})
        with pytest.raises(BadValue, match="refused the query \\('complexity'\\)"):
            pull("gitlab", url)


def test_pages_of_gitlab_that_do_not_advance_are_refused() -> None:
    """Each names itself as the next."""
    with serving("gitlab") as (_server, handler, url):
        handler.is_stuck = True
        with pytest.raises(BadValue, match="the same page of timelogs"):
            pull("gitlab", url)


# Kimai


def test_kimai_is_asked_in_utc() -> None:
    """For all users, changed since an instant."""
    with serving("kimai") as (server, handler, url):
        handler.sheets[2] = kimai_sheet(3, "2026-05-02T00:30:00", description="edited")
        berlin = datetime.fromisoformat("2026-05-02T02:00:00+02:00")
        (item,) = pull("kimai", url, berlin)
        assert (item["id"], item["description"]) == (3, "edited")
        assert server.requests[0].query["modified_after"] == "2026-05-02T00:00:00"


@pytest.mark.parametrize("change", ["deleted", "added", "smaller pages", "larger pages", "both"])
def test_a_list_that_changes_while_it_is_read_loses_nothing(change: str) -> None:
    """Pages by number move when an entry goes or comes, or the page size changes."""
    with serving("kimai", 10) as (_server, handler, url):

        def alter(number: int) -> None:
            if number != 2:
                return
            if change in ("deleted", "both"):
                del handler.sheets[0]
            if change in ("added", "both"):
                handler.sheets.append(kimai_sheet(99))
            handler.page_size = {"smaller pages": 2, "larger pages": 5}.get(change, 3)

        handler.after_page = alter
        fetched = set(ids(pull("kimai", url)))
        assert fetched >= {sheet["id"] for sheet in handler.sheets}


def test_a_list_that_never_rests_is_refused() -> None:
    """After five readings. Entries that are only added at the end do not count."""
    with serving("kimai", 10) as (_server, handler, url):
        numbers = iter(range(200, 100, -1))
        handler.sheets.append(kimai_sheet(1_000))
        handler.after_page = lambda _page: handler.sheets.append(kimai_sheet(next(numbers)))
        with pytest.raises(BadValue, match="faster than it can be read"):
            pull("kimai", url)


def test_pages_of_kimai_that_do_not_advance_are_refused() -> None:
    """A server that ignores the number of the page is asked twice; any id may be in it."""
    sheet = kimai_sheet(1) | {"id": "9" * 6_000}
    with web_server(lambda _request: Answer([sheet])) as server:
        with pytest.raises(BadValue, match="the same page of timesheets"):
            pull("kimai", server.url)
        assert len(server.requests) == 2


def test_kimai_without_headers_is_read_to_a_short_page() -> None:
    """Versions before 2 give no counts."""
    with serving("kimai", 2) as (_server, handler, url):
        handler.has_headers = False
        assert ids(pull("kimai", url)) == [1, 2]


# Toggl


def test_a_workspace_is_read_by_its_report() -> None:
    """A year a request; names of tags and projects are looked up where the report lacks them."""
    with serving("toggl") as (server, handler, url):
        handler.entries.append(toggl_entry(90, start="2023-05-01T09:00:00+00:00"))
        items = pull("toggl", url, datetime(2023, 1, 1, tzinfo=UTC))
        assert entry_ids("toggl", items) == [*range(1, 8), 90]
        assert {item["tag_names"][0] for item in items} == {"design"}
        assert {item["project_name"] for item in items} == {"Payments"}
        assert sum("/workspaces/7/tags" in request.path for request in server.requests) == 1
        handler.is_enriched = True
        assert {item["project_name"] for item in pull("toggl", url)} == {"P"}


def test_ones_own_entries_reach_three_months_back() -> None:
    """The user is told so. Later pulls bring what has changed, without what was deleted."""
    with serving("toggl") as (server, handler, _url):
        handler.entries.append(toggl_entry(90, start="2026-01-01T09:00:00+00:00"))
        messages: list[str] = []
        own = pull("toggl", server.url, None, messages)
        assert len(own) < 8
        assert "since 2026-03-13" in messages[0]
        handler.entries[6] = toggl_entry(7, at="2026-06-01T08:00:00+00:00")
        handler.entries[5] = toggl_entry(
            6, at="2026-06-01T08:00:00+00:00", server_deleted_at="2026-06-01T08:00:00+00:00"
        )
        assert ids(pull("toggl", server.url, datetime(2026, 5, 31, tzinfo=UTC))) == [7]


def test_a_path_that_is_no_workspace_is_refused() -> None:
    """The number comes last."""
    with pytest.raises(BadValue, match="the number of a workspace"):
        pull("toggl", "https://api.track.toggl.com/reports")
