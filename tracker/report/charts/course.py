"""The weekly course: what a typical task took week by week, the rollout, and the claims."""

from __future__ import annotations

import math
from itertools import groupby
from typing import Literal

import plotly.graph_objects as go

from tracker.domain.times import day_to_date
from tracker.evidence.charts.course import CourseData, course_data
from tracker.evidence.results import Interval, Week
from tracker.report import formats
from tracker.report.charts import theme
from tracker.report.charts.chart import ChartSpec, claim_label, only_claim_label
from tracker.report.charts.theme import Json, Table

Side = Literal["before", "between", "after", "mixed"]
"""Where a week lies: before the first rollout, between the first and the last, after the last.

``mixed`` where there is no rollout: a week holds both arms.
"""

HEIGHT = 340
_MANY_WEEKS = 100
"""Weeks beyond which their marks are small."""
_MAX_GAP = 28
"""Days between two weeks up to which the band continues: weeks of few items are merged."""
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
_TICK_MINUTES = (
    *(1, 2, 3, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 960),
    *(1440, 2400, 4800),
)
"""Minutes that may be labelled on the scale."""


def course_figure(data: CourseData) -> go.Figure:
    """Return the weeks with their bands, the rollouts, the baseline and the claims.

    Weeks before and after a rollout have different marks; a claim is a dashed line.
    """
    low, high = _y_range(data)
    minutes = _spaced_ticks(low, high)
    x_range = [_date(data.weeks[0].first_day - 4), _date(_last_day(data))]
    layout: Json = {
        "margin": {"l": 64, "r": 8, "t": 26, "b": 44},
        "xaxis": {**theme.DATES, "range": x_range},
        "yaxis": {
            "type": "log",
            "range": [low, high],
            "tickmode": "array",
            "tickvals": minutes,
            "ticktext": [formats.minutes(m) for m in minutes],
        },
        "shapes": _lines(data),
        "annotations": _notes(data),
    }
    return theme.figure([*_bands(data), *_points(data)], layout, HEIGHT)


def course_table(data: CourseData) -> Table:
    """Return the weeks in figures."""
    rows = tuple(
        (
            formats.day(week.first_day),
            formats.count(week.items),
            formats.count(week.developers),
            formats.minutes(week.adjusted.estimate),
            _bounds(week.adjusted),
        )
        for week in data.weeks
        if week.adjusted
    )
    return Table(("week from", "tasks", "developers", "typical task", "interval"), rows)


def course_description(data: CourseData) -> str:
    """Return the text alternative of the chart."""
    clauses = [
        f"Typical minutes of {formats.printable(data.activity)} tasks in {len(data.weeks)} weeks"
        f" from {formats.day(data.weeks[0].first_day)} to {formats.day(data.weeks[-1].first_day)}"
    ]
    if data.cutover_days:
        clauses.append(f"rollout on {formats.day(data.cutover_days[0])}")
    if data.baseline_minutes:
        clauses.append(f"typically {formats.minutes(data.baseline_minutes)} without assistance")
    clauses += [
        f"the {claim_label(line)} would be {formats.minutes(line.value)}"
        for line in data.claim_lines
    ]
    return "; ".join(clauses) + "."


def course_lead(data: CourseData) -> str:
    """Return how to read the chart."""
    lead = "What a comparable task took, with its interval"
    lead += "." if data.cutover_days else ": those with assistance and those without together."
    if len(data.cutover_days) > 1:
        lead += " Rings with a dot: weeks in which only some had the assistant."
    return lead


def course_key(data: CourseData) -> tuple[str, ...]:
    """Return the signs to explain; none where no rollout divides the weeks."""
    if not data.cutover_days:
        return ()
    typical = ("typical",) if data.baseline_minutes else ()
    return ("baseline", "assistance", *typical, *(("promise",) if data.claim_lines else ()))


CHART = ChartSpec(
    name="course",
    section="activities",
    summary="the typical task week by week",
    data=course_data,
    with_claims=True,
    figure=course_figure,
    table=course_table,
    describe=course_description,
    title="Week by week",
    lead=course_lead,
    key=course_key,
    claim=lambda data: only_claim_label(data.claim_lines),
    whole_width=True,
)


def _points(data: CourseData) -> list[Json]:
    """Return a trace for each run of weeks on one side of the rollouts."""
    traces = []
    for side, run in groupby(data.weeks, key=lambda week: _side(week, data.cutover_days)):
        weeks = [(week, week.adjusted) for week in run if week.adjusted]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [_date(week.first_day) for week, _ in weeks],
                "y": [adjusted.estimate for _, adjusted in weeks],
                "hoverinfo": "text",
                "hovertext": [_hover(week, adjusted) for week, adjusted in weeks],
                "marker": {
                    "size": 8 if len(data.weeks) <= _MANY_WEEKS else 5,
                    "color": theme.light(_TONES[side]),
                    "symbol": _SYMBOLS[side],
                    "line": {"width": 1.5, "color": theme.light(_TONES[side])},
                },
            }
        )
    return traces


def _bands(data: CourseData) -> list[Json]:
    """Return a band over each run of weeks on one side of the rollouts without a long gap."""
    runs: list[list[Week]] = []
    for week in data.weeks:
        previous = runs[-1][-1] if runs else None
        side = _side(week, data.cutover_days)
        is_near = previous is not None and week.first_day - previous.first_day <= _MAX_GAP
        if previous and is_near and side == _side(previous, data.cutover_days):
            runs[-1].append(week)
        else:
            runs.append([week])
    return [_band(run, _TONES[_side(run[0], data.cutover_days)]) for run in runs]


def _band(run: list[Week], tone: str) -> Json:
    bounds = [
        (week.first_day, w.low, w.high) for week in run if (w := week.adjusted) and w.low and w.high
    ]
    if len(bounds) == 1:  # a band over a single day would not be visible
        (day, low, high) = bounds[0]
        bounds = [(day - 1, low, high), (day + 1, low, high)]
    days = [day for day, _, _ in bounds]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [_date(day) for day in (*days, *reversed(days))],
        "y": [*(low for _, low, _ in bounds), *(high for _, _, high in reversed(bounds))],
        "fill": "toself",
        "fillcolor": theme.light(f"{tone}-band"),
        "line": {"width": 0, "color": theme.CLEAR},
        "hoverinfo": "skip",
    }


def _side(week: Week, cutover_days: tuple[int, ...]) -> Side:
    if not cutover_days:
        return "mixed"
    if week.first_day < cutover_days[0]:
        return "before"
    return "after" if week.first_day >= cutover_days[-1] else "between"


def _hover(week: Week, adjusted: Interval) -> str:
    return (
        f"week from {formats.day(week.first_day)}"
        f"<br>typically {formats.minutes(adjusted.estimate)} ({_bounds(adjusted)})"
        f"<br>{formats.count(week.items)} tasks,"
        f" {formats.developers(week.developers, withhold=False)}"
    )


def _bounds(minutes: Interval) -> str:
    return f"{formats.minutes(minutes.low)} – {formats.minutes(minutes.high)}"


def _lines(data: CourseData) -> list[Json]:
    """Return the rollouts, the baseline up to the first one, and the claims from the last one."""
    first_day = data.weeks[0].first_day
    lines = [theme.vertical(_date(day), "soft", width=1.5) for day in data.cutover_days]
    if data.baseline_minutes:
        until = data.cutover_days[0] if data.cutover_days else first_day
        lines.append(_level(first_day, until, data.baseline_minutes, "baseline", "solid"))
    start, end = _last_rollout(data), _last_day(data)
    lines += [_level(start, end, line.value, "claim", "dash") for line in data.claim_lines]
    return lines


def _notes(data: CourseData) -> list[Json]:
    """Return the labels of the rollout, and of the claims where there are several."""
    notes = []
    if data.cutover_days and data.cutover_days[0] > data.weeks[0].first_day:
        label = "rollout" if len(data.cutover_days) == 1 else "rollouts"
        notes.append(
            theme.note(label, _date(data.cutover_days[0]), 1.0, anchor="left", yanchor="bottom")
        )
    if len(data.claim_lines) > 1:
        place: Json = {"anchor": "right", "tone": "claim", "yref": "y", "yanchor": "bottom"}
        end = _date(_last_day(data))
        notes += [
            theme.note(theme.literal(claim_label(line)), end, math.log10(line.value), **place)
            for line in data.claim_lines
        ]
    return notes


def _last_rollout(data: CourseData) -> int:
    """Return the day of the last rollout among the weeks: from it on all had the assistant."""
    first, last = data.weeks[0].first_day, data.weeks[-1].first_day
    return max((day for day in data.cutover_days if first <= day <= last), default=first)


def _last_day(data: CourseData) -> int:
    """Return the last day of the x axis."""
    first, last = data.weeks[0].first_day, data.weeks[-1].first_day
    return last + 7 + (last - first) // 12


def _level(first_day: int, last_day: int, minutes: float, tone: str, dash: str) -> Json:
    line = {"color": theme.light(tone), "width": 2, "dash": dash}
    ends = {"x0": _date(first_day), "x1": _date(last_day), "y0": minutes, "y1": minutes}
    return {"type": "line", **ends, "line": line}


def _y_range(data: CourseData) -> tuple[float, float]:
    """Return the ends of the y axis, as decimal logarithms.

    They hold all points and lines, and the bands unless these are very wide.
    """
    points = [week.adjusted.estimate for week in data.weeks if week.adjusted]
    points += [line.value for line in data.claim_lines]
    points += [data.baseline_minutes] if data.baseline_minutes else []
    bounds = [x for week in data.weeks if (w := week.adjusted) for x in (w.low, w.high) if x]
    low, high = min(points), max(points)
    near_bounds = [x for x in bounds if low / 3 <= x <= high * 3]
    return (
        math.log10(min(low, *near_bounds, low)) - 0.05,
        math.log10(max(high, *near_bounds, high)) + 0.08,
    )


def _spaced_ticks(low: float, high: float) -> list[int]:
    """Return the minutes to label between two decimal logarithms, an eighth of the axis apart."""
    ticks: list[int] = []
    for minutes in _TICK_MINUTES:
        if low <= math.log10(minutes) <= high and (
            not ticks or math.log10(minutes / ticks[-1]) >= (high - low) / 8
        ):
            ticks.append(minutes)
    return ticks


def _date(day: int) -> str:
    return day_to_date(day).isoformat()
