"""How long tasks took in either arm, on a log scale: dots up to 2,000 work items, bars beyond."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import plotly.graph_objects as go

from tracker.domain.records import ARMS, Arm
from tracker.evidence.charts.distributions import DistributionData, distribution_data
from tracker.report import formats
from tracker.report.charts import theme
from tracker.report.charts.chart import ChartSpec
from tracker.report.charts.theme import ARM_LABELS, Json, Table

HEIGHT = 330
MIN_SPAN = math.log(8)
"""The scale spans at least a factor of 8, so that a few bars do not fill it."""
COLUMNS = 48
"""Columns of the scale; the dots of one column are stacked."""
MAX_STACK = 24
"""Dots of one stack; a column of more has several stacks side by side."""
_UNIT_PIXELS = 125
"""Pixels of a unit of height, approximately."""
_MIN_SIZE, _MIN_RING_SIZE, _MAX_SIZE = 2.5, 4.0, 5.5
"""Diameter of a dot in pixels; smaller than the middle one a ring would look filled."""
_ROW_HEIGHTS: dict[Arm, float] = {"baseline": 1.0, "assistance": 0.0}
_TICK_MINUTES = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 960, 2400, 6000, 12000)
"""Minutes that may be labelled on the scale."""

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the dots lie and how large they are."""

    low: float
    """The left end of the scale, ln minutes."""
    high: float
    points: dict[Arm, Points]
    """(ln minutes, height) of each dot; {} where bars are drawn."""
    size: float
    """Diameter of a dot in pixels."""


def distribution_layout(data: DistributionData) -> Layout:
    """Return the ends of the scale, and the dots stacked around the line of their arm."""
    low = math.log(min(b.low_minutes for b in data.bins))
    high = math.log(max(b.high_minutes for b in data.bins))
    margin = max(0.0, MIN_SPAN - (high - low)) / 2
    low, high = low - margin, high + margin
    points, step = _stack(data.dots, low, high)
    return Layout(low, high, points, max(_MIN_SIZE, min(_MAX_SIZE, step * _UNIT_PIXELS)))


def distribution_figure(data: DistributionData) -> go.Figure:
    """Return two rows, without and with assistance, and a line where the typical task lies."""
    layout = distribution_layout(data)
    low, high = layout.low, layout.high
    traces: list[Json] = []
    notes: list[Json] = []
    shapes: list[Json] = []
    for arm in ARMS:
        traces.append(_dots(layout, arm) if layout.points else _bars(data, arm))
        base, typical = _ROW_HEIGHTS[arm], data.typical_minutes[arm]
        label = f"<b>{ARM_LABELS[arm]}</b>: {formats.count(data.items(arm))} tasks"
        if typical:
            label += f", {formats.minutes(typical)}"
            shapes += _typical_line(math.log(typical), base)
        notes.append(theme.note(label, low, base + 0.44, tone=arm, yref="y", yanchor="bottom"))
    ticks = _spaced_ticks(low, high)
    plotly_layout: Json = {
        "xaxis": {
            "range": [low - 0.1, high + 0.1],
            "title": {"text": "minutes of a task, log scale"},
            "tickmode": "array",
            "tickvals": [math.log(minutes) for minutes in ticks],
            "ticktext": [formats.minutes(minutes) for minutes in ticks],
        },
        "yaxis": {"range": [-0.5, 1.62], "visible": False},
        "shapes": shapes,
        "annotations": notes,
        "barmode": "overlay",
    }
    return theme.figure(traces, plotly_layout, HEIGHT)


def distribution_table(data: DistributionData) -> Table:
    """Return the work items of either arm by minutes."""
    rows = tuple(
        (
            f"{formats.minutes(b.low_minutes)} – {formats.minutes(b.high_minutes)}",
            formats.count(b.baseline),
            formats.count(b.assistance),
        )
        for b in data.bins
    )
    return Table(("minutes of a task", *(f"tasks {ARM_LABELS[arm]}" for arm in ARMS)), rows)


def distribution_description(data: DistributionData) -> str:
    """Return the text alternative of the chart."""
    arms = [
        f"{formats.count(data.items(arm))} tasks {ARM_LABELS[arm]},"
        f" typically {formats.minutes(data.typical_minutes[arm])}"
        for arm in ARMS
    ]
    activity = formats.printable(data.activity)
    return f"How long {activity} tasks took, on a log scale: {'; '.join(arms)}."


def distribution_lead(data: DistributionData) -> str:
    """Return how to read the chart."""
    unit = "Each dot is a task" if data.dots else "Bars are shares of each side’s tasks"
    return f"{unit}; the upright line is the typical one, with its time."


CHART = ChartSpec(
    name="distributions",
    section="activities",
    summary="how long tasks took in each arm",
    data=distribution_data,
    figure=distribution_figure,
    table=distribution_table,
    describe=distribution_description,
    title="How long tasks took",
    lead=distribution_lead,
)


def _stack(
    dots: tuple[tuple[str, float], ...], low: float, high: float
) -> tuple[dict[Arm, Points], float]:
    """Return the points of stacked dots by arm, and the vertical distance between two dots."""
    if not dots:
        return {}, 0.0
    width = (high - low) / COLUMNS
    columns: dict[tuple[str, int], list[float]] = defaultdict(list)
    for arm, minutes in dots:
        if minutes > 0:
            x = math.log(minutes)
            columns[arm, int((x - low) / width)].append(x)
    step = min(0.05, 0.76 / min(MAX_STACK, max(len(column) for column in columns.values())))
    points: dict[Arm, list[tuple[float, float]]] = {arm: [] for arm in ARMS}
    for (name, _), column in sorted(columns.items()):
        for arm in ARMS:
            if arm == name:
                points[arm] += _stacks(sorted(column), width, step, _ROW_HEIGHTS[arm])
    return {arm: tuple(arm_points) for arm, arm_points in points.items()}, step


def _stacks(
    column: list[float], width: float, step: float, base: float
) -> list[tuple[float, float]]:
    """Return the points of one column, in stacks of at most ``MAX_STACK`` side by side.

    In one stack rounded minutes would exceed the row.
    """
    n_stacks = math.ceil(len(column) / MAX_STACK)
    size = math.ceil(len(column) / n_stacks)
    points = []
    for stack in range(n_stacks):
        dots = column[stack * size : (stack + 1) * size]
        shift = width * ((stack + 0.5) / n_stacks - 0.5)
        points += [(x + shift, base + step * (i - (len(dots) - 1) / 2)) for i, x in enumerate(dots)]
    return points


def _dots(layout: Layout, arm: Arm) -> Json:
    points = layout.points[arm]
    ring = layout.size >= _MIN_RING_SIZE
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [round(x, 3) for x, _ in points],
        "y": [round(y, 3) for _, y in points],
        "hoverinfo": "skip",
        "marker": {
            "size": round(layout.size, 1),
            "color": theme.light(arm),
            "symbol": "circle-open" if arm == "baseline" and ring else "circle",
            "line": {"width": 1 if ring else 0, "color": theme.light(arm)},
        },
    }


def _bars(data: DistributionData, arm: Arm) -> Json:
    """Return shares of the arm's own items, so that a longer period does not look like more."""
    largest = max(share for either in ARMS for share in _shares(data, either))
    counts = data.counts(arm)
    return {
        "type": "bar",
        "x": [(math.log(b.low_minutes) + math.log(b.high_minutes)) / 2 for b in data.bins],
        "width": [0.92 * (math.log(b.high_minutes) - math.log(b.low_minutes)) for b in data.bins],
        "y": [0.8 * share / largest for share in _shares(data, arm)],
        "base": [_ROW_HEIGHTS[arm] - 0.4] * len(counts),
        "hoverinfo": "text",
        "hovertext": [
            f"{formats.minutes(b.low_minutes)} – {formats.minutes(b.high_minutes)}"
            f"<br>{formats.count(n)} of {formats.count(data.items(arm))} tasks {ARM_LABELS[arm]}"
            for b, n in zip(data.bins, counts, strict=True)
        ],
        "marker": {"color": theme.light(arm)},
        "textposition": "none",
    }


def _shares(data: DistributionData, arm: Arm) -> list[float]:
    return [n / (data.items(arm) or 1) for n in data.counts(arm)]


def _typical_line(x: float, base: float) -> list[Json]:
    """Return a line in the colour of text, with an edge that sets it off from its arm's marks."""
    ends = {"type": "line", "x0": x, "x1": x, "y0": base - 0.42, "y1": base + 0.42}
    return [
        {**ends, "line": {"color": theme.light(tone), "width": width}}
        for tone, width in (("ground", 7), ("ink", 3))
    ]


def _spaced_ticks(low: float, high: float) -> list[float]:
    """Return the minutes to label between two logarithms, far enough apart for a phone."""
    edge = 0.04 * (high - low)  # a label beyond it would be cut off
    ticks: list[float] = []
    for minutes in _TICK_MINUTES:
        if low + edge <= math.log(minutes) <= high - edge and (
            not ticks or math.log(minutes / ticks[-1]) >= (high - low) / 6.5
        ):
            ticks.append(minutes)
    return ticks
