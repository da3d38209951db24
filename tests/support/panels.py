"""Made-up work items, and the frames that the reductions would make of them, for the tests of the evidence."""

from __future__ import annotations

import numpy as np
import pandas as pd


def items(
    rng: np.random.Generator,
    *,
    developers: int = 8,
    per_developer: int = 20,
    effect: float = 0.0,
    spread: float = 0.8,
    months: int = 6,
    estimated: float = 1.0,
    activity: str = "design",
    effect_spread: float = 0.0,
    by_date: bool = False,
) -> pd.DataFrame:
    """One row a work item; θ = ``effect``, varying by developer with ``effect_spread``.

    Arms are drawn by coin, or (``by_date``) are the later half of the months.
    """
    sizes = rng.poisson(per_developer, developers) + 2
    developer = np.repeat(np.arange(developers), sizes)
    n = len(developer)
    month = rng.integers(0, months, n) + 540
    treated = month >= 540 + months // 2 if by_date else rng.random(n) < 0.5
    x = rng.normal(4.0, 0.9, n)
    own = rng.normal(0.0, 0.5, developers)[developer]
    theta = rng.normal(effect, effect_spread, developers)[developer]
    y = 0.5 + 0.8 * x + own + theta * treated + rng.normal(0.0, spread, n)
    known = rng.random(n) < estimated
    return frame(
        developer=[f"dev{d:04d}" for d in developer],
        arm=np.where(treated, "assistance", "baseline"),
        minutes=np.exp(y),
        estimate_minutes=np.where(known, np.exp(x), np.nan),
        month=month,
        activity=activity,
    )


def frame(*, activity: str = "design", status: str = "closed", **columns: object) -> pd.DataFrame:
    """An items frame with the columns given, and likely values in the others."""
    made = pd.DataFrame(columns)
    made["activity"] = activity
    made["status"] = columns.get("status", status)
    made["task"] = [f"T-{i}" for i in range(len(made))]
    made["month"] = made.get("month", 540)
    made["day"] = made["month"] * 30
    made["last_day"] = made["day"] + 3
    made["project"] = "P"
    return made


def moments(work: pd.DataFrame) -> pd.DataFrame:
    """What the reduction makes of an items frame: sums per developer × activity × arm × month × status × estimated."""
    estimated = work["estimate_minutes"].notna()
    y = np.log(work["minutes"].where(work["minutes"] > 0, 1.0))
    x = np.log(work["estimate_minutes"].where(estimated, 1.0))
    t, w = work["minutes"], work["estimate_minutes"].where(estimated, 0.0)
    sums = work[["developer", "activity", "arm", "status"]].assign(
        period=work["month"], estimated=estimated, n=1.0, y=y, yy=y * y, x=x, xx=x * x, xy=x * y,
        t=t, tt=t * t, w=w, ww=w * w, tw=t * w,
    )  # fmt: skip
    keys = ["developer", "activity", "arm", "period", "status", "estimated"]
    return sums.groupby(keys, as_index=False).sum()
