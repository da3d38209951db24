"""What every source is given, and what it gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from tracker.domain.records import Imported
from tracker.sources.table.column_map import ColumnMap
from tracker.sources.table.delimited import Table


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What is known of a foreign log besides the log itself."""

    ids: Iterator[str]
    """Ids for new entries, ascending and without end."""
    map: ColumnMap | None = None
    zone: ZoneInfo | None = None
    """Asked for by name (``--tz``): goes before the map's."""
    default_zone: ZoneInfo | None = None
    """Where nothing else says one."""
    developer: str | None = None
    """Whose log it is where the log does not say."""
    now_epoch: int | None = None
    """The current instant, in seconds since 1970 UTC; no entry may be later."""

    def zoned(self, map_: ColumnMap) -> ColumnMap:
        """The map with the zone that holds for this import."""
        return map_.with_zone(self.zone).with_default_zone(self.default_zone)

    def completed(self, map_: ColumnMap) -> ColumnMap:
        """The map with the zone and the developer that hold for this import."""
        return self.zoned(map_).with_default_developer(self.developer)


@dataclass(frozen=True, slots=True)
class ForeignLog:
    """A foreign log, opened: its records come as they are drawn."""

    source: str
    """The name its entries are kept under."""
    records: Iterator[Imported]
    notes: Counter[str]
    """What was done to rows that were taken, and to how many; complete when ``records`` is drawn to its end."""
    header: tuple[str, ...]
    """Of the rows in Rejected, with the delimiter and the encoding they came in."""
    delimiter: str
    encoding: str

    @classmethod
    def of_table(
        cls, source: str, table: Table, records: Iterator[Imported], notes: Counter[str]
    ) -> ForeignLog:
        """The log that a table is."""
        return cls(source, records, notes, table.header, table.delimiter, table.encoding)
