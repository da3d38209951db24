"""Intervals drawn in characters on one common scale: ``├────●──◆──┤``."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.evidence.results import Result
from tracker.report import axis, formats


@dataclass(frozen=True, slots=True)
class PlotCharacters:
    """The characters of a plot. The defaults are Unicode."""

    line: str = "─"
    low: str = "├"
    high: str = "┤"
    beyond_low: str = "◂"
    beyond_high: str = "▸"
    estimate: str = "●"
    claim: str = "◆"
    zero: str = "│"


UNICODE = PlotCharacters()
ASCII = PlotCharacters("-", "[", "]", "<", ">", "o", "*", "|")


@dataclass(frozen=True, slots=True)
class TextPlot:
    """A scale in efficiency gain, one line a result, and a legend."""

    scale: str
    lines: tuple[str, ...]
    legend: str


def draw_text_plot(
    results: tuple[Result, ...], width: int, *, ascii_only: bool = False
) -> TextPlot:
    """Draw the intervals of results against their claims.

    Args:
        results: The results. One without an interval still has a line, with its claim.
        width: Characters of the scale and of each line. Trailing blanks are removed.
        ascii_only: Draw in ASCII.

    """
    characters = ASCII if ascii_only else UNICODE
    span = axis.span(axis.result_positions(results))
    return TextPlot(
        scale=_scale(span, width),
        lines=tuple(_line(result, span, width, characters) for result in results),
        legend=f"{characters.low}{characters.line}{characters.high} interval  "
        f"{characters.estimate} estimate  {characters.claim} claim  (efficiency gain, log scale)",
    )


def _column(position: float, span: axis.Span, width: int) -> int:
    """The column of a position. Positions outside the span are in the first or last column."""
    return round(span.share(span.clamp(position)) * (width - 1))


def _line(result: Result, span: axis.Span, width: int, characters: PlotCharacters) -> str:
    cells = [" "] * width
    bar = axis.interval_to_bar(result.log_ratio)
    if bar is not None:
        _draw_bar(cells, bar, span, characters)
    cells[_column(0.0, span, width)] = characters.zero
    claim = axis.claim_position(result)
    if claim is not None:
        column = _claim_column(claim, bar, span, width)
        cells[column] = _claim_character(claim, span, characters)
    if bar is not None:
        cells[_column(bar.middle, span, width)] = characters.estimate
    return "".join(cells).rstrip()


def _claim_column(claim: float, bar: axis.Bar | None, span: axis.Span, width: int) -> int:
    """The column of a claim: beside an end or the estimate where it would hide it.

    It moves to the side on which the claim lies, so that the order stays right.
    """
    column = _column(claim, span, width)
    if bar is None:
        return column
    for position in (bar.low, bar.middle, bar.high):
        if position is not None and _column(position, span, width) == column:
            beside = column + (1 if claim >= position else -1)
            return min(max(beside, 0), width - 1)
    return column


def _draw_bar(cells: list[str], bar: axis.Bar, span: axis.Span, characters: PlotCharacters) -> None:
    """Draw an interval without its estimate. An end outside the span, or unbounded, is an arrow."""
    low = span.low if bar.low is None else bar.low
    high = span.high if bar.high is None else bar.high
    first, last = _column(low, span, len(cells)), _column(high, span, len(cells))
    cells[first : last + 1] = characters.line * (last - first + 1)
    low_inside = bar.low is not None and low >= span.low
    high_inside = bar.high is not None and high <= span.high
    cells[first] = characters.low if low_inside else characters.beyond_low
    cells[last] = characters.high if high_inside else characters.beyond_high


def _claim_character(claim: float, span: axis.Span, characters: PlotCharacters) -> str:
    if claim > span.high:
        return characters.beyond_high
    return characters.beyond_low if claim < span.low else characters.claim


def _scale(span: axis.Span, width: int) -> str:
    """The line of tick labels. A label that would touch another is left out."""
    cells = [" "] * width
    for tick in axis.ticks("efficiency_gain", span, apart=0.14):
        text = tick.label.replace(formats.NO_BREAK_SPACE, " ")
        start = min(max(_column(tick.at, span, width) - len(text) // 2, 0), width - len(text))
        if not "".join(cells[max(start - 1, 0) : start + len(text) + 1]).strip():
            cells[start : start + len(text)] = text
    return "".join(cells).rstrip()
