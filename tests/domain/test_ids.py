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
def test_an_id_is_a_uuid_of_version_7(now_ns: int, random_bytes: bytes) -> None:
    """The standard library reads its version, its variant and its millisecond (48 bits)."""
    parsed_id = uuid.UUID(uuid7(now_ns, random_bytes))
    assert (parsed_id.version, parsed_id.variant) == (7, uuid.RFC_4122)
    assert parsed_id.int >> 80 == now_ns // 1_000_000


@given(instants, instants, eight_bytes, eight_bytes)
def test_ids_sort_by_time(a: int, b: int, a_bytes: bytes, b_bytes: bytes) -> None:
    """An id sorts after one that is at least 1/4096 of a millisecond older, for any random bits."""
    earlier, later = sorted((a, b))
    if later - earlier > 245:
        assert uuid7(earlier, a_bytes) < uuid7(later, b_bytes)


@given(instants, eight_bytes, eight_bytes)
def test_random_bits_distinguish_ids_of_one_instant(
    now_ns: int, a_bytes: bytes, b_bytes: bytes
) -> None:
    """Two ids of one instant are equal only if their lowest 62 random bits are."""
    mask = (1 << 62) - 1
    is_equal = int.from_bytes(a_bytes, "big") & mask == int.from_bytes(b_bytes, "big") & mask
    assert (uuid7(now_ns, a_bytes) == uuid7(now_ns, b_bytes)) is is_equal


def test_too_few_random_bytes_are_refused() -> None:
    """An id needs at least 62 random bits."""
    with pytest.raises(ValueError, match="8 or more"):
        uuid7(0, b"short")


@given(instants, st.integers())
def test_many_ids_increase_and_are_valid(now_ns: int, seed: int) -> None:
    """The generator for many records yields increasing ids of version 7 for the same instant."""
    ids = list(islice(uuid7s(now_ns, Random(seed)), 300))
    assert all(smaller < larger for smaller, larger in pairwise(ids))
    parsed_ids = [uuid.UUID(id_) for id_ in ids]
    assert {id_.version for id_ in parsed_ids} == {7}
    assert {id_.variant for id_ in parsed_ids} == {uuid.RFC_4122}
    assert {id_.int >> 80 for id_ in parsed_ids} == {now_ns // 1_000_000}


def test_two_runs_in_one_instant_do_not_collide() -> None:
    """Two runs that start in the same nanosecond have no id in common."""
    now_ns = 1_700_000_000_000_000_000
    first_ids, second_ids = (set(islice(uuid7s(now_ns, Random(seed)), 20_000)) for seed in (1, 2))
    assert not first_ids & second_ids
