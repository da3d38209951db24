"""Time entries of Toggl Track: of a workspace by its reports, or one's own of the last months.

An address that ends in a number names a workspace: its detailed report has the entries of all
members, at most a year a request. Without a number the entries are those of the token's owner,
which Toggl gives for about three months back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tracker.domain.errors import BadValue
from tracker.pull.address import Address
from tracker.pull.client import Client
from tracker.pull.json_fields import key_of, objects

_LONGEST_REPORT = timedelta(days=365)
_OWN_REACH = timedelta(days=89)
_OWN_WINDOW = timedelta(days=7)
_DAY = timedelta(days=1)
_PAGE_SIZE = 1_000
_NAMES_A_PAGE = 200
_MAX_DIGITS = 18


def split_address(address: Address) -> tuple[Address, str | None]:
    """Return the server, and the workspace that an address names.

    Raises:
        BadValue: The path is something else.
    """
    match = re.fullmatch(r"(?:/.*)?/([0-9]+)", address.path)
    if address.path and not match:
        raise BadValue(
            f"URL has the path {address.path!r}: give {address.origin}/WORKSPACE with the number "
            f"of a workspace, or {address.origin} for your own entries."
        )
    return Address(address.origin, ""), match and match[1]


def fetch_own(client: Client, since: datetime | None, now: datetime) -> Iterator[tuple[str, Any]]:
    """Yield the entries of the token's owner: all of the last months, or those changed since.

    None is one that was deleted.
    """
    earliest = now - _OWN_REACH
    if since is not None and since > earliest:
        page = client.get("/api/v9/me/time_entries", since=int(since.timestamp()), meta="true")
        yield from _keyed(client, page.body)
        return
    client.notify(
        f"{client.address.origin} gives your own entries since {earliest:%Y-%m-%d}: for earlier "
        "ones add the number of the workspace to URL, or import a CSV export."
    )
    start = earliest
    while start < now:
        end = min(start + _OWN_WINDOW, now + _DAY)
        page = client.get(
            "/api/v9/me/time_entries",
            start_date=_rfc3339(start),
            end_date=_rfc3339(end),
            meta="true",
        )
        yield from _keyed(client, page.body)
        start = end


def fetch_workspace(
    client: Client, workspace: str, since: datetime | None, now: datetime
) -> Iterator[tuple[str, Any]]:
    """Yield the entries of all members of a workspace that began since an instant."""
    if since is None:
        since = now - _LONGEST_REPORT
        client.notify(f"without --since the entries since {since:%Y-%m-%d} are pulled.")
    names = _Names(client, workspace)
    start = since
    while start <= now:
        end = min(start + _LONGEST_REPORT, now + _DAY)
        yield from _report(client, names, start, end)
        start = end + _DAY


def _report(
    client: Client, names: _Names, start: datetime, end: datetime
) -> Iterator[tuple[str, Any]]:
    """Yield the entries of a detailed report, each with its row's description, tags and user."""
    query: dict[str, Any] = {
        **{"start_date": f"{start:%Y-%m-%d}", "end_date": f"{end:%Y-%m-%d}"},
        **{"page_size": _PAGE_SIZE, "enrich_response": True},
        **{"order_by": "date", "order_dir": "ASC"},
    }
    path = f"/reports/api/v3/workspace/{names.workspace}/search/time_entries"
    first_row = 0
    while True:
        page = client.post(path, query)
        for row in objects(client, page.body, "report rows"):
            names.add_to(row)
            entries = objects(client, row.get("time_entries"), "time entries")
            for entry in entries:
                yield key_of(client, entry), {**row, "time_entries": [entry]}
        next_row = page.headers.get("x-next-row-number", "")[:_MAX_DIGITS]
        if not next_row.isdecimal():
            return
        if int(next_row) <= first_row:
            raise BadValue(
                f"{client.address.origin} gives the same page of the report again and again: try "
                "again later. Nothing was kept."
            )
        first_row = int(next_row)
        query["first_row_number"] = first_row


class _Names:
    """The names of a workspace's tags and projects, fetched when a row has their numbers only."""

    def __init__(self, client: Client, workspace: str) -> None:
        self.workspace = workspace
        self._client = client
        self._path = f"/api/v9/workspaces/{workspace}"
        self._tags: dict[Any, Any] | None = None
        self._projects: dict[Any, Any] | None = None

    def add_to(self, row: dict[str, Any]) -> None:
        """Add ``tag_names`` and ``project_name`` to a row that lacks them."""
        tag_ids, project_id = row.get("tag_ids"), row.get("project_id")
        if "tag_names" not in row and isinstance(tag_ids, list) and tag_ids:
            if self._tags is None:
                self._tags = self._fetch("/tags", paged=False)
            row["tag_names"] = [self._tags[id_] for id_ in tag_ids if id_ in self._tags]
        if "project_name" not in row and project_id is not None:
            if self._projects is None:
                self._projects = self._fetch("/projects", paged=True)
            row["project_name"] = self._projects.get(project_id)

    def _fetch(self, path: str, *, paged: bool) -> dict[Any, Any]:
        names: dict[Any, Any] = {}
        for number in count(1):
            parameters = {"page": number, "per_page": _NAMES_A_PAGE} if paged else {}
            body = self._client.get(self._path + path, **parameters).body
            items = objects(self._client, body or [], "names")
            size = len(names)
            names.update((item.get("id"), item.get("name")) for item in items)
            if not paged or len(items) < _NAMES_A_PAGE or len(names) == size:
                break
        return names


def _keyed(client: Client, body: Any) -> Iterator[tuple[str, Any]]:
    for item in objects(client, body, "time entries"):
        is_deleted = item.get("server_deleted_at") is not None
        yield key_of(client, item), None if is_deleted else item


def _rfc3339(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
