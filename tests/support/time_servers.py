"""Servers of time logs with the documented interfaces, for pulls.

Each is a handler for :class:`support.web_server.WebServer`. What they list can be changed between
two pages by ``after_page``, as other users of a real server do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from support.web_server import Answer, WebRequest

AfterPage = Callable[[int], None]
"""Called with the number of pages sent so far."""

NOT_FOUND = Answer({"errorMessages": ["null for uri"]}, status=404)


def instant(text: str) -> datetime:
    """Return an instant of Jira, Kimai or Toggl."""
    return datetime.fromisoformat(text)


def jira_worklog(number: int, updated: str, issue: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a worklog as Jira gives it: of an hour on 2 March 2026 unless changed."""
    return {
        "self": f"https://jira.example.org/rest/api/2/issue/{issue}/worklog/{number}",
        "author": {"accountId": "a-1", "displayName": "Ada", "accountType": "atlassian"},
        "comment": "thinking",
        "created": "2026-03-02T10:00:00.000+0000",
        "updated": updated,
        "started": f"2026-03-02T{number % 24:02}:00:00.000+0000",
        "timeSpent": "1h",
        "timeSpentSeconds": 3600,
        "id": str(number),
        "issueId": str(issue),
        **changes,
    }


def jira_issue(number: int, **fields: Any) -> dict[str, Any]:
    """Return an issue as Jira's search gives it."""
    return {
        "id": str(number),
        "key": f"PAY-{number}",
        "fields": {
            "summary": f"Issue {number}",
            "issuetype": {"name": "Story"},
            "labels": ["design"],
            "components": [],
            "project": {"key": "PAY", "name": "Payments"},
            "timeoriginalestimate": 7200,
            "created": "2026-02-01T09:00:00.000+0000",
            "resolutiondate": None,
            **fields,
        },
    }


@dataclass
class JiraServer:
    """Jira's lists of changed worklogs, worklogs and issues."""

    worklogs: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[tuple[int, int]] = field(default_factory=list)
    """The instants (ms) and numbers of deleted worklogs."""
    lists_deleted: bool = True
    page_size: int = 2
    has_new_search: bool = True
    unindexed: set[str] = field(default_factory=set)
    """Ids of issues that are not in the search index yet."""
    after_page: AfterPage = lambda _number: None
    pages: int = 0

    def __call__(self, request: WebRequest) -> Answer:
        path = request.path.removeprefix("/rest/api/2")
        if path == "/worklog/updated":
            changes = [
                (round(instant(log["updated"]).timestamp() * 1000), int(log["id"]))
                for log in self.worklogs
            ]
            return self._changed(changes, int(request.query["since"]))
        if path == "/worklog/deleted" and self.lists_deleted:
            return self._changed(self.deleted, int(request.query["since"]))
        if path == "/worklog/list":
            wanted = set(request.body["ids"])
            matches = [log for log in self.worklogs if int(log["id"]) in wanted]
            return Answer(matches[::-1])
        if path == "/search/jql" and self.has_new_search:
            return self._search(request.body, int(request.body.get("nextPageToken", 0)), 2)
        if path == "/search" and not self.has_new_search:
            return self._search(request.body, 0, 1_000)
        if path.startswith("/issue/"):
            return self._issue(path.removeprefix("/issue/"))
        return NOT_FOUND

    def _changed(self, changes: list[tuple[int, int]], since_ms: int) -> Answer:
        later = [change for change in sorted(changes) if change[0] > since_ms]
        page = later[: self.page_size]
        self.pages += 1
        self.after_page(self.pages)
        values = [{"worklogId": id_, "updatedTime": ms, "properties": []} for ms, id_ in page]
        return Answer(
            {
                "values": values,
                "since": since_ms,
                "until": page[-1][0] if page else since_ms,
                "lastPage": len(later) <= len(page),
            }
        )

    def _search(self, body: dict[str, Any], start: int, size: int) -> Answer:
        ids = body["jql"].removeprefix("id in (").removesuffix(")").split(",")
        matches = [i for i in self.issues if i["id"] in ids and i["id"] not in self.unindexed]
        page = matches[start : start + size]
        more = {"nextPageToken": str(start + size)} if len(matches) > start + size else {}
        return Answer({"issues": page, **more, "isLast": not more})

    def _issue(self, id_: str) -> Answer:
        return next((Answer(issue) for issue in self.issues if issue["id"] == id_), NOT_FOUND)


def kimai_sheet(number: int, modified: str = "2026-03-02T12:00:00", **changes: Any) -> Any:
    """Return a timesheet as Kimai gives it with ``full=true``; ``modified`` is the server's own."""
    return {
        "modified": modified,
        "activity": {"id": 3, "name": "Design", "project": None},
        "project": {"id": 2, "name": "Payments", "customer": {"id": 1, "name": "ACME"}},
        "user": {"id": 5, "username": "ada", "alias": "Ada", "enabled": True},
        "tags": ["ai"],
        "id": number,
        "begin": f"2026-03-{1 + number % 28:02}T09:00:00+0100",
        "end": f"2026-03-{1 + number % 28:02}T10:30:00+0100",
        "duration": 5400,
        "break": 0,
        "description": f"PAY-{number} thinking",
        "metaFields": [],
        **changes,
    }


@dataclass
class KimaiServer:
    """Kimai's list of timesheets, paged by number."""

    sheets: list[dict[str, Any]] = field(default_factory=list)
    page_size: int = 3
    has_headers: bool = True
    after_page: AfterPage = lambda _number: None
    pages: int = 0

    def __call__(self, request: WebRequest) -> Answer:
        if request.path != "/api/timesheets":
            return NOT_FOUND
        query = request.query
        assert (query["user"], query["full"], query["orderBy"]) == ("all", "true", "id")
        after = query.get("modified_after", "")
        sheets = [sheet for sheet in self.sheets if sheet["modified"] > after]
        sheets.sort(key=lambda sheet: sheet["id"])
        size = min(int(query["size"]), self.page_size)
        number = int(query["page"])
        pages = max(-(-len(sheets) // size), 1)
        if number > pages:
            return Answer({"code": 404, "message": "Not Found"}, status=404)
        page = sheets[(number - 1) * size : number * size]
        headers = {
            "X-Page": str(number),
            "X-Total-Count": str(len(sheets)),
            "X-Total-Pages": str(pages),
            "X-Per-Page": str(size),
        }
        self.pages += 1
        self.after_page(self.pages)
        shown = [{k: v for k, v in sheet.items() if k != "modified"} for sheet in page]
        return Answer(shown, headers=headers if self.has_headers else {})


def gitlab_timelog(number: int, seconds: int = 3600, iid: int = 1, **changes: Any) -> Any:
    """Return a timelog as GitLab gives it, of an issue of the project ``pay/web``."""
    return {
        "id": f"gid://gitlab/Timelog/{number}",
        "timeSpent": seconds,
        "spentAt": f"2026-03-{1 + number % 28:02}T12:00:00Z",
        "summary": None,
        "note": None,
        "user": {"username": "ada", "name": "Ada"},
        "project": {"fullPath": "pay/web"},
        "issue": {
            "id": f"gid://gitlab/Issue/{iid}",
            "iid": str(iid),
            "title": f"Issue {iid}",
            "webUrl": f"https://gitlab.example.org/pay/web/-/issues/{iid}",
            "timeEstimate": 7200,
            "labels": {"nodes": [{"title": "design"}]},
        },
        "mergeRequest": None,
        **changes,
    }


@dataclass
class GitLabServer:
    """GitLab's GraphQL, as far as pulls use it."""

    timelogs: list[dict[str, Any]] = field(default_factory=list)
    groups: tuple[str, ...] = ("pay",)
    projects: tuple[str, ...] = ("pay/web",)
    page_size: int = 2
    is_stuck: bool = False
    """Whether each page names itself as the next."""

    def __call__(self, request: WebRequest) -> Answer:
        if request.path != "/api/graphql":
            return NOT_FOUND
        query, variables = request.body["query"], request.body["variables"]
        if "timelogs" not in query:
            path = variables["path"]
            group = {"id": "1"} if path in self.groups else None
            project = {"id": "2"} if path in self.projects else None
            return Answer({"data": {"group": group, "project": project}})
        for kind in ("issue", "mergeRequest"):
            if f" {kind}(id: $id)" in query:
                logs = [t for t in self.timelogs if t[kind] and t[kind]["id"] == variables["id"]]
                return self._page(kind, logs, variables)
        kind = "group" if " group(" in query else "project"
        start = variables["start"] or ""
        logs = [log for log in self.timelogs if log["spentAt"] >= start]
        return self._page(kind, logs, variables)

    def _page(self, kind: str, logs: list[Any], variables: dict[str, Any]) -> Answer:
        start = int(variables["after"] or 0)
        end = start + self.page_size
        info = {"hasNextPage": end < len(logs), "endCursor": str(end)}
        if self.is_stuck:
            info = {"hasNextPage": True, "endCursor": "7"}
        connection = {"pageInfo": info, "nodes": logs[start:end]}
        return Answer({"data": {kind: {"timelogs": connection}}})


def toggl_entry(number: int, **changes: Any) -> dict[str, Any]:
    """Return an own time entry as Toggl's API gives it, of an hour on a day of March 2026."""
    day = f"2026-03-{1 + number % 28:02}"
    return {
        "id": number,
        "workspace_id": 7,
        "project_id": 9,
        "task_id": None,
        "billable": False,
        "start": f"{day}T09:00:00+00:00",
        "stop": f"{day}T10:00:00Z",
        "duration": 3600,
        "description": f"PAY-{number} thinking",
        "tags": ["design"],
        "at": f"{day}T10:00:05+00:00",
        "server_deleted_at": None,
        "user_id": 42,
        "project_name": "Payments",
        "user_name": "Ada",
        **changes,
    }


@dataclass
class TogglServer:
    """Toggl's own entries (API v9) and detailed report (Reports API v3) of the workspace 7."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    page_size: int = 2
    is_enriched: bool = False
    now: datetime = datetime(2026, 6, 10, 10, 0, tzinfo=UTC)

    def __call__(self, request: WebRequest) -> Answer:
        query = request.query
        if request.path == "/api/v9/me/time_entries":
            if "since" in query:
                return Answer(
                    [e for e in self.entries if instant(e["at"]).timestamp() >= int(query["since"])]
                )
            start, end = instant(query["start_date"]), instant(query["end_date"])
            if (self.now - start).days > 90:
                return Answer("start_date must not be earlier than 3 months", status=400)
            return Answer([e for e in self.entries if start <= instant(e["start"]) < end])
        if request.path == "/reports/api/v3/workspace/7/search/time_entries":
            return self._report(request.body)
        if request.path == "/api/v9/workspaces/7/tags":
            return Answer([{"id": 1, "name": "design"}, {"id": 2, "name": "ai"}])
        if request.path == "/api/v9/workspaces/7/projects":
            return Answer([{"id": 9, "name": "Payments"}] if query["page"] == "1" else None)
        return NOT_FOUND

    def _report(self, body: dict[str, Any]) -> Answer:
        start, end = body["start_date"], body["end_date"]
        if (instant(end) - instant(start)).days > 366:
            return Answer({"message": "the period is too long"}, status=400)
        matches = [entry for entry in self.entries if start <= entry["start"][:10] <= end]
        first = body.get("first_row_number", 1)
        page = matches[first - 1 : first - 1 + self.page_size]
        headers = {}
        if first - 1 + self.page_size < len(matches):
            headers = {"X-Next-Row-Number": str(first + self.page_size), "X-Next-ID": "1"}
        rows = [self._row(entry, first + place) for place, entry in enumerate(page)]
        return Answer(rows, headers=headers)

    def _row(self, entry: dict[str, Any], number: int) -> dict[str, Any]:
        row = {
            "user_id": entry["user_id"],
            "username": entry["user_name"],
            "project_id": entry["project_id"],
            "task_id": None,
            "billable": False,
            "description": entry["description"],
            "tag_ids": [1],
            "row_number": number,
            "time_entries": [
                {
                    "id": entry["id"],
                    "seconds": entry["duration"],
                    "start": entry["start"],
                    "stop": entry["stop"],
                    "at": entry["at"],
                }
            ],
        }
        return {**row, "tag_names": ["design"], "project_name": "P"} if self.is_enriched else row
