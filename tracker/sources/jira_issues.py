"""The issues of a Jira file, kept in a temporary database while their worklogs are read.

A worklog may name an issue that stands anywhere before it in the file, so no issue can be dropped
before the end. In memory they would take 300 bytes each.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from tracker.domain.errors import BadValue
from tracker.sources import json_values

_NO_ISSUE: Mapping[str, Any] = {}


class Issues:
    """The issues of a file, and how many of their worklogs it holds.

    SQLite keeps the last 2 MB in memory and the rest in a temporary file without a name, which ends
    with the process.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE issues (id BLOB PRIMARY KEY, content TEXT)")
        self._database.execute("BEGIN")
        self._last: tuple[str, Mapping[str, Any]] = ("", _NO_ISSUE)
        """The issue that was last asked for: most worklogs of a page are of the same one."""
        self._partial: dict[str, tuple[int, list[tuple[int, int]]]] = {}
        """Id → the worklogs that the issue has, and the parts of them that pages hold."""

    def add(self, id_: str, issue: Mapping[str, Any]) -> None:
        """Add an issue, or replace an earlier form of it.

        Raises:
            BadCell: It is nested too deeply.
            BadValue: The temporary file cannot be written.
        """
        row = (_encoded(id_), json_values.content_of(issue))
        try:
            self._database.execute("INSERT OR REPLACE INTO issues VALUES (?, ?)", row)
        except sqlite3.OperationalError as error:
            raise BadValue(
                f"the temporary file for Jira's issues cannot be written ({error}): free some "
                "space on its disk, or set TMPDIR to a folder on another one."
            ) from None
        self._last = (id_, issue)

    def named(self, id_: str) -> Mapping[str, Any]:
        """Return the issue with an id; an empty one if the file has not had it so far."""
        if self._last[0] != id_:
            statement = "SELECT content FROM issues WHERE id = ?"
            row = self._database.execute(statement, (_encoded(id_),)).fetchone()
            self._last = (id_, json.loads(row[0]) if row else _NO_ISSUE)
        return self._last[1]

    def add_page(self, id_: str, page: Mapping[str, Any]) -> None:
        """Add a page of an issue's worklogs.

        Raises:
            BadCell: Its counts are not numbers.
        """
        size = len(json_values.items(page, "worklogs"))
        total = json_values.optional_seconds(page, "total") or 0
        start = json_values.optional_seconds(page, "startAt") or 0
        if total > size or id_ in self._partial:
            earlier_total, parts = self._partial.get(id_, (0, []))
            self._partial[id_] = max(total, earlier_total), [*parts, (start, start + size)]

    def missing_worklogs(self) -> int:
        """Return the number of worklogs that are in no page."""
        missing = 0
        for total, parts in self._partial.values():
            end = held = 0
            for start, stop in sorted(parts):
                held += max(stop - max(start, end), 0)
                end = max(end, stop)
            missing += max(total - held, 0)
        return missing


def _encoded(id_: str) -> bytes:
    """Return an id as bytes: SQLite takes no text with an unpaired surrogate."""
    return id_.encode("utf-8", "surrogatepass")
