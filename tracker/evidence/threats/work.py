"""Threats from what was worked on: task sizes, projects, unfinished items, shifted time."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import pandas as pd
from scipy import special

from tracker.domain.counts import listed
from tracker.domain.gains import percent
from tracker.domain.records import ARMS, Arm
from tracker.evidence.estimators.least_squares import classical, fit_estimates
from tracker.evidence.intervals import normal_quantile, two_sided_p_value
from tracker.evidence.results import Portion, Threat
from tracker.evidence.threats import no_interval
from tracker.evidence.threats.inputs import (
    LEVEL,
    MIN_SHARED,
    ThreatInputs,
    by_arm,
    portions,
    telling_shares,
    typical_estimate,
)
from tracker.evidence.verdict import count_of_total

_MAX_IMBALANCE = 0.25
"""Standardised difference beyond which adjustment is not reliable (Rubin 2001; Stuart 2010)."""
_MAX_TASK_MIX_P_VALUE = 0.02
"""Of the t-test of that difference; with 0.25 alone it is reported on 4–14 % of clean logs."""
_MAX_STANDARD_DEVIATIONS = 10.0
"""A larger difference is told as a factor: the estimates then hardly vary within an arm."""
_ROUNDING = 1e-7
"""A standard error of ln estimates below this is rounding: they do not vary within the arms."""
_MIN_SHARE_MOVED = 0.2
"""Share of items that would have to change project, from which the mix is reported."""
_MAX_P_VALUE = 0.001
"""P value of the test that the arms have the same projects, above which no mix is reported."""
_MAX_OPEN_DIFFERENCE = 0.1
"""Difference of the arms' shares of open items beyond which the severity is caution."""
_MAX_STRADDLING = 0.1
"""Share of baseline time after the rollout beyond which the severity is caution."""
_MIN_RATIO = 1.2
"""Ratio of mean minutes in another activity beyond which time counts as shifted."""
_MIN_MINUTES = 1.0
"""Mean minutes per item beyond which time counts as shifted, where the baseline has none."""

ByArm = dict[Arm, float]


def task_mix(inputs: ThreatInputs) -> Threat | None:
    """Detect that the same developers' tasks differ in size between the arms.

    Reads the estimates in ``moments``.
    """
    closed = inputs.closed
    mix = _task_mix(inputs, closed)
    if mix is None and not inputs.estimates_dropped:
        return None
    message = (
        _undetermined_sizes(inputs, closed)
        if mix is None
        else f"Work with assistance was on {'smaller' if mix.difference < 0 else 'larger'} tasks:"
        f" by their estimates the same developers' tasks differ {mix.size_text()} between the arms."
        f" {_use_of_estimates(inputs)}"
    )
    return Threat(
        "task-mix",
        "caution" if inputs.adjusted else "serious",
        message,
        "Compare like with like: one project, or one kind of task, with --project."
        if mix
        else "Estimate each task by itself, before starting: `start … --estimate 3h`.",
        tuple(
            (f"typical estimate of all developers, {arm}", typical_estimate(closed, arm))
            for arm in ARMS
        ),
    )


def project_mix(inputs: ThreatInputs) -> Threat | None:
    """Detect that the arms' work lies in different projects. Reads ``projects``."""
    rows = inputs.rows_of_activity(inputs.projects)
    if rows.empty or rows["project"].isna().all():
        return None
    counts = rows.assign(project=rows["project"].astype("str").fillna("")).pivot_table(
        index="project", columns="arm", values="n", aggfunc="sum", fill_value=0
    )
    if len(counts) < 2 or any(arm not in counts for arm in ARMS):
        return None
    share_moved = float((counts / counts.sum()).diff(axis=1).iloc[:, -1].abs().sum() / 2)
    if share_moved < _MIN_SHARE_MOVED or _p_value(counts) > _MAX_P_VALUE:
        return None
    return Threat(
        "project-mix",
        "caution",
        f"The work lies in other projects: {percent(share_moved)} of the items with assistance"
        " would have to be in another project for the arms to be alike.",
        "Judge one project at a time with --project.",
    )


def missing_estimates(inputs: ThreatInputs) -> Threat | None:
    """Detect closed items without an estimate. Reads ``moments`` and ``adjusted``."""
    closed = inputs.closed
    items, missing = by_arm(closed, "n"), by_arm(closed, "n", ~closed["estimated"].astype(bool))
    if not sum(missing.values()) or (not inputs.compares and sum(items.values()) < MIN_SHARED):
        return None
    portion = Portion(sum(missing.values()), sum(items.values()))
    count = count_of_total(portion.part, portion.whole)
    message = f"{count} work items have no estimate made beforehand"
    figures = tuple(
        (f"without an estimate, {arm}", figure) for arm, figure in portions(missing, items)
    )
    if inputs.adjusted or inputs.estimates_dropped:
        return Threat(
            "missing-estimates",
            "note",
            f"{message}; they are left out.",
            figures=figures,
            portion=portion,
        )
    return Threat(
        "missing-estimates",
        "caution",
        f"{message}, too many to leave out: sizes of tasks are not taken into account, and a"
        " change of task mix would look like a gain or a loss.",
        "Estimate before starting: `start … --estimate 3h`, or import the estimates with `import"
        " tasks`.",
        figures,
        portion,
    )


def open_items(inputs: ThreatInputs) -> Threat | None:
    """Detect unfinished items, which are left out. Reads ``moments``, every status."""
    rows = inputs.rows_of_activity(inputs.moments)
    items, unfinished = by_arm(rows, "n"), by_arm(rows, "n", rows["status"] == "open")
    immature = float(rows.loc[rows["status"] == "immature", "n"].sum())
    if not sum(unfinished.values()) and not immature:
        return None
    share = telling_shares(unfinished, items)
    difference = max(share.values()) - min(share.values())
    return Threat(
        "open-items",
        "caution" if difference > _MAX_OPEN_DIFFERENCE else "note",
        f"{_unfinished_words(sum(unfinished.values()), immature, sum(items.values()))}. They are"
        " left out: counting them as done would produce a false gain.",
        "Mark what is done: `task KEY --done`; judge again when more is.",
        tuple((f"open, {arm}", figure) for arm, figure in portions(unfinished, items))
        if any(unfinished.values())
        else (),
        Portion(sum(unfinished.values()) + immature, sum(items.values())),
    )


def _unfinished_words(unfinished: float, immature: float, items: float) -> str:
    """Return how many work items are open, and how many too new to count."""
    words = []
    if unfinished:
        words.append(f"{count_of_total(unfinished, items)} work items are not finished")
    if immature:
        number = (
            f"{immature:,.0f}" if unfinished else f"{count_of_total(immature, items)} work items"
        )
        words.append(f"{number} were begun too late for slow ones to be finished by now")
    return ", and ".join(words)


def zero_minutes(inputs: ThreatInputs) -> Threat | None:
    """Detect zero-minute items, with similar shares in both arms. Reads ``moments``.

    Differing shares are reported by :func:`tracker.evidence.threats.no_interval.zero_minutes`.
    """
    rows = inputs.rows_of_activity(inputs.moments)
    counted = rows[rows["status"].isin(("closed", "zero"))]
    items, zero = by_arm(counted, "n"), by_arm(counted, "n", counted["status"] == "zero")
    if not sum(zero.values()) or no_interval.zero_minutes(rows) is not None:
        return None
    return Threat(
        "zero-minutes",
        "note",
        f"{count_of_total(sum(zero.values()), sum(items.values()))} work items have 0 minutes in"
        " all and are left out.",
        "",
        portions(zero, items),
        Portion(sum(zero.values()), sum(items.values())),
    )


def straddling(inputs: ThreatInputs) -> Threat | None:
    """Detect work after the rollout on items begun before it. Reads ``quality``."""
    rows = inputs.rows_of_activity(inputs.quality)
    if rows.empty:
        return None
    seconds = by_arm(rows, "seconds")["baseline"]
    after = by_arm(rows, "straddle_seconds")["baseline"]
    if not after:
        return None
    return Threat(
        "straddling",
        "caution" if after > _MAX_STRADDLING * seconds else "note",
        f"{count_of_total(after / 3600, seconds / 3600)} hours of the baseline were worked after"
        " the rollout, on items begun before it: time that assistance saved on them is credited to"
        " the baseline.",
        "Leave out the first weeks after the rollout and see whether the verdict stands.",
        portion=Portion(after / 3600, seconds / 3600),
    )


def shifted_not_saved(inputs: ThreatInputs) -> Threat | None:
    """Detect that the same tasks take more time in another activity with assistance.

    For each other activity the arms' mean minutes per item are compared, with the delta-method
    error of their log ratio. Where the baseline has no time in that activity, there is no ratio,
    and the mean with assistance is tested against 0. Reads ``minutes_in_other_activities`` and
    ``moments``.
    """
    rows = inputs.rows_of_activity(inputs.minutes_in_other_activities)
    items = by_arm(inputs.closed, "n")
    if rows.empty or not all(items.values()):
        return None
    shifted = []
    for other, other_rows in rows.groupby("other"):
        minutes, squares = by_arm(other_rows, "minutes"), by_arm(other_rows, "minutes_squared")
        if _takes_more_time(minutes, squares, items):
            change = " → ".join(f"{minutes[arm] / items[arm]:,.0f}" for arm in ARMS)
            shifted.append((str(other), change))
    if not shifted:
        return None
    activities = listed([f"{name} ({change} minutes per item)" for name, change in shifted])
    return Threat(
        "shifted-not-saved",
        "serious",
        f"The same developers spend more time on {activities} for the same tasks with assistance"
        " than without: time may be shifted, not saved.",
        "Read the verdicts of these activities together, and look at rework and defects.",
        tuple((f"minutes of {name} per item", change) for name, change in shifted),
    )


@dataclass(frozen=True, slots=True)
class _TaskMix:
    """Difference of ln estimate between the arms, within developers."""

    difference: float
    standard_deviations: float | None
    """None where the estimates do not vary within the arms."""

    def size_text(self) -> str:
        factor = f"by a factor of {math.exp(abs(self.difference)):.2g}"
        if self.standard_deviations is None:
            return f"{factor} and in nothing else"
        if abs(self.standard_deviations) > _MAX_STANDARD_DEVIATIONS:
            return f"{factor} and in hardly anything else"
        return f"by {abs(self.standard_deviations):.2f} standard deviations"


def _task_mix(inputs: ThreatInputs, closed: pd.DataFrame) -> _TaskMix | None:
    """Return the difference where it is large and beyond chance, else None."""
    cells = dataclasses.replace(inputs, adjusted=True).cells(closed)
    if cells.items == 0:
        return None
    fit = fit_estimates(cells)
    error = classical(fit) if fit else None
    if fit is None or error is None or error.df is None:
        return None
    if error.se <= _ROUNDING:
        return _TaskMix(fit.theta, None) if abs(fit.theta) > _ROUNDING else None
    standard_deviations = fit.theta / math.sqrt(fit.residual_sum_of_squares / fit.residual_df)
    p_value = two_sided_p_value(fit.theta, error)
    if abs(standard_deviations) <= _MAX_IMBALANCE or p_value >= _MAX_TASK_MIX_P_VALUE:
        return None
    return _TaskMix(fit.theta, standard_deviations)


def _undetermined_sizes(inputs: ThreatInputs, closed: pd.DataFrame) -> str:
    """Return in a sentence why sizes cannot be compared, where their mix is not known."""
    points = inputs.cells(closed).points
    reason = (
        "The unit of the estimates, minutes or points, goes with the arm"
        if points.any() and not points.all()
        else "Each developer's tasks have one and the same estimate"
    )
    return f"{reason}: the comparison does not take sizes into account."


def _use_of_estimates(inputs: ThreatInputs) -> str:
    """Return in a sentence whether the fit uses the estimates, and why it does not."""
    if inputs.adjusted:
        return "The comparison takes the estimates into account, but only as far as they are right."
    if inputs.estimates_dropped:
        return (
            "The comparison does not take sizes into account: the estimates say no more than the"
            " arm does."
        )
    return "The comparison does not take sizes into account, since too few items have an estimate."


def _takes_more_time(minutes: ByArm, squares: ByArm, items: ByArm) -> bool:
    """Return whether items take substantially and significantly more minutes with assistance."""
    if minutes["baseline"] == 0:
        n = items["assistance"]
        mean = minutes["assistance"] / n
        variance = (squares["assistance"] / n - mean**2) / n
        half_width = normal_quantile((1 + LEVEL) / 2) * math.sqrt(max(variance, 0.0))
        return n > 1 and mean > max(half_width, _MIN_MINUTES)
    ratio = _significant_mean_ratio(minutes, squares, items)
    return ratio is not None and ratio > _MIN_RATIO


def _significant_mean_ratio(minutes: ByArm, squares: ByArm, items: ByArm) -> float | None:
    """Return mean minutes per item, assistance over baseline; None where not significant."""
    variance = 0.0
    for arm in ARMS:
        mean = minutes[arm] / items[arm]
        if mean == 0:
            return None
        variance += (squares[arm] / items[arm] - mean**2) / (items[arm] * mean**2)
    log_ratio = math.log(minutes["assistance"] / items["assistance"]) - math.log(
        minutes["baseline"] / items["baseline"]
    )
    half_width = normal_quantile((1 + LEVEL) / 2) * math.sqrt(variance)
    return math.exp(log_ratio) if abs(log_ratio) > half_width else None


def _p_value(counts: pd.DataFrame) -> float:
    """Return the p value of Pearson's χ² for a table without empty rows or columns."""
    observed = counts.to_numpy()
    expected = observed.sum(axis=1, keepdims=True) * observed.sum(axis=0, keepdims=True)
    expected = expected / observed.sum()
    statistic = ((observed - expected) ** 2 / expected).sum()
    # Not scipy.stats.chi2_contingency, which does the same: it takes half a second to import.
    freedom = (observed.shape[0] - 1) * (observed.shape[1] - 1)
    return float(special.chdtrc(freedom, statistic))
