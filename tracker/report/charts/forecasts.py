"""Forecasts and outcomes: what developers estimated and what it took, in either arm."""

from __future__ import annotations

import math

from tracker.domain.records import ARMS
from tracker.evidence.assessment import Forecast
from tracker.evidence.charts.forecasts import ForecastData, forecast_data
from tracker.evidence.results import Interval
from tracker.report import axis, formats
from tracker.report.charts.chart import ChartSpec
from tracker.report.charts.row_chart import TICK_DISTANCE, Line, Row, RowChart, Scale, draw_rows
from tracker.report.charts.theme import ARM_LABELS, Figure, Table

_FACTORS = (0.25, 1 / 3, 0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 0.9, 1.1)
"""Minutes taken per minute estimated that may be labelled on the scale, the preferred first."""


def forecast_rows(data: ForecastData) -> RowChart:
    """Return a row an arm; longer than estimated lies to the right."""
    bars = [_bar(forecast.ratio) for forecast in data.forecasts if forecast.ratio]
    span = axis.span(x for bar in bars for x in (bar.low, bar.middle, bar.high))
    rows = tuple(_row(forecast, bar) for forecast, bar in zip(data.forecasts, bars, strict=True))
    scale = Scale("minutes taken per minute estimated", _ticks(span))
    return RowChart(rows, span, scale, lines=(Line(0.0, "soft"),))


def forecast_figure(data: ForecastData) -> Figure:
    """Return the rows as a Plotly figure."""
    return draw_rows(forecast_rows(data))


def forecast_table(data: ForecastData) -> Table:
    """Return estimates and outcomes in figures."""
    rows = tuple(
        (
            _arm_label(forecast),
            formats.count(forecast.items),
            formats.minutes(forecast.typical_estimate_minutes),
            formats.minutes(forecast.typical_minutes),
            _ratio_text(forecast.ratio),
        )
        for forecast in data.forecasts
    )
    return Table(
        ("tasks", "estimated", "typical estimate", "typically taken", "taken per estimated"), rows
    )


def forecast_description(data: ForecastData) -> str:
    """Return the text alternative of the chart."""
    clauses = [
        f"{_arm_label(forecast)}, tasks took {_ratio_text(forecast.ratio)} of their estimate"
        for forecast in data.forecasts
    ]
    activity = formats.printable(data.activity)
    return f"Forecasts and outcomes of {activity}: {'; '.join(clauses)}."


CHART = ChartSpec(
    name="forecasts",
    section="forecasts",
    summary="the minutes estimated beforehand and the minutes taken",
    data=forecast_data,
    figure=forecast_figure,
    table=forecast_table,
    describe=forecast_description,
    title=lambda data: (
        f"{formats.capitalize(formats.printable(data.activity))}: forecast and outcome"
    ),
    lead=(
        "Of all finished tasks with an estimate."
        f" Right of ×{formats.NO_BREAK_SPACE}1 they took longer than estimated."
    ),
)


def _arm_label(forecast: Forecast) -> str:
    return next((ARM_LABELS[arm] for arm in ARMS if arm == forecast.arm), forecast.arm)


def _bar(ratio: Interval) -> axis.Bar:
    low, high = (math.log(bound) if bound else None for bound in (ratio.low, ratio.high))
    return axis.Bar(math.log(ratio.estimate), low, high)


def _row(forecast: Forecast, bar: axis.Bar) -> Row:
    estimate = formats.minutes(forecast.typical_estimate_minutes)
    outcome = formats.minutes(forecast.typical_minutes)
    arm = _arm_label(forecast)
    short_arm = formats.capitalize(arm.removesuffix(" assistance"))
    return Row(
        label=f"{short_arm}: estimated {estimate}, took {outcome}",
        bar=bar,
        hover=(
            formats.capitalize(arm),
            f"{formats.count(forecast.items)} tasks",
            f"taken per estimated: {_ratio_text(forecast.ratio)}",
        ),
        tone="baseline" if forecast.arm == "baseline" else "assistance",
        symbol="circle-open" if forecast.arm == "baseline" else "circle",
    )


def _ratio_text(ratio: Interval | None) -> str:
    if ratio is None:
        return formats.UNDEFINED
    return (
        f"×{formats.NO_BREAK_SPACE}{formats.ratio(ratio.estimate)} ({formats.ratio_range(ratio)})"
    )


def _ticks(span: axis.Span) -> tuple[axis.Tick, ...]:
    """Return the factors to label, no two too close; 1 is always among them."""
    candidates = [
        axis.Tick(x, f"×{formats.NO_BREAK_SPACE}{factor:.3g}")
        for factor in _FACTORS
        if span.low <= (x := math.log(factor)) <= span.high
    ]
    ticks = [tick for tick in candidates if tick.at == 0.0]
    for tick in candidates:
        distances = [abs(span.share(tick.at) - span.share(other.at)) for other in ticks]
        if all(distance >= TICK_DISTANCE for distance in distances):
            ticks.append(tick)
    return tuple(sorted(ticks, key=lambda tick: tick.at))
