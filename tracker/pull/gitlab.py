"""Timelogs of a GitLab group or project, by GraphQL.

A timelog cannot be edited, but it can be dated back, and a negative one corrects earlier ones. So
where a pull since an instant brings a negative timelog, all timelogs of its item are fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tracker.domain.errors import BadValue, NotFound
from tracker.domain.printing import quote
from tracker.pull.address import Address
from tracker.pull.client import Client
from tracker.pull.json_fields import at, key_of, objects

_ENDPOINT = "/api/graphql"
_ITEM = "id iid title webUrl timeEstimate labels { nodes { title } }"
_NODE = f"""id timeSpent spentAt summary note {{ body }} user {{ username name }}
project {{ fullPath }} issue {{ {_ITEM} }} mergeRequest {{ {_ITEM} }}"""
_PAGE = f"pageInfo {{ hasNextPage endCursor }} nodes {{ {_NODE} }}"
_KINDS = "query($path: ID!) { group(fullPath: $path) { id } project(fullPath: $path) { id } }"


def split_address(address: Address) -> tuple[Address, str]:
    """Return the server, and the full path of the group or project that an address names.

    Raises:
        BadValue: It names neither.
    """
    path = address.path.partition("/-/")[0].removeprefix("/groups").strip("/")
    if not path:
        raise BadValue(
            f"URL is {quote(address.url)}: add the group or the project, such as "
            f"{address.origin}/GROUP or {address.origin}/GROUP/PROJECT."
        )
    return Address(address.origin, ""), path


def fetch_path(
    client: Client, path: str, since: datetime | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each timelog of a group or project that was spent since an instant."""
    kind = _kind(client, path)
    query = (
        f"query($path: ID!, $after: String, $start: Time) {{ {kind}(fullPath: $path) "
        f"{{ timelogs(first: 100, after: $after, startTime: $start) {{ {_PAGE} }} }} }}"
    )
    start = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if since else None
    corrected: dict[str, str] = {}
    for node in _nodes(client, query, {"path": path, "start": start}, kind):
        yield key_of(client, node), node
        seconds = node.get("timeSpent")
        if since and isinstance(seconds, int) and seconds < 0:
            corrected.update(_item_of(node))
    for id_, item_kind in corrected.items():
        type_ = "IssueID" if item_kind == "issue" else "MergeRequestID"
        query = (
            f"query($id: {type_}!, $after: String) {{ {item_kind}(id: $id) "
            f"{{ timelogs(first: 100, after: $after) {{ {_PAGE} }} }} }}"
        )
        for node in _nodes(client, query, {"id": id_}, item_kind):
            yield key_of(client, node), node


def _item_of(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the id and the kind of the issue or merge request of a timelog."""
    for kind in ("issue", "mergeRequest"):
        if isinstance(id_ := at(node, kind, "id"), str):
            yield id_, kind


def _kind(client: Client, path: str) -> str:
    """Return whether a path is a group or a project.

    Raises:
        NotFound: It is neither, or the token may not read it.
    """
    data = _data(client, _KINDS, {"path": path})
    for kind in ("group", "project"):
        if at(data, kind, "id"):
            return kind
    raise NotFound(
        f"{client.address.origin} has no group or project {quote(path)} that the token may read: "
        "check URL and TRACKER_GITLAB_TOKEN."
    )


def _nodes(
    client: Client, query: str, variables: dict[str, Any], kind: str
) -> Iterator[dict[str, Any]]:
    """Yield the timelogs of all pages.

    Raises:
        BadValue: A page names itself as the next one.
    """
    cursors: set[str | None] = {None}
    after: str | None = None
    while True:
        page = at(_data(client, query, {**variables, "after": after}), kind, "timelogs")
        yield from objects(client, at(page, "nodes"), "timelogs")
        after = at(page, "pageInfo", "endCursor")
        if not at(page, "pageInfo", "hasNextPage"):
            return
        if after in cursors:
            raise BadValue(
                f"{client.address.origin} gives the same page of timelogs again and again: try "
                "again later. Nothing was kept."
            )
        cursors.add(after)


def _data(client: Client, query: str, variables: dict[str, Any]) -> Any:
    """Return the data of a GraphQL answer.

    Raises:
        BadValue: The answer holds errors.
    """
    body = client.post(_ENDPOINT, {"query": query, "variables": variables}).body
    errors = at(body, "errors")
    if errors:
        first = at(errors[0], "message") if isinstance(errors, list) else None
        raise BadValue(
            f"{client.address.origin} refused the query ({quote(first)}): check URL and the rights "
            "of TRACKER_GITLAB_TOKEN. Nothing was kept."
        )
    return at(body, "data")
