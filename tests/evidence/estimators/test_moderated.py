"""Moderated errors equal an independent program's."""

from __future__ import annotations

import math

import pytest
from support.robust_vectors import LEVELS, NAMES, read_panel

from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.estimators.least_squares import heteroskedastic
from tracker.evidence.estimators.moderated import moderated, moderated_error
from tracker.evidence.intervals import normal_quantile, t_quantile

exactly = {"rel": 1e-9, "abs": 1e-9}


@pytest.mark.shared
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", NAMES)
def test_half_widths_equal_the_vectors(name: str, level: str) -> None:
    """The moderated half-width, and with the drift allowance of before/after comparisons."""
    panel = read_panel(name)
    expected, probability = panel.expected[level], (1 + float(level)) / 2
    if expected["half_before_after_a"] is None:  # no spread
        return
    if panel.cells.developers >= MIN_CLUSTERS:
        error = moderated(panel.fit)
    else:
        error = heteroskedastic(panel.fit, panel.fitted_cells, panel.terms, "HC2")
    assert error is not None
    half_width = t_quantile(probability, error.df) * error.se
    if "half_moderated" in expected:
        assert half_width == pytest.approx(expected["half_moderated"], **exactly)
    with_drift = math.hypot(half_width, normal_quantile(probability) * 0.15)
    assert with_drift == pytest.approx(expected["half_before_after_a"], **exactly)


def test_a_moderated_error_lies_between_its_prior_and_the_data() -> None:
    """Few degrees of freedom: 1.45 times the classical variance; many: the CR2 variance."""
    few, many = moderated_error(4.0, 0.01, 1.0), moderated_error(4.0, 1e6, 1.0)
    assert few.se**2 == pytest.approx(1.45, rel=0.01)
    assert many.se**2 == pytest.approx(4.0, rel=1e-4)
    assert few.df == pytest.approx(4.01)
