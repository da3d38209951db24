"""What a drawing consists of, from bottom to top, and the shortest SVG of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from tracker.report.svg.paths import STRETCH, Line, Point, path_data
from tracker.report.svg.subset import FILLED
from tracker.report.svg.texts import number


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of one look, in the coordinates of paths."""

    lines: tuple[Line, ...]
    look: Markup
    """Their attributes, with a leading space."""
    clipped: bool = True
    """Whether what lies outside the plot is hidden."""


@dataclass(frozen=True, slots=True)
class Area:
    """Filled outlines, which need not be closed."""

    outlines: tuple[Line, ...]
    tone: str
    """The class of their colour."""
    clipped: bool = True


@dataclass(frozen=True, slots=True)
class Rings:
    """Circles that are not filled: dots, and narrower ones upon them in the ground's colour."""

    points: tuple[Point, ...]
    outer: Markup
    """The attributes of the dots, with a leading space."""
    inner: Markup
    clipped: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A shape around the origin, at a horizontal length and a vertical number of pixels."""

    shape: Markup
    """One element."""
    x: str
    y: float


Stretched = Lines | Area | Rings
"""What is drawn in the coordinates of paths, which are stretched to the plot's width."""
Piece = Stretched | Mark | Markup


def dots(points: Sequence[Point]) -> tuple[Line, ...]:
    """Return points as lines of no length, row by row; points at one place are one."""
    places = {(round(y, 1), round(x)) for x, y in points}
    return tuple(((x, y),) for y, x in sorted(places))


def pieces_svg(pieces: Iterable[Piece], height: str, prefix: str) -> Markup:
    """Return the pieces.

    Args:
        pieces: From bottom to top.
        height: Of the plot, in pixels.
        prefix: What their ids begin with.

    """
    marks: dict[Markup, str] = {}
    parts: list[Markup] = []
    stretched: list[Stretched] = []

    def finish() -> None:
        """Append the stretched pieces up to here as one element."""
        if stretched:
            parts.append(_stretched_svg(stretched, height, f"{prefix}-{len(parts)}"))
            stretched.clear()

    for piece in _joined(pieces):
        if isinstance(piece, Lines | Area | Rings):
            if stretched and stretched[-1].clipped != piece.clipped:
                finish()
            stretched.append(piece)
        else:
            finish()
            parts.append(_mark_svg(piece, marks, prefix) if isinstance(piece, Mark) else piece)
    finish()
    return Markup().join(parts)


def _stretched_svg(pieces: Sequence[Stretched], height: str, prefix: str) -> Markup:
    """Return pieces in a coordinate system that is stretched to the plot's width."""
    overflow = Markup() if pieces[0].clipped else Markup(' overflow="visible"')
    return Markup('<svg viewBox="0 0 {} {}" preserveAspectRatio="none"{}>{}</svg>').format(
        STRETCH,
        height,
        overflow,
        Markup().join(_stretched(piece, f"{prefix}-{n}") for n, piece in enumerate(pieces)),
    )


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the pieces, with successive lines of one look as one piece."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if (
            isinstance(piece, Lines)
            and isinstance(last, Lines)
            and (piece.look, piece.clipped) == (last.look, last.clipped)
        ):
            joined[-1] = replace(last, lines=(*last.lines, *piece.lines))
        else:
            joined.append(piece)
    return joined


def _stretched(piece: Stretched, piece_id: str) -> Markup:
    if isinstance(piece, Lines):
        return Markup('<path d="{}"{}/>').format(path_data(piece.lines), piece.look)
    if isinstance(piece, Rings):
        return Markup(
            '<g{}><path id="{}" d="{}" stroke-linecap="round"'
            ' vector-effect="non-scaling-stroke"/></g><use href="#{}"{}/>'
        ).format(piece.outer, piece_id, path_data(dots(piece.points)), piece_id, piece.inner)
    # The style sheet has the bands' own transparency; this one is for readers who see none of it.
    opacity = Markup(' fill-opacity=".2"') if piece.tone.endswith("-band") else Markup()
    return Markup('<path d="{}" class="{}" {}{}/>').format(
        path_data(piece.outlines), piece.tone, FILLED, opacity
    )


def _mark_svg(mark: Mark, marks: dict[Markup, str], prefix: str) -> Markup:
    """Return a mark, by reference if its shape has been drawn before."""
    if mark.shape in marks:
        return Markup('<use href="#{}" x="{}" y="{}"/>').format(
            marks[mark.shape], mark.x, number(mark.y)
        )
    marks[mark.shape] = mark_id = f"{prefix}-m{len(marks)}"
    return Markup('<svg x="{}" y="{}" overflow="visible"><g id="{}">{}</g></svg>').format(
        mark.x, number(mark.y), mark_id, mark.shape
    )
