"""Marker symbols, in the sizes of Plotly."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from tracker.report.svg.pieces import Mark, Piece
from tracker.report.svg.subset import FILLED, check_value, line_width
from tracker.report.svg.texts import number

CIRCLES = {"circle", "circle-open"}
"""Symbols that can be drawn as the round ends of a line of length 0."""

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
"""Symbol → the corners of its polygon around the origin, for a radius of 1."""
_LINE_FACTOR = 1.4
"""Length of the symbol ``line-ns`` as a multiple of the marker's size."""
SYMBOLS = {
    *("circle", "circle-open", "circle-dot", "circle-cross"),
    *_OUTLINES,
    *(f"{symbol}-open" for symbol in _OUTLINES),
}


@dataclass(frozen=True, slots=True)
class Marker:
    """The appearance of a marker."""

    symbol: str
    size: float
    """Diameter in pixels."""
    color_class: str
    edge_color_class: str
    edge_width: float
    """Pixels."""

    @property
    def line_length(self) -> float:
        """Length of the symbol ``line-ns`` in pixels."""
        return _LINE_FACTOR * self.size


def marker_piece(marker: Marker, x: str, y: float) -> Piece:
    """Return a marker at a position.

    Args:
        marker: The marker.
        x: An SVG length.
        y: Pixels.
    """
    check_value(marker.symbol, SYMBOLS, "a marker symbol")
    if marker.symbol in CIRCLES:
        return Markup('<circle cx="{}" cy="{}" r="{}" {}/>').format(
            x, number(y), number(marker.size / 2), _paint_attributes(marker)
        )
    return Mark(_shape(marker), x, y)


def _paint_attributes(marker: Marker, *, least_width: float = 1) -> Markup:
    """Return the attributes for the fill and the edge of a marker."""
    if marker.symbol.endswith("-open"):
        width = line_width(max(marker.edge_width, least_width))
        return Markup('class="{}"{}').format(marker.color_class, width)
    if not marker.edge_width or marker.edge_color_class == marker.color_class:
        return Markup('class="{}" {}').format(marker.color_class, FILLED)
    return Markup('class="{} {}" fill="currentColor"{}').format(
        marker.color_class, edge_class(marker.edge_color_class), line_width(marker.edge_width)
    )


def edge_class(color_class: str) -> str:
    """Return the style sheet's class for an edge whose colour differs from the fill."""
    check_value(color_class, ("t-ground",), "the colour of an edge")
    return "edge"


def _shape(marker: Marker) -> Markup:
    radius = marker.size / 2
    symbol = marker.symbol.removesuffix("-open")
    if symbol in _OUTLINES:
        points = _scaled_points(_OUTLINES[symbol], radius)
        return Markup('<path d="M{}z" {}/>').format(points, _paint_attributes(marker))
    r = number(radius)
    if symbol == "circle-cross":
        disc = Markup(
            '<path d="M{0} 0a{0} {0} 0 1 0-{1} 0 {0} {0} 0 1 0 {1} 0H-{0}M0-{0}V{0}" {2}/>'
        )
        return disc.format(r, number(2 * radius), _paint_attributes(marker))
    disc = Markup('<circle r="{}" {}/>').format(r, _paint_attributes(marker))
    return disc + Markup('<circle r="{}" class="{}" {}/>').format(
        number(0.45 * radius), marker.edge_color_class, FILLED
    )


def _scaled_points(points: str, radius: float) -> str:
    pairs = (pair.split(",") for pair in points.split())
    return " ".join(" ".join(number(float(x) * radius) for x in pair) for pair in pairs)
