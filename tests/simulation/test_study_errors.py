"""The errors of simulated studies, where few of a developer's items lie in both arms."""

from __future__ import annotations

import math
import warnings

import numpy as np

from tracker.simulation.studies import StudySetup, draw_study
from tracker.simulation.study_errors import ErrorSimulation, closed_cells, estimate_study
from tracker.simulation.work_model import made_up_model


def test_a_comparison_between_developers_has_its_own_error() -> None:
    """Hundreds of developers with one item each: sd is that of the estimates, and no NaN."""
    model = made_up_model(np.random.default_rng(1), developers=600)
    simulation = ErrorSimulation(model, items_per_week=60.0, level=0.95)
    setup = StudySetup("randomised", weeks=10, items=150)
    study = draw_study(model, setup, np.random.default_rng(2))
    estimate = estimate_study(study)
    assert estimate is not None
    assert estimate.fitted.kind == "between_developers"
    assert closed_cells(study).items > 50
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        errors = simulation.errors("randomised", 100, rough=False)
    assert errors is not None
    assert math.isfinite(errors.sd)
    assert 0.05 < errors.sd < 0.5
    assert (errors.half_widths > errors.sd).all()
