"""Timesheets of Kimai, of all users that the token may see.

The list is paged by number and ordered by id, so an entry that is removed meanwhile moves the later
ones to earlier pages. A list of several pages is therefore read again, until a reading brings no
entry that the one before should have had.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

from tracker.domain.errors import BadValue, NotFound
from tracker.pull.client import Client
from tracker.pull.json_fields import key_of, objects

_PAGE_SIZE = 500
"""The most that Kimai gives."""
_MAX_READINGS = 5
_MAX_DIGITS = 18


def fetch(client: Client, since: datetime | None, now: datetime) -> Iterator[tuple[str, Any]]:  # noqa: ARG001 - a Fetch
    """Yield each timesheet that was changed since an instant.

    Raises:
        BadValue: The list changes all the time.
    """
    ids: set[int] = set()
    for reading in range(_MAX_READINGS):
        highest = max(ids, default=0)
        was_late = False
        pages = 0
        for page in _pages(client, since):
            pages += 1
            for item in page:
                key = key_of(client, item)
                id_ = int(key) if key.isdecimal() and len(key) <= _MAX_DIGITS else 0
                was_late = was_late or (id_ <= highest and id_ not in ids)
                ids.add(id_)
                yield key, item
        if pages == 1 or (reading and not was_late):
            return
    raise BadValue(
        f"{client.address.origin} changes its list of timesheets faster than it can be read: try "
        "again later. Nothing was kept."
    )


def _pages(client: Client, since: datetime | None) -> Iterator[list[dict[str, Any]]]:
    """Yield the pages of one reading of the list.

    Raises:
        BadValue: A page is the same as the one before.
    """
    previous: list[dict[str, Any]] = []
    parameters: dict[str, str | int] = {
        **{"user": "all", "full": "true", "orderBy": "id", "order": "ASC"},
        "size": _PAGE_SIZE,
    }
    if since:
        parameters["modified_after"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    for number in count(1):
        try:
            page = client.get("/api/timesheets", page=number, **parameters)
        except NotFound:
            if number == 1:
                raise
            return  # the list has become shorter
        items = objects(client, page.body, "timesheets")
        if items and items == previous:
            raise BadValue(
                f"{client.address.origin} gives the same page of timesheets again and again: try "
                "again later. Nothing was kept."
            )
        previous = items
        yield items
        pages = page.headers.get("x-total-pages", "")
        if not items or (pages.isdecimal() and number >= int(pages[:9])):
            return
