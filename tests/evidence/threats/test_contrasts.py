"""Tests of differences within developers, and Holm's correction for several of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from support import panels
from support.threat_data import work_items

from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import cells_from_moments
from tracker.evidence.threats.contrasts import Contrast, contrast, correct_tests, holm


def test_holm_equals_statsmodels() -> None:
    """Corrected p-values of any number of tests, ties included, in the given order."""
    rng = np.random.default_rng(1)
    for count in range(1, 8):
        p_values = np.round(rng.random(count) ** 3, 2)
        corrected = multipletests(p_values, method="holm")[1]
        assert holm(p_values.tolist()) == pytest.approx(corrected, abs=1e-12)
    assert holm([]) == []


def test_a_contrast_is_a_t_test() -> None:
    """Statistic, p-value and interval are those of Student's t."""
    test = Contrast(-0.3, StandardError(0.1, 6.5))
    assert test.statistic == pytest.approx(-3.0)
    assert test.p_value == pytest.approx(2 * stats.t.sf(3.0, 6.5))
    assert test.bounds == pytest.approx(stats.t.interval(0.95, 6.5, -0.3, 0.1))
    corrected = correct_tests({"a": test, "b": None, "c": Contrast(0.0, StandardError(0.1, 5.0))})
    assert list(corrected) == ["a", "c"]
    assert corrected["a"].p_value == pytest.approx(2 * test.p_value)
    p = f"{2 * test.p_value:.3f}"
    assert str(corrected["a"]) == f"t(6.5) = −3.0, p = {p} after Holm's correction for 2 tests"
    assert str(correct_tests({"a": test})["a"]) == f"t(6.5) = −3.0, p = {test.p_value:.3f}"


def test_a_contrast_that_the_data_do_not_determine_is_none() -> None:
    """No items, one arm, or minutes that do not vary have no test."""
    items = work_items()
    cells = cells_from_moments(panels.moments(items))
    assert contrast(cells, ("arm", "x")) is not None
    assert contrast(cells.select(cells.period < 0), ("arm", "x")) is None
    assert contrast(cells.select(cells.arm == 1), ("arm", "x")) is None
    constant = items.assign(minutes=60.0)
    assert contrast(cells_from_moments(panels.moments(constant)), ("arm",)) is None
