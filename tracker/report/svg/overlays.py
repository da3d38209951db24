"""SVG of the shapes and annotations of figures."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from markupsafe import Markup

from tracker.report.svg.axes import Axis, Plot
from tracker.report.svg.paths import PATH_WIDTH
from tracker.report.svg.pieces import Lines
from tracker.report.svg.subset import (
    Json,
    UnsupportedFigureError,
    check_keys,
    check_value,
    color_class,
)
from tracker.report.svg.texts import LINE_HEIGHT, TextStyle, line_count, text_svg
from tracker.report.svg.traces import line_attributes

_ANCHORS = {"left": "start", "center": "middle", "right": "end"}
_SHAPE_KEYS = {"type", "x0", "x1", "y0", "y1", "xref", "yref", "line", "layer", "path"}
_NOTE_KEYS = {
    *("text", "x", "y", "xref", "yref", "xanchor", "yanchor", "showarrow", "font", "align"),
    *("xshift", "yshift"),
}
_SEGMENT = re.compile(r"M([-\d.e]+),([-\d.e]+)L([-\d.e]+),([-\d.e]+)")


def shape_piece(shape: Json, plot: Plot) -> Lines:
    """Return a shape: a line, or a path of several separate lines."""
    check_keys(shape, _SHAPE_KEYS, "a shape")
    check_value(shape.get("type"), ("line", "path"), "the type of a shape")
    if shape["type"] == "path":
        return _segments(shape, plot)
    ends = [
        (
            PATH_WIDTH * _fraction(shape.get("xref", "x"), shape[f"x{i}"], plot),
            plot.top(_fraction(shape.get("yref", "y"), shape[f"y{i}"], plot)),
        )
        for i in (0, 1)
    ]
    is_clipped = shape.get("yref", "y") != "paper"  # a line in "paper" may reach into the margin
    return Lines((ends,), line_attributes(shape["line"]), clipped=is_clipped)


def _segments(shape: Json, plot: Plot) -> Lines:
    """Return the separate straight lines of a path ``Mx,yLx,y…``."""
    x_axis, y_axis = (plot.axes[shape.get(f"{letter}ref", letter)] for letter in "xy")
    rest = _SEGMENT.sub("", shape["path"]).strip()
    if rest:
        raise UnsupportedFigureError(f"a path has {rest!r}: only Mx,yLx,y is drawn.")
    lines = [
        [plot.point(x_axis, y_axis, float(x), float(y)) for x, y in (segment[0:2], segment[2:4])]
        for segment in _SEGMENT.findall(shape["path"])
    ]
    return Lines(tuple(lines), line_attributes(shape["line"]))


def notes_svg(notes: Iterable[Json], plot: Plot) -> Markup:
    """Return annotations; consecutive ones of the same colour are grouped."""
    groups = groupby(notes, key=lambda note: color_class(note["font"]["color"]))
    return Markup().join(
        Markup('<g class="{}">{}</g>').format(
            css_class, Markup().join(_note_svg(note, plot) for note in group)
        )
        for css_class, group in groups
    )


def _note_svg(note: Json, plot: Plot) -> Markup:
    """Return an annotation, which must not have an arrow."""
    check_keys(note, _NOTE_KEYS, "an annotation")
    check_value(note.get("showarrow"), (False,), "the arrow of an annotation")
    x_anchor, y_anchor = note.get("xanchor", "center"), note.get("yanchor", "middle")
    check_value(x_anchor, _ANCHORS, "the xanchor of an annotation")
    check_value(y_anchor, ("top", "middle", "bottom"), "the yanchor of an annotation")
    size = note["font"]["size"]
    x = _fraction(note.get("xref", "x"), note["x"], plot)
    y = plot.top(_note_height(note, plot)) - note.get("yshift", 0)
    text_height = LINE_HEIGHT * size * line_count(note["text"])
    top = y - text_height * ("top", "middle", "bottom").index(y_anchor) / 2
    style = TextStyle(
        size=size,
        css_class="",
        anchor=_ANCHORS[x_anchor],
        shift=note.get("xshift", 0),
    )
    return text_svg(note["text"], plot.share(x), top + size, style)


def _note_height(note: Json, plot: Plot) -> float:
    """Return the vertical position of an annotation; on a log axis Plotly takes logarithms."""
    reference = note.get("yref", "y")
    axis = plot.axes.get(reference)
    if axis is not None and axis.kind == "log":
        return axis.fraction(10 ** note["y"])
    return _fraction(reference, note["y"], plot)


def _fraction(reference: str, value: Any, plot: Plot) -> float:
    """Return a value as a fraction of the plot.

    Args:
        reference: The name of an axis, or ``paper`` for a value that is a fraction already.
        value: The value.
        plot: The plot.
    """
    if reference == "paper":
        return float(value)
    axis: Axis | None = plot.axes.get(reference)
    if axis is None:
        raise UnsupportedFigureError(f"a shape refers to the axis {reference!r}: there is none.")
    return axis.fraction(value)
