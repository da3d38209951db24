"""Axes of figures: positions in the plot, grid lines, tick labels and titles.

Horizontal positions are shares of the plot's width, so that a drawing fits every screen and its
text keeps its size. Vertical positions are pixels from the top of the plot.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from markupsafe import Markup

from tracker.report.svg.paths import PATH_WIDTH, Line
from tracker.report.svg.pieces import Lines
from tracker.report.svg.subset import (
    Json,
    UnsupportedFigureError,
    check_keys,
    check_value,
    color_class,
    line_width,
)
from tracker.report.svg.texts import LINE_HEIGHT, TextStyle, number, text_svg

_KEYS = {
    *("range", "type", "domain", "visible", "tickmode", "tickvals", "ticktext", "ticks"),
    *("tickangle", "tickfont", "title", "showgrid", "gridcolor", "zeroline", "fixedrange"),
}
_TICK_GAP = {"x": 6, "y": 8}
"""Pixels between the plot and the tick labels."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis with its settings."""

    letter: Literal["x", "y"]
    settings: Json
    kind: Literal["linear", "log", "date"]
    low: float
    high: float
    start: float
    """The start of the axis as a fraction of the plot, from the left or from the bottom."""
    end: float
    """The end of the axis, in the same unit."""

    def fraction(self, value: Any) -> float:
        """Return the position of a value as a fraction of the plot."""
        share = (self.coordinate(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def coordinate(self, value: Any) -> float:
        """Return a value on the linear scale of the axis: days for dates, log10 for a log axis."""
        if self.kind == "date":
            return days(value)
        return math.log10(value) if self.kind == "log" else float(value)

    def contains(self, value: Any) -> bool:
        """Return whether a value lies within the range of the axis."""
        margin = 1e-9 * abs(self.high - self.low)
        low, high = sorted((self.low, self.high))
        return low - margin <= self.coordinate(value) <= high + margin


@dataclass(frozen=True, slots=True)
class Plot:
    """The area inside the margins, with its axes by Plotly's names: x, y, x2, …"""

    height: float
    axes: dict[str, Axis]

    def share(self, fraction: float) -> str:
        """Return a horizontal position as an SVG length in percent."""
        return f"{number(100 * fraction)}%"

    @property
    def pixels(self) -> str:
        """The height as the value of an attribute."""
        return number(self.height)

    def top(self, fraction: float) -> float:
        """Return a vertical position in pixels from the top.

        Args:
            fraction: The position as a fraction of the height from the bottom.
        """
        return (1 - fraction) * self.height

    def point(self, x_axis: Axis, y_axis: Axis, x: Any, y: Any) -> tuple[float, float]:
        """Return a point in the coordinates of paths."""
        return PATH_WIDTH * x_axis.fraction(x), self.top(y_axis.fraction(y))


def days(value: str) -> float:
    """Return an ISO date, with or without a time of day, in days since 1970."""
    return (datetime.fromisoformat(value) - datetime(1970, 1, 1)) / timedelta(days=1)


def read_axes(layout: Json) -> dict[str, Axis]:
    """Return the axes of a layout by name; those without settings are not drawn."""
    common = layout.get("template", {}).get("layout", {})
    axes = {}
    for key, settings in layout.items():
        letter, _, suffix = key.partition("axis")
        if letter in ("x", "y") and "axis" in key:
            axes[letter + suffix] = _axis(letter, {**common.get(f"{letter}axis", {}), **settings})
    return axes


def _axis(letter: Any, settings: Json) -> Axis:
    name = f"the {letter} axis"
    check_keys(settings, _KEYS, name)
    kind = settings.get("type", "linear")
    check_value(kind, ("linear", "log", "date"), f"the type of {name}")
    if "range" not in settings:
        raise UnsupportedFigureError(f"{name} has no range: give one.")
    low, high = settings["range"]
    if kind == "date":
        low, high = days(low), days(high)
    start, end = settings.get("domain", (0.0, 1.0))
    return Axis(letter, settings, kind, low, high, start, end)


def grid_pieces(plot: Plot) -> list[Lines]:
    """Return the grid lines of all axes, which are drawn first."""
    pieces = []
    for axis in plot.axes.values():
        if not _is_visible(axis) or not axis.settings.get("showgrid", True):
            continue
        lines = [
            _grid_line(plot, axis.letter, axis.fraction(value), extent)
            for value, _ in _ticks(axis)
            for extent in _extents(plot, axis)
        ]
        grid_class = color_class(axis.settings["gridcolor"])
        attributes = Markup(' class="{}"{}').format(grid_class, line_width(1))
        pieces += [Lines(tuple(lines), attributes)] if lines else []
    return pieces


def _extents(plot: Plot, axis: Axis) -> list[tuple[float, float]]:
    """Return the extents of the other axes, along which the grid lines of an axis are drawn."""
    others = (other for other in plot.axes.values() if other.letter != axis.letter)
    return sorted({(other.start, other.end) for other in others})


def _grid_line(plot: Plot, letter: str, fraction: float, extent: tuple[float, float]) -> Line:
    if letter == "x":
        return [(PATH_WIDTH * fraction, plot.top(end)) for end in extent]
    return [(PATH_WIDTH * end, plot.top(fraction)) for end in extent]


def labels_svg(plot: Plot) -> Markup:
    """Return the tick labels and the titles of all axes."""
    parts = []
    for axis in plot.axes.values():
        if _is_visible(axis):
            parts += [_tick_labels(plot, axis), _title(plot, axis)]
    return Markup().join(parts)


def _tick_labels(plot: Plot, axis: Axis) -> Markup:
    font = axis.settings["tickfont"]
    size, anchor = font["size"], "middle" if axis.letter == "x" else "end"
    style = TextStyle(size=size, css_class="", shift=0 if axis.letter == "x" else -_TICK_GAP["y"])
    texts = []
    for value, text in _ticks(axis):
        fraction = axis.fraction(value)
        if axis.letter == "x":
            x, y = plot.share(fraction), plot.height + _TICK_GAP["x"] + 0.8 * size
        else:
            x, y = "0", plot.top(fraction) + 0.35 * size
        texts.append(text_svg(text, x, y, style))
    return Markup('<g class="{}" text-anchor="{}">{}</g>').format(
        color_class(font["color"]), anchor, Markup().join(texts)
    )


def _title(plot: Plot, axis: Axis) -> Markup:
    title = axis.settings.get("title", {})
    check_keys(title, ("text", "font", "standoff"), f"the title of the {axis.letter} axis")
    if not title.get("text"):
        return Markup()
    check_value(axis.letter, ("x",), "the axis with a title")
    font = axis.settings["title"].get("font") or axis.settings["tickfont"]
    size = font["size"]
    y = plot.height + _TICK_GAP["x"] + size * (LINE_HEIGHT + 0.8) + title.get("standoff", 0) / 2
    middle = plot.share((axis.start + axis.end) / 2)
    style = TextStyle(size=size, css_class=color_class(font["color"]), anchor="middle")
    return text_svg(title["text"], middle, y, style)


def _is_visible(axis: Axis) -> bool:
    return bool(axis.settings.get("visible", True))


def _ticks(axis: Axis) -> list[tuple[Any, str]]:
    """Return the values and labels of the ticks within the range of an axis."""
    check_value(axis.settings.get("tickmode"), ("array",), f"the tickmode of {axis.letter}")
    values, texts = axis.settings["tickvals"], axis.settings["ticktext"]
    return [tick for tick in zip(values, texts, strict=True) if axis.contains(tick[0])]
