"""Renders the tables: false alarms, coverage, power, worst team, with Monte-Carlo errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from tracker.calibration.scenarios import (
    CLAIM,
    ENTRIES,
    GAIN,
    MINUTES,
    PEEKED,
    TRACKER,
    TRACKER_ANYTIME,
    TRACKER_WITH_CONTROL,
    TRACKER_WITHOUT_ALLOWANCE,
    TRIAL,
    VARYING,
    gain_of,
)
from tracker.calibration.summary import (
    outside,
    power,
    select,
    share,
    width,
    without_interval,
)

WINDOWS_OF_A_TEAM = 1_000
"""Windows that a single team needs before its share is compared with a target."""

ALARMS = (
    ("randomised", (ENTRIES, MINUTES, TRIAL, TRACKER, TRACKER_ANYTIME)),
    (
        "before-after",
        (ENTRIES, MINUTES, TRIAL, TRACKER_WITHOUT_ALLOWANCE, TRACKER, TRACKER_WITH_CONTROL),
    ),
    ("staggered", (TRACKER,)),
    (PEEKED, (TRIAL, TRACKER_ANYTIME)),
)
COVERED = (
    ("randomised", (TRIAL, TRACKER)),
    ("before-after", (TRIAL, TRACKER, TRACKER_WITH_CONTROL)),
    ("staggered", (TRACKER,)),
)
POWER = (
    ("randomised", (MINUTES, TRIAL, TRACKER)),
    ("before-after", (MINUTES, TRIAL, TRACKER, TRACKER_WITH_CONTROL)),
)
ALARMS_BY_TEAM = (
    ("randomised", TRACKER),
    ("before-after", TRACKER),
    ("before-after", TRACKER_WITH_CONTROL),
    ("staggered", TRACKER),
    (PEEKED, TRACKER_ANYTIME),
)
TARGETS = {
    ("randomised", TRACKER): "≤ 5 %, width ≤ 0.43 / 0.50",
    ("before-after", TRACKER): "≤ 5 %, no team over 8 %, width ≤ 0.80 / 0.87",
    ("before-after", TRACKER_WITH_CONTROL): "≤ 5 %, no team over 8 %, width ≤ 0.70 / 0.78",
    ("staggered", TRACKER): "≤ 6 %",
    (PEEKED, TRACKER_ANYTIME): "≤ 5 %",
    (f"randomised, {VARYING}", TRACKER): "≥ 94 %",
    (f"before-after, {VARYING}", TRACKER): "≥ 94 %",
    (f"before-after, {VARYING}", TRACKER_WITH_CONTROL): "≥ 94 %",
}
"""What the methods are to reach on the log that they were made on."""


def render(rows: pd.DataFrame) -> str:
    """Return all tables as Markdown. ``rows`` has the columns of ``scenarios.Row``."""
    parts = [_heading(rows), *_alarms(rows), *_coverage(rows), *_power(rows), *_teams(rows)]
    return "\n".join(parts)


def _heading(rows: pd.DataFrame) -> str:
    first = rows[["comparison", "method"]].iloc[0]  # a window of each seed has one such row
    windows = select(rows, *first).groupby("activity", sort=False)
    return "; ".join(
        f"{activity}: {len(part)} windows, in the median {part['items'].median():.0f} items of "
        f"{part['developers'].median():.0f} developers"
        for activity, part in windows
    )


def _alarms(rows: pd.DataFrame) -> Iterator[str]:
    yield from _title("False alarms: an effect reported where there is none", rows, "target")
    for comparison, method in _judged(rows, ALARMS):
        cells = [
            f"{_share(outside(part))}{_width(part)}{_without(part)}"
            for part in _parts(rows, comparison, method)
        ]
        yield _line(comparison, method, *cells, TARGETS.get((comparison, method), ""))


def _coverage(rows: pd.DataFrame) -> Iterator[str]:
    yield from _title("Coverage: the interval contains the true effect", rows, "target")
    for design, names in COVERED:
        for kind in (GAIN, VARYING):
            for comparison, method in _judged(rows, ((f"{design}, {kind}", names),)):
                cells = [_share(~outside(part)) for part in _parts(rows, comparison, method)]
                yield _line(comparison, method, *cells, TARGETS.get((comparison, method), ""))


def _power(rows: pd.DataFrame) -> Iterator[str]:
    activities = rows["activity"].unique()
    gains = ", ".join(f"{gain_of(activity):+.0%} in {activity}" for activity in activities)
    yield from _title(
        f"Power ({gains}), after all methods are given tracker's false-alarm rate", rows
    )
    for design, names in POWER:
        for name, effect in (
            ("a true gain is detected", GAIN),
            ("no gain: the claim is ruled out", CLAIM),
        ):
            for _, method in _judged(rows, ((f"{design}, {effect}", names),)):
                shares = [
                    power(rows[rows["activity"] == activity], design, method, effect)
                    for activity in activities
                ]
                yield _line(f"{design}: {name}", method, *(str(s or "—") for s in shares))


def _teams(rows: pd.DataFrame) -> Iterator[str]:
    least = f"{WINDOWS_OF_A_TEAM:,}"
    yield f"\n### False alarms of tracker: the worst team with at least {least} windows\n"
    yield _line("comparison", "method", "activity", "team", "windows", "share")
    yield _line(*["---"] * 6)
    for comparison, method in ALARMS_BY_TEAM:
        for part in _parts(rows, comparison, method):
            if len(part):
                activity = str(part["activity"].iloc[0])
                yield _line(comparison, method, activity, *_worst_team(part))


def _judged(
    rows: pd.DataFrame, lines: Iterable[tuple[str, Iterable[str]]]
) -> Iterator[tuple[str, str]]:
    """Yield those comparisons and methods of a table that were made."""
    for comparison, names in lines:
        for method in names:
            if len(select(rows, comparison, method)):
                yield comparison, method


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
    return team, str(len(alarms[team])), _share(alarms[team])


def _width(rows: pd.DataFrame) -> str:
    """The median full width with its error, where it is on θ."""
    full = width(rows)
    return f", width {full.median:.3f} ± {full.error:.3f}" if full else ""


def _without(rows: pd.DataFrame) -> str:
    none = without_interval(rows)
    return f" ({none} without an interval)" if none else ""


def _share(flags: pd.Series) -> str:
    return str(share(flags) or "—")


def _parts(rows: pd.DataFrame, comparison: str, method: str) -> list[pd.DataFrame]:
    """The rows of one method in one comparison, by activity."""
    part = select(rows, comparison, method)
    return [part[part["activity"] == activity] for activity in rows["activity"].unique()]


def _title(text: str, rows: pd.DataFrame, *more: str) -> Iterator[str]:
    activities = rows["activity"].unique()
    yield f"\n### {text}\n"
    yield _line("comparison", "method", *activities, *more)
    yield _line(*["---"] * (2 + len(activities) + len(more)))


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
