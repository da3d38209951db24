"""The estimator from moments compared with pyfixest, for a million work items."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.pairs import Pair, Run, summarise
from tracker.evidence.estimators.least_squares import fit_least_squares
from tracker.evidence.moments import cells_from_moments, cross_products, item_sums

ITEMS, DEVELOPERS, MONTHS = 1_000_000, 1_000, 24
RUNS = 5
THETA, SLOPE = -0.3, 0.8


def measure(_folder: Path) -> Iterator[tuple[Pair, str]]:
    """Time both on made-up work items, and check that they give the same effect."""
    import pyfixest

    items = _items(np.random.default_rng(1))
    moments = _moments(items)
    effects: dict[str, float] = {}

    def from_moments() -> None:
        fit = fit_least_squares(cross_products(cells_from_moments(moments), ("arm", "x")))
        assert fit is not None
        effects["moments"] = fit.theta

    def from_items() -> None:
        fit = pyfixest.feols("y ~ arm_number + x | developer", items, vcov={"CRV1": "developer"})
        effects["items"] = float(fit.coef()["arm_number"])

    pairs = [(_timed(from_moments), _timed(from_items)) for _ in range(RUNS + 1)]
    np.testing.assert_allclose(effects["moments"], effects["items"], rtol=1e-8)
    name = f"estimate from moments of {ITEMS:,} items / pyfixest"
    yield summarise(name, pairs[1:]), "aim ≤ 0.2"


def _timed(function: Callable[[], None]) -> Run:
    started, cpu = time.perf_counter(), time.process_time()
    function()
    return Run(time.perf_counter() - started, cpu_seconds=time.process_time() - cpu)


def _items(rng: np.random.Generator) -> pd.DataFrame:
    """Return work items with a known effect of assistance in the second half of their months."""
    developer, month = rng.integers(DEVELOPERS, size=ITEMS), rng.integers(MONTHS, size=ITEMS)
    arm, x = (month >= MONTHS // 2).astype(float), rng.normal(4.0, 0.8, ITEMS)
    level = rng.normal(0.0, 0.3, DEVELOPERS)[developer]
    y = level + THETA * arm + SLOPE * x + rng.normal(0.0, 0.7, ITEMS)
    return pd.DataFrame(
        {"developer": developer, "period": month, "arm_number": arm, "x": x, "y": y}
    )


def _moments(items: pd.DataFrame) -> pd.DataFrame:
    """Return the moments of such items, as the database computes them."""
    y, x = items["y"].to_numpy(), items["x"].to_numpy()
    sums = pd.DataFrame(item_sums(y, x, np.exp(y), np.exp(x)))
    keys = [items[name] for name in ("developer", "period", "arm_number")]
    frame = sums.groupby(keys).sum().reset_index()
    arm = np.where(frame.pop("arm_number") == 1, "assistance", "baseline")
    return frame.assign(arm=arm, estimated=True, developer=frame["developer"].astype(str))
