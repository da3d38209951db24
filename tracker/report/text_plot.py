"""Intervals drawn in characters on one common scale: ``├────●──◆──┤``."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.evidence.results import Result
from tracker.report import axis, formats


@dataclass(frozen=True, slots=True)
class Signs:
    """The characters of a drawing, in Unicode or in ASCII."""

    line: str = "─"
    low: str = "├"
    high: str = "┤"
    beyond_low: str = "◂"
    beyond_high: str = "▸"
    middle: str = "●"
    claim: str = "◆"
    zero: str = "│"


UNICODE = Signs()
ASCII = Signs("-", "[", "]", "<", ">", "o", "*", "|")


@dataclass(frozen=True, slots=True)
class TextPlot:
    """One scale in efficiency gain, a line a result, and how to read them; all equally wide at most."""

    scale: str
    lines: tuple[str, ...]
    legend: str


def text_plot(results: tuple[Result, ...], width: int, *, ascii_only: bool = False) -> TextPlot:
    """The intervals of some results against their claims, ``width`` characters wide."""
    signs = ASCII if ascii_only else UNICODE
    over = axis.span(axis.result_places(results))
    return TextPlot(
        scale=_scale(over, width),
        lines=tuple(_line(result, over, width, signs) for result in results),
        legend=f"{signs.low}{signs.line}{signs.high} interval  {signs.middle} estimate  {signs.claim} claim"
        "  (efficiency gain, log scale)",
    )


def _column(at: float, over: axis.Span, width: int) -> int:
    return round(over.share(over.clamp(at)) * (width - 1))


def _line(result: Result, over: axis.Span, width: int, signs: Signs) -> str:
    cells = [" "] * width
    bar = axis.bar(result.log_ratio)
    if bar is not None:
        low = over.low if bar.low is None else bar.low
        high = over.high if bar.high is None else bar.high
        first, last = _column(low, over, width), _column(high, over, width)
        cells[first : last + 1] = signs.line * (last - first + 1)
        cells[first] = signs.low if low >= over.low and bar.low is not None else signs.beyond_low
        cells[last] = (
            signs.high if high <= over.high and bar.high is not None else signs.beyond_high
        )
    cells[_column(0.0, over, width)] = signs.zero
    claim = axis.claim_place(result)
    if claim is not None:
        outside = (
            signs.beyond_high
            if claim > over.high
            else signs.beyond_low
            if claim < over.low
            else None
        )
        cells[_column(claim, over, width)] = outside or signs.claim
    if bar is not None:
        cells[_column(bar.middle, over, width)] = signs.middle
    return "".join(cells).rstrip()


def _scale(over: axis.Span, width: int) -> str:
    cells = [" "] * width
    for tick in axis.ticks("efficiency_gain", over, apart=0.14):
        text = tick.label.replace(formats.SPACE, " ")
        start = min(max(_column(tick.at, over, width) - len(text) // 2, 0), width - len(text))
        if not "".join(cells[max(start - 1, 0) : start + len(text) + 1]).strip():
            cells[start : start + len(text)] = text
    return "".join(cells).rstrip()
