"""The main chart: each interval and its claim, with the published studies faint beneath."""

from __future__ import annotations

import math

from tracker.domain.gains import READING_LABELS, READINGS
from tracker.evidence.charts.claim_lines import gain_interval
from tracker.evidence.charts.intervals import IntervalData, PublishedStudy, interval_data
from tracker.evidence.results import Result
from tracker.report import axis, formats, labels
from tracker.report.charts.chart import ChartSpec
from tracker.report.charts.row_chart import TICK_DISTANCE, Line, Row, RowChart, Scale, draw_rows
from tracker.report.charts.theme import Figure, Table
from tracker.report.verdict_styles import VERDICT_STYLES

SCALE_TITLE = "efficiency gain (output per hour)"


def interval_rows(data: IntervalData) -> RowChart:
    """Return the results and the studies as rows on one scale."""
    bars = [axis.interval_to_bar(study.log_ratio) for study in data.studies]
    positions = axis.result_positions(data.results)
    for bar in bars:
        if bar is not None:  # a study's long interval may exceed the scale: the results must not
            bounds = (bar.low, bar.high)
            positions.append(bar.middle)
            positions += [x for x in bounds if x is not None and abs(x) <= math.log(2.0)]
    span = axis.span(positions)
    return RowChart(
        rows=(*map(_result_row, data.results), *map(_study_row, data.studies)),
        span=span,
        scale=Scale(SCALE_TITLE, axis.ticks("efficiency_gain", span, apart=TICK_DISTANCE)),
        lines=(Line(0.0, "soft"),),
    )


def interval_figure(data: IntervalData) -> Figure:
    """Return the rows as a Plotly figure."""
    return draw_rows(interval_rows(data))


def interval_table(data: IntervalData) -> Table:
    """Return results and studies on both readings, studies with the quantity that each measured."""
    results = tuple(
        (
            formats.printable(result.activity),
            labels.claim_phrase(result),
            formats.estimate_and_range(result.efficiency_gain),
            formats.estimate_and_range(result.time_saved),
        )
        for result in data.results
    )
    studies = tuple(
        (study.claim.label, study.claim.quantity, *_study_cells(study)) for study in data.studies
    )
    header = ("what", "claim or measured quantity", "efficiency gain", "time saved")
    return Table(header, results + studies, notes=("claim or measured quantity",))


def interval_description(data: IntervalData) -> str:
    """Return the text alternative of the chart."""
    sentences = [
        f"{formats.capitalize(formats.printable(result.activity))}: {_spoken(result)}"
        for result in data.results
    ]
    studies = (
        f" {len(data.studies)} published studies are drawn beneath for scale."
        if data.studies
        else ""
    )
    return (
        f"Intervals of the gain against the claims, on a log scale. {' '.join(sentences)}{studies}"
    )


CHART = ChartSpec(
    name="intervals",
    section="intervals",
    summary="every interval and its claim, with the published studies",
    data=interval_data,
    figure=interval_figure,
    table=interval_table,
    describe=interval_description,
    title="The interval against the claim",
    lead="0 % is no change, right of it is faster."
    " Each bar holds the gains that the log is compatible with:"
    " a claim outside its bar is ruled out, and a bar clear of 0 % shows an effect.",
    key=("interval", "claim", "study"),
    whole_width=True,
)


def _spoken(result: Result) -> str:
    gain = result.gain(result.reading)
    claim = f" against a claim of {labels.short_claim(result)}" if result.claim else ""
    if gain is None:
        return f"no interval{claim}."
    estimate = f"{labels.reading_label(result)} {formats.percent(gain.estimate)}"
    return f"{estimate}, interval {formats.percent_range(gain)}{claim}."


def _result_row(result: Result) -> Row:
    hover = (
        formats.capitalize(result.activity),
        f"efficiency gain {formats.estimate_and_range(result.efficiency_gain)}",
        f"time saved {formats.estimate_and_range(result.time_saved)}",
        f"claim: {labels.claim_phrase(result)}",
    )
    return Row(
        label=f"{formats.capitalize(result.activity)} — {labels.verdict_label(result.verdict)}",
        bar=axis.interval_to_bar(result.log_ratio),
        hover=hover,
        tone=result.verdict,
        symbol=VERDICT_STYLES[result.verdict].symbol,
        claim=axis.claim_position(result),
    )


def _study_row(study: PublishedStudy) -> Row:
    claim = study.claim
    gain = f"{READING_LABELS[study.reading]} {formats.percent(claim.value)}"
    interval = "" if claim.low is not None else ", no interval given"
    hover = (
        claim.source,
        claim.quantity,
        claim.method,
        f"{gain}{interval}",
        f"seen: {claim.status}",
    )
    return Row(
        label=labels.study_summary(claim, gain_interval(study.log_ratio)),
        bar=axis.interval_to_bar(study.log_ratio),
        hover=hover,
        tone="study",
        symbol="circle-open",
        faint=True,
    )


def _study_cells(study: PublishedStudy) -> tuple[str, ...]:
    """Return the study's gain on both readings, converted from its own."""
    gains = [gain_interval(study.log_ratio, reading) for reading in READINGS]
    if study.claim.low is None:
        return tuple(formats.percent(gain.estimate if gain else None) for gain in gains)
    return tuple(formats.estimate_and_range(gain) for gain in gains)
