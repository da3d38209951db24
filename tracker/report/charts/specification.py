"""The specification curve: the same data analysed in every other defensible way."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.evidence.results import Interval, Result, Verdict
from tracker.report import axis, formats, labels
from tracker.report.charts.rows import Line, Row, Rows, Scale
from tracker.report.charts.theme import SYMBOLS, Table

PRIMARY = "as judged"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to analyse the data, and what it says."""

    name: str
    log_ratio: Interval | None
    verdict: Verdict | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Specification:
    """All ways, the largest gain first, and in how many the verdict stands."""

    result: Result
    ways: tuple[Way, ...]
    stands: int
    made: int
    rows: Rows


def specification_data(result: Result) -> Specification | None:
    """What to draw of one result; None where there is nothing to compare."""
    if result.log_ratio is None or not result.sensitivity:
        return None
    others = [Way(one.name, one.log_ratio, one.verdict, one.note) for one in result.sensitivity]
    made = [way for way in others if way.log_ratio]
    ways = [Way(PRIMARY, result.log_ratio, result.verdict), *made]
    ways.sort(key=lambda way: way.log_ratio.estimate if way.log_ratio else 0.0)
    over = axis.span(place for way in ways for place in (*_places(way), axis.claim_place(result)))
    claim = axis.claim_place(result)
    rows = Rows(
        rows=tuple(_row(way) for way in ways),
        over=over,
        bottom=Scale("efficiency gain", axis.ticks("efficiency_gain", over)),
        lines=(Line(0.0, "soft"), *(() if claim is None else (Line(claim, "claim", "dash"),))),
    )
    missing = [way for way in others if way.log_ratio is None]
    stands = sum(way.verdict == result.verdict for way in made)
    return Specification(result, (*ways, *missing), stands, len(made), rows)


def specification_sentence(data: Specification) -> str:
    """In how many of the other ways the verdict stands."""
    stands = (
        f"The verdict “{labels.label(data.result.verdict)}” stands in {data.stands} of {data.made} other ways"
        " to analyse the same data."
    )
    missing = len(data.ways) - 1 - data.made
    return (
        f"{stands} {missing} more could not be made here: the table says why."
        if missing
        else stands
    )


def specification_table(data: Specification) -> Table:
    """Each way in figures, also those that could not be made, and why."""
    header = ("way", "time ratio", "interval", "efficiency gain", "verdict", "note")
    return Table(header, tuple(_cells(way) for way in data.ways))


def specification_description(data: Specification) -> str:
    """What the figure shows, for those who do not see it."""
    gains = [-way.log_ratio.estimate for way in data.ways if way.log_ratio]
    low, high = (
        formats.percent(axis.read("efficiency_gain", axis.Bar(g, g, g)).estimate)
        for g in (min(gains), max(gains))
    )
    return (
        f"Specification curve of {formats.printable(data.result.activity)}: {len(gains)} estimates of the efficiency"
        f" gain, from {low} to {high}. {specification_sentence(data)}"
    )


def _places(way: Way) -> tuple[float | None, ...]:
    found = axis.bar(way.log_ratio)
    return (found.low, found.middle, found.high) if found else ()


def _row(way: Way) -> Row:
    primary = way.name == PRIMARY
    verdict = way.verdict or "cannot-tell"
    return Row(
        label=way.name if way.verdict is None else f"{way.name}: {labels.label(way.verdict)}",
        bar=axis.bar(way.log_ratio),
        hover=f"{way.name}\nefficiency gain {formats.estimate_and_range(axis.gain(way.log_ratio))}"
        f"\n{labels.label(verdict)}" + (f"\n{way.note}" if way.note else ""),
        tone=verdict,
        symbol=SYMBOLS[verdict],
        faint=not primary,
    )


def _cells(way: Way) -> tuple[str, ...]:
    ratio, gain = axis.time_ratio(way.log_ratio), axis.gain(way.log_ratio)
    return (
        way.name,
        formats.ratio(ratio.estimate if ratio else None),
        formats.ratio_range(ratio),
        formats.percent(gain.estimate if gain else None),
        labels.label(way.verdict) if way.verdict else formats.NONE,
        way.note,
    )
