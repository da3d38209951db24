"""How each verdict looks: in text, in charts and on the page."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.evidence.results import Verdict

_CIRCLE = '<circle cx="14" cy="14" r="11" fill="none" stroke="currentColor" stroke-width="3"/>'


@dataclass(frozen=True, slots=True)
class VerdictStyle:
    """The look of one verdict. No two verdicts differ by colour alone."""

    mark: str
    """One character, for a UTF-8 terminal."""
    ascii_mark: str
    rich_style: str
    """Style of the terminal library rich; "" is plain text."""
    symbol: str
    """Plotly's marker symbol."""
    colors: tuple[str, str]
    """In the light and in the dark theme. The palette's name for them is the verdict."""
    svg: str
    """The mark on the page: shapes in a box of 28 by 28, drawn in ``currentColor``."""


VERDICT_STYLES: dict[Verdict, VerdictStyle] = {
    "supported": VerdictStyle(
        mark="●",
        ascii_mark="+",
        rich_style="green",
        symbol="circle",
        colors=("#127d6b", "#6fc7b2"),
        svg=_CIRCLE + '<circle cx="14" cy="14" r="11" fill="currentColor"/>',
    ),
    "plausible": VerdictStyle(
        mark="◐",
        ascii_mark="~",
        rich_style="blue",
        symbol="circle-dot",
        colors=("#307585", "#27a6ab"),
        svg=_CIRCLE + '<path d="M14 3a11 11 0 0 0 0 22z" fill="currentColor"/>',
    ),
    "smaller": VerdictStyle(
        mark="◔",
        ascii_mark="<",
        rich_style="cyan",
        symbol="circle-cross",
        colors=("#ab5e00", "#bd7b00"),
        svg=_CIRCLE + '<path d="M14 14V3a11 11 0 0 0-11 11z" fill="currentColor"/>',
    ),
    "cannot-tell": VerdictStyle(
        mark="○",
        ascii_mark="?",
        rich_style="",
        symbol="circle-open",
        colors=("#394351", "#cfceeb"),
        svg=_CIRCLE,
    ),
    "contradicted": VerdictStyle(
        mark="✕",
        ascii_mark="x",
        rich_style="red",
        symbol="x",
        colors=("#a22e43", "#d77b7a"),
        svg='<path d="M6 6l16 16M22 6L6 22" fill="none" stroke="currentColor" stroke-width="5"'
        ' stroke-linecap="round"/>',
    ),
    "slower": VerdictStyle(
        mark="▼",
        ascii_mark="v",
        rich_style="magenta",
        symbol="triangle-down",
        colors=("#68218d", "#e15695"),
        svg='<path d="M3 6h22L14 25z" fill="currentColor"/>',
    ),
    "faster": VerdictStyle(
        mark="▲",
        ascii_mark="^",
        rich_style="green",
        symbol="triangle-up",
        colors=("#258102", "#a8c703"),
        svg='<path d="M3 22h22L14 3z" fill="currentColor"/>',
    ),
}
"""The circle fills with how far the log supports the claim. A cross and arrows are for the rest."""
