"""How the evidence built up: the interval as it stood at the end of each week, closing in on what it says now."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from tracker.domain.times import day_to_date
from tracker.evidence.results import ActivityChartData, InterimLook, Result
from tracker.report import axis, formats, labels
from tracker.report.charts import theme
from tracker.report.charts.theme import Json, Table

HEIGHT = 340


@dataclass(frozen=True, slots=True)
class Promise:
    """A claim on the scale."""

    label: str
    at: float


@dataclass(frozen=True, slots=True)
class Buildup:
    """Looks that had an interval, on the scale of gains."""

    activity: str
    looks: tuple[InterimLook, ...]
    promises: tuple[Promise, ...]
    over: axis.Span

    @property
    def anytime(self) -> bool:
        """Whether the band that allows looking every week is there."""
        return any(look.anytime for look in self.looks)


def buildup_data(picture: ActivityChartData, results: tuple[Result, ...]) -> Buildup | None:
    """What to draw of one activity; None where fewer than two weeks had an interval."""
    looks = tuple(look for look in picture.looks if look.log_ratio)
    if len(looks) < 2:
        return None
    promises = tuple(
        Promise(f"claim {labels.short_claim(result)}", at)
        for result in results
        if result.activity == picture.activity and (at := axis.claim_place(result)) is not None
    )
    places: list[float | None] = [promise.at for promise in promises]
    for look in looks:
        bar = axis.bar(look.log_ratio)
        places += [bar.low, bar.middle, bar.high] if bar else []
    return Buildup(picture.activity, looks, promises, axis.span(places))


def buildup_figure(data: Buildup) -> go.Figure:
    """A line with its band, the anytime band behind it, no change and the claim."""
    days = [day_to_date(look.last_day).isoformat() for look in data.looks]
    bars = [axis.bar(look.log_ratio) for look in data.looks]
    anytime = [axis.bar(look.anytime) for look in data.looks]
    traces = [
        *_band(days, anytime, data.over, "anytime-band"),
        *_band(days, bars, data.over, "assistance-band"),
    ]
    traces.append(
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": days,
            "y": [bar.middle if bar else None for bar in bars],
            "line": {"color": theme.light("assistance"), "width": 2},
            "marker": {"size": 6, "color": theme.light("assistance")},
            "hoverinfo": "text",
            "hovertext": [_hover(look) for look in data.looks],
        }
    )
    shapes = [_level(0.0, "soft", "solid"), *(_level(p.at, "claim", "dash") for p in data.promises)]
    notes: list[Json] = []
    for promise in data.promises if len(data.promises) > 1 else ():
        label = theme.literal(promise.label)
        notes.append(
            theme.note(
                label, 0.01, promise.at, tone="claim", xref="paper", yref="y", yanchor="bottom"
            )
        )
    layout: Json = {
        "margin": {"l": 64, "r": 8, "t": 12, "b": 44},
        "xaxis": {**theme.DATES},
        "yaxis": {
            "range": [data.over.low, data.over.high],
            **theme.ticks(axis.ticks("efficiency_gain", data.over)),
        },
        "shapes": shapes,
        "annotations": notes,
    }
    return theme.figure(traces, layout, HEIGHT)


def buildup_table(data: Buildup) -> Table:
    """The looks in figures."""
    header = ("until", "tasks", "efficiency gain", *(("anytime interval",) if data.anytime else ()))
    rows = tuple(
        (
            formats.day(look.last_day),
            formats.count(look.items),
            formats.estimate_and_range(axis.gain(look.log_ratio)),
            *((formats.percent_range(axis.gain(look.anytime)),) if data.anytime else ()),
        )
        for look in data.looks
    )
    return Table(header, rows)


def buildup_description(data: Buildup) -> str:
    """What the figure shows, for those who do not see it."""
    first, last = data.looks[0], data.looks[-1]
    return (
        f"Efficiency gain in {formats.printable(data.activity)} as it stood week by week: from"
        f" {formats.percent_range(axis.gain(first.log_ratio))} with {formats.count(first.items)} tasks on"
        f" {formats.day(first.last_day)} to {formats.percent_range(axis.gain(last.log_ratio))} with"
        f" {formats.count(last.items)} tasks on {formats.day(last.last_day)}."
    )


def _band(days: list[str], bars: list[axis.Bar | None], over: axis.Span, tone: str) -> list[Json]:
    known = [(day, bar) for day, bar in zip(days, bars, strict=True) if bar]
    if not known:
        return []
    low = [over.low if bar.low is None else over.clamp(bar.low) for _, bar in known]
    high = [over.high if bar.high is None else over.clamp(bar.high) for _, bar in known]
    along = [day for day, _ in known]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": along + along[::-1],
            "y": low + high[::-1],
            "fill": "toself",
            "fillcolor": theme.light(tone),
            "line": {"width": 0, "color": theme.CLEAR},
            "hoverinfo": "skip",
        }
    ]


def _hover(look: InterimLook) -> str:
    said = [f"until {formats.day(look.last_day)}", f"{formats.count(look.items)} tasks"]
    said.append(f"efficiency gain {formats.estimate_and_range(axis.gain(look.log_ratio))}")
    if look.anytime:
        said.append(f"anytime {formats.percent_range(axis.gain(look.anytime))}")
    return "<br>".join(said)


def _level(at: float, tone: str, dash: str) -> Json:
    line = {"color": theme.light(tone), "width": 1.5, "dash": dash}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at, "line": line}
