"""Traces of figures as SVG: lines, filled areas, markers, error bars and bars."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from tracker.report.svg.axes import STRETCH, Axis, Plot
from tracker.report.svg.subset import (
    Json,
    UnsupportedFigureError,
    check_keys,
    check_value,
    is_clear,
    tone_class,
)
from tracker.report.svg.symbols import CIRCLES, Marker, marker_svg
from tracker.report.svg.texts import number

DASHES = {"solid": "", "dash": "7 5", "dot": "2 4"}
MANY_POINTS = 40
"""Points from which circles of one trace are one path instead of an element each."""

_HOVER_KEYS = {"hoverinfo", "hovertext", "textposition", "cliponaxis"}
_PLACE_KEYS = {"type", "x", "y", "xaxis", "yaxis", "name", "showlegend"}
_SCATTER_KEYS = {
    *_HOVER_KEYS,
    *_PLACE_KEYS,
    *("mode", "line", "marker", "fill", "fillcolor", "error_x", "error_y"),
}
_BAR_KEYS = {*_HOVER_KEYS, *_PLACE_KEYS, "width", "base", "marker"}
_CAP = 4
"""Half the length of the cap of an error bar, in pixels."""


def trace_svg(trace: Json, plot: Plot) -> Markup:
    """Return one trace."""
    check_value(trace.get("type"), ("scatter", "bar"), "the type of a trace")
    x_axis, y_axis = plot.axes[trace.get("xaxis", "x")], plot.axes[trace.get("yaxis", "y")]
    if trace["type"] == "bar":
        return _bars(trace, plot, x_axis, y_axis)
    return _scatter(trace, plot, x_axis, y_axis)


def stretched(plot: Plot, content: Markup) -> Markup:
    """Return paths in a coordinate system that is stretched to the plot's width, and clipped."""
    height = number(plot.height)
    return Markup(
        '<svg viewBox="0 0 {0} {1}" width="100%" height="{1}" preserveAspectRatio="none">{2}</svg>'
    ).format(STRETCH, height, content)


def path_svg(points: Iterable[tuple[float, float]], attributes: Markup, *, end: str = "") -> Markup:
    """Return a path through points; its line keeps its width when the path is stretched."""
    return paths_svg([points], attributes, end=end)


def paths_svg(
    lines: Iterable[Iterable[tuple[float, float]]], attributes: Markup, *, end: str = ""
) -> Markup:
    """Return several paths of one look as one element."""
    steps = "".join(
        "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points) + end for points in lines
    )
    return Markup('<path d="{}" {} vector-effect="non-scaling-stroke"/>').format(steps, attributes)


def line_attributes(line: Json) -> Markup:
    """Return the attributes of a line in its colour, width and dash."""
    check_keys(line, ("color", "width", "dash"), "a line")
    dash = line.get("dash", "solid")
    check_value(dash, DASHES, "the dash of a line")
    dashes = Markup(' stroke-dasharray="{}"').format(DASHES[dash]) if DASHES[dash] else Markup()
    return Markup('class="{}" fill="none" stroke="currentColor" stroke-width="{}"{}').format(
        tone_class(line["color"]), number(line.get("width", 2)), dashes
    )


def _scatter(trace: Json, plot: Plot, x_axis: Axis, y_axis: Axis) -> Markup:
    check_keys(trace, _SCATTER_KEYS, "a scatter trace")
    mode = trace.get("mode", "lines+markers")
    check_value(mode, ("lines", "markers", "lines+markers"), "the mode of a trace")
    values = [
        (index, x, y)
        for index, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True))
        if x is not None and y is not None
    ]
    points = [plot.point(x_axis, y_axis, x, y) for _, x, y in values]
    if not points:
        return Markup()
    parts = [_fill(trace, plot, points)]
    if "lines" in mode and not trace.get("fill"):
        if len(values) < len(trace["x"]):
            raise UnsupportedFigureError("a line has a gap: draw a trace for each part.")
        parts.append(_line(trace["line"], plot, points))
    parts += [_error_bars(trace, letter, plot, points) for letter in ("x", "y")]
    if "markers" in mode:
        visible = [
            (index, point)
            for (index, x, y), point in zip(values, points, strict=True)
            if trace.get("cliponaxis") is False or (x_axis.contains(x) and y_axis.contains(y))
        ]
        parts.append(_markers(trace["marker"], plot, visible))
    return Markup().join(parts)


def _fill(trace: Json, plot: Plot, points: Sequence[tuple[float, float]]) -> Markup:
    if not trace.get("fill"):
        return Markup()
    check_value(trace["fill"], ("toself",), "the fill of a trace")
    check_value(is_clear(trace["line"].get("color")), (True,), "an edge around a filled area")
    attributes = Markup('class="{}"').format(tone_class(trace["fillcolor"]))
    return stretched(plot, path_svg(points, attributes, end="z"))


def _line(line: Json, plot: Plot, points: Sequence[tuple[float, float]]) -> Markup:
    if len(points) != 2:
        return stretched(plot, path_svg(points, line_attributes(line)))
    return straight_line(plot, points[0], points[1], line)


def straight_line(
    plot: Plot, start: tuple[float, float], end: tuple[float, float], line: Json
) -> Markup:
    """Return a straight line between two points in the coordinates of paths."""
    (x1, y1), (x2, y2) = start, end
    return Markup('<line x1="{}" x2="{}" y1="{}" y2="{}" {}/>').format(
        plot.share(x1 / STRETCH),
        plot.share(x2 / STRETCH),
        number(y1),
        number(y2),
        line_attributes(line),
    )


def _error_bars(
    trace: Json, letter: str, plot: Plot, points: Sequence[tuple[float, float]]
) -> Markup:
    """Return the error bars along one axis, with caps of fixed length."""
    error = trace.get(f"error_{letter}")
    if not error:
        return Markup()
    keys = ("type", "array", "arrayminus", "symmetric", "color", "thickness", "width")
    check_keys(error, keys, "an error bar")
    axis = plot.axes[trace.get(f"{letter}axis", letter)]
    check_value(axis.kind, ("linear",), "the type of an axis with error bars")
    line = {"color": error["color"], "width": error.get("thickness", 2)}
    cap = error.get("width", _CAP)
    above = error["array"]
    below = error.get("arrayminus") or above
    bars = []
    for value, point, plus, minus in zip(trace[letter], points, above, below, strict=True):
        ends = [axis.fraction(value - minus), axis.fraction(value + plus)]
        bars.append(_error_bar(plot, letter, point, ends, cap))
    return Markup("<g {}>{}</g>").format(line_attributes(line), Markup().join(bars))


def _error_bar(
    plot: Plot, letter: str, point: tuple[float, float], ends: Sequence[float], cap: float
) -> Markup:
    if letter == "x":
        y, (low, high) = point[1], (plot.share(end) for end in ends)
        caps = Markup().join(
            Markup('<line x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(
                end, number(y - cap), number(y + cap)
            )
            for end in (low, high)
        )
        bar = Markup('<line x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>')
        return bar.format(low, high, number(y)) + caps
    x = plot.share(point[0] / STRETCH)
    low_y, high_y = (number(plot.top(end)) for end in ends)
    path = Markup('<path d="M{0} {1}h{2}M0 {1}V{3}M{0} {3}h{2}"/>').format(
        number(-cap), low_y, number(2 * cap), high_y
    )
    return Markup('<svg x="{}" overflow="visible">{}</svg>').format(x, path)


def _markers(marker: Json, plot: Plot, points: Sequence[tuple[int, tuple[float, float]]]) -> Markup:
    check_keys(marker, ("size", "color", "symbol", "line"), "a marker")
    edge = marker.get("line", {})
    check_keys(edge, ("width", "color"), "the edge of a marker")
    symbols = marker.get("symbol", "circle")
    look = {
        "size": marker["size"],
        "css_class": tone_class(marker["color"]),
        "edge_class": tone_class(edge.get("color", marker["color"])),
        "edge_width": edge.get("width", 0),
    }
    if isinstance(symbols, str):
        if len(points) >= MANY_POINTS and symbols in CIRCLES:
            return _dots(Marker(symbol=symbols, **look), plot, [point for _, point in points])
        symbols = {index: symbols for index, _ in points}
    return Markup().join(
        marker_svg(Marker(symbol=symbols[index], **look), plot.share(x / STRETCH), y)
        for index, (x, y) in points
    )


def _dots(marker: Marker, plot: Plot, points: Sequence[tuple[float, float]]) -> Markup:
    """Return many circles as one path: lines of almost no length with round ends.

    A ring is such a line with a narrower one upon it, in the colour of the ground.
    """
    path = "".join(f"M{number(x)} {number(y)}h.01" for x, y in points)
    is_ring = marker.symbol == "circle-open"
    width = max(marker.edge_width, 1) if is_ring else marker.edge_width
    layers = [(marker.css_class, marker.size + width)]
    if is_ring:
        layers.append(("t-ground", marker.size - width))
    return stretched(
        plot,
        Markup().join(
            Markup(
                '<path d="{}" class="{}" stroke="currentColor" stroke-width="{}"'
                ' stroke-linecap="round" vector-effect="non-scaling-stroke"/>'
            ).format(path, css_class, number(size))
            for css_class, size in layers
        ),
    )


def _bars(trace: Json, plot: Plot, x_axis: Axis, y_axis: Axis) -> Markup:
    check_keys(trace, _BAR_KEYS, "a bar trace")
    check_keys(trace["marker"], ("color",), "the marker of a bar")
    n = len(trace["x"])
    bases = trace.get("base") or [0.0] * n
    path = ""
    for x, width, y, base in zip(trace["x"], trace["width"], trace["y"], bases, strict=True):
        if not y or math.isnan(y):
            continue
        left, top = plot.point(x_axis, y_axis, x - width / 2, base + y)
        right, bottom = plot.point(x_axis, y_axis, x + width / 2, base)
        path += f"M{number(left)} {number(top)}H{number(right)}V{number(bottom)}H{number(left)}z"
    return stretched(
        plot,
        Markup('<path d="{}" class="{}"/>').format(path, tone_class(trace["marker"]["color"])),
    )
