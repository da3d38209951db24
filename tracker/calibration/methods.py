"""Methods that people commonly use on such data, each with an interval at 95 %."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

LEVEL = 0.95


class Bounds(NamedTuple):
    """An estimate and its half-width; NaN where a method gives no interval.

    Both are on θ, except for the t-test on minutes, which has them in minutes.
    """

    estimate: float
    half_width: float


MIN_ITEMS_OF_AN_ARM = 8
"""Items that an arm must hold before the published trial's interval counts as an interim look.

The project's own method needs as many.
"""

UNDEFINED = Bounds(math.nan, math.nan)


def welch(values: Floats, arm: Mask) -> Bounds:
    """Return the interval of Welch's t-test: mean of the assistance arm minus the baseline's."""
    arms = values[~arm], values[arm]
    squares = [sample.var(ddof=1) / len(sample) for sample in arms]
    se = math.sqrt(sum(squares))
    df = sum(squares) ** 2 / sum(
        square**2 / (len(sample) - 1) for square, sample in zip(squares, arms, strict=True)
    )
    return Bounds(float(arms[1].mean() - arms[0].mean()), _t(df) * se)


def published_trial(y: Floats, x: Floats, arm: Mask) -> Bounds:
    """Return the interval of the model in Becker et al. 2025.

    It is least squares of ln minutes (``y``) on arm and ln estimate (``x``), with HC3 errors.
    """
    regressors = np.column_stack([np.ones_like(y), arm, x])
    bread = np.linalg.pinv(regressors.T @ regressors)
    beta = bread @ (regressors.T @ y)
    leverage = np.einsum("ij,jk,ik->i", regressors, bread, regressors)
    influence = regressors @ bread[1]
    se = math.sqrt(float(np.sum((influence * (y - regressors @ beta) / (1.0 - leverage)) ** 2)))
    return Bounds(float(beta[1]), _t(len(y) - 3) * se)


def _t(df: float) -> float:
    return float(special.stdtrit(df, (1.0 + LEVEL) / 2.0))
