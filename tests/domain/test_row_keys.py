"""Keys of rows that have no id."""

from __future__ import annotations

from tracker.domain.row_keys import (
    base_of,
    is_row_key,
    numbered_key,
    ordinal_of,
    row_digest,
    row_key,
)


def test_a_key_has_a_base_and_an_ordinal() -> None:
    """The first row has the base itself."""
    digest = row_digest("ann", 1_000, 2_000, 900)
    first, third = row_key(digest, 1), row_key(digest, 3)
    assert third == f"{first}:3" == numbered_key(first, 3)
    assert base_of(first) == base_of(third) == first
    assert (ordinal_of(first), ordinal_of(third)) == (1, 3)


def test_a_key_depends_on_the_minutes_only_without_an_end() -> None:
    """Where the end is known, corrected minutes leave the key as it is."""
    assert row_digest("ann", 1, 2, 60) == row_digest("ann", 1, 2, 90)
    assert row_digest("ann", 1, None, 60) != row_digest("ann", 1, None, 90)
    assert row_digest("ann", 1, None, 2) != row_digest("ann", 1, 2, 2)


def test_a_key_of_another_tool_is_no_row_key() -> None:
    """Also where it begins like one."""
    assert not any(map(is_row_key, (None, "", "17", "row:17", "a" * 32, f"row:{'a' * 32}:x")))
