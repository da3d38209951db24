"""A chart of intervals, one under the other on a common scale, each with its label above it.

With the labels above the bars the chart fits a phone as well as a wide screen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.report import axis
from tracker.report.charts import theme
from tracker.report.charts.theme import Figure, Json

LINE_HEIGHT = 16
"""Height of a line of a label, in pixels."""
BAR_HEIGHT = 26
CLAIM_LIFT = 11
"""Pixels by which a claim is drawn above its bar where it would hide an end or the estimate."""
HIDING_DISTANCE = 0.03
"""Share of the scale within which a claim would hide another mark."""
TOP, BOTTOM = 8, 50
"""Pixels above the rows, and below them for the scale."""
TICK_DISTANCE = 0.18
"""Smallest distance of two ticks, as a share of the scale: what labels need on a phone."""
SIDE = 10
"""Pixels beside the scale, for half a mark and half a label."""


@dataclass(frozen=True, slots=True)
class Row:
    """One interval: its label, plain text, its hover text, and its style."""

    label: str
    bar: axis.Bar | None
    hover: tuple[str, ...]
    """Lines of plain text."""
    tone: str
    symbol: str = "circle"
    claim: float | None = None
    faint: bool = False
    missing_text: str = "no interval: too little data"
    """The text to show without an interval."""


@dataclass(frozen=True, slots=True)
class Line:
    """A vertical line beside the bars of all rows; it leaves out the labels."""

    position: float
    tone: str
    dash: str = "solid"


@dataclass(frozen=True, slots=True)
class Scale:
    """The ticks and the title of the scale of all rows."""

    title: str
    ticks: tuple[axis.Tick, ...]


@dataclass(frozen=True, slots=True)
class RowChart:
    """Everything that is needed to draw the rows."""

    rows: tuple[Row, ...]
    span: axis.Span
    scale: Scale
    lines: tuple[Line, ...] = ()

    @property
    def row_positions(self) -> list[tuple[float, float]]:
        """The top of each row's label and the middle of its bar, in pixels from the plot's top."""
        return [
            (top, (band_top + band_bottom) / 2 - 3)
            for top, band_top, band_bottom in self._row_edges
        ]

    @property
    def bands(self) -> list[tuple[float, float]]:
        """The top and the bottom of each bar's space below its label."""
        return [(band_top, band_bottom) for _, band_top, band_bottom in self._row_edges]

    @property
    def _row_edges(self) -> list[tuple[float, float, float]]:
        """The top of each row, of its bar's space, and the bottom of both."""
        edges, top = [], 0.0
        for row in self.rows:
            band_top = top + LINE_HEIGHT * len(_lines(row))
            edges.append((top, band_top, band_top + BAR_HEIGHT))
            top = band_top + BAR_HEIGHT
        return edges

    def claim_lift(self, row: Row) -> float:
        """Return by how many pixels a row's claim is drawn above its bar."""
        if row.claim is None or row.bar is None:
            return 0.0
        claim = self.span.share(self.span.clamp(row.claim))
        marks = [
            self.span.share(self.span.clamp(x))
            for x in (row.bar.low, row.bar.middle, row.bar.high)
            if x is not None
        ]
        is_near = any(abs(claim - mark) < HIDING_DISTANCE for mark in marks)
        return CLAIM_LIFT if is_near else 0.0

    @property
    def plot_height(self) -> int:
        """The height of the plot without its scale, in pixels."""
        return round(self.bands[-1][1])

    @property
    def height(self) -> int:
        """The height of the whole drawing, in pixels."""
        return TOP + self.plot_height + BOTTOM


def draw_rows(chart: RowChart) -> Figure:
    """Return the rows as a Plotly figure; its y axis counts pixels from the top."""
    lines: list[Json] = []
    marks: list[Json] = []
    notes: list[Json] = []
    for row, (top, middle) in zip(chart.rows, chart.row_positions, strict=True):
        notes.append(_label(row, -top))
        if row.bar is None:
            note = theme.note(theme.literal(row.missing_text), 0, -middle)
            notes.append({**note, "xref": "paper", "yref": "y", "yanchor": "middle"})
        else:
            line, estimate = _bar(row, row.bar, chart.span, -middle)
            lines += line
            marks.append(estimate)
        if row.claim is not None:
            marks.append(_claim(row.claim, chart.span, chart.claim_lift(row) - middle))
    layout: Json = {
        "margin": {"l": SIDE, "r": SIDE, "t": TOP, "b": BOTTOM},
        "xaxis": {
            "range": [chart.span.low, chart.span.high],
            "showgrid": False,
            "title": {"text": theme.literal(chart.scale.title)},
            **theme.ticks(chart.scale.ticks),
        },
        "yaxis": {"range": [-chart.plot_height, 0], "visible": False},
        "shapes": [
            *(beside_bars(chart.bands, tick.at, "faint", width=1) for tick in chart.scale.ticks),
            *(beside_bars(chart.bands, x.position, x.tone, dash=x.dash) for x in chart.lines),
        ],
        "annotations": notes,
    }
    return theme.figure([*lines, *marks], layout, chart.height)


def beside_bars(
    bands: Iterable[tuple[float, float]],
    x: float,
    tone: str,
    *,
    dash: str = "solid",
    width: float = 1.5,
) -> Json:
    """Return a vertical line with gaps where the labels are.

    Args:
        bands: The top and the bottom of each part, in pixels from the plot's top.
        x: Position on the scale.
        tone: A colour of the palette.
        dash: Plotly's name of a dash.
        width: In pixels.

    """
    return {
        "type": "path",
        "path": "".join(f"M{x:.5f},{-top:g}L{x:.5f},{-bottom:g}" for top, bottom in bands),
        "layer": "below",
        "line": {"color": theme.light(tone), "width": width, "dash": dash},
    }


def _lines(row: Row) -> list[str]:
    """Return the lines of a row's label, which is bold unless the row is faint."""
    return theme.lines(row.label, is_bold=not row.faint)


def _label(row: Row, y: float) -> Json:
    text = "<br>".join(_lines(row))
    note = theme.note(
        text if row.faint else f"<b>{text}</b>", 0, y, tone="soft" if row.faint else "ink"
    )
    return {**note, "xref": "paper", "yref": "y", "yanchor": "top", "align": "left"}


def _bar(row: Row, bar: axis.Bar, span: axis.Span, y: float) -> tuple[list[Json], Json]:
    """Return the interval with end marks, or arrows where the scale ends, and the estimate."""
    low = span.low if bar.low is None else span.clamp(bar.low)
    high = span.high if bar.high is None else span.clamp(bar.high)
    ends = [
        "line-ns" if bar.low is not None and bar.low >= span.low else "triangle-left",
        "line-ns" if bar.high is not None and bar.high <= span.high else "triangle-right",
    ]
    color = theme.light(row.tone)
    hover = {"hoverinfo": "text", "hovertext": theme.hover(row.hover)}
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
            "line": {"width": width, "color": color},
        },
        **hover,
    }
    estimate = {**_estimate(row, span.clamp(bar.middle), y), **hover}
    return [line] if low < high else [], estimate


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
