"""What developers expected beside what it took, on either side."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tracker.domain.records import ARMS
from tracker.evidence.results import ActivityChartData, Forecast, Interval
from tracker.report import axis, formats
from tracker.report.charts.rows import Line, Row, Rows, Scale
from tracker.report.charts.theme import ARM_LABELS, Table

_FACTORS = (0.25, 1 / 3, 0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Minutes over estimate, an arm a row."""

    activity: str
    forecasts: tuple[Forecast, ...]
    rows: Rows


def forecast_data(picture: ActivityChartData) -> Forecasts | None:
    """What to draw of one activity; None where nobody estimated."""
    shown = tuple(forecast for forecast in picture.forecasts if forecast.ratio)
    if not shown:
        return None
    bars = [_bar(forecast.ratio) for forecast in shown if forecast.ratio]
    over = axis.span(at for bar in bars for at in (bar.low, bar.middle, bar.high))
    ticks = tuple(
        axis.Tick(at, f"×{formats.SPACE}{factor:.3g}")
        for factor in _FACTORS
        if over.low <= (at := math.log(factor)) <= over.high
    )
    rows = tuple(_row(forecast, bar) for forecast, bar in zip(shown, bars, strict=True))
    scale = Scale("minutes taken per minute estimated", _thin(ticks, over))
    return Forecasts(picture.activity, shown, Rows(rows, over, scale, lines=(Line(0.0, "soft"),)))


def forecast_table(data: Forecasts) -> Table:
    """Estimates and outcomes in figures."""
    rows = tuple(
        (
            _arm(forecast),
            formats.count(forecast.items),
            formats.minutes(forecast.typical_estimate_minutes),
            formats.minutes(forecast.typical_minutes),
            _taken(forecast.ratio),
        )
        for forecast in data.forecasts
    )
    return Table(
        ("tasks", "estimated", "typical estimate", "typically taken", "taken per estimated"), rows
    )


def forecast_description(data: Forecasts) -> str:
    """What the figure shows, for those who do not see it."""
    said = [f"{_arm(f)}, tasks took {_taken(f.ratio)} of their estimate" for f in data.forecasts]
    return f"Forecasts and outcomes of {formats.printable(data.activity)}: {'; '.join(said)}."


def _arm(forecast: Forecast) -> str:
    return next((ARM_LABELS[arm] for arm in ARMS if arm == forecast.arm), forecast.arm)


def _bar(ratio: Interval) -> axis.Bar:
    """On this scale longer than estimated lies to the right."""
    low, high = (math.log(end) if end else None for end in (ratio.low, ratio.high))
    return axis.Bar(math.log(ratio.estimate), low, high)


def _row(forecast: Forecast, bar: axis.Bar) -> Row:
    estimate, taken = (
        formats.minutes(forecast.typical_estimate_minutes),
        formats.minutes(forecast.typical_minutes),
    )
    arm = _arm(forecast)
    return Row(
        label=f"{formats.capital(arm.removesuffix(' assistance'))}: estimated {estimate}, took {taken}",
        bar=bar,
        hover=f"{formats.capital(arm)}\n{formats.count(forecast.items)} tasks\ntaken per estimated:"
        f" {_taken(forecast.ratio)}",
        tone="baseline" if forecast.arm == "baseline" else "assistance",
        symbol="circle-open" if forecast.arm == "baseline" else "circle",
    )


def _taken(ratio: Interval | None) -> str:
    return (
        formats.NONE
        if ratio is None
        else f"×{formats.SPACE}{formats.ratio(ratio.estimate)} ({formats.ratio_range(ratio)})"
    )


def _thin(ticks: tuple[axis.Tick, ...], over: axis.Span) -> tuple[axis.Tick, ...]:
    """No two ticks closer than an eighth of the scale; 1 is always kept."""
    kept = [tick for tick in ticks if tick.at == 0.0]
    for tick in ticks:
        if all(abs(over.share(tick.at) - over.share(other.at)) >= 0.12 for other in kept):
            kept.append(tick)
    return tuple(sorted(kept, key=lambda tick: tick.at))
