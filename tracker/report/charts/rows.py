"""Intervals under one another on a common scale, each with its label above it: it reads on a phone as on a wall."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from tracker.report import axis
from tracker.report.charts import theme
from tracker.report.charts.theme import Json

LINE_HEIGHT = 16
BAR_HEIGHT = 26
LIFT, HIDDEN = 11, 0.03
"""Pixels by which a claim is lifted off its bar, where it lies within such a share of the scale of the estimate."""
TOP, BOTTOM = 46, 50
"""Room for the scales, pixels."""


@dataclass(frozen=True, slots=True)
class Row:
    """One interval: its label, what hovering says (both plain text), how it looks."""

    label: str
    bar: axis.Bar | None
    hover: str
    tone: str
    symbol: str = "circle"
    claim: float | None = None
    faint: bool = False
    instead: str = "no interval: too little data"
    """What to say where there is no interval."""


@dataclass(frozen=True, slots=True)
class Line:
    """A vertical line through all rows."""

    at: float
    tone: str
    dash: str = "solid"


@dataclass(frozen=True, slots=True)
class Scale:
    """The ticks and the title of one of the two scales."""

    title: str
    ticks: tuple[axis.Tick, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Everything that a drawing of rows needs."""

    rows: tuple[Row, ...]
    over: axis.Span
    bottom: Scale
    top: Scale | None = None
    lines: tuple[Line, ...] = ()

    @property
    def places(self) -> list[tuple[float, float]]:
        """Of each row: where its label begins and where its bar lies, pixels from the top of the plot."""
        found, down = [], 0.0
        for row in self.rows:
            label = LINE_HEIGHT * len(theme.lines(row.label))
            found.append((down, down + label + BAR_HEIGHT / 2 - 3))
            down += label + BAR_HEIGHT
        return found

    def lift(self, row: Row) -> float:
        """How many pixels a row's claim lies above its bar: some, where it would hide the estimate."""
        if row.claim is None or row.bar is None:
            return 0.0
        at, middle = (
            self.over.share(self.over.clamp(place)) for place in (row.claim, row.bar.middle)
        )
        return LIFT if abs(at - middle) < HIDDEN else 0.0

    @property
    def plot_height(self) -> int:
        """Pixels of the plot without its scales."""
        return sum(LINE_HEIGHT * len(theme.lines(row.label)) + BAR_HEIGHT for row in self.rows)

    @property
    def height(self) -> int:
        """Pixels of the whole drawing."""
        return TOP + self.plot_height + BOTTOM


def draw(data: Rows) -> go.Figure:
    """The rows as a Plotly figure; its y axis counts pixels from the top."""
    traces: list[Json] = []
    notes: list[Json] = []
    for row, (top, middle) in zip(data.rows, data.places, strict=True):
        tone = "soft" if row.faint else "ink"
        text = "<br>".join(theme.lines(row.label))
        label = theme.note(text if row.faint else f"<b>{text}</b>", 0, -top, tone=tone)
        notes.append({**label, "xref": "paper", "yref": "y", "yanchor": "top", "align": "left"})
        if row.bar is None:
            inside = theme.note(theme.literal(row.instead), 0, -middle)
            notes.append({**inside, "xref": "paper", "yref": "y", "yanchor": "middle"})
        else:
            traces += _bar(row, row.bar, data.over, -middle)
        if row.claim is not None:
            traces.append(_claim(row.claim, data.over, data.lift(row) - middle))
    scale = {"range": [data.over.low, data.over.high]}
    layout: Json = {
        "margin": {"l": 8, "r": 8, "t": TOP if data.top else 12, "b": BOTTOM},
        "xaxis": {**scale, **_scale(data.bottom)},
        "yaxis": {"range": [-data.plot_height, 0], "visible": False},
        "shapes": [theme.vertical(line.at, line.tone, dash=line.dash) for line in data.lines],
        "annotations": notes,
    }
    if data.top:
        layout["xaxis2"] = {
            **scale,
            **_scale(data.top),
            "overlaying": "x",
            "side": "top",
            "showgrid": False,
        }
        traces.append(
            {"type": "scatter", "x": [None], "y": [None], "xaxis": "x2", "hoverinfo": "skip"}
        )
    height = data.height - (0 if data.top else TOP - 12)
    return theme.figure(traces, layout, height)


def _scale(scale: Scale) -> Json:
    return {"title": {"text": theme.literal(scale.title)}, **theme.ticks(scale.ticks)}


def _bar(row: Row, bar: axis.Bar, over: axis.Span, y: float) -> list[Json]:
    """The interval with end marks, arrows where it runs on, and the estimate."""
    low = over.low if bar.low is None else over.clamp(bar.low)
    high = over.high if bar.high is None else over.clamp(bar.high)
    ends = [
        "line-ns" if bar.low is not None and bar.low >= over.low else "triangle-left",
        "line-ns" if bar.high is not None and bar.high <= over.high else "triangle-right",
    ]
    color = theme.light(row.tone)
    hover = {"hoverinfo": "text", "hovertext": theme.literal(row.hover).replace("\n", "<br>")}
    thin = 1.5 if row.faint else 3.5
    line: Json = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [low, high],
        "y": [y, y],
        "cliponaxis": False,
        "line": {"color": color, "width": thin},
        "marker": {
            "symbol": ends,
            "size": 8,
            "color": color,
            "line": {"width": thin * 0.7, "color": color},
        },
        **hover,
    }
    edge = theme.light("ground") if "open" not in row.symbol else color
    estimate: Json = {
        "type": "scatter",
        "mode": "markers",
        "x": [over.clamp(bar.middle)],
        "y": [y],
        "marker": {
            "symbol": row.symbol,
            "size": 8 if row.faint else 13,
            "color": color,
            "line": {"width": 1.5, "color": edge},
        },
        **hover,
    }
    return [line, estimate] if low < high else [estimate]


def _claim(at: float, over: axis.Span, y: float) -> Json:
    outside = at > over.high or at < over.low
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [over.clamp(at)],
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
