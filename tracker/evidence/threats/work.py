"""Threats from what was worked on: sizes, projects, unfinished and empty items, time that went elsewhere."""

from __future__ import annotations

import dataclasses
import math

import pandas as pd
from scipy.special import chdtrc

from tracker.domain.gains import percent
from tracker.domain.records import ARMS, Arm
from tracker.evidence.estimators.least_squares import fit_least_squares
from tracker.evidence.intervals import normal_quantile
from tracker.evidence.moments import cross_products
from tracker.evidence.results import Threat
from tracker.evidence.threats import no_interval
from tracker.evidence.threats.inputs import LEVEL, ThreatInputs, by_arm, portions, shares
from tracker.evidence.verdict import portion

_IMBALANCE = 0.25
"""Standardised difference beyond which adjusting is not to be relied on (Rubin 2001; Stuart 2010)."""
_PROJECTS_MOVED = 0.2
_CHANCE = 0.001
_OPEN_APART = 0.1
_STRADDLING = 0.1
_MOVED = 1.2
_MOVED_MINUTES = 1.0
"""Minutes per item from which on time that there was none of before is told."""


def task_mix(seen: ThreatInputs) -> Threat | None:
    """The tasks' sizes differ between the arms, by the same developers. Reads: moments (estimates)."""
    closed = seen.closed()
    cells = dataclasses.replace(seen, adjusted=True).cells(closed)
    if cells.items == 0:
        return None
    found = fit_least_squares(
        cross_products(dataclasses.replace(cells, y=cells.x, yy=cells.xx), ("arm",))
    )
    if found is None or found.residual_df <= 0 or found.residual_sum_of_squares == 0:
        return None
    apart = found.theta / math.sqrt(found.residual_sum_of_squares / found.residual_df)
    if abs(apart) < _IMBALANCE:
        return None
    size = "smaller" if apart < 0 else "larger"
    taken = "The comparison takes the estimates into account, but only as far as they are right."
    ignored = (
        "The comparison does not take sizes into account, since too few items have an estimate."
    )
    return Threat(
        "task-mix",
        "caution" if seen.adjusted else "serious",
        f"Work with assistance was on {size} tasks: by their estimates the same developers' tasks differ by "
        f"{abs(apart):.2f} standard deviations between the arms. {taken if seen.adjusted else ignored}",
        "Compare like with like: one project, or one kind of task, with --project.",
        tuple((f"typical estimate, {arm}", _typical(closed, arm)) for arm in ARMS),
    )


def project_mix(seen: ThreatInputs) -> Threat | None:
    """The arms' work lies in different projects. Reads: projects."""
    table = seen.mine(seen.projects)
    if table.empty or table["project"].isna().all():
        return None
    counts = table.assign(project=table["project"].fillna("")).pivot_table(
        index="project", columns="arm", values="n", aggfunc="sum", fill_value=0
    )
    if len(counts) < 2 or any(arm not in counts for arm in ARMS):
        return None
    moved = float((counts / counts.sum()).diff(axis=1).iloc[:, -1].abs().sum() / 2)
    if moved < _PROJECTS_MOVED or _by_chance(counts) > _CHANCE:
        return None
    return Threat(
        "project-mix",
        "caution",
        f"The work lies in other projects: {percent(moved)} of the items with assistance would have to change their "
        "project for the arms to be alike.",
        "Judge one project at a time with --project.",
    )


def missing_estimates(seen: ThreatInputs) -> Threat | None:
    """Closed items without an estimate. Reads: moments, ``adjusted``."""
    closed = seen.closed()
    items, missing = by_arm(closed, "n"), by_arm(closed[~closed["estimated"].astype(bool)], "n")
    if not sum(missing.values()):
        return None
    said = f"{portion(sum(missing.values()), sum(items.values()))} work items have no estimate made beforehand"
    figures = tuple(
        (f"without an estimate, {arm}", figure) for arm, figure in portions(missing, items)
    )
    if seen.adjusted:
        return Threat("missing-estimates", "note", f"{said}; they are left out.", figures=figures)
    return Threat(
        "missing-estimates",
        "caution",
        f"{said}, too many to leave out: sizes of tasks are not taken into account, and a change of task mix would "
        "look like a gain or a loss.",
        "Estimate before starting: `start … --estimate 3h`, or import the estimates with `import tasks`.",
        figures,
    )


def open_items(seen: ThreatInputs) -> Threat | None:
    """Unfinished items, left out. Reads: moments (every status)."""
    mine = seen.mine(seen.moments)
    items, unfinished = by_arm(mine, "n"), by_arm(mine[mine["status"] == "open"], "n")
    late = float(mine.loc[mine["status"] == "immature", "n"].sum())
    if not sum(unfinished.values()) and not late:
        return None
    share = shares(unfinished, items)
    return Threat(
        "open-items",
        "caution" if max(share.values()) - min(share.values()) > _OPEN_APART else "note",
        f"{portion(sum(unfinished.values()), sum(items.values()))} work items are not finished and left out, and "
        f"{late:,.0f} begun too late for slow ones to be finished by now; counting them as done would fake a gain.",
        "Mark what is done: `task KEY --done`; judge again when more is.",
        tuple((f"open, {arm}", figure) for arm, figure in portions(unfinished, items)),
    )


def zero_minutes(seen: ThreatInputs) -> Threat | None:
    """Items of 0 minutes, left out alike in both arms. Reads: moments. (Where the arms differ: see ``reasons``.)"""
    mine = seen.mine(seen.moments)
    counted = mine[mine["status"].isin(("closed", "zero"))]
    items, empty = by_arm(counted, "n"), by_arm(counted[counted["status"] == "zero"], "n")
    if not sum(empty.values()) or no_interval.zero_minutes(mine) is not None:
        return None
    return Threat(
        "zero-minutes",
        "note",
        f"{portion(sum(empty.values()), sum(items.values()))} work items have 0 minutes in all and are left out.",
        "",
        portions(empty, items),
    )


def straddling(seen: ThreatInputs) -> Threat | None:
    """Work after the rollout on items begun before it. Reads: quality."""
    mine = seen.mine(seen.quality)
    if mine.empty:
        return None
    seconds, after = (
        by_arm(mine, "seconds")["baseline"],
        by_arm(mine, "straddle_seconds")["baseline"],
    )
    if not after:
        return None
    return Threat(
        "straddling",
        "caution" if after > _STRADDLING * seconds else "note",
        f"{portion(after / 3600, seconds / 3600)} hours of the baseline were worked after the rollout, on items begun "
        "before it: what assistance did for them counts against it.",
        "Leave out the first weeks after the rollout and see whether the verdict stands.",
    )


def shifted_not_saved(seen: ThreatInputs) -> Threat | None:
    """More time on the same tasks in another activity. Reads: elsewhere, moments.

    For each other activity the mean minutes per item are compared, with the delta method's error of their log ratio;
    where the baseline has none of it, and so no ratio, the mean with assistance and its own error.
    """
    table, items = seen.mine(seen.minutes_in_other_activities), by_arm(seen.closed(), "n")
    if table.empty or not all(items.values()):
        return None
    moved = []
    for other, rows in table.groupby("other"):
        minutes, squares = by_arm(rows, "minutes"), by_arm(rows, "minutes_squared")
        if _more(minutes, squares, items):
            moved.append(
                (str(other), " → ".join(f"{minutes[arm] / items[arm]:,.0f}" for arm in ARMS))
            )
    if not moved:
        return None
    names = " and ".join(f"{name} ({change} minutes per item)" for name, change in moved)
    return Threat(
        "shifted-not-saved",
        "serious",
        f"The same developers spend more time on {names} for the same tasks with assistance than before: time may be "
        "shifted, not saved.",
        "Read the verdicts of these activities together, and look at rework and defects.",
        tuple((f"minutes of {name} per item", change) for name, change in moved),
    )


def _more(minutes: dict[Arm, float], squares: dict[Arm, float], items: dict[Arm, float]) -> bool:
    """Whether an item takes more of the other activity with assistance, by enough to tell and beyond chance."""
    if minutes["baseline"] == 0:
        mean = minutes["assistance"] / items["assistance"]
        variance = (squares["assistance"] / items["assistance"] - mean**2) / items["assistance"]
        chance = normal_quantile((1 + LEVEL) / 2) * math.sqrt(max(variance, 0.0))
        return items["assistance"] > 1 and mean > max(chance, _MOVED_MINUTES)
    ratio = _mean_ratio(minutes, squares, items)
    return ratio is not None and ratio > _MOVED


def _mean_ratio(
    minutes: dict[Arm, float], squares: dict[Arm, float], items: dict[Arm, float]
) -> float | None:
    """Mean minutes per item, assistance over baseline, where that is beyond chance; None where it is not."""
    relative = 0.0
    for arm in ARMS:
        mean = minutes[arm] / items[arm]
        if mean == 0:
            return None
        relative += (squares[arm] / items[arm] - mean**2) / (items[arm] * mean**2)
    log_ratio = math.log(minutes["assistance"] / items["assistance"]) - math.log(
        minutes["baseline"] / items["baseline"]
    )
    chance = normal_quantile((1 + LEVEL) / 2) * math.sqrt(relative)
    return math.exp(log_ratio) if abs(log_ratio) > chance else None


def _by_chance(counts: pd.DataFrame) -> float:
    """P value of Pearson's χ² for a table of counts without empty rows or columns."""
    expected = (
        counts.sum(axis=1).to_numpy()[:, None]
        * counts.sum(axis=0).to_numpy()
        / counts.to_numpy().sum()
    )
    statistic = ((counts.to_numpy() - expected) ** 2 / expected).sum()
    return float(chdtrc((counts.shape[0] - 1) * (counts.shape[1] - 1), statistic))


def _typical(closed: pd.DataFrame, arm: Arm) -> str:
    mine = closed[(closed["arm"] == arm) & closed["estimated"]]
    return f"{math.exp(mine['x'].sum() / mine['n'].sum()):,.0f} minutes" if len(mine) else "—"
