"""Bounds that hold however often one looks: an asymptotic confidence sequence.

Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2021, "Time-uniform central limit theory and asymptotic confidence
sequences", the Gaussian mixture boundary, written in terms of the standard error.
"""

from __future__ import annotations

import math

TAU = 0.4
"""Standard deviation of the mixing prior on θ: the size of effect (±40 % or so) for which the bounds are narrowest."""


def half_width(se: float, alpha: float, tau: float = TAU) -> float:
    """Half-width on θ: se·√((1 + se²/τ²)·ln((1 + τ²/se²)/α²)), with 1 − ``alpha`` the level over all looks.

    >>> round(half_width(0.1, 0.05), 3)
    0.306
    """
    if se <= 0.0:
        return 0.0
    scale = (tau / se) ** 2
    return se * math.sqrt((1.0 + 1.0 / scale) * math.log((1.0 + scale) / alpha**2))
