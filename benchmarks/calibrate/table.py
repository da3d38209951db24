"""Renders the tables: false alarms, coverage, power, worst team, with Monte-Carlo errors."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks.calibrate.scenarios import (
    CLAIM,
    ENTRIES,
    GAIN,
    GAINS,
    MINUTES,
    PEEKED,
    TRACKER,
    TRACKER_ANYTIME,
    TRACKER_WITHOUT_ALLOWANCE,
    TRIAL,
    VARYING,
)

WINDOWS_OF_A_TEAM = 1_000
"""Windows that a single team needs before its share is compared with a target."""

ALARMS = (
    ("randomised", (ENTRIES, MINUTES, TRIAL, TRACKER, TRACKER_ANYTIME)),
    ("before-after", (ENTRIES, MINUTES, TRIAL, TRACKER_WITHOUT_ALLOWANCE, TRACKER)),
    ("staggered", (TRACKER,)),
    (PEEKED, (TRIAL, TRACKER_ANYTIME)),
)
COVERED = (
    ("randomised", (TRIAL, TRACKER)),
    ("before-after", (TRIAL, TRACKER)),
    ("staggered", (TRACKER,)),
)
ALARMS_BY_TEAM = (
    ("randomised", TRACKER),
    ("before-after", TRACKER),
    ("staggered", TRACKER),
    (PEEKED, TRACKER_ANYTIME),
)
TARGETS = {
    ("randomised", TRACKER): "≤ 5 %, width ≤ 0.53 / 0.56",
    ("before-after", TRACKER): "≤ 5 %, no team over 8 %",
    ("staggered", TRACKER): "≤ 6 %",
    (PEEKED, TRACKER_ANYTIME): "≤ 5 %",
    (f"randomised, {VARYING}", TRACKER): "≥ 94 %",
    (f"before-after, {VARYING}", TRACKER): "≥ 94 %",
}


def render(rows: pd.DataFrame) -> str:
    """Return all tables as Markdown. ``rows`` has the columns of ``scenarios.Row``."""
    parts = [_heading(rows), *_alarms(rows), *_coverage(rows), *_power(rows), *_teams(rows)]
    return "\n".join(parts)


def share(flags: pd.Series) -> str:
    """Return the share of true values with its Monte-Carlo standard error, in per cent."""
    if flags.empty:
        return "—"
    p = float(flags.mean())
    return f"{100 * p:.1f} ± {100 * math.sqrt(p * (1 - p) / len(flags)):.1f} %"


def outside(rows: pd.DataFrame) -> pd.Series:
    """Return for each row that has an interval whether the truth lies outside it."""
    with_interval = rows[rows["half_width"].notna()]
    error = (with_interval["estimate"] - with_interval["truth"]).abs()
    return error > with_interval["half_width"]


def _heading(rows: pd.DataFrame) -> str:
    windows = rows.drop_duplicates(["activity", "window"]).groupby("activity", sort=False)
    return "; ".join(
        f"{activity}: {len(part)} windows, in the median {part['items'].median():.0f} items of "
        f"{part['developers'].median():.0f} developers"
        for activity, part in windows
    )


def _alarms(rows: pd.DataFrame) -> Iterator[str]:
    yield from _title("False alarms: an effect reported where there is none", rows, "target")
    for comparison, names in ALARMS:
        for method in names:
            parts = _parts(rows, comparison, method)
            cells = [f"{share(outside(part))}{_width(part)}{_without(part)}" for part in parts]
            yield _line(comparison, method, *cells, TARGETS.get((comparison, method), ""))


def _coverage(rows: pd.DataFrame) -> Iterator[str]:
    yield from _title("Coverage: the interval contains the true effect", rows, "target")
    for design, names in COVERED:
        for kind in (GAIN, VARYING):
            for method in names:
                comparison = f"{design}, {kind}"
                cells = [share(~outside(part)) for part in _parts(rows, comparison, method)]
                yield _line(comparison, method, *cells, TARGETS.get((comparison, method), ""))


def _power(rows: pd.DataFrame) -> Iterator[str]:
    gains = ", ".join(f"{gain:+.0%} in {activity}" for activity, gain in GAINS.items())
    yield from _title(
        f"Power ({gains}), after all methods are given tracker's false-alarm rate", rows
    )
    for design in ("randomised", "before-after"):
        for name, kind, sign in (
            ("a true gain is detected", GAIN, 1.0),
            ("no gain: the claim is ruled out", CLAIM, -1.0),
        ):
            for method in (MINUTES, TRIAL, TRACKER):
                parts = _parts(rows, f"{design}, {kind}", method)
                cells = [
                    share(_detected(part, sign, scale))
                    for part, scale in zip(parts, _scales(rows, design, method), strict=True)
                ]
                yield _line(f"{design}: {name}", method, *cells)


def _scales(rows: pd.DataFrame, design: str, method: str) -> list[float]:
    """For each activity, the factor that gives a method's intervals tracker's false-alarm rate."""
    rates = [float(outside(part).mean()) for part in _parts(rows, design, TRACKER)]
    if method == TRACKER:
        return [1.0] * len(rates)
    return list(map(equalising_scale, _parts(rows, design, method), rates))


def _teams(rows: pd.DataFrame) -> Iterator[str]:
    least = f"{WINDOWS_OF_A_TEAM:,}"
    yield f"\n### False alarms of tracker: the worst team with at least {least} windows\n"
    yield _line("comparison", "activity", "team", "windows", "share")
    yield _line(*["---"] * 5)
    for comparison, method in ALARMS_BY_TEAM:
        for part in _parts(rows, comparison, method):
            yield _line(comparison, str(part["activity"].iloc[0]), *_worst_team(part))


def _worst_team(rows: pd.DataFrame) -> tuple[str, str, str]:
    """The team with the most false alarms, its windows and its share."""
    alarms = {
        str(team): outside(part)
        for team, part in rows.groupby("team")
        if len(part) >= WINDOWS_OF_A_TEAM
    }
    if not alarms:
        return "none has as many", "", ""
    team = max(alarms, key=lambda name: float(alarms[name].mean()))
    return team, str(len(alarms[team])), share(alarms[team])


def _detected(rows: pd.DataFrame, sign: float, scale: float) -> pd.Series:
    """Whether the scaled interval is on the expected side of 0; False without an interval."""
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


def _width(rows: pd.DataFrame) -> str:
    """The median full width, where it is on θ, with a standard error from nearby quantiles."""
    if rows.empty or rows["method"].iloc[0] == MINUTES or rows["comparison"].iloc[0] == PEEKED:
        return ""
    full = 2.0 * rows["half_width"].dropna()
    reach = 0.5 / math.sqrt(len(full))
    low, middle, high = np.quantile(full, [0.5 - reach, 0.5, 0.5 + reach])
    return f", width {middle:.3f} ± {(high - low) / 2:.3f}"


def _without(rows: pd.DataFrame) -> str:
    """How many windows have no interval by this method; they are not counted."""
    none = int(rows["half_width"].isna().sum())
    return f" ({none} without an interval)" if none else ""


def _parts(rows: pd.DataFrame, comparison: str, method: str) -> list[pd.DataFrame]:
    """The rows of one method in one comparison, by activity."""
    part = rows[(rows["comparison"] == comparison) & (rows["method"] == method)]
    return [part[part["activity"] == activity] for activity in rows["activity"].unique()]


def _title(text: str, rows: pd.DataFrame, *more: str) -> Iterator[str]:
    activities = rows["activity"].unique()
    yield f"\n### {text}\n"
    yield _line("comparison", "method", *activities, *more)
    yield _line(*["---"] * (2 + len(activities) + len(more)))


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
