"""Profiles of the columns of a sample: their cells, and the form of dates, times and amounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from tracker.domain.names import normalise_name
from tracker.sources.suggestions import amounts, instant_formats
from tracker.sources.suggestions.amounts import AmountColumn
from tracker.sources.suggestions.instant_formats import InstantColumn
from tracker.sources.suggestions.sample import Sample, count_texts
from tracker.sources.table.cells import ParseCache

_MISSING = frozenset(("-", "--", "—", "–", "n/a", "na", "null", "none", "nil", "nan", "\\n", "?"))
"""Words for "not known", in lower case."""
_MAX_MISSING_SHARE = 0.9


@dataclass(frozen=True)
class Profile:
    """A column of a sample."""

    name: str
    cells: list[str]
    """One cell per row, with "" for missing values."""
    counts: Counter[str]
    """Distinct text, in NFC → its number of rows. Missing values are left out."""
    missing: frozenset[str] = field(default_factory=frozenset)
    """The words for missing values that occur in the column."""
    instant: InstantColumn | None = None
    amount: AmountColumn | None = None

    @cached_property
    def filled(self) -> int:
        """The number of rows that have a value."""
        return self.counts.total()

    @property
    def is_text(self) -> bool:
        """Whether the cells are neither dates and times nor amounts."""
        return self.instant is None and self.amount is None

    @property
    def is_distinct(self) -> bool:
        """Whether every row has a value and no two rows have the same."""
        return self.filled == len(self.cells) == len(self.counts)


def profiles_of(sample: Sample) -> list[Profile]:
    """Return the profiles of the columns with a unique header, which a map can name."""
    names = Counter(sample.header)
    return [
        _profile(name, sample.column(index))
        for index, name in enumerate(sample.header)
        if name and names[name] == 1 and _is_encodable(name)
    ]


def _is_encodable(name: str) -> bool:
    """Return whether a map can hold a header: a lone surrogate of JSON cannot be written."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _profile(name: str, cells: list[str]) -> Profile:
    counts = count_texts(cells)
    instant, amount = instant_formats.classify(counts), amounts.classify(counts)
    words = {text for text in counts if text.casefold() in _MISSING}
    missing: frozenset[str] = frozenset()
    is_typed = instant is not None or amount is not None
    if words and not is_typed and len(words) < len(counts):
        rest = Counter({text: number for text, number in counts.items() if text not in words})
        instant, amount = instant_formats.classify(rest), amounts.classify(rest)
        if instant is not None or amount is not None:
            counts, missing = rest, frozenset(words)
            cells = ["" if normalise_name(cell) in words else cell for cell in cells]
    return Profile(name, cells, counts, missing, instant, amount)


def join_cells(columns: Iterable[Profile]) -> list[str]:
    """Return the joined cells of columns, one text per row; "" where all cells are empty."""
    rows = zip(*(column.cells for column in columns), strict=True)
    return [" ".join(cells) if any(cells) else "" for cells in rows]


def naive_times(texts: Iterable[str], formats: Iterable[str]) -> Iterator[datetime | None]:
    """Yield the local time of each text by the first format that matches, without its offset.

    Args:
        texts: The texts.
        formats: As in ``datetime.strptime``, or EPOCHS; "" is ISO 8601.
    """
    formats = tuple(formats)

    def parse(text: str) -> datetime | None:
        for strptime_format in formats:
            try:
                if not strptime_format:
                    return datetime.fromisoformat(text).replace(tzinfo=None)
                if strptime_format.startswith("epoch"):
                    unit = 1000 if strptime_format.endswith("ms") else 1
                    return datetime(1970, 1, 1) + timedelta(seconds=float(text) / unit)
                return datetime.strptime(text, strptime_format).replace(tzinfo=None)
            except ValueError:
                pass
        return None

    cache = ParseCache(parse)
    return map(cache.__getitem__, texts)
