"""The estimation plot: how long tasks took in either arm, and below it the difference.

All on one log scale: dots up to 2,000 work items, bars beyond.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from tracker.domain.records import ARMS, Arm
from tracker.evidence.charts.distributions import (
    DifferenceRow,
    DistributionData,
    distribution_data,
)
from tracker.report import axis, formats, labels
from tracker.report.charts import theme
from tracker.report.charts.chart import ChartSpec
from tracker.report.charts.theme import ARM_LABELS, Figure, Json, Table

HEIGHT = 400
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
_DIFFERENCE_HEIGHT = -0.85
_TICK_MINUTES = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 960, 2400, 6000, 12000)
"""Minutes that may be labelled on the scale."""

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Positions and sizes of the dots."""

    low: float
    """The left end of the scale, ln minutes."""
    high: float
    points: dict[Arm, Points]
    """(ln minutes, height) of each dot; {} where bars are drawn."""
    size: float
    """Diameter of a dot in pixels."""


def distribution_layout(data: DistributionData) -> Layout:
    """Return the ends of the scale, and the dots stacked around the line of their arm."""
    bounds = _difference_bounds(data.difference)
    low = math.log(min([*(b.low_minutes for b in data.bins), *bounds]))
    high = math.log(max([*(b.high_minutes for b in data.bins), *bounds]))
    margin = max(0.0, MIN_SPAN - (high - low)) / 2
    low, high = low - margin, high + margin
    points, step = _stack(data.dots, low, high)
    return Layout(low, high, points, max(_MIN_SIZE, min(_MAX_SIZE, step * _UNIT_PIXELS)))


def distribution_figure(data: DistributionData) -> Figure:
    """Return two rows, without and with assistance, and a line where the typical task lies."""
    layout = distribution_layout(data)
    low, high = layout.low, layout.high
    traces: list[Json] = []
    notes: list[Json] = []
    shapes: list[Json] = []
    for arm in ARMS:
        traces.append(_dots(layout, arm) if layout.points else _bars(data, arm))
        base, centre = _ROW_HEIGHTS[arm], _centre(data, arm)
        label = f"<b>{ARM_LABELS[arm]}</b>: {formats.count(data.items(arm))} tasks"
        if centre:
            label += f", {formats.minutes(centre)}"
            shapes += _typical_line(math.log(centre), base)
        notes.append(theme.note(label, low, base + 0.44, tone=arm, yref="y", yanchor="bottom"))
    if data.difference is not None:
        traces += _difference_traces(data.difference)
        shapes.append(_reference_line(math.log(data.difference.centre_minutes)))
        gain = data.difference.result.gain(data.difference.result.reading)
        label = f"<b>difference</b>: {formats.estimate_and_range(gain)}"
        height = _DIFFERENCE_HEIGHT + 0.22
        notes.append(theme.note(label, low, height, tone="ink", yref="y", yanchor="bottom"))
    ticks = _spaced_ticks(low, high)
    plotly_layout: Json = {
        "xaxis": {
            "range": [low - 0.1, high + 0.1],
            "title": {"text": "minutes of a task, log scale"},
            "tickmode": "array",
            "tickvals": [math.log(minutes) for minutes in ticks],
            "ticktext": [formats.minutes(minutes) for minutes in ticks],
        },
        "yaxis": {
            "range": [-0.5 if data.difference is None else _DIFFERENCE_HEIGHT - 0.2, 1.62],
            "visible": False,
        },
        "shapes": shapes,
        "annotations": notes,
        "barmode": "overlay",
    }
    return theme.figure(traces, plotly_layout, HEIGHT)


def distribution_table(data: DistributionData) -> Table:
    """Return the work items of either arm by minutes, and what is typical as it stands."""
    typical = ("typical, not adjusted", *(formats.minutes(data.typical_minutes[a]) for a in ARMS))
    rows = tuple(
        (
            f"from{formats.NO_BREAK_SPACE}{formats.minutes(b.low_minutes)}",
            formats.count(b.baseline),
            formats.count(b.assistance),
        )
        for b in data.bins
    )
    header = ("minutes of a task", "tasks without", "tasks with")
    return Table(header, (typical, *rows))


def distribution_description(data: DistributionData) -> str:
    """Return the text alternative of the chart."""
    arms = [
        f"{formats.count(data.items(arm))} tasks {ARM_LABELS[arm]},"
        f" typically {formats.minutes(_centre(data, arm))}"
        for arm in ARMS
    ]
    activity = formats.printable(data.activity)
    text = f"How long {activity} tasks took, on a log scale: {'; '.join(arms)}."
    if data.difference is None:
        return text
    return f"{text} Difference: {_difference_words(data.difference)}."


def distribution_lead(data: DistributionData) -> str:
    """Return how to read the chart, and what its minutes are."""
    unit = "Each dot is a task" if data.dots else "Bars are shares of each side’s tasks"
    kind = (
        "adjusted as the headline is, for developer and size"
        if data.adjusted
        else "as it stands: all finished tasks, not adjusted for developer and size"
    )
    lead = f"{unit}, {kind}; the upright line is the typical one, with its time."
    if data.difference is None:
        return lead
    return f"{lead} Below is the difference with its interval, on the same scale; left is faster."


CHART = ChartSpec(
    name="distributions",
    section="activities",
    summary="how long tasks took in each arm, and the difference",
    data=distribution_data,
    with_claims=True,
    figure=distribution_figure,
    table=distribution_table,
    describe=distribution_description,
    title="How long tasks took",
    lead=distribution_lead,
    key=("interval", "claim"),
)


def _difference_bounds(row: DifferenceRow | None) -> list[float]:
    """Return the minutes that the scale must hold for the difference, within ``FURTHEST``."""
    if row is None:
        return []
    ends = (row.minutes.low, row.minutes.high, *(line.value for line in row.claim_lines))
    reach = math.exp(axis.FURTHEST)
    least, most = row.centre_minutes / reach, row.centre_minutes * reach
    return [min(max(end, least), most) for end in ends if end is not None]


def _centre(data: DistributionData, arm: Arm) -> float | None:
    """Return the minutes of a typical task, adjusted as the dots are."""
    if not data.adjusted or data.difference is None:
        return data.typical_minutes[arm]
    centre = data.difference.centre_minutes
    return centre if arm == "baseline" else data.difference.minutes.estimate


def _difference_words(row: DifferenceRow) -> str:
    """Return the gain with its bounds: "efficiency gain +31 % (+14 to +51 %)"."""
    gain = row.result.gain(row.result.reading)
    return f"{labels.reading_label(row.result)} {formats.estimate_and_range(gain)}"


def _difference_traces(row: DifferenceRow) -> list[Json]:
    """Return the interval, and the claims above it."""
    middle = math.log(row.minutes.estimate)
    low, high = (
        None if bound is None else math.log(bound) for bound in (row.minutes.low, row.minutes.high)
    )
    interval: Json = {
        "type": "scatter",
        "mode": "markers",
        "x": [middle],
        "y": [_DIFFERENCE_HEIGHT],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [0.0 if high is None else high - middle],
            "arrayminus": [0.0 if low is None else middle - low],
            "color": theme.light("ink"),
            "thickness": 3,
            "width": 6,
        },
        "hoverinfo": "skip",
        "marker": {"size": 11, "color": theme.light("ink"), "symbol": "circle"},
    }
    claims: Json = {
        "type": "scatter",
        "mode": "markers",
        "x": [math.log(line.value) for line in row.claim_lines],
        "y": [_DIFFERENCE_HEIGHT + 0.13] * len(row.claim_lines),
        "hoverinfo": "skip",
        "marker": {"size": 11, "color": theme.light("claim"), "symbol": "diamond"},
    }
    return [interval, claims] if row.claim_lines else [interval]


def _reference_line(x: float) -> Json:
    """Return a line from the centre of the baseline down to the difference."""
    line = {"color": theme.light("soft"), "width": 1, "dash": "dot"}
    y0, y1 = _DIFFERENCE_HEIGHT - 0.2, _ROW_HEIGHTS["baseline"]
    return {"type": "line", "x0": x, "x1": x, "y0": y0, "y1": y1, "line": line, "layer": "below"}


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
            f"{formats.minutes_range(b.low_minutes, b.high_minutes)}"
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
