"""Text of figures as SVG. Of Plotly's markup it has bold parts and line breaks only."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from markupsafe import Markup

from tracker.report.svg.subset import UnsupportedFigureError

FONT_SIZE = 12
"""Of a drawing, in pixels; texts of another size say so."""
LINE_HEIGHT = 1.3
"""Of the font size, as in Plotly."""
_TAG = re.compile(r"(</?b>)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStyle:
    """The look of a text, and which part of it lies at its position."""

    size: float
    """Of the font, in pixels."""
    css_class: str
    """The class of its colour."""
    anchor: str = "start"
    shift: float = 0.0
    """Pixels by which it is moved to the right."""


def text_svg(text: str, x: str, y: float, style: TextStyle) -> Markup:
    """Return a text; each line begins at ``x``.

    Args:
        text: In Plotly's markup, escaped as by ``theme.literal``.
        x: A length, for instance a share of the plot's width.
        y: The baseline of the first line, in pixels.
        style: Its look.
    """
    place = Markup('x="{}"').format(x)
    if style.shift:
        place += Markup(' dx="{}"').format(number(style.shift))
    first, *others = _lines(text)
    step = number(LINE_HEIGHT * style.size)
    content = first + Markup().join(
        Markup('<tspan {} dy="{}">{}</tspan>').format(place, step, line) for line in others
    )
    if style.anchor != "start":
        place += Markup(' text-anchor="{}"').format(style.anchor)
    if style.size != FONT_SIZE:
        place += Markup(' font-size="{}"').format(number(style.size))
    return Markup('<text class="{}" {} y="{}">{}</text>').format(
        style.css_class, place, number(y), content
    )


def line_count(text: str) -> int:
    """Return the number of lines of a text in Plotly's markup."""
    return text.count("<br>") + 1


def number(value: float, digits: int = 1) -> str:
    """Return a coordinate as short as its precision allows."""
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"


def _lines(text: str) -> list[Markup]:
    """Return the lines of a text; bold parts may go on in the next line."""
    lines, is_bold = [], False
    for line in text.split("<br>"):
        runs = []
        for part in _TAG.split(line):
            if _TAG.fullmatch(part):
                is_bold = part == "<b>"
            elif part:
                runs.append(_run(part, is_bold=is_bold))
        lines.append(Markup().join(runs))
    return lines


def _run(text: str, *, is_bold: bool) -> Markup:
    """Return a run of characters in one weight."""
    if "<" in text or "%{" in text:
        raise UnsupportedFigureError(f"a text is {text!r}: only <b> and <br> are drawn.")
    form = Markup('<tspan font-weight="650">{}</tspan>') if is_bold else Markup("{}")
    return form.format(html.unescape(text))
