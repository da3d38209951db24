"""Standard errors that are moderated by what is usual of teams."""

from __future__ import annotations

import math

from tracker.evidence.estimators.least_squares import (
    LeastSquaresFit,
    classical,
    cr2,
)
from tracker.evidence.intervals import StandardError

PRIOR_VARIANCE_RATIO = 1.45
"""How much wider than independent items teams are: the variance of θ by developer over the
classical one, measured on real logs.
"""
PRIOR_DF = 4
"""Degrees of freedom of knowing PRIOR_VARIANCE_RATIO."""


def moderated_error(variance: float, df: float, classical_variance: float) -> StandardError:
    """Return an error that is shrunk towards 1.45 times the classical variance.

    Smyth 2004, "Linear models and empirical Bayes methods", section 3: the variance is the mean of
    its prior and its estimate, weighted by their degrees of freedom.

    Args:
        variance: The squared CR2 error of θ.
        df: Its Satterthwaite degrees of freedom.
        classical_variance: The variance of θ for independent items.
    """
    prior = PRIOR_DF * PRIOR_VARIANCE_RATIO * classical_variance
    return StandardError(math.sqrt((prior + df * variance) / (PRIOR_DF + df)), PRIOR_DF + df)


def moderated(fit: LeastSquaresFit) -> StandardError | None:
    """Return the moderated error of a fit; None where it has no CR2 error."""
    by_developer, independent = cr2(fit), classical(fit)
    if by_developer is None or by_developer.df is None or independent is None:
        return None
    return moderated_error(by_developer.se**2, by_developer.df, independent.se**2)
