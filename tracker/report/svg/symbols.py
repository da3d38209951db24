"""Marker symbols. Each is drawn around the origin for a radius of 1, as large as Plotly's."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from tracker.report.svg.subset import check_value
from tracker.report.svg.texts import number

CIRCLES = {"circle", "circle-open"}

_OUTLINES = {
    "diamond": "0,-1.3 1.3,0 0,1.3 -1.3,0",
    "square": "-1,-1 1,-1 1,1 -1,1",
    "triangle-up": "-1.15,0.5 1.15,0.5 0,-1",
    "triangle-down": "-1.15,-0.5 1.15,-0.5 0,1",
    "triangle-left": "0.5,-1.15 0.5,1.15 -1,0",
    "triangle-right": "-0.5,-1.15 -0.5,1.15 1,0",
    "x": "0,-0.55 0.55,-1.1 1.1,-0.55 0.55,0 1.1,0.55 0.55,1.1 0,0.55 -0.55,1.1 -1.1,0.55"
    " -0.55,0 -1.1,-0.55 -0.55,-1.1",
}
"""Polygons by symbol."""
_STROKES = {"circle-cross": "M0-{0}V{0}M-{0} 0H{0}", "line-ns": "M0-{0}V{0}"}
"""Lines by symbol, with the place of their length: on a circle in the edge's colour, or alone."""
_NEEDLE = 1.4
"""Half the length of ``line-ns``."""
SYMBOLS = {
    *("circle", "circle-open", "circle-dot", "circle-cross", "line-ns"),
    *_OUTLINES,
    *(f"{symbol}-open" for symbol in _OUTLINES),
}


@dataclass(frozen=True, slots=True)
class Marker:
    """The look of one point."""

    symbol: str
    size: float
    """Diameter in pixels."""
    css_class: str
    edge_class: str
    edge_width: float


def marker_svg(marker: Marker, x: str, y: float) -> Markup:
    """Return a marker at a horizontal length and a vertical number of pixels."""
    check_value(marker.symbol, SYMBOLS, "a marker symbol")
    if marker.symbol in CIRCLES:
        return _circle(marker, x, y)
    return Markup('<svg x="{}" y="{}" overflow="visible">{}</svg>').format(
        x, number(y), _shapes(marker)
    )


def _circle(marker: Marker, x: str, y: float) -> Markup:
    place = Markup('cx="{}" cy="{}" r="{}"').format(x, number(y), number(marker.size / 2))
    if marker.symbol == "circle-open":
        return Markup('<circle {} class="{}" fill="none" {}/>').format(
            place, marker.css_class, _stroke(max(marker.edge_width, 1))
        )
    inside = Markup('<circle {} class="{}"/>').format(place, marker.css_class)
    return inside + _edge(marker, Markup("<circle {}").format(place))


def _shapes(marker: Marker) -> Markup:
    radius = marker.size / 2
    symbol = marker.symbol.removesuffix("-open")
    if symbol in _OUTLINES:
        points = _scaled_points(_OUTLINES[symbol], radius)
        outline = Markup('<polygon points="{}"').format(points)
        if marker.symbol.endswith("-open"):
            return Markup('{} class="{}" fill="none" {}/>').format(
                outline, marker.css_class, _stroke(max(marker.edge_width, 1))
            )
        return Markup('{} class="{}"/>').format(outline, marker.css_class) + _edge(marker, outline)
    if symbol == "line-ns":
        return Markup('<path d="{}" class="{}" {}/>').format(
            _STROKES[symbol].format(number(_NEEDLE * radius)),
            marker.edge_class,
            _stroke(marker.edge_width),
        )
    disc = Markup('<circle r="{}" class="{}"/>').format(number(radius), marker.css_class) + _edge(
        marker, Markup('<circle r="{}"').format(number(radius))
    )
    if symbol == "circle-dot":
        return disc + Markup('<circle r="{}" class="{}"/>').format(
            number(radius * 0.45), marker.edge_class
        )
    return disc + Markup('<path d="{}" class="{}" {}/>').format(
        _STROKES[symbol].format(number(radius)),
        marker.edge_class,
        _stroke(max(marker.edge_width, 1.5)),
    )


def _edge(marker: Marker, shape: Markup) -> Markup:
    """Return the edge around a filled shape, in its own colour; nothing without a width."""
    if not marker.edge_width or marker.edge_class == marker.css_class:
        return Markup()
    return Markup('{} class="{}" fill="none" {}/>').format(
        shape, marker.edge_class, _stroke(marker.edge_width)
    )


def _stroke(width: float) -> Markup:
    return Markup('stroke="currentColor" stroke-width="{}"').format(number(width))


def _scaled_points(points: str, radius: float) -> str:
    pairs = (pair.split(",") for pair in points.split())
    return " ".join(",".join(number(float(x) * radius) for x in pair) for pair in pairs)
