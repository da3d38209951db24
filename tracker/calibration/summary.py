"""Figures of judged windows: false alarms, coverage, power, with their Monte-Carlo errors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from tracker.calibration.scenarios import (
    BEFORE_AFTER,
    CLAIM,
    COMPARISONS,
    GAIN,
    MINUTES,
    PEEKED,
    TRACKER,
    TRACKER_WITH_CONTROL,
    TRIAL,
    VARYING,
)

OWN_METHODS = (TRACKER, TRACKER_WITH_CONTROL)
"""Methods whose power is that of their own intervals."""


_HUNDRED = 100


class Share(NamedTuple):
    """A share of windows with its Monte-Carlo standard error."""

    value: float
    error: float

    def __str__(self) -> str:
        """Return both in per cent."""
        return f"{100 * self.value:.1f} ± {100 * self.error:.1f} %"


class Width(NamedTuple):
    """The median full width of the intervals on θ, with a standard error."""

    median: float
    error: float


def share(flags: pd.Series) -> Share | None:
    """Return the share of true values; None where there are no windows.

    The error is √(p(1 − p)/(n + 2)) with p = (k + 1)/(n + 2), for k of n: none of a few windows is
    not as good as none at all.
    """
    if flags.empty:
        return None
    number, total = float(flags.sum()), len(flags)
    p = (number + 1) / (total + 2)
    return Share(number / total, math.sqrt(p * (1 - p) / (total + 2)))


def outside(rows: pd.DataFrame) -> pd.Series:
    """Return for each row that has an interval whether the truth lies outside it."""
    with_interval = rows[rows["half_width"].notna()]
    error = (with_interval["estimate"] - with_interval["truth"]).abs()
    return error > with_interval["half_width"]


def detected(rows: pd.DataFrame, sign: float, scale: float = 1.0) -> pd.Series:
    """Return whether the scaled interval lies on one side of 0; False without an interval.

    Args:
        rows: Rows of one method in one comparison.
        sign: 1 where a gain is expected, −1 for a loss.
        scale: The factor on the half-widths.

    """
    return sign * rows["estimate"] + scale * rows["half_width"] < 0.0


def equalising_scale(null: pd.DataFrame, rate: float) -> float:
    """Return the factor for a method's half-widths that gives it the false-alarm rate ``rate``.

    Args:
        null: Rows of the method on windows without an effect.
        rate: The share of windows whose scaled interval shall miss 0.

    """
    with_interval = null[null["half_width"].notna()]
    ratios = (with_interval["estimate"] / with_interval["half_width"]).abs()
    return float(np.quantile(ratios, 1.0 - rate))


def power(rows: pd.DataFrame, design: str, method: str, effect: str) -> Share | None:
    """Return how often a method tells an effect, after it is given tracker's false-alarm rate.

    Args:
        rows: Rows of one activity.
        design: The comparison without an effect.
        method: The method.
        effect: ``GAIN`` or ``CLAIM``.

    """
    judged = select(rows, f"{design}, {effect}", method)
    if judged.empty:
        return None
    scale = 1.0
    if method not in OWN_METHODS:
        rate = float(outside(select(rows, design, TRACKER)).mean())
        scale = equalising_scale(select(rows, design, method), rate)
    return share(detected(judged, 1.0 if effect == GAIN else -1.0, scale))


def width(rows: pd.DataFrame) -> Width | None:
    """Return the median full width; its error is from nearby quantiles.

    None where the interval is not on θ, or is that of the worst of several looks.
    """
    if rows.empty or rows["method"].iloc[0] == MINUTES or rows["comparison"].iloc[0] == PEEKED:
        return None
    full = 2.0 * rows["half_width"].dropna()
    if full.empty:
        return None
    reach = 0.5 / math.sqrt(len(full))
    low, middle, high = np.quantile(full, [max(0.5 - reach, 0.0), 0.5, min(0.5 + reach, 1.0)])
    return Width(float(middle), float(high - low) / 2)


def without_interval(rows: pd.DataFrame) -> int:
    """Return how many windows have no interval by this method; they are not counted."""
    return int(rows["half_width"].isna().sum())


def select(rows: pd.DataFrame, comparison: str, method: str) -> pd.DataFrame:
    """Return the rows of one method in one comparison."""
    return rows[(rows["comparison"] == comparison) & (rows["method"] == method)]


class Figures(NamedTuple):
    """What one method does in one kind of comparison of one activity."""

    activity: str
    comparison: str
    method: str
    windows: int
    """Windows in which the method gives an interval."""
    without_interval: int
    false_alarms: Share | None
    """An effect is reported where there is none."""
    width: Width | None
    covers: Share | None
    """The interval contains a true gain; likewise the next."""
    covers_varying: Share | None
    """An effect that differs by developer, on average 0."""
    detects: Share | None
    """A true gain is reported, at tracker's false-alarm rate; likewise the next."""
    rules_out: Share | None
    """The claimed gain is ruled out where there is none."""


def summarise(rows: pd.DataFrame) -> list[Figures]:
    """Return the figures of every activity, comparison and method, in the order of the rows.

    Args:
        rows: As from :func:`tracker.calibration.engine.measure`.

    """
    null = rows[~rows["comparison"].str.contains(",")]
    keys = null[["activity", "comparison", "method"]].drop_duplicates()
    ordered = sorted(  # stable: activities and methods in the order of the rows
        keys.itertuples(index=False), key=lambda key: COMPARISONS.index(key.comparison)
    )
    return [
        _figures(rows[rows["activity"] == activity], activity, comparison, method)
        for wanted in rows["activity"].unique()
        for activity, comparison, method in ordered
        if activity == wanted
    ]


def _figures(rows: pd.DataFrame, activity: str, comparison: str, method: str) -> Figures:
    null = select(rows, comparison, method)
    return Figures(
        activity=activity,
        comparison=comparison,
        method=method,
        windows=len(null) - without_interval(null),
        without_interval=without_interval(null),
        false_alarms=share(outside(null)),
        width=width(null),
        covers=None
        if method == MINUTES
        else share(~outside(select(rows, f"{comparison}, {GAIN}", method))),
        covers_varying=share(~outside(select(rows, f"{comparison}, {VARYING}", method))),
        detects=power(rows, comparison, method, GAIN),
        rules_out=power(rows, comparison, method, CLAIM),
    )


class Count(NamedTuple):
    """How many of the comparisons report a gain."""

    gains: int
    comparisons: int

    def __str__(self) -> str:
        """Return the number, of 100 comparisons where there are as many."""
        if self.comparisons < _HUNDRED:
            return f"{self.gains}"
        share = _HUNDRED * self.gains / self.comparisons
        return f"{share:.0f}" if share >= 0.5 or not self.gains else "fewer than 1"


def false_gains(rows: pd.DataFrame) -> dict[str, Count]:
    """Return for each method how often it reports a gain by date where there is none.

    Windows of all activities count alike. Methods that were not used are missing.
    """
    counts = {}
    for method in (TRACKER, MINUTES, TRIAL):
        gains = detected(select(rows, BEFORE_AFTER, method), 1.0)
        if len(gains):
            counts[method] = Count(int(gains.sum()), len(gains))
    return counts


def describe_false_gains(counts: Mapping[str, Count]) -> str:
    """Return the sentence that comes before the figures of a log; "" without figures."""
    if TRACKER not in counts:
        return ""
    others = [f"{count} by the {method}" for method, count in counts.items() if method != TRACKER]
    total = min(counts[TRACKER].comparisons, _HUNDRED)
    return (
        f"On your own log, with no assistant at work, {counts[TRACKER]} of {total} comparisons"
        " found a gain that was not there (before and after a date, by tracker;"
        f" {', '.join(others)})."
    )
