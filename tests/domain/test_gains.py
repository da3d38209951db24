"""Time ratio, efficiency gain and time saved say one number three ways."""

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
WITH_EXAMPLES = [
    path for path in sorted(PACKAGE.rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8")
]


@given(ratio=st.floats(0.01, 100.0), reading=st.sampled_from(READINGS))
def test_a_gain_leads_back_to_its_ratio(ratio: float, reading: Reading) -> None:
    """Both readings of a ratio lead back to it."""
    back = gains.to_ratio(reading, gains.from_ratio(reading, ratio))
    assert back == pytest.approx(ratio, rel=1e-9)


@pytest.mark.parametrize(
    ("reading", "gain"), [("efficiency_gain", -1.0), ("time_saved", 1.0), ("time_saved", 1.5)]
)
def test_what_no_ratio_has_is_none(reading: Reading, gain: float) -> None:
    """No time at all, and no output at all, are not ratios."""
    assert gains.to_ratio(reading, gain) is None
    assert gains.to_log_ratio(reading, gain) is None


@given(gain=st.floats(-0.99, 50.0))
def test_whole_per_cents_lie_around_a_gain(gain: float) -> None:
    """Down is not above it, up is not below it, and they are at most one apart."""
    down, up = gains.percent_down(gain), gains.percent_up(gain)
    assert down / 100 - 1e-8 <= gain <= up / 100 + 1e-8
    assert 0 <= up - down <= 1


@given(whole=st.integers(-99, 1000))
def test_a_whole_per_cent_is_its_own_neighbour(whole: int) -> None:
    """Whatever floating point makes of it: 0.29 is 29 %, not 28."""
    assert gains.percent_down(whole / 100) == gains.percent_up(whole / 100) == whole


def test_the_other_reading_is_the_other() -> None:
    """There and back."""
    assert {gains.other_reading(reading) for reading in READINGS} == set(READINGS)
    assert math.isclose(gains.to_log_ratio("efficiency_gain", 0.5) or 0.0, -math.log(1.5))


@pytest.mark.parametrize(
    "path", WITH_EXAMPLES, ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_the_examples_in_docstrings_hold(path: Path) -> None:
    """What a docstring shows is what comes out."""
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(
        ".__init__"
    )
    results = doctest.testmod(import_module(name))
    assert results.attempted > 0
    assert results.failed == 0
