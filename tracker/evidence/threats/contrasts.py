"""Tests that a difference within developers is 0, and the correction for several of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from tracker.evidence import moments
from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.estimators.least_squares import classical, cr2, fit_least_squares
from tracker.evidence.intervals import (
    MIN_STANDARD_ERROR,
    StandardError,
    t_quantile,
    two_sided_p_value,
)
from tracker.evidence.moments import Cells, Mask, Term
from tracker.evidence.threats.inputs import LEVEL

SIGNIFICANCE = 0.05
"""Share of logs without any of a family's threats of which one or more may be reported."""

_MIN_SHOWN_P_VALUE = 0.001


@dataclass(frozen=True, slots=True)
class Contrast:
    """A difference of log minutes within developers, and the t-test that it is 0."""

    estimate: float
    error: StandardError

    @property
    def statistic(self) -> float:
        """The estimate divided by its standard error."""
        return self.estimate / self.error.se

    @property
    def p_value(self) -> float:
        """Two-sided, not corrected."""
        return two_sided_p_value(self.estimate, self.error)

    @property
    def bounds(self) -> tuple[float, float]:
        """The 95 % interval, not corrected."""
        half_width = t_quantile((1.0 + LEVEL) / 2.0, self.error.df) * self.error.se
        return self.estimate - half_width, self.estimate + half_width


@dataclass(frozen=True, slots=True)
class CorrectedTest:
    """A test with its p-value as corrected for all the tests of its family."""

    contrast: Contrast
    p_value: float
    tests: int
    """Number of tests in the family."""

    @property
    def rejects(self) -> bool:
        """Whether the difference is beyond chance, judged with the rest of the family."""
        return self.p_value < SIGNIFICANCE

    def __str__(self) -> str:
        """Return the statistic and the p-value as they are printed."""
        df = "" if self.contrast.error.df is None else f"({self.contrast.error.df:.1f})"
        statistic = f"{self.contrast.statistic:.1f}".replace("-", "\N{MINUS SIGN}")
        correction = f" after Holm's correction for {self.tests} tests" if self.tests > 1 else ""
        return f"t{df} = {statistic}, p {_p_text(self.p_value)}{correction}"


def contrast(cells: Cells, terms: tuple[Term, ...]) -> Contrast | None:
    """Return the test of the first regressor's coefficient within developers.

    None where the cells do not determine it, or its error is undefined or a rounding error.
    """
    fit = fit_least_squares(moments.cross_products(cells, terms)) if cells.items else None
    if fit is None:
        return None
    error = cr2(fit) if cells.developers >= MIN_CLUSTERS else classical(fit)
    if error is None or not error.se >= MIN_STANDARD_ERROR:
        return None
    return Contrast(fit.theta, error)


def relabel_arms(cells: Cells, second: Mask) -> Cells:
    """Return the cells with those of the mask ``second`` as the assistance arm."""
    return dataclasses.replace(cells, arm=second.astype(float))


def correct_tests(contrasts: Mapping[str, Contrast | None]) -> dict[str, CorrectedTest]:
    """Correct the p-values of a family of tests.

    Args:
        contrasts: The tests by threat code; None for a test that could not be made, which does
            not count.

    Returns:
        The tests that were made. Where none of the threats is present, at least one is reported
        in 5 % of the logs or less, however the tests depend on each other.
    """
    tests = {code: contrast for code, contrast in contrasts.items() if contrast is not None}
    corrected = holm([contrast.p_value for contrast in tests.values()])
    return {
        code: CorrectedTest(contrast, p, len(tests))
        for (code, contrast), p in zip(tests.items(), corrected, strict=True)
    }


def holm(p_values: list[float]) -> list[float]:
    """Return p-values corrected by the step-down method of Holm 1979, in the given order.

    >>> [round(p, 3) for p in holm([0.03, 0.01, 0.02])]
    [0.04, 0.03, 0.04]
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, position in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[position]))
        corrected[position] = highest
    return corrected


def _p_text(p: float) -> str:
    if p < _MIN_SHOWN_P_VALUE:
        return f"< {_MIN_SHOWN_P_VALUE:g}"
    return f"= {p:.3f}" if p < 0.1 else f"= {p:.2f}"
