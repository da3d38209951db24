"""How much of a comparison single developers hold."""

from __future__ import annotations

import numpy as np

from tracker.evidence.estimators.least_squares import LeastSquaresFit
from tracker.evidence.moments import Floats


def developer_weights(fit: LeastSquaresFit) -> Floats:
    """Return each developer's share of the weight of θ, [M A_g M]₁₁ / M₁₁.

    Args:
        fit: A least-squares fit with absorbed developer effects.

    Returns:
        G shares that sum to 1.
    """
    row = fit.bread[0]
    weights: Floats = np.einsum("i,gij,j->g", row, fit.cross.A, row) / fit.bread[0, 0]
    return weights
