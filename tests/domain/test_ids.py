"""Ids made by the client."""

from __future__ import annotations

import uuid
from itertools import islice, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.ids import uuid7, uuid7s

instants = st.integers(min_value=0, max_value=(1 << 48) * 1_000_000 - 1)
eight_bytes = st.binary(min_size=8, max_size=8)


@given(instants, eight_bytes)
def test_an_id_is_a_uuid_of_version_7_that_tells_its_millisecond(
    now_ns: int, random_bytes: bytes
) -> None:
    """The standard library reads the id back: version 7, RFC variant, the instant in its first 48 bits."""
    read = uuid.UUID(uuid7(now_ns, random_bytes))
    assert (read.version, read.variant) == (7, uuid.RFC_4122)
    assert read.int >> 80 == now_ns // 1_000_000


@given(instants, instants, eight_bytes, eight_bytes)
def test_ids_sort_by_the_instant(a: int, b: int, first: bytes, second: bytes) -> None:
    """Whatever the random part, an id made at least a 4096th of a millisecond later sorts after."""
    earlier, later = sorted((a, b))
    if later - earlier > 245:
        assert uuid7(earlier, first) < uuid7(later, second)


@given(instants, eight_bytes, eight_bytes)
def test_the_random_part_keeps_ids_of_one_instant_apart(
    now_ns: int, first: bytes, second: bytes
) -> None:
    """Two ids of the same instant are equal only if the lowest 62 random bits are."""
    low = (1 << 62) - 1
    same = int.from_bytes(first, "big") & low == int.from_bytes(second, "big") & low
    assert (uuid7(now_ns, first) == uuid7(now_ns, second)) is same


def test_too_few_random_bytes_are_refused() -> None:
    """An id with less than 62 random bits is not made."""
    with pytest.raises(ValueError, match="8 or more"):
        uuid7(0, b"short")


@given(instants, st.integers())
def test_many_ids_rise_and_are_valid(now_ns: int, seed: int) -> None:
    """The bulk generator yields valid ids of version 7 for the same instant, each greater than the last."""
    ids = list(islice(uuid7s(now_ns, Random(seed)), 300))
    assert all(before < after for before, after in pairwise(ids))
    assert {uuid.UUID(one).version for one in ids} == {7}
    assert {uuid.UUID(one).variant for one in ids} == {uuid.RFC_4122}
    assert {uuid.UUID(one).int >> 80 for one in ids} == {now_ns // 1_000_000}


def test_two_runs_of_the_same_instant_do_not_meet() -> None:
    """Two bulk runs begun in the same nanosecond share no id."""
    one, two = (
        set(islice(uuid7s(1_700_000_000_000_000_000, Random(seed)), 20_000)) for seed in (1, 2)
    )
    assert not one & two
