"""Common parts of all charts: colours for light and dark, the layout, the escaping of text.

A figure is drawn in the light colours; the page replaces each by its dark counterpart. No two
meanings differ in colour alone.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tracker.domain.records import Arm
from tracker.report import axis, formats
from tracker.report.charts.text_layout import LABEL_SIZE, LABEL_WIDTH, text_width, wrap
from tracker.report.isolation import isolate_right_to_left
from tracker.report.verdict_styles import VERDICT_STYLES

Json = dict[str, Any]

Figure = dict[str, Any]
"""A Plotly figure as data: its traces in ``data``, and its ``layout``."""

PALETTE: dict[str, tuple[str, str]] = {
    "ink": ("#1c2128", "#e6edf3"),
    "soft": ("#57606a", "#9da7b3"),
    "faint": ("#dde2e8", "#323a44"),
    "ground": ("#ffffff", "#14181d"),
    "raised": ("#f6f8fa", "#1c2229"),
    "study": ("#918e8d", "#6e6f70"),
    "baseline": ("#241a1a", "#fffffd"),
    "baseline-band": ("rgba(36,26,26,0.14)", "rgba(255,255,253,0.2)"),
    "assistance": ("#4a64e9", "#777ef4"),
    "assistance-band": ("rgba(74,100,233,0.2)", "rgba(119,126,244,0.26)"),
    "anytime-band": ("rgba(74,100,233,0.1)", "rgba(119,126,244,0.12)"),
    "partly": ("#390b53", "#b9b3f6"),
    "partly-band": ("rgba(57,11,83,0.16)", "rgba(185,179,246,0.24)"),
    "claim": ("#4d2a00", "#ffe1a9"),
    **{verdict: style.colors for verdict, style in VERDICT_STYLES.items()},
}
"""Name → colour in light, in dark.

Arms and claim differ from everything else by ΔE 15 with protanopia and deuteranopia, and so do all
that have the same mark; other verdicts differ in mark and label. Bands are their arm's colour.
"""

ARM_LABELS: dict[Arm, str] = {"baseline": "without assistance", "assistance": "with assistance"}
PARTLY_LABEL = "only some with assistance"
"""Of periods between the first rollout and the last."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
CLEAR = "rgba(0,0,0,0)"
HOVER_WIDTH = 260
"""Pixels of a line of hover text."""


@dataclass(frozen=True, slots=True)
class Table:
    """A chart's data as text: a header and rows."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    """The columns that hold sentences, by their headers."""


def light(name: str) -> str:
    """Return a colour of the palette as figures are drawn."""
    return PALETTE[name][0]


def system_color(name: str) -> str:
    """Return the counterpart of a colour where the reader's system sets all colours."""
    if name in ("ground", "raised"):
        return "Canvas"
    if name.endswith("-band"):
        return f"color-mix(in srgb,CanvasText {9 if name == 'anytime-band' else 18}%,Canvas)"
    return "color-mix(in srgb,CanvasText 30%,Canvas)" if name == "faint" else "CanvasText"


def literal(text: str) -> str:
    """Return text from a log or a claim, escaped for a label or hover text.

    Plotly's markup, templates and TeX become plain characters. Right-to-left words are isolated, so
    that the numbers after them stay there.
    """
    escaped = html.escape(isolate_right_to_left(formats.printable(text)), quote=False)
    return escaped.replace("$", "&#36;").replace("%{", "%&#123;")


def lines(
    text: str, width: float = LABEL_WIDTH, max_lines: int = 2, *, is_bold: bool = True
) -> list[str]:
    """Return a plain text as lines, each escaped by :func:`literal`."""
    return [literal(line) for line in wrap(text, width, max_lines, is_bold=is_bold)]


def hover(texts: Iterable[str]) -> str:
    """Return plain texts as the lines of a hover text that is no wider than a phone."""
    return "<br>".join(line for text in texts for line in lines(text, HOVER_WIDTH, 4))


def ticks(axis_ticks: tuple[axis.Tick, ...]) -> Json:
    """Return the ticks of a scale as settings of a Plotly axis."""
    return {
        "tickmode": "array",
        "tickvals": [tick.at for tick in axis_ticks],
        "ticktext": [literal(tick.label) for tick in axis_ticks],
    }


def left_margin(labels: Iterable[str]) -> int:
    """Return the pixels that the labels of a vertical axis need."""
    return round(max(map(text_width, labels), default=0.0)) + 14


def vertical(x: float | str, name: str, *, dash: str = "solid", width: float = 1.5) -> Json:
    """Return a line from bottom to top, in a colour of the palette."""
    line = {"color": light(name), "width": width, "dash": dash}
    return {
        "type": "line",
        "x0": x,
        "x1": x,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "layer": "below",
        "line": line,
    }


def note(
    text: str, x: Any, y: float, *, anchor: str = "left", tone: str = "soft", **more: Any
) -> Json:
    """Return a text in the plot.

    Args:
        text: Already escaped by :func:`literal`.
        x: Position on the x axis.
        y: Position as a fraction of the plot's height, unless ``yref`` says otherwise.
        anchor: The side of the text that lies at ``x``.
        tone: A colour of the palette.
        more: Further settings of a Plotly annotation.

    """
    font = {"size": LABEL_SIZE, "color": light(tone)}
    return {
        "text": text,
        "x": x,
        "y": y,
        "xanchor": anchor,
        "yref": "paper",
        "showarrow": False,
        "font": font,
        **more,
    }


def figure(traces: list[Json], layout: Json, height: int) -> Figure:
    """Return a Plotly figure in the common layout, without dragging and zooming: pages scroll."""
    axis_style = {
        "showgrid": True,
        "gridcolor": light("faint"),
        "zeroline": False,
        "fixedrange": True,
        "ticks": "",
        "tickfont": {"size": LABEL_SIZE, "color": light("soft")},
        "title": {"font": {"size": LABEL_SIZE, "color": light("soft")}, "standoff": 8},
    }
    common: Json = {
        "height": height,
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"family": FONT, "size": 13, "color": light("ink")},
        "margin": {"l": 8, "r": 8, "t": 8, "b": 44},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": light("ground"),
            "bordercolor": light("soft"),
            "font": {"color": light("ink"), "size": 13, "family": FONT},
            "align": "left",
            "namelength": 0,
        },
        "template": {"layout": {"xaxis": axis_style, "yaxis": axis_style}},
        **layout,
    }
    return {"data": traces, "layout": common}
