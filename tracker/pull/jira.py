"""Worklogs of Jira, Cloud and Data Center.

Version 2 of the interface is used, which both have: its comments are plain text. The ids of changed
worklogs come in pages by the instant of the change, then the worklogs by their ids, then the issues
that they belong to. An edit moves ``updated`` alone, so a pull since an instant brings edits
too. What was deleted since then comes in pages of the same form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Any

from tracker.domain.errors import BadValue, NotFound
from tracker.pull.client import Client, Page
from tracker.pull.json_fields import at, key_of, objects

_ISSUES_A_REQUEST = 100
_WORKLOGS_A_REQUEST = 1_000
"""The most that ``worklog/list`` accepts."""

_MAX_ISSUES = 10_000
"""Issues kept in memory, about 2 kB each; one that is asked for after it was dropped is fetched
again.
"""

FIELDS = (
    *("summary", "issuetype", "labels", "components", "project"),
    *("timeoriginalestimate", "created", "resolutiondate"),
)
"""The fields of an issue that a pull asks for."""


def fetch(client: Client, since: datetime | None, now: datetime) -> Iterator[tuple[str, Any]]:  # noqa: ARG001 - a Fetch
    """Yield each worklog changed since an instant, with its issue as ``issue``.

    None is one that was deleted since then.
    """
    issues = _Issues(client)
    for ids in _changed_ids(client, "/rest/api/2/worklog/updated", since):
        for batch in _batches(ids, _WORKLOGS_A_REQUEST):
            answer = client.post("/rest/api/2/worklog/list", {"ids": batch}).body
            worklogs = objects(client, answer, "worklogs")
            issues.load(worklogs)
            for worklog in worklogs:
                issue = issues.by_id.get(str(worklog.get("issueId")))
                yield key_of(client, worklog), {**worklog, "issue": issue}
    if since is not None:
        with suppress(NotFound):  # a server without that path
            for ids in _changed_ids(client, "/rest/api/2/worklog/deleted", since):
                yield from ((str(id_), None) for id_ in ids)


def _changed_ids(client: Client, path: str, since: datetime | None) -> Iterator[list[int]]:
    """Yield the ids of changed or deleted worklogs, page by page, each id once.

    Args:
        client: The client.
        path: The list of changed or of deleted worklogs.
        since: From when on.

    Raises:
        BadValue: The pages do not advance.
    """
    since_ms = int(since.timestamp() * 1000) if since else 0
    listed: set[int] = set()
    while True:
        page = client.get(path, since=since_ms).body
        values = objects(client, at(page, "values"), "changed worklogs")
        ids = [value["worklogId"] for value in values if isinstance(value.get("worklogId"), int)]
        new = [id_ for id_ in dict.fromkeys(ids) if id_ not in listed]
        listed.update(new)
        yield new
        until = at(page, "until")
        if at(page, "lastPage") is not False or not values:
            return
        if not isinstance(until, int) or (until <= since_ms and not new):
            raise BadValue(
                f"{client.address.origin} gives the same page of changed worklogs again and again: "
                "try again later. Nothing was kept."
            )
        # A millisecond may be split between two pages: it is read again, and its ids are listed.
        since_ms = max(until - 1, since_ms + 1) if new else until


class _Issues:
    """The issues of worklogs. The last ones that were fetched are kept; memory is bounded."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._has_new_search = True
        self.by_id: dict[str, dict[str, Any] | None] = {}

    def load(self, worklogs: Iterable[dict[str, Any]]) -> None:
        """Fetch the issues of worklogs; one that cannot be read is None."""
        if len(self.by_id) > _MAX_ISSUES:
            self.by_id.clear()
        ids = dict.fromkeys(str(worklog.get("issueId")) for worklog in worklogs)
        missing = [id_ for id_ in ids if id_ not in self.by_id and id_.isdecimal()]
        for batch in _batches(missing, _ISSUES_A_REQUEST):
            for issue in self._search(batch):
                self.by_id[key_of(self._client, issue)] = issue
        for id_ in missing:
            if id_ not in self.by_id:  # the search index lags behind
                self.by_id[id_] = self._issue(id_)

    def _search(self, ids: list[str]) -> list[dict[str, Any]]:
        """Return the issues with these ids, as far as the search has them."""
        query: dict[str, Any] = {"jql": f"id in ({','.join(ids)})", "fields": list(FIELDS)}
        query["maxResults"] = len(ids)
        if self._has_new_search:
            answer = self._client.status_of("POST", "/rest/api/2/search/jql", query)
            if isinstance(answer, Page):
                return self._further_pages(query, answer)
            self._has_new_search = False  # Data Center has the earlier search only
        answer = self._client.post("/rest/api/2/search", query)
        return objects(self._client, at(answer.body, "issues"), "issues")

    def _further_pages(self, query: dict[str, Any], page: Page) -> list[dict[str, Any]]:
        issues = objects(self._client, at(page.body, "issues"), "issues")
        token = at(page.body, "nextPageToken")
        while token and not at(page.body, "isLast"):
            page = self._client.post("/rest/api/2/search/jql", {**query, "nextPageToken": token})
            issues += objects(self._client, at(page.body, "issues"), "issues")
            token = at(page.body, "nextPageToken")
        return issues

    def _issue(self, id_: str) -> dict[str, Any] | None:
        try:
            body = self._client.get(f"/rest/api/2/issue/{id_}", fields=",".join(FIELDS)).body
        except NotFound:
            return None
        return body if isinstance(body, dict) else None


def _batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    stream = iter(items)
    while batch := list(islice(stream, size)):
        yield batch
