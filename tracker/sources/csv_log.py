"""``import csv``: any delimited log, one stretch of work a row, read as a map says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from io import BufferedReader
from itertools import islice
from typing import Any

from tracker.domain.errors import BadValue
from tracker.domain.records import Basis, Imported
from tracker.sources.entry_check import check_entries
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.table.column_map import COLUMNS, SHARE, ColumnMap
from tracker.sources.table.columns import Chunk, Columns
from tracker.sources.table.delimited import Rows, Table, encode_rows, open_table, read_records
from tracker.sources.table.efforts import EffortColumns
from tracker.sources.table.entry_batch import build_entries, is_plainly_valid
from tracker.sources.table.item_columns import ItemColumns
from tracker.sources.table.item_facts import ItemFacts

NEGATIVE_INTERRUPTION = "rows with an interruption below 0 minutes: it counts as 0"
"""A note, with the number of rows it holds for."""

_REQUIRED = (("task",), ("activity",), ("started_at", "date"), ("minutes", "ended_at"))
_BASIS: dict[str, Basis] = {"yes": "label", "no": "label"}


def open_log(file: BufferedReader, name: str, context: ImportContext) -> ForeignLog:
    """Open a delimited log.

    Raises:
        BadValue: There is no map, or the file and the map do not fit each other.
    """
    if context.map is None:
        raise BadValue(
            "a CSV log needs a map that says what its columns are: give --map FILE.toml."
        )
    map_ = context.with_defaults(context.map)
    map_.require(_REQUIRED, (*COLUMNS, SHARE), "import csv")
    table = open_table(file, name, encoding=map_.formats.encoding, delimiter=map_.formats.delimiter)
    notes: Counter[str] = Counter()
    rows = _LogRows(map_, table, context, notes)
    records = read_records(table, rows.convert, rows.positions)
    return ForeignLog(map_.source, records, notes, table)


class _LogRows:
    """Converts rows to entries, and to the facts they hold about work items and tasks."""

    def __init__(
        self, map_: ColumnMap, table: Table, context: ImportContext, notes: Counter[str]
    ) -> None:
        columns = Columns(map_, table.header, table.name)
        self.positions = columns.positions
        self._header = table.header
        self._source = map_.source
        self._ids = context.ids
        self._latest_epoch = context.latest_epoch
        self._notes = notes
        self._names = {
            "developer": columns.name("developer", " or give --developer"),
            "task": columns.name("task"),
            "activity": columns.name("activity"),
        }
        self._efforts = EffortColumns(columns)
        self._assisted = columns.word("assisted")
        self._texts = {name: columns.text(name) for name in ("team", "assistant", "note", "tags")}
        self._key = columns.name("key") if map_.has("key") else None
        self._hash_counts: dict[str, int] = {}
        self._item_columns = ItemColumns(map_, columns)
        self._facts = ItemFacts(notes)

    def convert(self, rows: Rows) -> list[Imported]:
        """Return the records of some rows.

        Nothing is remembered of the rows unless all of them are converted.

        Raises:
            BadCell: A row is rejected.
            SkipRow: A row is left out.
        """
        chunk: Chunk = list(zip(*rows, strict=True))
        hashes = [
            blake2b(row, digest_size=16).hexdigest() for row in encode_rows(rows, self._header)
        ]
        fields: dict[str, Sequence[Any]] = {
            name: list(read(chunk)) for name, read in self._names.items()
        }
        efforts = self._efforts.read(chunk)
        fields.update(efforts.fields)
        fields["assisted"] = [word or "unknown" for word in self._assisted(chunk)]
        fields["basis"] = list(map(_BASIS.get, fields["assisted"]))
        fields.update({name: list(read(chunk)) for name, read in self._texts.items()})
        fields["source_key"], hash_counts = self._keys(chunk, hashes)
        fields["row_hash"] = hashes
        fields["source"] = [self._source] * len(rows)
        fields["id"] = list(islice(self._ids, len(rows)))
        entries = build_entries(fields)
        if not is_plainly_valid(fields, self._latest_epoch):
            check_entries(entries, self.positions, self._latest_epoch)
        items = self._item_columns.work_items(chunk, entries)
        tasks = self._item_columns.tasks(chunk, fields["task"])
        new_items = self._facts.merge_items(items)
        # No row is rejected from here on.
        new_tasks = self._facts.merge_tasks(tasks)
        self._hash_counts.update(hash_counts)
        if efforts.negative_interruptions:
            self._notes[NEGATIVE_INTERRUPTION] += efforts.negative_interruptions
        return [*entries, *new_items, *new_tasks]

    def _keys(self, chunk: Chunk, hashes: Iterable[str]) -> tuple[Sequence[str], dict[str, int]]:
        """Return the key of each row, and how often each hash has occurred where it is the key.

        A row without a key has its hash; the second of identical rows has ``:2`` after it, and so
        on. So importing twice changes nothing and no row is lost, for about 150 bytes of memory a
        row.
        """
        if self._key:
            return list(self._key(chunk)), {}
        keys: list[str] = []
        counts: dict[str, int] = {}
        for row_hash in hashes:
            count = counts.get(row_hash, self._hash_counts.get(row_hash, 0)) + 1
            counts[row_hash] = count
            keys.append(row_hash if count == 1 else f"{row_hash}:{count}")
        return keys, counts
