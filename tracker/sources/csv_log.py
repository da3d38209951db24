"""``import csv``: any delimited log, one stretch of work a row, read as a map says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from io import BufferedReader
from itertools import islice, repeat
from typing import cast

from tracker.domain.errors import BadValue
from tracker.domain.records import Assisted, Basis, Imported
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.table import entry_batch
from tracker.sources.table.column_map import COLUMNS, ColumnMap
from tracker.sources.table.columns import Chunk, Columns
from tracker.sources.table.delimited import Rows, Table, joined_rows, open_table, records
from tracker.sources.table.efforts import EffortColumns
from tracker.sources.table.item_columns import ItemColumns
from tracker.sources.table.item_facts import ItemFacts

BELOW_ZERO = "rows with an interruption below 0 minutes: it counts as 0"
"""A note, beside the number of rows it holds for."""

_NEEDED = (("task",), ("activity",), ("started_at", "date"), ("minutes", "ended_at"))
_BASIS: dict[str, Basis] = {"yes": "label", "no": "label"}


def open_log(file: BufferedReader, name: str, request: ImportContext) -> ForeignLog:
    """The log in a binary stream. BadValue in one line where file and map do not fit each other."""
    if request.map is None:
        raise BadValue(
            "a CSV log needs a map that says what its columns are: give --map FILE.toml."
        )
    map_ = request.completed(request.map)
    map_.require(_NEEDED, COLUMNS, "import csv")
    table = open_table(file, name, encoding=map_.formats.encoding, delimiter=map_.formats.delimiter)
    notes: Counter[str] = Counter()
    rows = _LogRows(map_, table, request, notes)
    return ForeignLog.of_table(map_.source, table, records(table, rows.convert, rows.places), notes)


class _LogRows:
    """Turns rows into entries, and into what they say of work items and tasks."""

    def __init__(
        self, map_: ColumnMap, table: Table, request: ImportContext, notes: Counter[str]
    ) -> None:
        columns = Columns(map_, table.header, table.name)
        self.places = columns.places
        self._header = table.header
        self._source = map_.source
        self._ids = request.ids
        self._notes = notes
        self._developer = columns.name("developer", " or give --developer")
        self._task = columns.name("task")
        self._activity = columns.name("activity")
        self._efforts = EffortColumns(columns)
        self._assisted = columns.word("assisted")
        self._team = columns.text("team")
        self._assistant = columns.text("assistant")
        self._note = columns.text("note")
        self._tags = columns.text("tags")
        self._key = columns.name("key") if map_.has("key") else None
        self._seen: dict[str, int] = {}
        self._knowledge = ItemColumns(map_, columns)
        self._said = ItemFacts(notes)

    def convert(self, rows: Rows) -> list[Imported]:
        """The records of some rows; BadCell or LeftOut, and nothing done, where one of them cannot be taken."""
        hashes = [
            blake2b(row, digest_size=16).hexdigest() for row in joined_rows(rows, self._header)
        ]
        chunk: Chunk = list(zip(*rows, strict=True))
        developers, tasks, activities = map(
            list, (self._developer(chunk), self._task(chunk), self._activity(chunk))
        )
        efforts = self._efforts.read(chunk)
        assisted = cast("list[Assisted]", [word or "unknown" for word in self._assisted(chunk)])
        teams, assistants = list(self._team(chunk)), list(self._assistant(chunk))
        keys = list(self._key(chunk)) if self._key else None
        work_items = self._knowledge.work_items(
            chunk, zip(developers, tasks, activities, strict=True), assisted, efforts.logged
        )
        named_tasks = self._knowledge.tasks(chunk, tasks)
        # Below, only the first line can refuse a row, and then it remembers nothing.
        new_items = self._said.items(work_items)
        new_tasks = self._said.tasks(named_tasks)
        if efforts.below_zero:
            self._notes[BELOW_ZERO] += efforts.below_zero
        entries = entry_batch.entries(
            islice(self._ids, len(rows)),
            developers,
            tasks,
            activities,
            efforts.started,
            efforts.zones,
            efforts.seconds,
            efforts.days,
            efforts.logged,
            efforts.ended,
            efforts.interruptions,
            teams,
            assisted,
            map(_BASIS.get, assisted),
            assistants,
            self._note(chunk),
            self._tags(chunk),
            repeat(self._source),
            keys or self._keys_of(hashes),
            hashes,
        )
        return [*entries, *new_items, *new_tasks]

    def _keys_of(self, hashes: Iterable[str]) -> list[str]:
        """The keys of rows that have none: their hashes, the second of identical rows with ``:2`` and so on.

        So twice is harmless and no row is lost, for about 150 bytes of memory a row.
        """
        keys = []
        for row_hash in hashes:
            count = self._seen[row_hash] = self._seen.get(row_hash, 0) + 1
            keys.append(row_hash if count == 1 else f"{row_hash}:{count}")
        return keys
