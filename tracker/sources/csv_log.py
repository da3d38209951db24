"""``import csv``: any delimited log, one stretch of work a row, read as a map says."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from io import BufferedReader
from itertools import islice
from typing import Any

from tracker.domain.entry_batch import BatchedRecord, EntryBatch, flattened
from tracker.domain.errors import BadValue
from tracker.domain.records import Basis
from tracker.domain.row_keys import ordinal_of, row_digest
from tracker.domain.validation import are_plainly_valid
from tracker.sources.entry_check import check_entries
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.table.cells import BadCell, Chunk
from tracker.sources.table.column_map import ColumnMap
from tracker.sources.table.columns import Columns
from tracker.sources.table.corrections import Corrections
from tracker.sources.table.delimited import Rows, Table, encode_rows, read_records
from tracker.sources.table.efforts import EffortColumns
from tracker.sources.table.item_columns import ItemColumns
from tracker.sources.table.item_facts import ItemFacts
from tracker.sources.table.joined_file import read_joined_file
from tracker.sources.table.json_table import open_mapped_table
from tracker.sources.table.map_columns import COLUMNS, SHARE
from tracker.sources.table.row_numbers import REPEATED, NumberedRows, RowNumbers
from tracker.sources.table.total_row import skip_totals

NEGATIVE_INTERRUPTION = "rows with an interruption below 0 minutes: it counts as 0"
"""A note, with the number of rows it holds for."""

_REQUIRED = (("task",), ("activity",), ("started_at", "date"), ("minutes", "ended_at"))
_KEY_FIELDS = ("developer", "started_epoch", "ended_epoch", "seconds")


def open_log(file: BufferedReader, name: str, context: ImportContext) -> ForeignLog:
    """Open a delimited log.

    Raises:
        BadValue: There is no map, or the file and the map do not fit each other.
    """
    if context.map is None:
        raise BadValue(
            "a CSV log needs a map that says what its columns are: give --map FILE.toml; "
            f"`tracker import csv {name} --suggest -o FILE.toml` drafts one."
        )
    map_ = context.with_defaults(context.map)
    map_.require(_REQUIRED, (*COLUMNS, SHARE), "import csv")
    joined = read_joined_file(map_.join, map_.formats, map_.name) if map_.join else None
    table = open_mapped_table(file, name, map_.formats)
    notes: Counter[str] = Counter()
    columns = Columns(map_, table.header, table.name, joined)
    rows = _LogRows(map_, columns, table, context, notes)
    records = rows.records(table)
    return ForeignLog(map_.source, records, notes, table)


class _LogRows:
    """Converts rows to entries, and to the facts they hold about work items and tasks."""

    def __init__(
        self,
        map_: ColumnMap,
        columns: Columns,
        table: Table,
        context: ImportContext,
        notes: Counter[str],
    ) -> None:
        self._joined = columns.joined
        self._column_positions = columns.positions
        self._positions = {
            column: positions
            for column, positions in columns.positions.items()
            if self._joined is None or column not in self._joined.columns
        }
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
        self._formats = map_.formats
        self._corrections = Corrections()
        self._efforts = EffortColumns(columns, map_.formats)
        self._assisted = columns.category("assisted")
        tags = set(map_.columns.get("tags", ()))
        basis: Basis = "label" if tags.isdisjoint(map_.columns.get("assisted", ())) else "tag"
        self._bases = {"yes": basis, "no": basis}
        self._texts = {name: columns.text(name) for name in ("team", "assistant", "note", "tags")}
        self._key = columns.name("key") if map_.has("key") else None
        self._row_numbers = RowNumbers()
        self._item_columns = ItemColumns(map_, columns)
        self._facts = ItemFacts(notes)

    def records(self, table: Table) -> Iterator[BatchedRecord]:
        """Return the records of a table's rows, with the entries of a chunk of them together."""
        records = read_records(table, self.convert, self._positions)
        records = skip_totals(records, table, self._positions, self._formats.missing)
        if self._formats.negative == "net":
            return self._corrections.net(flattened(records))
        return records

    def convert(self, rows: Rows) -> list[BatchedRecord]:
        """Return the records of some rows.

        Nothing is remembered of the rows unless all of them are converted.

        Raises:
            BadCell: A row is rejected.
            SkipRow: A row is left out.
        """
        encoded = encode_rows(rows, self._header)
        chunk: Chunk = list(zip(*rows, strict=True))
        if self._joined is None:
            return self._convert(rows, chunk, encoded)
        joined_rows = self._joined.rows_of(list(self._names["task"](chunk)))
        encoded = [
            row + "\x1f".join(("", *cells)).encode()
            for row, cells in zip(encoded, joined_rows, strict=True)
        ]
        try:
            records = self._convert(rows, self._joined.append_cells(chunk, joined_rows), encoded)
        except BadCell as fault:
            raise self._joined.locate(fault, joined_rows[0]) from None
        self._joined.count_missing(self._names["task"](chunk), self._notes)
        return records

    def _convert(self, rows: Rows, chunk: Chunk, encoded: Sequence[bytes]) -> list[BatchedRecord]:
        """Return the records of rows, with the chunk and the bytes that their hashes are of."""
        hashes = [blake2b(row, digest_size=16) for row in encoded]
        fields: dict[str, Sequence[Any]] = {
            name: list(read(chunk)) for name, read in self._names.items()
        }
        efforts = self._efforts.read(chunk)
        fields.update(efforts.fields)
        fields["assisted"] = [word or "unknown" for word in self._assisted(chunk)]
        fields["basis"] = list(map(self._bases.get, fields["assisted"]))
        fields.update({name: list(read(chunk)) for name, read in self._texts.items()})
        numbered = self._number_rows(fields, hashes)
        fields["source_key"] = numbered.keys if self._key is None else list(self._key(chunk))
        fields["row_hash"] = numbered.hashes
        fields["source"] = [self._source] * len(rows)
        fields["id"] = list(islice(self._ids, len(rows)))
        batch = EntryBatch(fields)
        if min(fields["seconds"]) < 0:
            self._take_correction(rows, batch)
        if not are_plainly_valid(fields, latest_epoch=self._latest_epoch):
            check_entries(batch.entries(), self._column_positions, self._latest_epoch)
        items = self._item_columns.work_items(chunk, batch)
        tasks = self._item_columns.tasks(chunk, fields["task"])
        new_items = self._facts.merge_items(items)
        # No row is rejected from here on.
        new_tasks = self._facts.merge_tasks(tasks)
        self._row_numbers.remember(numbered)
        self._count_repeated(fields)
        if efforts.negative_interruptions:
            self._notes[NEGATIVE_INTERRUPTION] += efforts.negative_interruptions
        return [batch, *new_items, *new_tasks]

    def _take_correction(self, rows: Rows, batch: EntryBatch) -> None:
        """Take a row with negative minutes out of the log.

        Raises:
            BadCell: There are several rows, so that each is to be converted alone.
            SkipRow: The row is a correction.
        """
        if len(rows) > 1:
            raise BadCell("minutes", "it is below 0")
        (entry,), (row,) = batch.entries(), rows
        positive = dataclasses.replace(entry, seconds=-entry.seconds, logged_epoch=0)
        check_entries([positive], self._column_positions, self._latest_epoch)
        indices = self._positions.get("minutes", ())
        column = " + ".join(self._header[index] for index in indices) or "minutes"
        self._corrections.defer(entry, column, " + ".join(row[index] for index in indices), row)

    def _count_repeated(self, fields: dict[str, Sequence[Any]]) -> None:
        """Count the rows without an id that are equal to an earlier one in what a key is made of.

        Minutes on a day are left out: two equal amounts of a day are usual.
        """
        if self._key is not None:
            return
        rows = zip(fields["source_key"], fields["ended_epoch"], strict=True)
        repeated = sum(end is not None and ordinal_of(key) > 1 for key, end in rows)
        if repeated:
            self._notes[REPEATED] += repeated

    def _number_rows(
        self, fields: dict[str, Sequence[Any]], row_hashes: Sequence[blake2b]
    ) -> NumberedRows:
        """Return the keys and hashes of rows; no keys where the log has a column for them."""
        if self._key is not None:
            return NumberedRows([], [row_hash.hexdigest() for row_hash in row_hashes], {}, {})
        digests = map(row_digest, *(fields[name] for name in _KEY_FIELDS))
        return self._row_numbers.number(digests, [row_hash.digest() for row_hash in row_hashes])
