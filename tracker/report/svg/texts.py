"""SVG of the texts of figures. Of Plotly's markup only ``<b>`` and ``<br>`` are supported."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from markupsafe import Markup

from tracker.report.svg.subset import UnsupportedFigureError

FONT_SIZE = 12
"""Default font size of a drawing, in pixels."""
LINE_HEIGHT = 1.3
"""Line height as a multiple of the font size, as in Plotly."""
_TAG = re.compile(r"(</?b>)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStyle:
    """The appearance and the alignment of a text."""

    size: float
    """Font size in pixels."""
    css_class: str
    """The class of its colour; "" for that of its group."""
    anchor: str = "start"
    """The value of ``text-anchor``."""
    shift: float = 0.0
    """Pixels by which the text is moved to the right."""


def text_svg(text: str, x: str, y: float, style: TextStyle) -> Markup:
    """Return a text; each line begins at ``x``.

    Args:
        text: The text in Plotly's markup, escaped as by ``theme.literal``.
        x: An SVG length.
        y: The baseline of the first line, in pixels.
        style: Its style.

    Raises:
        UnsupportedFigureError: The text has other markup than ``<b>`` and ``<br>``.
    """
    shift = _attribute("dx", number(style.shift) if style.shift else "")
    first, *others = _split_lines(text)
    step = number(LINE_HEIGHT * style.size)
    content = first + Markup().join(
        Markup('<tspan x="{}"{} dy="{}">{}</tspan>').format(x, shift, step, line) for line in others
    )
    place = _attribute("x", "" if x in ("0", "0%") else x) + shift
    if style.anchor != "start":
        place += _attribute("text-anchor", style.anchor)
    if style.size != FONT_SIZE:
        place += _attribute("font-size", number(style.size))
    return Markup('<text{}{} y="{}">{}</text>').format(
        _attribute("class", style.css_class), place, number(y, 0), content
    )


def _attribute(name: str, value: str) -> Markup:
    """Return an attribute with a leading space; "" without a value."""
    return Markup(' {}="{}"').format(name, value) if value else Markup()


def line_count(text: str) -> int:
    """Return the number of lines of a text in Plotly's markup."""
    return text.count("<br>") + 1


def number(value: float, digits: int = 1) -> str:
    """Return a number rounded to some digits, without trailing zeros."""
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"


def _split_lines(text: str) -> list[Markup]:
    """Return the lines of a text; bold parts may continue in the next line."""
    lines, is_bold = [], False
    for line in text.split("<br>"):
        runs = []
        for part in _TAG.split(line):
            if _TAG.fullmatch(part):
                is_bold = part == "<b>"
            elif part:
                runs.append(_text_run(part, is_bold=is_bold))
        lines.append(Markup().join(runs))
    return lines


def _text_run(text: str, *, is_bold: bool) -> Markup:
    """Return a part of a line in one weight."""
    if "<" in text or "%{" in text:
        raise UnsupportedFigureError(f"a text is {text!r}: only <b> and <br> are drawn.")
    form = Markup('<tspan font-weight="650">{}</tspan>') if is_bold else Markup("{}")
    return form.format(html.unescape(text))
