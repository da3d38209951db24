"""The comparison held against the same people's other work equals an independent program's."""

from __future__ import annotations

import math

import pytest
from support.robust_vectors import LEVELS, NAMES, read_panel

from tracker.evidence.estimators.control import (
    CONTROL_WEIGHT,
    fit_control,
    less_control,
)
from tracker.evidence.estimators.least_squares import classical, cr2_contributions
from tracker.evidence.intervals import drift_half_width, t_quantile
from tracker.evidence.moments import (
    BY_DEVELOPER_AND_ACTIVITY,
    cells_from_items,
)

exactly = {"rel": 1e-9, "abs": 1e-9}


@pytest.mark.shared
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", NAMES)
def test_the_control_equals_the_vectors(name: str, level: str) -> None:
    """Its θ and errors, θ less 0.45 of it, the joint variance and the half-width, to 1e-9."""
    panel = read_panel(name)
    expected = panel.expected[level].get("b")
    if panel.control_items is None:
        assert expected is None
        return
    work = cells_from_items(panel.control_items, BY_DEVELOPER_AND_ACTIVITY)
    control = fit_control(work, panel.developers, None)
    assert (control is None) == (expected is None)
    if control is None:
        return
    fit = control.fit_of(panel.developers)
    assert fit is not None
    assert control.cells.items == expected["control_items"]
    assert fit.theta == pytest.approx(expected["control_theta"], **exactly)
    assert control.theta == pytest.approx(expected["control_theta"], **exactly)
    other, independent = cr2_contributions(fit), classical(fit)
    assert other is not None
    assert math.sqrt(other.variance) == pytest.approx(expected["control_se"], **exactly)
    assert independent is not None
    assert independent.se == pytest.approx(expected["control_classical"], **exactly)
    target, result = cr2_contributions(panel.fit), less_control(panel.fit, fit)
    assert target is not None
    assert result is not None
    theta, error = result
    assert theta == pytest.approx(expected["theta"], **exactly)
    scores = target.scores - CONTROL_WEIGHT * other.scores
    assert scores @ scores == pytest.approx(expected["variance"], **exactly)
    drift = drift_half_width("before-after", float(level), controlled=True)
    assert drift is not None
    half_width = math.hypot(t_quantile((1 + float(level)) / 2, error.df) * error.se, drift)
    assert half_width == pytest.approx(expected["half"], **exactly)
