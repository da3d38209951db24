"""Keys of imported rows that have no id of their own.

Such a key is a hash of what a later edit in the other tool leaves as it is: developer, start, and
end (minutes where the row has no end). Rows that are equal in these are numbered.
"""

from __future__ import annotations

import re
from hashlib import blake2b

_PREFIX = "row:"
_KEY = re.compile(_PREFIX + r"[0-9a-f]{32}(:[0-9]+)?")
_LENGTH = len(_PREFIX) + 32


def row_digest(developer: str, started_epoch: int, ended_epoch: int | None, seconds: int) -> bytes:
    """Return the hash that the key of a row without an id is made of."""
    end = f"m{seconds}" if ended_epoch is None else ended_epoch
    content = f"{developer}\x1f{started_epoch}\x1f{end}"
    # A name that JSON gives a lone surrogate is refused after it has been hashed.
    return blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def row_key(digest: bytes, ordinal: int) -> str:
    """Return the key of a row; of rows with one hash the second has the ordinal 2, and so on."""
    return numbered_key(_PREFIX + digest.hex(), ordinal)


def numbered_key(base: str, ordinal: int) -> str:
    """Return a key of the rows with this base."""
    return base if ordinal == 1 else f"{base}:{ordinal}"


def is_row_key(key: str | None) -> bool:
    """Whether a key was made by :func:`row_key`."""
    return key is not None and _KEY.fullmatch(key) is not None


def base_of(key: str) -> str:
    """Return a key made by :func:`row_key` without its ordinal."""
    return key[:_LENGTH]


def ordinal_of(key: str) -> int:
    """Return the ordinal of a key made by :func:`row_key`."""
    return int(key[_LENGTH + 1 :] or 1)
