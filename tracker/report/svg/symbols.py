"""Marker symbols. Each is drawn around the origin for a radius of 1, as large as Plotly's."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from tracker.report.svg.pieces import Mark, Piece
from tracker.report.svg.subset import FILLED, check_value, line_width
from tracker.report.svg.texts import number

CIRCLES = {"circle", "circle-open"}
"""Symbols that are the round ends of a line of no length."""

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
_NEEDLE = 1.4
"""Half the length of ``line-ns``."""
SYMBOLS = {
    *("circle", "circle-open", "circle-dot", "circle-cross"),
    *_OUTLINES,
    *(f"{symbol}-open" for symbol in _OUTLINES),
}


@dataclass(frozen=True, slots=True)
class Marker:
    """The look of one point."""

    symbol: str
    size: float
    """Diameter in pixels."""
    tone: str
    """The class of its colour."""
    edge_tone: str
    edge_width: float

    @property
    def needle_length(self) -> float:
        """Pixels of ``line-ns``."""
        return _NEEDLE * self.size


def marker_piece(marker: Marker, x: str, y: float) -> Piece:
    """Return a marker at a horizontal length and a vertical number of pixels."""
    check_value(marker.symbol, SYMBOLS, "a marker symbol")
    if marker.symbol in CIRCLES:
        return Markup('<circle cx="{}" cy="{}" r="{}" {}/>').format(
            x, number(y), number(marker.size / 2), _look(marker)
        )
    return Mark(_shape(marker), x, y)


def _look(marker: Marker, *, least_width: float = 1) -> Markup:
    """Return the attributes of the inside and the edge of a marker."""
    if marker.symbol.endswith("-open"):
        width = line_width(max(marker.edge_width, least_width))
        return Markup('class="{}"{}').format(marker.tone, width)
    if not marker.edge_width or marker.edge_tone == marker.tone:
        return Markup('class="{}" {}').format(marker.tone, FILLED)
    return Markup('class="{} {}" fill="currentColor"{}').format(
        marker.tone, edge_class(marker.edge_tone), line_width(marker.edge_width)
    )


def edge_class(tone: str) -> str:
    """Return the style sheet's class of an edge in a colour that is not its inside's."""
    check_value(tone, ("t-ground",), "the colour of an edge")
    return "edge"


def _shape(marker: Marker) -> Markup:
    radius = marker.size / 2
    symbol = marker.symbol.removesuffix("-open")
    if symbol in _OUTLINES:
        points = _scaled_points(_OUTLINES[symbol], radius)
        return Markup('<path d="M{}z" {}/>').format(points, _look(marker))
    r = number(radius)
    if symbol == "circle-cross":
        disc = Markup(
            '<path d="M{0} 0a{0} {0} 0 1 0-{1} 0 {0} {0} 0 1 0 {1} 0H-{0}M0-{0}V{0}" {2}/>'
        )
        return disc.format(r, number(2 * radius), _look(marker))
    disc = Markup('<circle r="{}" {}/>').format(r, _look(marker))
    return disc + Markup('<circle r="{}" class="{}" {}/>').format(
        number(0.45 * radius), marker.edge_tone, FILLED
    )


def _scaled_points(points: str, radius: float) -> str:
    pairs = (pair.split(",") for pair in points.split())
    return " ".join(" ".join(number(float(x) * radius) for x in pair) for pair in pairs)
