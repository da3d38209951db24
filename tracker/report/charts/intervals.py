"""The main figure: each interval against its claim, with the published studies faint beneath for scale."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tracker.domain.gains import READING_LABELS, READINGS, Reading
from tracker.domain.records import Claim
from tracker.evidence.results import Assessment, Result
from tracker.report import axis, formats, labels
from tracker.report.charts.rows import Line, Row, Rows, Scale
from tracker.report.charts.theme import SYMBOLS, Table

GAIN_TITLE = "efficiency gain (output per hour)"
SAVED_TITLE = "time saved"


@dataclass(frozen=True, slots=True)
class Study:
    """A published study that measured time; its bar has no length where it gives no interval."""

    claim: Claim
    reading: Reading
    bar: axis.Bar


@dataclass(frozen=True, slots=True)
class Intervals:
    """The results and the published studies that measured time, on one scale."""

    results: tuple[Result, ...]
    studies: tuple[Study, ...]
    rows: Rows


def interval_data(assessment: Assessment, studies: tuple[Claim, ...]) -> Intervals:
    """What to draw of an assessment; of ``studies`` those that state time, and are not themselves judged here."""
    judged = {result.claim.id for result in assessment.results if result.claim}
    others = (claim for claim in studies if not claim.by_default and claim.id not in judged)
    shown = tuple(study for claim in others if (study := _study(claim)))
    places = axis.result_places(assessment.results)
    for study in shown:  # a study's long interval may run off the scale: ours must stay readable
        ends = (study.bar.low, study.bar.high)
        places += [
            study.bar.middle,
            *(end for end in ends if end is not None and abs(end) <= math.log(2.0)),
        ]
    over = axis.span(places)
    rows = Rows(
        rows=(
            *(_result_row(result) for result in assessment.results),
            *(_study_row(study) for study in shown),
        ),
        over=over,
        bottom=Scale(GAIN_TITLE, axis.ticks("efficiency_gain", over)),
        top=Scale(SAVED_TITLE, axis.ticks("time_saved", over)),
        lines=(Line(0.0, "soft"),),
    )
    return Intervals(assessment.results, shown, rows)


def interval_table(data: Intervals) -> Table:
    """The same in figures, on both readings; the studies with the quantity that each measured."""
    own = tuple(
        (
            formats.printable(result.activity),
            labels.claim(result),
            formats.estimate_and_range(result.efficiency_gain),
            formats.estimate_and_range(result.time_saved),
        )
        for result in data.results
    )
    others = tuple(
        (f"{study.claim.id} ({study.claim.activity})", study.claim.quantity, *_study_cells(study))
        for study in data.studies
    )
    return Table(
        ("what", "claim or measured quantity", "efficiency gain", "time saved"), own + others
    )


def interval_description(data: Intervals) -> str:
    """What the figure shows, for those who do not see it."""
    said = [f"{formats.capital(formats.printable(r.activity))}: {_spoken(r)}" for r in data.results]
    behind = (
        f" {len(data.studies)} published studies are drawn beneath for scale."
        if data.studies
        else ""
    )
    return f"Intervals of the gain against the claims, on a log scale. {' '.join(said)}{behind}"


def _spoken(result: Result) -> str:
    gain = result.gain(result.reading)
    claim = f" against a claim of {labels.short_claim(result)}" if result.claim else ""
    if gain is None:
        return f"no interval{claim}."
    found = f"{labels.reading(result)} {formats.percent(gain.estimate)}, interval {formats.percent_range(gain)}"
    return f"{found}{claim}."


def _result_row(result: Result) -> Row:
    return Row(
        label=f"{formats.capital(result.activity)} — {labels.label(result.verdict)}",
        bar=axis.bar(result.log_ratio),
        hover="\n".join(
            (
                formats.capital(result.activity),
                f"efficiency gain {formats.estimate_and_range(result.efficiency_gain)}",
                f"time saved {formats.estimate_and_range(result.time_saved)}",
                f"claim: {labels.claim(result)}",
            )
        ),
        tone=result.verdict,
        symbol=SYMBOLS[result.verdict],
        claim=axis.claim_place(result),
    )


def _study(claim: Claim) -> Study | None:
    """A published figure on the scale; None for one that is no time."""
    middle = None if claim.reading is None else axis.place(claim.reading, claim.value)
    if claim.reading is None or middle is None:
        return None
    low, high = (axis.place(claim.reading, gain) for gain in (claim.low, claim.high))
    bar = axis.Bar(middle, middle if low is None else low, middle if high is None else high)
    return Study(claim, claim.reading, bar)


def _study_row(study: Study) -> Row:
    claim = study.claim
    found = f"{READING_LABELS[study.reading]} {formats.percent(claim.value)}"
    interval = "" if claim.low is not None else ", no interval given"
    return Row(
        label=labels.study(claim),
        bar=study.bar,
        hover=f"{claim.source}\n{claim.quantity}\n{claim.method}\n{found}{interval}\nseen: {claim.status}",
        tone="study",
        symbol="circle-open",
        faint=True,
    )


def _study_cells(study: Study) -> tuple[str, str]:
    """A study on both readings, carried over from its own."""
    found, saved = (axis.read(reading, study.bar) for reading in READINGS)
    if study.claim.low is None:
        return formats.percent(found.estimate), formats.percent(saved.estimate)
    return formats.estimate_and_range(found), formats.estimate_and_range(saved)
