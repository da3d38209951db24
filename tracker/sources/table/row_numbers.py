"""Keys for the rows of a table without a column of ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tracker.domain.row_keys import row_key

REPEATED = "rows with the developer, start and end of an earlier row: kept, but possibly doubled"
"""A note of an import. Rows with different ids are different stretches of work."""


class NumberedRows(NamedTuple):
    """The keys of some rows, and the state that :meth:`RowNumbers.remember` adds."""

    keys: list[str]
    hashes: list[str]
    """The hash of each row, followed by ``:2`` for the second of identical rows, and so on.

    It is unique within the log. Up to revision 0001 it was the key of a row without an id.
    """
    rows: dict[bytes, bytes | int]
    counts: dict[bytes, int]


class RowNumbers:
    """Numbers the rows of a log that have the same developer, start, and end or minutes.

    It takes about 200 bytes of memory per row.
    """

    def __init__(self) -> None:
        self._rows: dict[bytes, bytes | int] = {}
        """Digest of a key → the hash of its only row, or the number of its rows."""
        self._counts: dict[bytes, int] = {}
        """Hash of a row that is not the only one of its key → the number of identical rows."""

    def number(self, digests: Iterable[bytes], row_hashes: Iterable[bytes]) -> NumberedRows:
        """Return the keys of further rows, without remembering the rows.

        Args:
            digests: The digest of each row's key.
            row_hashes: The hash of each whole row.
        """
        numbered = NumberedRows([], [], {}, {})
        for digest, row_hash in zip(digests, row_hashes, strict=True):
            earlier = numbered.rows.get(digest) or self._rows.get(digest)
            if earlier is None:
                numbered.rows[digest] = row_hash
                numbered.keys.append(row_key(digest, 1))
                numbered.hashes.append(row_hash.hex())
                continue
            if isinstance(earlier, bytes):
                numbered.counts[earlier] = 1
                earlier = 1
            numbered.rows[digest] = earlier + 1
            identical = numbered.counts.get(row_hash) or self._counts.get(row_hash) or 0
            numbered.counts[row_hash] = identical + 1
            numbered.keys.append(row_key(digest, earlier + 1))
            suffix = f":{identical + 1}" if identical else ""
            numbered.hashes.append(row_hash.hex() + suffix)
        return numbered

    def remember(self, numbered: NumberedRows) -> None:
        """Remember numbered rows, so that later equal rows get further numbers."""
        self._rows.update(numbered.rows)
        self._counts.update(numbered.counts)
