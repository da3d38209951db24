"""How long tasks took on either side, on a log scale: dots up to 2,000 work items, bars beyond."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import plotly.graph_objects as go

from tracker.domain.records import ARMS, Arm
from tracker.evidence.results import ActivityChartData, Bin
from tracker.report import formats
from tracker.report.charts import theme
from tracker.report.charts.theme import ARM_LABELS, Json, Table

HEIGHT = 330
FEWEST = 5
"""Work items of each arm below which there is nothing to see."""
SHORTEST = math.log(8)
"""The scale spans at least a factor of 8, so that a few bars do not fill it."""
COLUMNS, HIGHEST = 48, 24
"""Dots in one of so many columns are piled up, no more than so many on one pile."""
_PIXELS = 125
"""A unit of height, about."""
_SMALLEST, _RING, _LARGEST = 2.5, 4.0, 5.5
"""Of a dot, pixels; below the middle one a ring would be a blot."""
_ROW: dict[Arm, float] = {"baseline": 1.0, "assistance": 0.0}
_MINUTES = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 960, 2400, 6000, 12000)


@dataclass(frozen=True, slots=True)
class Distributions:
    """Dots as (ln minutes, height) per arm, or bars; and what was typical. A dot is ``size`` pixels wide."""

    activity: str
    bins: tuple[Bin, ...]
    dots: dict[Arm, tuple[tuple[float, float], ...]]
    typical_minutes: dict[Arm, float | None]
    size: float
    low: float
    high: float
    """Ends of the scale, ln minutes."""

    @property
    def counts(self) -> dict[Arm, int]:
        """Work items of either arm."""
        return {arm: sum(_counts(self, arm)) for arm in ARMS}


def distribution_data(picture: ActivityChartData) -> Distributions | None:
    """What to draw of one activity; None where an arm has too few work items to make a picture."""
    bins = tuple(b for b in picture.bins if b.low_minutes > 0)
    if min(sum(b.baseline for b in bins), sum(b.assistance for b in bins)) < FEWEST:
        return None
    low, high = (
        math.log(min(b.low_minutes for b in bins)),
        math.log(max(b.high_minutes for b in bins)),
    )
    air = max(0.0, SHORTEST - (high - low)) / 2
    low, high = low - air, high + air
    stacked, step = _stack(picture.dots, low, high)
    typical: dict[Arm, float | None] = {
        "baseline": picture.typical_baseline_minutes,
        "assistance": picture.typical_assistance_minutes,
    }
    size = max(_SMALLEST, min(_LARGEST, step * _PIXELS))
    return Distributions(picture.activity, bins, stacked, typical, size, low, high)


def _stack(
    dots: tuple[tuple[str, float], ...], low: float, high: float
) -> tuple[dict[Arm, tuple[tuple[float, float], ...]], float]:
    """Dots of one column piled up around their arm's line, in as many piles as it takes; and how far apart they lie."""
    if not dots:
        return {}, 0.0
    width = (high - low) / COLUMNS
    columns: dict[tuple[str, int], list[float]] = defaultdict(list)
    for arm, minutes in dots:
        if minutes > 0:
            at = math.log(minutes)
            columns[arm, int((at - low) / width)].append(at)
    step = min(0.05, 0.76 / min(HIGHEST, max(len(column) for column in columns.values())))
    found: dict[Arm, list[tuple[float, float]]] = {arm: [] for arm in ARMS}
    for (name, _), column in sorted(columns.items()):
        for arm in ARMS:
            if arm == name:
                found[arm] += _piles(sorted(column), width, step, _ROW[arm])
    return {arm: tuple(points) for arm, points in found.items()}, step


def _piles(
    column: list[float], width: float, step: float, base: float
) -> list[tuple[float, float]]:
    """One column's dots in piles side by side, none higher than ``HIGHEST``: rounded minutes would tower else."""
    piles = math.ceil(len(column) / HIGHEST)
    high = math.ceil(len(column) / piles)
    found = []
    for pile in range(piles):
        dots = column[pile * high : (pile + 1) * high]
        aside = width * ((pile + 0.5) / piles - 0.5)
        found += [
            (at + aside, base + step * (i - (len(dots) - 1) / 2)) for i, at in enumerate(dots)
        ]
    return found


def distribution_figure(data: Distributions) -> go.Figure:
    """Two rows, without and with assistance, and a line where the typical task lies."""
    traces: list[Json] = []
    notes: list[Json] = []
    shapes: list[Json] = []
    for arm in ARMS:
        traces.append(_dots(data, arm) if data.dots else _bars(data, arm))
        base = _ROW[arm]
        typical = data.typical_minutes[arm]
        name = f"<b>{ARM_LABELS[arm]}</b>, {formats.count(data.counts[arm])} tasks"
        if typical:
            name += f", typically {formats.minutes(typical)}"
            shapes.append(_typical(math.log(typical), base))
        notes.append(theme.note(name, data.low, base + 0.44, tone=arm, yref="y", yanchor="bottom"))
    edge = 0.04 * (data.high - data.low)  # a label beyond it would be cut off
    marks = [m for m in _MINUTES if data.low + edge <= math.log(m) <= data.high - edge]
    layout: Json = {
        "xaxis": {
            "range": [data.low - 0.1, data.high + 0.1],
            "title": {"text": "minutes of a task, log scale"},
            "tickmode": "array",
            "tickvals": [math.log(m) for m in _apart(marks, data.high - data.low)],
            "ticktext": [formats.minutes(m) for m in _apart(marks, data.high - data.low)],
        },
        "yaxis": {"range": [-0.5, 1.62], "visible": False},
        "shapes": shapes,
        "annotations": notes,
        "bargap": 0,
    }
    return theme.figure(traces, layout, HEIGHT)


def distribution_table(data: Distributions) -> Table:
    """Work items by minutes."""
    rows = tuple(
        (
            f"{formats.minutes(b.low_minutes)} – {formats.minutes(b.high_minutes)}",
            formats.count(b.baseline),
            formats.count(b.assistance),
        )
        for b in data.bins
    )
    return Table(("minutes of a task", *(f"tasks {ARM_LABELS[arm]}" for arm in ARMS)), rows)


def distribution_description(data: Distributions) -> str:
    """What the figure shows, for those who do not see it."""
    sides = [
        f"{formats.count(data.counts[arm])} tasks {ARM_LABELS[arm]},"
        f" typically {formats.minutes(data.typical_minutes[arm])}"
        for arm in ARMS
    ]
    return f"How long {formats.printable(data.activity)} tasks took, on a log scale: {'; '.join(sides)}."


def _dots(data: Distributions, arm: Arm) -> Json:
    points = data.dots[arm]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [round(x, 3) for x, _ in points],
        "y": [round(y, 3) for _, y in points],
        "hoverinfo": "skip",
        "marker": {
            "size": round(data.size, 1),
            "color": theme.light(arm),
            "symbol": "circle-open" if arm == "baseline" and data.size >= _RING else "circle",
            "line": {"width": 1 if data.size >= _RING else 0, "color": theme.light(arm)},
        },
    }


def _bars(data: Distributions, arm: Arm) -> Json:
    """Each arm's shares of its own items, so that a longer period does not look like more."""
    shares = {side: _shares(data, side) for side in ARMS}
    most = max(share for side in shares.values() for share in side)
    counts = _counts(data, arm)
    return {
        "type": "bar",
        "x": [(math.log(b.low_minutes) + math.log(b.high_minutes)) / 2 for b in data.bins],
        "width": [0.92 * (math.log(b.high_minutes) - math.log(b.low_minutes)) for b in data.bins],
        "y": [0.8 * share / most for share in shares[arm]],
        "base": [_ROW[arm] - 0.4] * len(counts),
        "hoverinfo": "text",
        "hovertext": [
            f"{formats.minutes(b.low_minutes)} – {formats.minutes(b.high_minutes)}<br>{formats.count(n)} of"
            f" {formats.count(data.counts[arm])} tasks {ARM_LABELS[arm]}"
            for b, n in zip(data.bins, counts, strict=True)
        ],
        "marker": {"color": theme.light(arm)},
        "textposition": "none",
    }


def _counts(data: Distributions, arm: Arm) -> list[int]:
    return [b.baseline if arm == "baseline" else b.assistance for b in data.bins]


def _shares(data: Distributions, arm: Arm) -> list[float]:
    return [n / (data.counts[arm] or 1) for n in _counts(data, arm)]


def _typical(at: float, base: float) -> Json:
    """A line in the ink's colour: dots and bars of their own would swallow it."""
    line = {"color": theme.light("ink"), "width": 3}
    return {"type": "line", "x0": at, "x1": at, "y0": base - 0.42, "y1": base + 0.42, "line": line}


def _apart(marks: list[float], reach: float) -> list[float]:
    """Ticks no closer than a sixth of the scale, which a phone has room for."""
    spaced: list[float] = []
    for mark in marks:
        if not spaced or math.log(mark / spaced[-1]) >= reach / 6.5:
            spaced.append(mark)
    return spaced
