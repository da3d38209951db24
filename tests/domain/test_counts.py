"""Numbers of things in words."""

from __future__ import annotations

import pytest

from tracker.domain.counts import about, count_of, listed, rounded


def test_one_thing_is_named_in_the_singular() -> None:
    """The plural has an s where no other one is given."""
    assert count_of(1, "task") == "1 task"
    assert count_of(0, "task") == "0 tasks"
    assert count_of(1_200, "entry", "entries") == "1,200 entries"


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0.4, 0), (7, 7), (11.4, 11), (83, 85), (97.4, 95), (98, 100), (101, 100), (187, 190)],
)
def test_an_estimate_has_two_significant_digits(number: float, expected: int) -> None:
    """From 20 to 100 it is a multiple of 5."""
    assert rounded(number) == expected


def test_an_estimated_number_of_things() -> None:
    """It is said to be about so many."""
    assert about(1234, "task") == "about 1,200 tasks"
    assert about(1, "task") == "about 1 task"


@pytest.mark.parametrize(
    ("words", "expected"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_words_are_listed_as_in_a_sentence(words: list[str], expected: str) -> None:
    """Commas, and "and" before the last."""
    assert listed(words) == expected
