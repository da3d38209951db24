"""Conversions between time ratio, efficiency gain and time saved."""

from __future__ import annotations

import doctest
import math
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracker
from tracker.domain import gains
from tracker.domain.gains import READINGS, Reading

PACKAGE = Path(tracker.__file__).parent
MODULES_WITH_EXAMPLES = [
    path for path in sorted(PACKAGE.rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8")
]


@given(ratio=st.floats(0.01, 100.0), reading=st.sampled_from(READINGS))
def test_a_gain_converts_back_to_its_ratio(ratio: float, reading: Reading) -> None:
    """A ratio is recovered from its gain, under both readings."""
    gain = gains.from_ratio(reading, ratio)
    assert gains.to_ratio(reading, gain) == pytest.approx(ratio, rel=1e-9)


@pytest.mark.parametrize(
    ("reading", "gain"), [("efficiency_gain", -1.0), ("time_saved", 1.0), ("time_saved", 1.5)]
)
def test_an_impossible_gain_has_no_ratio(reading: Reading, gain: float) -> None:
    """No ratio corresponds to work in no time or to no output at all."""
    assert gains.to_ratio(reading, gain) is None
    assert gains.to_log_ratio(reading, gain) is None


@given(gain=st.floats(-0.99, 50.0))
def test_whole_per_cents_enclose_a_gain(gain: float) -> None:
    """The lower one is not above the gain, the upper one not below it; they differ by at most 1."""
    lower, upper = gains.percent_down(gain), gains.percent_up(gain)
    assert lower / 100 - 1e-8 <= gain <= upper / 100 + 1e-8
    assert 0 <= upper - lower <= 1


@given(percent=st.integers(-99, 1000))
def test_a_whole_per_cent_is_not_rounded(percent: int) -> None:
    """0.29 is 29 %, although 100 * 0.29 is below 29 in floating point."""
    assert gains.percent_down(percent / 100) == gains.percent_up(percent / 100) == percent


def test_each_reading_has_another_one() -> None:
    """The two readings are each other's alternative."""
    assert {gains.other_reading(reading) for reading in READINGS} == set(READINGS)


def test_the_log_ratio_is_the_logarithm_of_the_ratio() -> None:
    """An efficiency gain of 50 % is a log ratio of -ln 1.5."""
    log_ratio = gains.to_log_ratio("efficiency_gain", 0.5)
    assert log_ratio is not None
    assert math.isclose(log_ratio, -math.log(1.5))


@pytest.mark.parametrize(
    "path", MODULES_WITH_EXAMPLES, ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_the_examples_in_docstrings_are_correct(path: Path) -> None:
    """The examples print what the docstrings state."""
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(
        ".__init__"
    )
    results = doctest.testmod(import_module(name))
    assert results.attempted > 0
    assert results.failed == 0
