"""A chart of intervals, one under the other on a common scale, each with its label above it.

With the labels above the bars the chart fits a phone as well as a wide screen.
"""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from tracker.report import axis
from tracker.report.charts import theme
from tracker.report.charts.theme import Json

LINE_HEIGHT = 16
"""Of a label, in pixels."""
BAR_HEIGHT = 26
CLAIM_LIFT = 11
"""Pixels by which a claim is drawn above its bar where it would hide the estimate."""
HIDING_DISTANCE = 0.03
"""Share of the scale within which a claim would hide the estimate."""
TOP, BOTTOM = 46, 50
"""Pixels for the scales."""


@dataclass(frozen=True, slots=True)
class Row:
    """One interval: its label and hover text, both plain text, and its style."""

    label: str
    bar: axis.Bar | None
    hover: str
    tone: str
    symbol: str = "circle"
    claim: float | None = None
    faint: bool = False
    missing_text: str = "no interval: too little data"
    """What to display where there is no interval."""


@dataclass(frozen=True, slots=True)
class Line:
    """A vertical line through all rows."""

    position: float
    tone: str
    dash: str = "solid"


@dataclass(frozen=True, slots=True)
class Scale:
    """The ticks and the title of one of the two scales."""

    title: str
    ticks: tuple[axis.Tick, ...]


@dataclass(frozen=True, slots=True)
class RowChart:
    """Everything that is needed to draw the rows."""

    rows: tuple[Row, ...]
    span: axis.Span
    bottom: Scale
    top: Scale | None = None
    lines: tuple[Line, ...] = ()

    @property
    def row_positions(self) -> list[tuple[float, float]]:
        """The top of each row's label and the middle of its bar, in pixels from the plot's top."""
        positions, top = [], 0.0
        for row in self.rows:
            label_height = LINE_HEIGHT * len(theme.lines(row.label))
            positions.append((top, top + label_height + BAR_HEIGHT / 2 - 3))
            top += label_height + BAR_HEIGHT
        return positions

    def claim_lift(self, row: Row) -> float:
        """Return by how many pixels a row's claim is drawn above its bar."""
        if row.claim is None or row.bar is None:
            return 0.0
        claim, estimate = (self.span.share(self.span.clamp(x)) for x in (row.claim, row.bar.middle))
        return CLAIM_LIFT if abs(claim - estimate) < HIDING_DISTANCE else 0.0

    @property
    def plot_height(self) -> int:
        """The height of the plot without its scales, in pixels."""
        return sum(LINE_HEIGHT * len(theme.lines(row.label)) + BAR_HEIGHT for row in self.rows)

    @property
    def height(self) -> int:
        """The height of the whole drawing, in pixels."""
        return TOP + self.plot_height + BOTTOM


def draw_rows(chart: RowChart) -> go.Figure:
    """Return the rows as a Plotly figure; its y axis counts pixels from the top."""
    traces: list[Json] = []
    notes: list[Json] = []
    for row, (top, middle) in zip(chart.rows, chart.row_positions, strict=True):
        notes.append(_label(row, -top))
        if row.bar is None:
            note = theme.note(theme.literal(row.missing_text), 0, -middle)
            notes.append({**note, "xref": "paper", "yref": "y", "yanchor": "middle"})
        else:
            traces += _bar(row, row.bar, chart.span, -middle)
        if row.claim is not None:
            traces.append(_claim(row.claim, chart.span, chart.claim_lift(row) - middle))
    scale = {"range": [chart.span.low, chart.span.high]}
    layout: Json = {
        "margin": {"l": 8, "r": 8, "t": TOP if chart.top else 12, "b": BOTTOM},
        "xaxis": {**scale, **_scale(chart.bottom)},
        "yaxis": {"range": [-chart.plot_height, 0], "visible": False},
        "shapes": [
            theme.vertical(line.position, line.tone, dash=line.dash) for line in chart.lines
        ],
        "annotations": notes,
    }
    if chart.top:
        top_axis = {"overlaying": "x", "side": "top", "showgrid": False}
        layout["xaxis2"] = {**scale, **_scale(chart.top), **top_axis}
        traces.append(  # an axis without a trace is not drawn
            {"type": "scatter", "x": [None], "y": [None], "xaxis": "x2", "hoverinfo": "skip"}
        )
    height = chart.height - (0 if chart.top else TOP - 12)
    return theme.figure(traces, layout, height)


def _label(row: Row, y: float) -> Json:
    text = "<br>".join(theme.lines(row.label))
    note = theme.note(
        text if row.faint else f"<b>{text}</b>", 0, y, tone="soft" if row.faint else "ink"
    )
    return {**note, "xref": "paper", "yref": "y", "yanchor": "top", "align": "left"}


def _scale(scale: Scale) -> Json:
    return {"title": {"text": theme.literal(scale.title)}, **theme.ticks(scale.ticks)}


def _bar(row: Row, bar: axis.Bar, span: axis.Span, y: float) -> list[Json]:
    """Return the interval with end marks, or arrows where the scale ends, and the estimate."""
    low = span.low if bar.low is None else span.clamp(bar.low)
    high = span.high if bar.high is None else span.clamp(bar.high)
    ends = [
        "line-ns" if bar.low is not None and bar.low >= span.low else "triangle-left",
        "line-ns" if bar.high is not None and bar.high <= span.high else "triangle-right",
    ]
    color = theme.light(row.tone)
    hover = {"hoverinfo": "text", "hovertext": theme.literal(row.hover).replace("\n", "<br>")}
    width = 1.5 if row.faint else 3.5
    line: Json = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [low, high],
        "y": [y, y],
        "cliponaxis": False,
        "line": {"color": color, "width": width},
        "marker": {
            "symbol": ends,
            "size": 8,
            "color": color,
            "line": {"width": width * 0.7, "color": color},
        },
        **hover,
    }
    estimate = {**_estimate(row, span.clamp(bar.middle), y), **hover}
    return [line, estimate] if low < high else [estimate]


def _estimate(row: Row, x: float, y: float) -> Json:
    color = theme.light(row.tone)
    edge = theme.light("ground") if "open" not in row.symbol else color
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x],
        "y": [y],
        "marker": {
            "symbol": row.symbol,
            "size": 8 if row.faint else 13,
            "color": color,
            "line": {"width": 1.5, "color": edge},
        },
    }


def _claim(claim: float, span: axis.Span, y: float) -> Json:
    outside = claim > span.high or claim < span.low
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [span.clamp(claim)],
        "y": [y],
        "hoverinfo": "text",
        "hovertext": "the claim" + (", off this scale" if outside else ""),
        "marker": {
            "symbol": "diamond",
            "size": 12,
            "color": theme.light("claim"),
            "line": {"width": 1.5, "color": theme.light("ground")},
        },
    }
