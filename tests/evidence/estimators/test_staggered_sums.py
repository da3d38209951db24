"""Ratios of sums of a staggered rollout, against a Poisson fit of work items."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from support import panels

from tracker.evidence.estimators.staggered_sums import staggered_ratio_of_sums
from tracker.evidence.moments import cells_from_items, cells_from_moments


@pytest.fixture
def work() -> pd.DataFrame:
    """Work items of nine developers: six have a rollout, in two steps, and three have none."""
    work = panels.items(np.random.default_rng(4), developers=9, per_developer=60)
    names = sorted(work["developer"].unique())
    first = {name: (543 if n < 3 else 545 if n < 6 else 9999) for n, name in enumerate(names)}
    treated = work["month"] >= work["developer"].map(first)
    work["arm"] = np.where(treated, "assistance", "baseline")
    work["minutes"] *= np.where(treated, 0.8, 1.0) * 1.05 ** (work["month"] - 540)
    return work[work["minutes"] > 0]


def poisson_theta(work: pd.DataFrame, unit: pd.Series) -> float:
    """Return ln of treated minutes over those of a fit of the untreated items."""
    months = pd.get_dummies(work["month"].astype(str), drop_first=True)
    design = pd.concat([pd.get_dummies(work["developer"]), months], axis=1).astype(float)
    untreated = work["arm"] == "baseline"
    model = sm.GLM(
        work["minutes"][untreated],
        design[untreated],
        family=sm.families.Poisson(),
        offset=np.log(unit[untreated]),
    )
    expected = model.fit(tol=1e-12).predict(design, offset=np.log(unit))
    counted = ~untreated
    for name in ("developer", "month"):
        counted &= work[name].isin(work[name][untreated])
    return float(np.log(work["minutes"][counted].sum() / expected[counted].sum()))


@pytest.mark.parametrize("denominator", ["w", "n"])
def test_the_ratio_is_that_of_a_poisson_fit(work: pd.DataFrame, denominator: str) -> None:
    """Sums by developer and month give what a fit of single items does, and its jackknife."""
    unit = work["estimate_minutes"] if denominator == "w" else pd.Series(1.0, index=work.index)
    theta = poisson_theta(work, unit)
    without = [
        poisson_theta(work[rest], unit[rest])
        for name in sorted(work["developer"].unique())
        if (rest := work["developer"] != name).any()
    ]
    G = len(without)
    expected = np.sqrt((G - 1) / G * np.sum((np.array(without) - theta) ** 2))
    for cells in (cells_from_moments(panels.moments(work)), cells_from_items(work)):
        ratio = staggered_ratio_of_sums(cells, denominator)
        assert ratio.theta == pytest.approx(theta, abs=1e-7)
        assert ratio.error.se == pytest.approx(expected, rel=1e-5)
        assert ratio.error.df == 6
        assert np.log(ratio.assistance / ratio.baseline) == pytest.approx(ratio.theta)


def test_months_that_differ_do_not_look_like_a_gain() -> None:
    """Where all work takes longer from month to month, and nothing else, the ratio is 1."""
    rng = np.random.default_rng(0)
    rows = []
    for developer, start in (("a", 2), ("b", 3), ("c", 9), ("d", 9), ("e", 9)):
        for month in range(5):
            estimate = rng.uniform(30, 90)
            arm = "assistance" if month >= start else "baseline"
            rows.append((developer, arm, 540 + month, estimate, estimate * 2**month))
    names = ("developer", "arm", "month", "estimate_minutes", "minutes")
    work = panels.frame(
        **{name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
    )
    cells = cells_from_items(work)
    assert staggered_ratio_of_sums(cells, "w").theta == pytest.approx(0.0, abs=1e-8)


def test_work_of_months_without_untreated_work_is_left_out(work: pd.DataFrame) -> None:
    """Where nobody is without assistance any more, nothing is expected and nothing counted."""
    last = work["month"] >= 547
    work.loc[last, "arm"] = "assistance"
    cells = cells_from_moments(panels.moments(work))
    early = cells_from_moments(panels.moments(work[~last]))
    with_late, without_late = (staggered_ratio_of_sums(c, "w") for c in (cells, early))
    assert with_late.theta == pytest.approx(without_late.theta, abs=1e-8)
    work["arm"] = "assistance"
    assert staggered_ratio_of_sums(cells_from_moments(panels.moments(work)), "w") is None
