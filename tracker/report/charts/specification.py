"""The specification curve: the same data analysed in every other defensible way."""

from __future__ import annotations

from tracker.evidence.charts.claim_lines import gain_interval
from tracker.evidence.charts.specification import PRIMARY, SpecificationData, specification_data
from tracker.evidence.results import Interval, Sensitivity
from tracker.report import axis, formats, labels
from tracker.report.analysis_names import method_name, plain_name
from tracker.report.charts.chart import ChartSpec
from tracker.report.charts.row_chart import TICK_DISTANCE, Line, Row, RowChart, Scale, draw_rows
from tracker.report.charts.theme import Figure, Table
from tracker.report.verdict_styles import VERDICT_STYLES


def specification_figure(data: SpecificationData) -> Figure:
    """Return a row an analysis, the primary one emphasised."""
    claim = axis.claim_position(data.result)
    positions: list[float | None] = [claim]
    for analysis in data.estimated:
        bar = axis.interval_to_bar(analysis.log_ratio)
        positions += [bar.low, bar.middle, bar.high] if bar else []
    span = axis.span(positions)
    return draw_rows(
        RowChart(
            rows=tuple(_row(analysis) for analysis in data.estimated),
            span=span,
            scale=Scale(
                "efficiency gain", axis.ticks("efficiency_gain", span, apart=TICK_DISTANCE)
            ),
            lines=(Line(0.0, "soft"), *(() if claim is None else (Line(claim, "claim", "dash"),))),
        )
    )


def specification_table(data: SpecificationData) -> Table:
    """Return each analysis in figures; of those without an interval the note says why."""
    header = ("way", "time ratio", "interval", "efficiency gain", "verdict", "note")
    return Table(header, tuple(map(_cells, data.analyses)), notes=("note",))


def specification_description(data: SpecificationData) -> str:
    """Return the text alternative of the chart."""
    estimates = [analysis.log_ratio.estimate for analysis in data.estimated if analysis.log_ratio]
    low, high = (
        _gain_text(Interval(estimate, None, None)) for estimate in (max(estimates), min(estimates))
    )
    return (
        f"Specification curve of {formats.printable(data.result.activity)}: {len(estimates)}"
        f" estimates of the efficiency gain, from {low} to {high}. {specification_sentence(data)}"
    )


def specification_sentence(data: SpecificationData) -> str:
    """Return in how many of the other analyses the verdict is the same."""
    sentence = (
        f"The verdict “{labels.verdict_label(data.result.verdict)}” stands in {data.agreeing} of"
        f" {data.others} other ways to analyse the same data."
    )
    missing = len(data.analyses) - len(data.estimated)
    if not missing:
        return sentence
    return f"{sentence} {missing} more could not be made here: the table says why."


def specification_title(data: SpecificationData) -> str:
    """Return the chart's title."""
    activity = formats.capitalize(formats.printable(data.result.activity))
    return f"{activity}: other ways to analyse the same data"


CHART = ChartSpec(
    name="specification",
    section="robustness",
    summary="the same data analysed in every other defensible way",
    data=specification_data,
    figure=specification_figure,
    table=specification_table,
    describe=specification_description,
    title=specification_title,
    lead=specification_sentence,
    key=lambda data: ("claim-line",) if data.result.claim else (),
    claim=lambda data: f"claim {labels.short_claim(data.result)}" if data.result.claim else "",
)


def _row(analysis: Sensitivity) -> Row:
    verdict = analysis.verdict or "cannot-tell"
    name, method = plain_name(analysis.name), method_name(analysis.name)
    hover = (
        f"{name} ({method})" if method else name,
        f"efficiency gain {formats.estimate_and_range(gain_interval(analysis.log_ratio))}",
        labels.verdict_label(verdict),
        *((analysis.note,) if analysis.note else ()),
    )
    words = labels.verdict_label(verdict).replace(" ", formats.NO_BREAK_SPACE)
    return Row(
        label=name if analysis.verdict is None else f"{name}: {words}",
        bar=axis.interval_to_bar(analysis.log_ratio),
        hover=hover,
        tone=verdict,
        symbol=VERDICT_STYLES[verdict].symbol,
        faint=analysis.name != PRIMARY,
    )


def _cells(analysis: Sensitivity) -> tuple[str, ...]:
    ratio = analysis.time_ratio
    return (
        plain_name(analysis.name),
        formats.ratio(ratio.estimate if ratio else None),
        formats.ratio_range(ratio),
        _gain_text(analysis.log_ratio),
        labels.verdict_label(analysis.verdict) if analysis.verdict else formats.UNDEFINED,
        _note(analysis),
    )


def _note(analysis: Sensitivity) -> str:
    """Return the method's name in the literature, and the note."""
    return ". ".join(filter(None, [method_name(analysis.name), analysis.note]))


def _gain_text(log_ratio: Interval | None) -> str:
    gain = gain_interval(log_ratio)
    return formats.percent(gain.estimate if gain else None)
