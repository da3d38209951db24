"""The parts of a drawing, from bottom to top, and their compact SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from tracker.report.svg.paths import PATH_WIDTH, Line, Point, path_data
from tracker.report.svg.subset import FILLED
from tracker.report.svg.texts import number


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines with the same attributes, in the coordinates of paths."""

    lines: tuple[Line, ...]
    attributes: Markup
    """Their attributes, with a leading space."""
    clipped: bool = True
    """Whether the parts outside the plot are hidden."""


@dataclass(frozen=True, slots=True)
class Area:
    """Filled areas."""

    outlines: tuple[Line, ...]
    """Their outlines, which need not be closed."""
    color_class: str
    clipped: bool = True


@dataclass(frozen=True, slots=True)
class Rings:
    """Open circles, drawn as dots covered by smaller dots in the colour of the background."""

    points: tuple[Point, ...]
    outer: Markup
    """The attributes of the dots, with a leading space."""
    inner: Markup
    """The attributes of the smaller dots, with a leading space."""
    clipped: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A shape that is drawn at a position."""

    shape: Markup
    """One element, drawn around the origin."""
    x: str
    """An SVG length."""
    y: float
    """Pixels."""


Stretched = Lines | Area | Rings
"""Pieces in the coordinates of paths, which are scaled to the width of the plot."""
Piece = Stretched | Mark | Markup


def dots(points: Sequence[Point]) -> tuple[Line, ...]:
    """Return points as lines of one point, sorted by row; equal points are drawn once."""
    places = {(round(y, 1), round(x)) for x, y in points}
    return tuple(((x, y),) for y, x in sorted(places))


def pieces_svg(pieces: Iterable[Piece], height: str, prefix: str) -> Markup:
    """Return the SVG of pieces.

    Args:
        pieces: The pieces from bottom to top.
        height: The height of the plot in pixels.
        prefix: The prefix of their ids.
    """
    marks: dict[Markup, str] = {}
    parts: list[Markup] = []
    stretched: list[Stretched] = []

    def flush() -> None:
        """Append the pending stretched pieces as one element."""
        if stretched:
            parts.append(_stretched_svg(stretched, height, f"{prefix}-{len(parts)}"))
            stretched.clear()

    for piece in _merge_lines(pieces):
        if isinstance(piece, Lines | Area | Rings):
            if stretched and stretched[-1].clipped != piece.clipped:
                flush()
            stretched.append(piece)
        else:
            flush()
            parts.append(_mark_svg(piece, marks, prefix) if isinstance(piece, Mark) else piece)
    flush()
    return Markup().join(parts)


def _stretched_svg(pieces: Sequence[Stretched], height: str, prefix: str) -> Markup:
    """Return pieces in a coordinate system that is scaled to the width of the plot."""
    overflow = Markup() if pieces[0].clipped else Markup(' overflow="visible"')
    return Markup('<svg viewBox="0 0 {} {}" preserveAspectRatio="none"{}>{}</svg>').format(
        PATH_WIDTH,
        height,
        overflow,
        Markup().join(_stretched(piece, f"{prefix}-{n}") for n, piece in enumerate(pieces)),
    )


def _merge_lines(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the pieces, with consecutive lines of the same attributes merged."""
    merged: list[Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if (
            isinstance(piece, Lines)
            and isinstance(last, Lines)
            and (piece.attributes, piece.clipped) == (last.attributes, last.clipped)
        ):
            merged[-1] = replace(last, lines=(*last.lines, *piece.lines))
        else:
            merged.append(piece)
    return merged


def _stretched(piece: Stretched, piece_id: str) -> Markup:
    if isinstance(piece, Lines):
        return Markup('<path d="{}"{}/>').format(path_data(piece.lines), piece.attributes)
    if isinstance(piece, Rings):
        return Markup(
            '<g{}><path id="{}" d="{}" stroke-linecap="round"'
            ' vector-effect="non-scaling-stroke"/></g><use href="#{}"{}/>'
        ).format(piece.outer, piece_id, path_data(dots(piece.points)), piece_id, piece.inner)
    # The style sheet sets the opacity of bands; this one is for viewers without the style sheet.
    opacity = Markup(' fill-opacity=".2"') if piece.color_class.endswith("-band") else Markup()
    return Markup('<path d="{}" class="{}" {}{}/>').format(
        path_data(piece.outlines), piece.color_class, FILLED, opacity
    )


def _mark_svg(mark: Mark, marks: dict[Markup, str], prefix: str) -> Markup:
    """Return a mark; a shape that has been drawn before is referred to."""
    if mark.shape in marks:
        return Markup('<use href="#{}" x="{}" y="{}"/>').format(
            marks[mark.shape], mark.x, number(mark.y)
        )
    marks[mark.shape] = mark_id = f"{prefix}-m{len(marks)}"
    return Markup('<svg x="{}" y="{}" overflow="visible"><g id="{}">{}</g></svg>').format(
        mark.x, number(mark.y), mark_id, mark.shape
    )
