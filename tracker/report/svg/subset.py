"""What of Plotly can be drawn as SVG; anything else is an error, so that nothing is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from tracker.report.charts.theme import CLEAR, PALETTE

Json = Mapping[str, Any]

TONES = {pair[0]: name for name, pair in PALETTE.items()}
"""Colours of figures by their names in the palette; the style sheet has a class for each."""

LINE_WIDTH = 1.5
"""Pixels of a line that does not say its width. Shapes of a drawing are lines unless ``FILLED``."""
FILLED = Markup('fill="currentColor" stroke="none"')


class UnsupportedFigureError(ValueError):
    """The figure has something that cannot be drawn as SVG."""


def check_keys(part: Json, allowed: Iterable[str], what: str) -> None:
    """Check that a part of a figure has no other settings than those that are drawn.

    Raises:
        UnsupportedFigureError: It has others.
    """
    unknown = sorted(set(part) - set(allowed))
    if unknown:
        raise UnsupportedFigureError(
            f"{what} has {', '.join(unknown)}: tracker/report/svg does not draw it."
        )


def check_value(value: object, allowed: Iterable[object], what: str) -> None:
    """Check that a setting has one of the values that are drawn.

    Raises:
        UnsupportedFigureError: It has another.
    """
    if value not in tuple(allowed):
        raise UnsupportedFigureError(f"{what} is {value!r}: tracker/report/svg does not draw it.")


def tone_class(color: str) -> str:
    """Return the style sheet's class for a colour of the palette.

    Raises:
        UnsupportedFigureError: The colour is not in the palette, so the dark theme has no
            counterpart.
    """
    check_value(color, TONES, "a colour")
    return f"t-{TONES[color]}"


def is_clear(color: str | None) -> bool:
    """Return whether nothing is visible in this colour."""
    return color is None or color == CLEAR


def line_width(pixels: float) -> Markup:
    """Return the attribute of a line's width, with a leading space; "" for the common one."""
    if pixels == LINE_WIDTH:
        return Markup()
    return Markup(' stroke-width="{}"').format(f"{pixels:.1f}".removesuffix(".0"))
