"""The part of Plotly that can be drawn as SVG. Any other setting is an error, never ignored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from tracker.report.charts.theme import CLEAR, PALETTE

Json = Mapping[str, Any]

COLOR_NAMES = {pair[0]: name for name, pair in PALETTE.items()}
"""Colour → its name in the palette. The style sheet has a class for each."""

LINE_WIDTH = 1.5
"""Default width of a line, in pixels."""
FILLED = Markup('fill="currentColor" stroke="none"')
"""Attributes of a filled shape; without them a shape is stroked."""


class UnsupportedFigureError(ValueError):
    """The figure has a part that cannot be drawn as SVG."""


def check_keys(part: Json, allowed: Iterable[str], what: str) -> None:
    """Check that a part of a figure has supported settings only.

    Args:
        part: The part.
        allowed: The supported settings.
        what: The name of the part, for messages.

    Raises:
        UnsupportedFigureError: It has other settings.
    """
    unknown = sorted(set(part) - set(allowed))
    if unknown:
        raise UnsupportedFigureError(
            f"{what} has {', '.join(unknown)}: tracker/report/svg does not draw it."
        )


def check_value(value: object, allowed: Iterable[object], what: str) -> None:
    """Check that a setting has a supported value.

    Args:
        value: The value.
        allowed: The supported values.
        what: The name of the setting, for messages.

    Raises:
        UnsupportedFigureError: It has another value.
    """
    if value not in tuple(allowed):
        raise UnsupportedFigureError(f"{what} is {value!r}: tracker/report/svg does not draw it.")


def color_class(color: str) -> str:
    """Return the style sheet's class for a colour of the palette.

    Raises:
        UnsupportedFigureError: The colour is not in the palette, so it has no dark counterpart.
    """
    check_value(color, COLOR_NAMES, "a colour")
    return f"t-{COLOR_NAMES[color]}"


def is_clear(color: str | None) -> bool:
    """Return whether a colour is transparent."""
    return color is None or color == CLEAR


def line_width(pixels: float) -> Markup:
    """Return the attribute of a line's width, with a leading space; "" for the default width."""
    if pixels == LINE_WIDTH:
        return Markup()
    return Markup(' stroke-width="{}"').format(f"{pixels:.1f}".removesuffix(".0"))
