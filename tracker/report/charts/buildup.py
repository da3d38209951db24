"""How the evidence built up: the interval as it stood at the end of each week."""

from __future__ import annotations

import math

from tracker.evidence.assessment import InterimLook
from tracker.evidence.charts.buildup import BuildupData, buildup_data
from tracker.evidence.charts.claim_lines import ClaimLine, gain_interval
from tracker.evidence.results import Interval
from tracker.report import axis, formats
from tracker.report.charts import theme
from tracker.report.charts.chart import ChartSpec, claim_label, only_claim_label
from tracker.report.charts.dates import date_axis, iso
from tracker.report.charts.text_layout import spread
from tracker.report.charts.theme import Figure, Json, Table

HEIGHT, TOP, BOTTOM = 340, 12, 44
LABEL_HEIGHT = 17
TICK_DISTANCE = 0.09
"""Smallest distance of two ticks, as a share of the height."""


def buildup_figure(data: BuildupData) -> Figure:
    """Return a line with its band, the anytime band behind it, no change and the claims."""
    claims = [(line, _claim_position(line)) for line in data.claim_lines]
    days = [iso(look.last_day) for look in data.looks]
    bars = [axis.interval_to_bar(look.log_ratio) for look in data.looks]
    positions: list[float | None] = [y for _, y in claims]
    for bar in bars:
        positions += [bar.low, bar.middle, bar.high] if bar else []
    span = axis.span(positions)
    anytime = [axis.interval_to_bar(look.anytime) for look in data.looks]
    traces = [
        *_band(days, anytime, span, "anytime-band"),
        *_band(days, bars, span, "assistance-band"),
        _estimates(data, days, bars),
    ]
    ticks = axis.ticks("efficiency_gain", span, apart=TICK_DISTANCE)
    first_day, last_day = data.looks[0].last_day, data.looks[-1].last_day
    margin = 1 + (last_day - first_day) // 40
    place: Json = {"tone": "claim", "xref": "paper", "yref": "y", "yanchor": "bottom"}
    layout: Json = {
        "margin": {"l": theme.left_margin(t.label for t in ticks), "r": 10, "t": TOP, "b": BOTTOM},
        "xaxis": date_axis(first_day - margin, last_day + margin),
        "yaxis": {"range": [span.low, span.high], **theme.ticks(ticks)},
        "shapes": [
            _level(0.0, "soft", "solid"),
            *(_level(y, "claim", "dash") for _, y in claims),
        ],
        "annotations": [
            theme.note(theme.literal(claim_label(line)), 0.01, y, **place)
            for (line, _), y in zip(claims, _label_positions(claims, span), strict=True)
        ]
        if len(claims) > 1
        else [],
    }
    return theme.figure(traces, layout, HEIGHT)


def buildup_table(data: BuildupData) -> Table:
    """Return the looks in figures."""
    anytime_column = ("anytime interval",) if data.has_anytime else ()
    rows = tuple(
        (
            formats.day(look.last_day),
            formats.count(look.items),
            formats.estimate_and_range(gain_interval(look.log_ratio)),
            *((_range(look.anytime),) if data.has_anytime else ()),
        )
        for look in data.looks
    )
    return Table(("until", "finished tasks", "efficiency gain", *anytime_column), rows)


def buildup_description(data: BuildupData) -> str:
    """Return the text alternative of the chart."""
    first, last = (
        f"{_range(look.log_ratio)} with {formats.count(look.items)} finished tasks on"
        f" {formats.day(look.last_day)}"
        for look in (data.looks[0], data.looks[-1])
    )
    return (
        f"Efficiency gain in {formats.printable(data.activity)} as it stood week by week: from"
        f" {first} to {last}."
    )


def buildup_lead(data: BuildupData) -> str:
    """Return how to read the chart, and how often its bands may be read."""
    advice = (
        " The wider band may be read every week; the narrower one only once."
        if data.has_anytime
        else " Stopping the first time the band clears 0 % would give false alarms."
    )
    return f"The interval of the efficiency gain as it stood at the end of each week.{advice}"


def buildup_key(data: BuildupData) -> tuple[str, ...]:
    """Return the signs to explain."""
    anytime = ("anytime",) if data.has_anytime else ()
    return ("gain", *anytime, *(("claim-line",) if data.claim_lines else ()))


CHART = ChartSpec(
    name="buildup",
    section="activities",
    summary="the interval as it stood at the end of each week",
    data=buildup_data,
    with_claims=True,
    figure=buildup_figure,
    table=buildup_table,
    describe=buildup_description,
    title="How the evidence built up",
    lead=buildup_lead,
    key=buildup_key,
    claim=lambda data: only_claim_label(data.claim_lines),
)


def _label_positions(claims: list[tuple[ClaimLine, float]], span: axis.Span) -> list[float]:
    """Return the positions of the claims' labels: at their lines, without overlaps."""
    unit = (HEIGHT - TOP - BOTTOM) / (span.high - span.low)
    return spread([y for _, y in claims], LABEL_HEIGHT / unit)


def _claim_position(line: ClaimLine) -> float:
    return -math.log(line.value)


def _range(log_ratio: Interval | None) -> str:
    return formats.percent_range(gain_interval(log_ratio))


def _estimates(data: BuildupData, days: list[str], bars: list[axis.Bar | None]) -> Json:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": days,
        "y": [bar.middle if bar else None for bar in bars],
        "line": {"color": theme.light("assistance"), "width": 2},
        "marker": {"size": 6, "color": theme.light("assistance")},
        "hoverinfo": "text",
        "hovertext": [_hover(look) for look in data.looks],
    }


def _band(days: list[str], bars: list[axis.Bar | None], span: axis.Span, tone: str) -> list[Json]:
    points = [(day, bar) for day, bar in zip(days, bars, strict=True) if bar]
    if not points:
        return []
    low = [span.low if bar.low is None else span.clamp(bar.low) for _, bar in points]
    high = [span.high if bar.high is None else span.clamp(bar.high) for _, bar in points]
    x = [day for day, _ in points]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": x + x[::-1],
            "y": low + high[::-1],
            "fill": "toself",
            "fillcolor": theme.light(tone),
            "line": {"width": 0, "color": theme.CLEAR},
            "hoverinfo": "skip",
        }
    ]


def _hover(look: InterimLook) -> str:
    texts = [
        f"until {formats.day(look.last_day)}",
        f"{formats.count(look.items)} finished tasks",
        f"efficiency gain {formats.estimate_and_range(gain_interval(look.log_ratio))}",
    ]
    if look.anytime:
        texts.append(f"anytime {_range(look.anytime)}")
    return theme.hover(texts)


def _level(y: float, tone: str, dash: str) -> Json:
    line = {"color": theme.light(tone), "width": 1.5, "dash": dash}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line}
