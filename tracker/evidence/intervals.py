"""Standard errors, confidence intervals and the allowance for drift."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy import special

from tracker.domain.records import StudyDesign
from tracker.evidence.results import Interval

DRIFT_SD = 0.15
"""Standard deviation of θ between two periods without any assistance, measured on real logs."""

CONTROLLED_DRIFT_SD = 0.11
"""The same of θ − 0.45·θ_control, the change of the same people's other work taken off in part."""

DRIFTING_DESIGNS: tuple[StudyDesign, ...] = ("before-after", "self-selected")
"""Study designs that cannot separate drift from an effect, so their intervals allow for drift."""

TAU = 0.4
"""τ of the confidence sequence: the standard deviation of the mixing prior on θ.

It sets the standard error at which the bounds are narrowest, relative to those of one look.
"""

TIE_TOLERANCE = 1.0 - 1e-9
"""Factor on the observed statistic, so that rounding does not exclude a draw equal to it."""

_MAX_HALF_WIDTH = 20.0
"""Half-width on θ above which an interval is not reported (a ratio of 5e8)."""

MIN_STANDARD_ERROR = 1e-7
"""Standard error below which it is a rounding error, because the minutes do not vary."""

_BISECTIONS = 40


@dataclass(frozen=True, slots=True)
class StandardError:
    """A standard error of θ, with the degrees of freedom of its t distribution."""

    se: float
    df: float | None
    """None: the normal distribution."""


def t_quantile(probability: float, df: float | None) -> float:
    """Return a quantile of Student's t, or of the normal distribution where ``df`` is None.

    ``df`` need not be a whole number.
    """
    return float(special.ndtri(probability) if df is None else special.stdtrit(df, probability))


def normal_quantile(probability: float) -> float:
    """Return a quantile of the normal distribution."""
    return float(special.ndtri(probability))


def two_sided_p_value(theta: float, error: StandardError) -> float:
    """Return the two-sided p-value of the test that θ is 0."""
    statistic = -abs(theta) / error.se
    tail = special.ndtr(statistic) if error.df is None else special.stdtr(error.df, statistic)
    return float(2.0 * tail)


def drift_sd(design: StudyDesign, *, controlled: bool = False) -> float | None:
    """Return the standard deviation of drift on θ; None where the study design rules it out.

    Args:
        design: The study design.
        controlled: Whether θ is held against the same people's other work.
    """
    if design not in DRIFTING_DESIGNS:
        return None
    return CONTROLLED_DRIFT_SD if controlled else DRIFT_SD


def drift_half_width(
    design: StudyDesign, level: float, *, controlled: bool = False
) -> float | None:
    """Return the half-width on θ that allows for drift: z of the level times :func:`drift_sd`."""
    sd = drift_sd(design, controlled=controlled)
    return None if sd is None else normal_quantile((1.0 + level) / 2.0) * sd


def symmetric_interval(
    theta: float, half_width: float, drift: float | None = None
) -> Interval | None:
    """Return θ ± √(half_width² + drift²); None where it is not finite or wider than ± 20."""
    if not (math.isfinite(theta) and math.isfinite(half_width)):
        return None
    total = math.hypot(half_width, drift or 0.0)
    return Interval(theta, theta - total, theta + total) if total <= _MAX_HALF_WIDTH else None


def confidence_interval(
    theta: float, error: StandardError | None, level: float, drift: float | None = None
) -> Interval | None:
    """Return θ ± √((t·se)² + drift²), t being the quantile of ``level``.

    None where the standard error is undefined or a rounding error, or the interval is too wide.
    """
    if error is None or not math.isfinite(error.se) or error.se < MIN_STANDARD_ERROR:
        return None
    return symmetric_interval(theta, t_quantile((1.0 + level) / 2.0, error.df) * error.se, drift)


def anytime_half_width(se: float, alpha: float, tau: float = TAU) -> float:
    """Return the half-width on θ of a confidence sequence, valid for any number of looks.

    se·√((1 + se²/τ²)·ln((1 + τ²/se²)/α²)), from Waudby-Smith et al. 2021. 1 − ``alpha`` is the
    level over all looks together.

    >>> round(anytime_half_width(0.1, 0.05), 3)
    0.306
    """
    if se <= 0.0:
        return 0.0
    scale = (tau / se) ** 2
    return se * math.sqrt((1.0 + 1.0 / scale) * math.log((1.0 + scale) / alpha**2))


def invert_test(
    p_value: Callable[[float], float], theta: float, scale: float, level: float
) -> Interval | None:
    """Return the interval of the values around θ that a test does not reject.

    Growing steps bracket each bound, and bisection then locates it.

    Args:
        p_value: Returns the test's p-value of a null value of θ.
        theta: The estimate, inside the interval.
        scale: The first step, about one standard error.
        level: The confidence level; the test rejects at 1 − ``level``.

    Returns:
        The interval; None where a bound is more than 20 from θ, or ``scale`` is a rounding error.

    """
    if not (math.isfinite(theta) and scale > MIN_STANDARD_ERROR):
        return None
    bounds = []
    for sign in (-1.0, 1.0):
        inside, step = theta, sign * scale
        while p_value(inside + step) > 1.0 - level:
            inside, step = inside + step, 1.5 * step
            if abs(inside - theta) > _MAX_HALF_WIDTH:
                return None
        outside = inside + step
        for _ in range(_BISECTIONS):
            middle = (inside + outside) / 2.0
            inside, outside = (
                (middle, outside) if p_value(middle) > 1.0 - level else (inside, middle)
            )
        bounds.append(inside)
    return Interval(theta, bounds[0], bounds[1])


def add_drift(interval: Interval, drift: float | None) -> Interval:
    """Add the drift half-width in quadrature to each side of an interval, symmetric or not."""
    if drift is None or interval.low is None or interval.high is None:
        return interval
    estimate = interval.estimate
    return Interval(
        estimate,
        estimate - math.hypot(estimate - interval.low, drift),
        estimate + math.hypot(interval.high - estimate, drift),
    )
