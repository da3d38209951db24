"""Timesheets of Kimai, of all users that the token may see.

The list is paged by number, so an entry that is added or removed meanwhile moves the others. It is
read again from the beginning until its size has not changed and everything in it was listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from tracker.domain.errors import BadValue
from tracker.pull.client import Client
from tracker.pull.json_fields import key_of, objects

_PAGE_SIZE = 500
"""The most that Kimai gives."""
_MAX_PASSES = 5


def fetch(client: Client, since: datetime | None, now: datetime) -> Iterator[tuple[str, Any]]:  # noqa: ARG001 - a Fetch
    """Yield each timesheet that was changed since an instant.

    Raises:
        BadValue: The list changes all the time.
    """
    for _ in range(_MAX_PASSES):
        reading = _Pass(client, since)
        yield from reading.items()
        if reading.is_complete:
            return
    raise BadValue(
        f"{client.address.origin} changes its list of timesheets faster than it can be read: try "
        "again later. Nothing was kept."
    )


class _Pass:
    """One reading of the list from its first page to its last."""

    def __init__(self, client: Client, since: datetime | None) -> None:
        self._client = client
        self._parameters: dict[str, str | int] = {
            **{"user": "all", "full": "true", "orderBy": "id", "order": "ASC"},
            "size": _PAGE_SIZE,
        }
        if since:
            utc = since.astimezone(UTC)
            self._parameters["modified_after"] = utc.strftime("%Y-%m-%dT%H:%M:%S")
        self.is_complete = False

    def items(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the timesheets; stop early where the list has changed."""
        ids: set[str] = set()
        shape: tuple[int | None, ...] | None = None
        number = 1
        while True:
            page = self._client.get("/api/timesheets", page=number, **self._parameters)
            items = objects(self._client, page.body, "timesheets")
            total, pages, size = (_number(page.headers, name) for name in _HEADERS)
            if shape not in (None, (total, size)):
                return
            shape = (total, size)
            for item in items:
                id_ = key_of(self._client, item)
                ids.add(id_)
                yield id_, item
            is_last = number >= pages if pages is not None else len(items) < (size or _PAGE_SIZE)
            if is_last:
                self.is_complete = total is None or len(ids) >= total
                return
            number += 1


_HEADERS = ("x-total-count", "x-total-pages", "x-per-page")


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None
