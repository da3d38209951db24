"""SVG of the traces of figures: lines, filled areas, markers, error bars and bars."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from tracker.report.svg.axes import Axis, Plot
from tracker.report.svg.paths import PATH_WIDTH, Line, Point
from tracker.report.svg.pieces import Area, Lines, Piece, Rings, dots
from tracker.report.svg.subset import (
    Json,
    UnsupportedFigureError,
    check_keys,
    check_value,
    color_class,
    is_clear,
    line_width,
)
from tracker.report.svg.symbols import CIRCLES, Marker, marker_piece
from tracker.report.svg.texts import number

DASHES = {"solid": "", "dash": "7 5", "dot": "2 4"}
MANY_POINTS = 3
"""Number of points from which the circles of a trace are drawn as one path."""

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


def trace_pieces(trace: Json, plot: Plot) -> list[Piece]:
    """Return the pieces of a trace."""
    check_value(trace.get("type"), ("scatter", "bar"), "the type of a trace")
    x_axis, y_axis = plot.axes[trace.get("xaxis", "x")], plot.axes[trace.get("yaxis", "y")]
    if trace["type"] == "bar":
        return _bars(trace, plot, x_axis, y_axis)
    return _scatter(trace, plot, (x_axis, y_axis))


def line_attributes(line: Json) -> Markup:
    """Return the colour, width and dash of a line as attributes, with a leading space."""
    check_keys(line, ("color", "width", "dash"), "a line")
    dash = line.get("dash", "solid")
    check_value(dash, DASHES, "the dash of a line")
    dashes = Markup(' stroke-dasharray="{}"').format(DASHES[dash]) if DASHES[dash] else Markup()
    width = line_width(line.get("width", 2))
    return Markup(' class="{}"{}{}').format(color_class(line["color"]), width, dashes)


def _scatter(trace: Json, plot: Plot, axes: tuple[Axis, Axis]) -> list[Piece]:
    check_keys(trace, _SCATTER_KEYS, "a scatter trace")
    mode = trace.get("mode", "lines+markers")
    check_value(mode, ("lines", "markers", "lines+markers"), "the mode of a trace")
    values = [
        (index, x, y)
        for index, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True))
        if x is not None and y is not None
    ]
    points = [plot.point(*axes, x, y) for _, x, y in values]
    if not points:
        return []
    is_clipped = trace.get("cliponaxis") is not False
    pieces: list[Piece] = []
    if trace.get("fill"):
        pieces.append(_fill(trace, points))
    elif "lines" in mode:
        if len(values) < len(trace["x"]):
            raise UnsupportedFigureError("a line has a gap: draw a trace for each part.")
        pieces.append(Lines((points,), line_attributes(trace["line"]), clipped=is_clipped))
    for letter in ("x", "y"):
        pieces += _error_bars(trace, letter, plot, points)
    if "markers" in mode:
        visible = [
            (index, point)
            for (index, x, y), point in zip(values, points, strict=True)
            if not is_clipped or (axes[0].contains(x) and axes[1].contains(y))
        ]
        pieces += _markers(trace["marker"], plot, visible)
    return pieces


def _fill(trace: Json, points: Line) -> Area:
    check_value(trace["fill"], ("toself",), "the fill of a trace")
    check_value(is_clear(trace["line"].get("color")), (True,), "an edge around a filled area")
    return Area((points,), color_class(trace["fillcolor"]))


def _error_bars(trace: Json, letter: str, plot: Plot, points: Line) -> list[Piece]:
    """Return the error bars along one axis, with caps of fixed length."""
    error = trace.get(f"error_{letter}")
    if not error:
        return []
    keys = ("type", "array", "arrayminus", "symmetric", "color", "thickness", "width")
    check_keys(error, keys, "an error bar")
    axis = plot.axes[trace.get(f"{letter}axis", letter)]
    check_value(axis.kind, ("linear",), "the type of an axis with error bars")
    line = {"color": error["color"], "width": error.get("thickness", 2)}
    cap = error.get("width", _CAP)
    above = error["array"]
    below = error.get("arrayminus") or above
    bars = [
        (point, [axis.fraction(value - minus), axis.fraction(value + plus)])
        for value, point, plus, minus in zip(trace[letter], points, above, below, strict=True)
    ]
    attributes = line_attributes(line)
    if letter == "x":
        lines = [line for point, ends in bars for line in _horizontal_bar(point[1], ends, cap)]
        return [Lines(tuple(lines), attributes)]
    bars_svg = Markup().join(_vertical_bar(plot, point[0], ends, cap) for point, ends in bars)
    return [Markup("<g{}>{}</g>").format(attributes, bars_svg)]


def _horizontal_bar(y: float, ends: Sequence[float], cap: float) -> list[list[Point]]:
    low, high = (PATH_WIDTH * end for end in ends)
    caps = [[(end, y - cap), (end, y + cap)] for end in (low, high)]
    return [[(low, y), (high, y)], *caps]


def _vertical_bar(plot: Plot, x: float, ends: Sequence[float], cap: float) -> Markup:
    low, high = (number(plot.top(end)) for end in ends)
    path = Markup('<path d="M{0} {1}h{2}M0 {1}V{3}M{0} {3}h{2}"/>').format(
        number(-cap), low, number(2 * cap), high
    )
    share = plot.share(x / PATH_WIDTH)
    return Markup('<svg x="{}" overflow="visible">{}</svg>').format(share, path)


def _markers(marker: Json, plot: Plot, points: Sequence[tuple[int, Point]]) -> list[Piece]:
    check_keys(marker, ("size", "color", "symbol", "line"), "a marker")
    edge = marker.get("line", {})
    check_keys(edge, ("width", "color"), "the edge of a marker")
    symbols = marker.get("symbol", "circle")
    style = {
        "size": marker["size"],
        "color_class": color_class(marker["color"]),
        "edge_color_class": color_class(edge.get("color", marker["color"])),
        "edge_width": edge.get("width", 0),
    }
    if isinstance(symbols, str):
        if len(points) >= MANY_POINTS and symbols in CIRCLES:
            return [_dots(Marker(symbol=symbols, **style), [point for _, point in points])]
        symbols = {index: symbols for index, _ in points}
    on_lines = [point for index, point in points if symbols[index] == "line-ns"]
    return [
        *([_vertical_lines(Marker(symbol="line-ns", **style), on_lines)] if on_lines else []),
        *(
            marker_piece(Marker(symbol=symbols[index], **style), plot.share(x / PATH_WIDTH), y)
            for index, (x, y) in points
            if symbols[index] != "line-ns"
        ),
    ]


def _vertical_lines(marker: Marker, points: Line) -> Lines:
    """Return markers ``line-ns``, which are vertical lines."""
    half = marker.line_length / 2
    lines = tuple(((x, y - half), (x, y + half)) for x, y in points)
    width = line_width(marker.edge_width)
    attributes = Markup(' class="{}"{}').format(marker.edge_color_class, width)
    return Lines(lines, attributes, clipped=False)


def _dots(marker: Marker, points: Line) -> Lines | Rings:
    """Return circles as lines of length 0 with round ends, or as rings if they are open."""
    if marker.symbol == "circle-open":
        width = max(marker.edge_width, 1)
        outer = Markup(' class="{}"{}').format(marker.color_class, line_width(marker.size + width))
        # The colour is for viewers without the style sheet, which overrides it.
        inner = Markup(' class="t-ground" color="#fff"{}').format(line_width(marker.size - width))
        return Rings(tuple(points), outer, inner)
    width = marker.size + marker.edge_width
    attributes = Markup(' class="{}"{} stroke-linecap="round"').format(
        marker.color_class, line_width(width)
    )
    return Lines(dots(points), attributes, clipped=False)


def _bars(trace: Json, plot: Plot, x_axis: Axis, y_axis: Axis) -> list[Piece]:
    check_keys(trace, _BAR_KEYS, "a bar trace")
    check_keys(trace["marker"], ("color",), "the marker of a bar")
    n = len(trace["x"])
    bases = trace.get("base") or [0.0] * n
    outlines = []
    for x, width, y, base in zip(trace["x"], trace["width"], trace["y"], bases, strict=True):
        if not y or math.isnan(y):
            continue
        left, top = plot.point(x_axis, y_axis, x - width / 2, base + y)
        right, bottom = plot.point(x_axis, y_axis, x + width / 2, base)
        outlines.append([(left, top), (right, top), (right, bottom), (left, bottom)])
    return [Area(tuple(outlines), color_class(trace["marker"]["color"]))]
