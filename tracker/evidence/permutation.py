"""The randomisation test: the arms drawn anew within each developer, inverted to an interval.

Under the null that assistance multiplies every item's minutes by e^θ₀, y − θ₀·arm is what it is whatever is drawn
(Rosenbaum 2002, "Observational studies", section 2.4). The statistic is the primary's coefficient; in a draw it is
linear in θ₀, so the draws are made once.
"""

from __future__ import annotations

import numpy as np

from tracker.evidence.crossproducts import Cells, Floats, centred
from tracker.evidence.intervals import TIED, invert
from tracker.evidence.results import Interval

DRAWS = 999
MOST_ITEMS = 10_000
"""Beyond this many work items the test and the normal approximation are one; drawing is left out."""


def permute(
    rows: Cells, level: float, rng: np.random.Generator, *, adjusted: bool, draws: int = DRAWS
) -> Interval | None:
    """The interval of θ that permuting the arms within developers does not reject; None where there is none.

    ``rows``: one cell a work item. ``adjusted``: with x, as in the primary.
    """
    x = centred(rows, rows.x) if adjusted else np.zeros_like(rows.y)
    squares = float(x @ x)
    if squares <= 0.0:
        x, squares = np.zeros_like(x), 1.0

    def residual(values: Floats) -> Floats:
        own = centred(rows, values)
        return own - x * (x @ own / squares)

    y, arm = residual(rows.y), residual(rows.arm)
    spread = float(arm @ arm)
    if spread <= 0.0:
        return None
    theta = float(arm @ y) / spread
    against = np.column_stack([y, arm, x])  # all without developer means, so a draw need not lose its own
    own = centred(rows, rows.arm)
    inside = float(own @ own)  # the same in every draw: each developer keeps how many items it has in each arm
    products = np.array([_drawn_anew(rows, rng) @ against for _ in range(draws)])
    denominator = inside - products[:, 2] ** 2 / squares
    of_y, of_arm = products[:, 0] / denominator, products[:, 1] / denominator

    def p_value(null: float) -> float:
        reached = np.abs(of_y - null * of_arm) >= abs(theta - null) * TIED
        return float((1 + reached.sum()) / (draws + 1))

    return invert(p_value, theta, float(of_y.std()), level)


def _drawn_anew(rows: Cells, rng: np.random.Generator) -> Floats:
    """The arms shuffled within each developer. The rows lie developer by developer (:func:`from_items`)."""
    return rows.arm[np.argsort(rows.developer + rng.random(len(rows.arm)))]
