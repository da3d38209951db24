"""What others would do with the same window: the naive methods, each at 95 %."""

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
    """An estimate and its half-width; NaN where a method declines. The t-test on minutes speaks in minutes."""

    estimate: float
    half_width: float


FEWEST = 8
"""Items that an arm must hold at a look before the plain interval is looked at, as ours asks too."""

UNDEFINED = Bounds(math.nan, math.nan)


def welch(values: Floats, arm: Mask) -> Bounds:
    """Welch's t-test of two arms' means."""
    arms = values[~arm], values[arm]
    squares = [sample.var(ddof=1) / len(sample) for sample in arms]
    se = math.sqrt(sum(squares))
    df = sum(squares) ** 2 / sum(
        square**2 / (len(sample) - 1) for square, sample in zip(squares, arms, strict=True)
    )
    return Bounds(float(arms[1].mean() - arms[0].mean()), _t(df) * se)


def published_trial(y: Floats, x: Floats, arm: Mask) -> Bounds:
    """Becker et al. 2025: least squares of ln minutes on arm and ln estimate, HC3."""
    regressors = np.column_stack([np.ones_like(y), arm, x])
    bread = np.linalg.pinv(regressors.T @ regressors)
    beta = bread @ (regressors.T @ y)
    leverage = np.einsum("ij,jk,ik->i", regressors, bread, regressors)
    influence = regressors @ bread[1]
    se = math.sqrt(float(np.sum((influence * (y - regressors @ beta) / (1.0 - leverage)) ** 2)))
    return Bounds(float(beta[1]), _t(len(y) - 3) * se)


def _t(df: float) -> float:
    return float(special.stdtrit(df, (1.0 + LEVEL) / 2.0))
