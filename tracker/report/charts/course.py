"""The weekly course: what a typical task took week by week, the rollout, and what the claim would look like."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import plotly.graph_objects as go

from tracker.domain import gains
from tracker.domain.times import day_to_date
from tracker.evidence.results import ActivityChartData, Interval, Result, Week
from tracker.report import formats, labels
from tracker.report.charts import theme
from tracker.report.charts.theme import Json, Table

Side = Literal["before", "between", "after", "mixed"]

HEIGHT = 340
_MANY = 100
"""Weeks beyond which their marks are small."""
_LONGEST_GAP = 28
"""Days between weeks up to which a band goes on: evidence merges thin weeks into their neighbours."""
_TONES: dict[Side, str] = {
    "before": "baseline",
    "between": "assistance",
    "after": "assistance",
    "mixed": "soft",
}
_SYMBOLS: dict[Side, str] = {
    "before": "circle-open",
    "between": "circle-open-dot",
    "after": "circle",
    "mixed": "circle",
}
_MINUTES = (
    1,
    2,
    3,
    5,
    7,
    10,
    15,
    20,
    30,
    45,
    60,
    90,
    120,
    180,
    240,
    360,
    480,
    720,
    960,
    1440,
    2400,
    4800,
)


@dataclass(frozen=True, slots=True)
class Promise:
    """Where the typical task would lie after the rollout if a claim held."""

    label: str
    minutes: float


@dataclass(frozen=True, slots=True)
class Course:
    """The weeks, and the lines to hold them against; these only where a rollout splits the weeks."""

    activity: str
    weeks: tuple[Week, ...]
    cutover_days: tuple[int, ...]
    baseline_minutes: float | None
    promises: tuple[Promise, ...]


def course_data(picture: ActivityChartData, results: tuple[Result, ...]) -> Course | None:
    """What to draw of one activity; None where fewer than two weeks may be shown."""
    shown = tuple(week for week in picture.weeks if week.adjusted)
    if len(shown) < 2:
        return None
    return Course(
        activity=picture.activity,
        weeks=shown,
        cutover_days=picture.cutover_days,
        baseline_minutes=picture.adjusted_baseline_minutes if picture.cutover_days else None,
        promises=_promises(picture, results) if picture.cutover_days else (),
    )


def _promises(picture: ActivityChartData, results: tuple[Result, ...]) -> tuple[Promise, ...]:
    found = []
    for result in results:
        if (
            result.activity != picture.activity
            or result.claim is None
            or result.claim.value is None
        ):
            continue
        ratio = gains.to_ratio(result.reading, result.claim.value)
        if ratio is not None and picture.adjusted_baseline_minutes:
            found.append(
                Promise(
                    f"claim {labels.short_claim(result)}", ratio * picture.adjusted_baseline_minutes
                )
            )
    return tuple(found)


def course_figure(data: Course) -> go.Figure:
    """Points with their band, before and after in different marks; the rollout; the claim as a dashed line."""
    first = data.cutover_days[0] if data.cutover_days else None
    everybody = _everybody_from(data)
    last_day = (
        data.weeks[-1].first_day + 7 + (data.weeks[-1].first_day - data.weeks[0].first_day) // 12
    )
    traces = [*_bands(data), *_points(data)]
    shapes = [*_rollout(data.cutover_days)]
    notes: list[Json] = []
    if first is not None and first > data.weeks[0].first_day:
        label = "rollout" if len(data.cutover_days) == 1 else "rollouts"
        notes.append(theme.note(label, _date(first), 1.0, anchor="left", yanchor="bottom"))
    if data.baseline_minutes:
        until = data.weeks[0].first_day if first is None else first
        shapes.append(
            _level(data.weeks[0].first_day, until, data.baseline_minutes, "baseline", "solid")
        )
    for promise in data.promises:
        shapes.append(_level(everybody, last_day, promise.minutes, "claim", "dash"))
    if len(data.promises) > 1:
        place: Json = {"anchor": "right", "tone": "claim", "yref": "y", "yanchor": "bottom"}
        for promise in data.promises:
            notes.append(
                theme.note(
                    theme.literal(promise.label),
                    _date(last_day),
                    math.log10(promise.minutes),
                    **place,
                )
            )
    low, high = _reach(data)
    marks = [m for m in _MINUTES if low <= math.log10(m) <= high]
    layout: Json = {
        "margin": {"l": 64, "r": 8, "t": 26, "b": 44},
        "xaxis": {**theme.DATES, "range": [_date(data.weeks[0].first_day - 4), _date(last_day)]},
        "yaxis": {
            "type": "log",
            "range": [low, high],
            "tickmode": "array",
            "tickvals": _apart(marks, high - low),
            "ticktext": [formats.minutes(m) for m in _apart(marks, high - low)],
        },
        "shapes": shapes,
        "annotations": notes,
    }
    return theme.figure(traces, layout, HEIGHT)


def course_table(data: Course) -> Table:
    """The weeks in figures."""
    rows = tuple(
        (
            formats.day(week.first_day),
            formats.count(week.items),
            formats.count(week.developers),
            formats.minutes(week.adjusted.estimate),
            f"{formats.minutes(week.adjusted.low)} – {formats.minutes(week.adjusted.high)}",
        )
        for week in data.weeks
        if week.adjusted
    )
    return Table(("week from", "tasks", "developers", "typical task", "interval"), rows)


def course_description(data: Course) -> str:
    """What the figure shows, for those who do not see it."""
    said = [
        f"Typical minutes of {formats.printable(data.activity)} tasks in {len(data.weeks)} weeks from"
        f" {formats.day(data.weeks[0].first_day)} to {formats.day(data.weeks[-1].first_day)}"
    ]
    if data.cutover_days:
        said.append(f"rollout on {formats.day(data.cutover_days[0])}")
    if data.baseline_minutes:
        said.append(f"typically {formats.minutes(data.baseline_minutes)} without assistance")
    said += [f"the {p.label} would be {formats.minutes(p.minutes)}" for p in data.promises]
    return "; ".join(said) + "."


def _points(data: Course) -> list[Json]:
    found = []
    for side, weeks in groupby(data.weeks, key=lambda week: _side(week, data.cutover_days)):
        shown = [(week, week.adjusted) for week in weeks if week.adjusted]
        found.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [_date(week.first_day) for week, _ in shown],
                "y": [adjusted.estimate for _, adjusted in shown],
                "hoverinfo": "text",
                "hovertext": [_hover(week, adjusted) for week, adjusted in shown],
                "marker": {
                    "size": 8 if len(data.weeks) <= _MANY else 5,
                    "color": theme.light(_TONES[side]),
                    "symbol": _SYMBOLS[side],
                    "line": {"width": 1.5, "color": theme.light(_TONES[side])},
                },
            }
        )
    return found


def _bands(data: Course) -> list[Json]:
    """A band over each run of weeks on one side of the rollout, broken where a month or more is missing."""
    runs: list[list[Week]] = []
    for week in data.weeks:
        previous = runs[-1][-1] if runs else None
        side = _side(week, data.cutover_days)
        near = previous is not None and week.first_day - previous.first_day <= _LONGEST_GAP
        if previous and near and side == _side(previous, data.cutover_days):
            runs[-1].append(week)
        else:
            runs.append([week])
    return [_band(run, _TONES[_side(run[0], data.cutover_days)]) for run in runs]


def _band(run: list[Week], tone: str) -> Json:
    known = [
        (week.first_day, w.low, w.high) for week in run if (w := week.adjusted) and w.low and w.high
    ]
    if len(known) == 1:
        known = [(known[0][0] - 1, *known[0][1:]), (known[0][0] + 1, *known[0][1:])]
    days = [day for day, _, _ in known]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [_date(day) for day in (*days, *reversed(days))],
        "y": [*(low for _, low, _ in known), *(high for _, _, high in reversed(known))],
        "fill": "toself",
        "fillcolor": theme.light(f"{tone}-band"),
        "line": {"width": 0, "color": theme.CLEAR},
        "hoverinfo": "skip",
    }


def _side(week: Week, cutover_days: tuple[int, ...]) -> Side:
    """Before the first rollout, after the last, between them, when only some had the assistant; or both arms mixed."""
    if not cutover_days:
        return "mixed"
    if week.first_day < cutover_days[0]:
        return "before"
    return "after" if week.first_day >= cutover_days[-1] else "between"


def _everybody_from(data: Course) -> int:
    """The day from which a claim can be held against the weeks: the last rollout that lies among them."""
    weeks = data.weeks
    known = [day for day in data.cutover_days if weeks[0].first_day <= day <= weeks[-1].first_day]
    return known[-1] if known else weeks[0].first_day


def _hover(week: Week, adjusted: Interval) -> str:
    return (
        f"week from {formats.day(week.first_day)}<br>typically {formats.minutes(adjusted.estimate)}"
        f" ({formats.minutes(adjusted.low)} – {formats.minutes(adjusted.high)})<br>{formats.count(week.items)} tasks,"
        f" {formats.developers(week.developers, withhold=False)}"
    )


def _rollout(days: tuple[int, ...]) -> list[Json]:
    return [theme.vertical(_date(day), "soft", width=1.5) for day in days]


def _level(first_day: int, last_day: int, minutes: float, tone: str, dash: str) -> Json:
    line = {"color": theme.light(tone), "width": 2, "dash": dash}
    ends = {"x0": _date(first_day), "x1": _date(last_day), "y0": minutes, "y1": minutes}
    return {"type": "line", **ends, "line": line}


def _reach(data: Course) -> tuple[float, float]:
    """Ends of the y axis, as decimal logarithms: points, lines and most of the bands, but no runaway band."""
    points = [week.adjusted.estimate for week in data.weeks if week.adjusted]
    points += [promise.minutes for promise in data.promises]
    points += [data.baseline_minutes] if data.baseline_minutes else []
    ends = [end for week in data.weeks if (w := week.adjusted) for end in (w.low, w.high) if end]
    low, high = min(points), max(points)
    bounded = [end for end in ends if low / 3 <= end <= high * 3]
    return math.log10(min(low, *bounded, low)) - 0.05, math.log10(max(high, *bounded, high)) + 0.08


def _apart(marks: list[int], reach: float) -> list[int]:
    spaced: list[int] = []
    for mark in marks:
        if not spaced or math.log10(mark / spaced[-1]) >= reach / 8:
            spaced.append(mark)
    return spaced


def _date(day: int) -> str:
    return day_to_date(day).isoformat()
