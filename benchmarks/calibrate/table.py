"""Rows of windows → the tables: false alarms, coverage, power, the worst team; each with its Monte-Carlo error."""

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
    OURS,
    OURS_ANYTIME,
    OURS_BARE,
    PEEKED,
    TRIAL,
    VARYING,
)

WINDOWS_OF_A_TEAM = 1_000
"""Below this many a single team's share is too rough to be held against a bar."""

ALARMS = (
    ("randomised", (ENTRIES, MINUTES, TRIAL, OURS, OURS_ANYTIME)),
    ("before-after", (ENTRIES, MINUTES, TRIAL, OURS_BARE, OURS)),
    ("staggered", (OURS,)),
    (PEEKED, (TRIAL, OURS_ANYTIME)),
)
COVERED = (
    ("randomised", (TRIAL, OURS)),
    ("before-after", (TRIAL, OURS)),
    ("staggered", (OURS,)),
)
FALSE_ALARMS_HELD = (
    ("randomised", OURS),
    ("before-after", OURS),
    ("staggered", OURS),
    (PEEKED, OURS_ANYTIME),
)
TO_REACH = {
    ("randomised", OURS): "≤ 5 %, width ≤ 0.53 / 0.56",
    ("before-after", OURS): "≤ 5 %, no team over 8 %",
    ("staggered", OURS): "≤ 6 %",
    (PEEKED, OURS_ANYTIME): "≤ 5 %",
    (f"randomised, {VARYING}", OURS): "≥ 94 %",
    (f"before-after, {VARYING}", OURS): "≥ 94 %",
}


def render(rows: pd.DataFrame) -> str:
    """All tables as Markdown. ``rows``: columns as scenarios.Row."""
    parts = [_heading(rows), *_alarms(rows), *_coverage(rows), *_power(rows), *_teams(rows)]
    return "\n".join(parts)


def share(wrong: pd.Series) -> str:
    """A share with its Monte-Carlo standard error, in per cent."""
    if wrong.empty:
        return "—"
    p = float(wrong.mean())
    return f"{100 * p:.1f} ± {100 * math.sqrt(p * (1 - p) / len(wrong)):.1f} %"


def outside(rows: pd.DataFrame) -> pd.Series:
    """For each row that has an interval, whether the truth lies outside of it."""
    given = rows[rows["half_width"].notna()]
    return (given["estimate"] - given["truth"]).abs() > given["half_width"]


def _heading(rows: pd.DataFrame) -> str:
    windows = rows.drop_duplicates(["activity", "window"]).groupby("activity", sort=False)
    return "; ".join(
        f"{activity}: {len(part)} windows, in the median {part['items'].median():.0f} items of "
        f"{part['developers'].median():.0f} developers"
        for activity, part in windows
    )


def _alarms(rows: pd.DataFrame) -> Iterator[str]:
    yield from _title("False alarms: an effect found where there is none", rows, "to reach")
    for comparison, names in ALARMS:
        for method in names:
            parts = _parts(rows, comparison, method)
            cells = [f"{share(outside(part))}{_width(part)}{_without(part)}" for part in parts]
            yield _line(comparison, method, *cells, TO_REACH.get((comparison, method), ""))


def _coverage(rows: pd.DataFrame) -> Iterator[str]:
    yield from _title("Coverage: the interval holds the true effect", rows, "to reach")
    for design, names in COVERED:
        for kind in (GAIN, VARYING):
            for method in names:
                comparison = f"{design}, {kind}"
                cells = [share(~outside(part)) for part in _parts(rows, comparison, method)]
                yield _line(comparison, method, *cells, TO_REACH.get((comparison, method), ""))


def _power(rows: pd.DataFrame) -> Iterator[str]:
    gains = ", ".join(f"{gain:+.0%} in {activity}" for activity, gain in GAINS.items())
    yield from _title(
        f"Power ({gains}), the others' intervals widened until they cry wolf as often as ours", rows
    )
    for design in ("randomised", "before-after"):
        ours = [float(outside(part).mean()) for part in _parts(rows, design, OURS)]
        for name, kind, sign in (
            ("a true gain is found", GAIN, 1.0),
            ("no gain: the claim is ruled out", CLAIM, -1.0),
        ):
            for method in (MINUTES, TRIAL, OURS):
                scales = (
                    map(equalising_scale, _parts(rows, design, method), ours)
                    if method != OURS
                    else [1.0] * len(ours)
                )
                parts = _parts(rows, f"{design}, {kind}", method)
                cells = [
                    share(_told(part, sign, scale))
                    for part, scale in zip(parts, scales, strict=True)
                ]
                yield _line(f"{design}: {name}", method, *cells)


def _teams(rows: pd.DataFrame) -> Iterator[str]:
    yield f"\n### The worst team of those with {WINDOWS_OF_A_TEAM:,} windows or more: false alarms of ours\n"
    yield _line("comparison", "activity", "team", "windows", "share")
    yield _line(*["---"] * 5)
    for comparison, method in FALSE_ALARMS_HELD:
        for part in _parts(rows, comparison, method):
            activity = str(part["activity"].iloc[0])
            shares = {
                str(team): outside(of)
                for team, of in part.groupby("team")
                if len(of) >= WINDOWS_OF_A_TEAM
            }
            worst = max(shares, key=lambda team: float(shares[team].mean()), default=None)
            found = (
                ("none has as many", "", "")
                if worst is None
                else (worst, str(len(shares[worst])), share(shares[worst]))
            )
            yield _line(comparison, activity, *found)


def _told(rows: pd.DataFrame, sign: float, scale: float) -> pd.Series:
    """Whether the scaled interval lies wholly on the right side of 0; no interval tells nothing."""
    return sign * rows["estimate"] + scale * rows["half_width"] < 0.0


def equalising_scale(null: pd.DataFrame, rate: float) -> float:
    """By what a method's half-widths must be multiplied for its false alarms to be ``rate``."""
    given = null[null["half_width"].notna()]
    return float(np.quantile((given["estimate"] / given["half_width"]).abs(), 1.0 - rate))


def _width(rows: pd.DataFrame) -> str:
    """The median full width, where it is of θ, with its standard error from the quantiles around the median."""
    if rows.empty or rows["method"].iloc[0] == MINUTES or rows["comparison"].iloc[0] == PEEKED:
        return ""
    full = 2.0 * rows["half_width"].dropna()
    reach = 0.5 / math.sqrt(len(full))
    low, middle, high = np.quantile(full, [0.5 - reach, 0.5, 0.5 + reach])
    return f", width {middle:.3f} ± {(high - low) / 2:.3f}"


def _without(rows: pd.DataFrame) -> str:
    """How many windows the method gave no interval for: they count neither way."""
    none = int(rows["half_width"].isna().sum())
    return f" ({none} without an interval)" if none else ""


def _parts(rows: pd.DataFrame, comparison: str, method: str) -> list[pd.DataFrame]:
    """The rows of one method in one comparison, an activity each."""
    mine = rows[(rows["comparison"] == comparison) & (rows["method"] == method)]
    return [mine[mine["activity"] == activity] for activity in rows["activity"].unique()]


def _title(text: str, rows: pd.DataFrame, *more: str) -> Iterator[str]:
    activities = rows["activity"].unique()
    yield f"\n### {text}\n"
    yield _line("comparison", "method", *activities, *more)
    yield _line(*["---"] * (2 + len(activities) + len(more)))


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
