"""Conversion of a Plotly figure to one SVG element that is as wide as its container."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from tracker.report.charts.theme import Figure
from tracker.report.svg.axes import Plot, grid_pieces, labels_svg, read_axes
from tracker.report.svg.overlays import notes_svg, shape_piece
from tracker.report.svg.pieces import pieces_svg
from tracker.report.svg.subset import FILLED, LINE_WIDTH, Json, check_keys, check_value
from tracker.report.svg.texts import FONT_SIZE, number
from tracker.report.svg.traces import trace_pieces

_LAYOUT_KEYS = {
    *("height", "margin", "shapes", "annotations", "barmode", "showlegend", "template", "font"),
    *("paper_bgcolor", "plot_bgcolor", "dragmode", "hovermode", "hoverlabel"),
}


def figure_svg(figure: Figure, *, name: str, prefix: str) -> Markup:
    """Return a figure as SVG, with classes of the style sheet as colours.

    The element includes the top and bottom margins, but not those on the left and right, where the
    labels of the vertical axis are drawn. Its container has to leave room for them.

    Args:
        figure: A figure in colours of ``theme.PALETTE``, with explicit ranges and ticks.
        name: A description of the figure, for screen readers.
        prefix: The prefix of the ids of its elements, unique within the page.

    Raises:
        UnsupportedFigureError: The figure has a part that cannot be drawn.
    """
    layout = figure["layout"]
    check_keys(layout, _LAYOUT_KEYS | set(_axis_keys(layout)), "the layout")
    check_value(layout.get("showlegend"), (False,), "the legend")
    check_value(layout.get("barmode", "overlay"), ("overlay",), "the barmode")
    margin, height = layout["margin"], layout["height"]
    plot = Plot(height - margin["t"] - margin["b"], read_axes(layout))
    return Markup(
        '<svg class="drawing" role="img" aria-labelledby="{0}" width="100%" height="{1}"'
        ' overflow="visible" fill="none" stroke="currentColor" stroke-width="{7}" font-size="{6}"'
        ' focusable="false"><title id="{0}">{2}</title>'
        '<svg y="{3}" height="{4}" overflow="visible" aria-hidden="true">{5}</svg></svg>'
    ).format(
        f"{prefix}-description",
        number(height),
        name,
        number(margin["t"]),
        number(plot.height),
        _layers(figure["data"], layout, plot, prefix),
        FONT_SIZE,
        LINE_WIDTH,
    )


def _layers(traces: Any, layout: Json, plot: Plot, prefix: str) -> Markup:
    """Return the content of the plot, in Plotly's order of drawing."""
    shapes = layout.get("shapes", ())
    below = [shape for shape in shapes if shape.get("layer") == "below"]
    above = [shape for shape in shapes if shape.get("layer") != "below"]
    pieces = [
        *grid_pieces(plot),
        *(shape_piece(shape, plot) for shape in below),
        *(piece for trace in traces for piece in trace_pieces(trace, plot)),
        *(shape_piece(shape, plot) for shape in above),
    ]
    texts = labels_svg(plot) + notes_svg(layout.get("annotations", ()), plot)
    return pieces_svg(pieces, plot.pixels, prefix) + Markup("<g {}>{}</g>").format(FILLED, texts)


def _axis_keys(layout: Json) -> list[str]:
    return [key for key in layout if key.startswith(("xaxis", "yaxis"))]
