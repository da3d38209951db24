"""From an estimate of θ and its standard error to an interval, with the allowance for drift where one is due."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy import special

from tracker.domain.records import StudyDesign
from tracker.evidence.results import Interval

DRIFT_SD = 0.15
"""How far teams drift on θ between two periods without any assistance: a standard deviation, measured on real logs."""

DRIFTING_DESIGNS: tuple[StudyDesign, ...] = ("before-after", "self-selected")
"""The study designs that cannot tell drift from an effect, and so make room for it."""

_WIDEST = 20.0
"""A half-width on θ beyond which a bound is no number that means anything (a ratio of 5e8)."""

_NO_SPREAD = 1e-7
"""A standard error below this is rounding: the minutes do not vary, and nothing can be judged by them."""


_HALVINGS = 40

TIED = 1.0 - 1e-9
"""A drawn statistic this near the observed one ties with it: the same draw must not count by rounding alone."""


@dataclass(frozen=True, slots=True)
class StandardError:
    """A standard error of θ with the degrees of freedom of its t distribution; ``df`` None: the normal one."""

    se: float
    df: float | None


def t_quantile(probability: float, df: float | None) -> float:
    """Quantile of Student's t; of the normal distribution where ``df`` is None. Fractional df are welcome."""
    return float(special.ndtri(probability) if df is None else special.stdtrit(df, probability))


def normal_quantile(probability: float) -> float:
    """Quantile of the normal distribution."""
    return float(special.ndtri(probability))


def drift_half_width(design: StudyDesign, level: float) -> float | None:
    """Half-width on θ that stands for drift, z·0.15 with z of the level; None where the design rules drift out."""
    return normal_quantile((1.0 + level) / 2.0) * DRIFT_SD if design in DRIFTING_DESIGNS else None


def symmetric_interval(
    theta: float, half_width: float, drift: float | None = None
) -> Interval | None:
    """θ ± √(half_width² + drift²); None where that is no interval: no spread at all, or a bound without meaning."""
    if not (math.isfinite(theta) and math.isfinite(half_width)):
        return None
    half = math.hypot(half_width, drift or 0.0)
    return Interval(theta, theta - half, theta + half) if half <= _WIDEST else None


def confidence_interval(
    theta: float, error: StandardError | None, level: float, drift: float | None = None
) -> Interval | None:
    """θ ± √((t·se)² + drift²) at ``level``; None where the error is not defined or is nothing but rounding."""
    if error is None or not math.isfinite(error.se) or error.se < _NO_SPREAD:
        return None
    return symmetric_interval(theta, t_quantile((1.0 + level) / 2.0, error.df) * error.se, drift)


def invert_test(
    p_value: Callable[[float], float], theta: float, scale: float, level: float
) -> Interval | None:
    """The values around θ that a test does not reject at 1 − ``level``, by stepping out and halving.

    ``scale`` is about a standard error. None where the test rejects nothing within reach.
    """
    if not (math.isfinite(theta) and scale > _NO_SPREAD):
        return None
    ends = []
    for sign in (-1.0, 1.0):
        inside, step = theta, sign * scale
        while p_value(inside + step) > 1.0 - level:
            inside, step = inside + step, 1.5 * step
            if abs(inside - theta) > _WIDEST:
                return None
        outside = inside + step
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2.0
            inside, outside = (
                (middle, outside) if p_value(middle) > 1.0 - level else (inside, middle)
            )
        ends.append(inside)
    return Interval(theta, ends[0], ends[1])


def add_drift(found: Interval, drift: float | None) -> Interval:
    """An interval made otherwise (by a bootstrap, say) with the allowance added to each half on its own."""
    if drift is None or found.low is None or found.high is None:
        return found
    return Interval(
        found.estimate,
        found.estimate - math.hypot(found.estimate - found.low, drift),
        found.estimate + math.hypot(found.high - found.estimate, drift),
    )


TAU = 0.4
"""Standard deviation of the mixing prior on θ: the size of effect (±40 % or so) for which the bounds are narrowest."""


def anytime_half_width(se: float, alpha: float, tau: float = TAU) -> float:
    """Half-width on θ: se·√((1 + se²/τ²)·ln((1 + τ²/se²)/α²)), with 1 − ``alpha`` the level over all looks.

    >>> round(anytime_half_width(0.1, 0.05), 3)
    0.306
    """
    if se <= 0.0:
        return 0.0
    scale = (tau / se) ** 2
    return se * math.sqrt((1.0 + 1.0 / scale) * math.log((1.0 + scale) / alpha**2))
