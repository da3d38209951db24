"""The course: what a typical task took in each period, the rollouts, and the claims."""

from __future__ import annotations

import math
from typing import Literal

from tracker.domain.records import ARMS, Arm
from tracker.evidence.assessment import CoursePeriod
from tracker.evidence.charts.course import CourseData, course_data
from tracker.evidence.results import Interval
from tracker.report import formats
from tracker.report.charts import theme
from tracker.report.charts.chart import ChartSpec, claim_label, only_claim_label
from tracker.report.charts.dates import date_axis, iso
from tracker.report.charts.rollout_labels import (
    UNNAMED,
    RolloutLabel,
    rollout_labels,
    rollout_names,
)
from tracker.report.charts.text_layout import spread
from tracker.report.charts.theme import ARM_LABELS, Figure, Json, Table

Side = Literal["before", "between", "after", "baseline", "assistance"]
"""Where a period lies: before the first rollout, between the first and the last, after the last.

Or its arm, where no rollout divides the periods.
"""

HEIGHT, TOP, BOTTOM = 340, 26, 44
LABEL_HEIGHT = 17
PLOT_HEIGHT = HEIGHT - TOP - BOTTOM
ROLLOUT_WIDTH = 200
"""Pixels of the label of a rollout."""
_MAX_GAPS = {"week": 28, "month": 92, "quarter": 275}
"""Days between two periods up to which the band continues: periods of few items are merged."""
_TONES: dict[Side, str] = {
    "before": "baseline",
    "between": "partly",
    "after": "assistance",
    "baseline": "baseline",
    "assistance": "assistance",
}
_SYMBOLS: dict[Side, str] = {
    "before": "circle-open",
    "between": "square",
    "after": "circle",
    "baseline": "circle-open",
    "assistance": "circle",
}
_TICK_MINUTES = (
    *(1, 2, 3, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 960),
    *(1440, 2400, 4800),
)
"""Minutes that may be labelled on the scale."""


def course_figure(data: CourseData) -> Figure:
    """Return the periods with their bands, the rollouts, the baseline and the claims.

    Periods before, between and after rollouts have different marks, and so have the arms where they
    are side by side; a claim is a dashed line.
    """
    low, high = _y_range(data)
    minutes = _spaced_ticks(low, high)
    top = LABEL_HEIGHT * max((label.row for label in _rollout_labels(data)), default=0)
    layout: Json = {
        "margin": {"l": _left_margin(minutes), "r": 10, "t": TOP + top, "b": BOTTOM},
        "xaxis": date_axis(*_x_range(data)),
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
    runs = _runs(data)
    bands = [_band(run, side) for side, run in runs]
    return theme.figure([*bands, *(_points(run, side) for side, run in runs)], layout, HEIGHT + top)


def course_table(data: CourseData) -> Table:
    """Return the periods in figures, with both arms of a period side by side."""
    arms: tuple[Arm | None, ...] = ARMS if data.arms else (None,)
    by_day: dict[int, dict[Arm | None, CoursePeriod]] = {}
    for period in sorted(data.periods, key=lambda period: period.first_day):
        by_day.setdefault(period.first_day, {})[period.arm] = period
    rows = (
        (formats.day(day), *(cell for arm in arms for cell in _cells(periods.get(arm))))
        for day, periods in by_day.items()
    )
    columns = ("tasks", "developers", "typical task", "interval")
    arm_words = {None: "", "baseline": " without", "assistance": " with"}
    header = (f"{column}{arm_words[arm]}" for arm in arms for column in columns)
    return Table((f"{data.length} from", *header), tuple(rows))


def _cells(period: CoursePeriod | None) -> tuple[str, ...]:
    """Return a period's cells of the table; undefined where an arm has no such period."""
    if period is None or period.adjusted is None:
        return (formats.UNDEFINED,) * 4
    return (
        formats.count(period.items),
        formats.count(period.developers),
        formats.minutes(period.adjusted.estimate),
        _bounds(period.adjusted),
    )


def course_description(data: CourseData) -> str:
    """Return the text alternative of the chart."""
    n = len({period.first_day for period in data.periods})
    clauses = [
        f"Typical minutes of {formats.printable(data.activity)} tasks in {n} {data.length}s"
        f" from {formats.day(data.first_day)} to {formats.day(data.last_first_day)}"
    ]
    for side, periods in _sides(data).items():
        minutes = [period.adjusted.estimate for period in periods if period.adjusted]
        clauses.append(
            f"{_SIDE_LABELS[side]} from {formats.minutes(min(minutes))} to"
            f" {formats.minutes(max(minutes))}"
        )
    for rollout, name in zip(data.rollouts, rollout_names(data.rollouts), strict=True):
        what = "" if name == UNNAMED else f" ({name})"
        clauses.append(f"rollout on {formats.day(rollout.day)}{what}")
    if data.baseline_minutes:
        clauses.append(f"typically {formats.minutes(data.baseline_minutes)} without assistance")
    clauses += [
        f"the {claim_label(line)} would be {formats.minutes(line.value)}"
        for line in data.claim_lines
    ]
    return "; ".join(clauses) + "."


def course_title(data: CourseData) -> str:
    """Return the chart's title."""
    return f"{formats.capitalize(data.length)} by {data.length}"


def course_lead(data: CourseData) -> str:
    """Return how to read the chart."""
    arms = " in each arm" if data.arms else ""
    return f"What a comparable task took{arms}, with its interval; log scale."


def course_key(data: CourseData) -> tuple[str, ...]:
    """Return the signs to explain."""
    if data.arms:
        return data.arms
    sides = _sides(data)
    keys = {"before": "baseline", "between": "partly", "after": "assistance"}
    signs = tuple(sign for side, sign in keys.items() if side in sides)
    typical = ("typical",) if data.baseline_minutes else ()
    return (*signs, *typical, *(("claimed-level",) if data.claim_lines else ()))


CHART = ChartSpec(
    name="course",
    section="activities",
    summary="the typical task over time",
    data=course_data,
    with_claims=True,
    figure=course_figure,
    table=course_table,
    describe=course_description,
    title=course_title,
    lead=course_lead,
    key=course_key,
    claim=lambda data: only_claim_label(data.claim_lines),
    whole_width=True,
)

_SIDE_LABELS: dict[Side, str] = {
    "before": ARM_LABELS["baseline"],
    "between": theme.PARTLY_LABEL,
    "after": ARM_LABELS["assistance"],
    **{arm: ARM_LABELS[arm] for arm in ARMS},
}


def _sides(data: CourseData) -> dict[Side, list[CoursePeriod]]:
    """Return the periods by the side on which they lie."""
    sides: dict[Side, list[CoursePeriod]] = {}
    for period in data.periods:
        sides.setdefault(_side(period, data.cutover_days), []).append(period)
    return sides


def _runs(data: CourseData) -> list[tuple[Side, list[CoursePeriod]]]:
    """Return the periods of each side in runs without a long gap, which have one band."""
    runs = []
    for side, periods in _sides(data).items():
        run: list[CoursePeriod] = []
        for period in periods:
            if run and period.first_day - run[-1].first_day > _MAX_GAPS[data.length]:
                runs.append((side, run))
                run = []
            run.append(period)
        runs.append((side, run))
    return runs


def _points(run: list[CoursePeriod], side: Side) -> Json:
    periods = [(period, period.adjusted) for period in run if period.adjusted]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [iso(period.first_day) for period, _ in periods],
        "y": [adjusted.estimate for _, adjusted in periods],
        "hoverinfo": "text",
        "hovertext": [_hover(period, adjusted, side) for period, adjusted in periods],
        "marker": {
            "size": 8,
            "color": theme.light(_TONES[side]),
            "symbol": _SYMBOLS[side],
            "line": {"width": 1.5, "color": theme.light(_TONES[side])},
        },
    }


def _band(run: list[CoursePeriod], side: Side) -> Json:
    bounds = [
        (period.first_day, band.low, band.high)
        for period in run
        if (band := period.adjusted) and band.low and band.high
    ]
    if len(bounds) == 1:  # a band over a single day would not be visible
        (day, low, high) = bounds[0]
        bounds = [(day - 1, low, high), (day + 1, low, high)]
    days = [day for day, _, _ in bounds]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [iso(day) for day in (*days, *reversed(days))],
        "y": [*(low for _, low, _ in bounds), *(high for _, _, high in reversed(bounds))],
        "fill": "toself",
        "fillcolor": theme.light(f"{_TONES[side]}-band"),
        "line": {"width": 0, "color": theme.CLEAR},
        "hoverinfo": "skip",
    }


def _side(period: CoursePeriod, cutover_days: tuple[int, ...]) -> Side:
    if not cutover_days:
        return period.arm or "baseline"
    if period.first_day < cutover_days[0]:
        return "before"
    return "after" if period.first_day >= cutover_days[-1] else "between"


def _hover(period: CoursePeriod, adjusted: Interval, side: Side) -> str:
    return theme.hover(
        (
            f"from {formats.day(period.first_day)}, {_SIDE_LABELS[side]}",
            f"typically {formats.minutes(adjusted.estimate)} ({_bounds(adjusted)})",
            f"{formats.count(period.items)} tasks,"
            f" {formats.developers(period.developers, withhold=False)}",
        )
    )


def _bounds(minutes: Interval) -> str:
    return f"{formats.minutes(minutes.low)} – {formats.minutes(minutes.high)}"


def _lines(data: CourseData) -> list[Json]:
    """Return the rollouts, the baseline up to the first one, and the claims from the last one."""
    _, end = _x_range(data)
    lines = [
        {**theme.vertical(iso(label.day), "soft", width=1.5), "y1": _label_height(label)}
        for label in _rollout_labels(data)
    ]
    if data.baseline_minutes:
        until = min(data.cutover_days[0], end)
        lines.append(_level(data.first_day, until, data.baseline_minutes, "baseline", "solid"))
    rollout = _last_rollout(data)
    lines += [_level(rollout, end, line.value, "claim", "dash") for line in data.claim_lines]
    return lines


def _notes(data: CourseData) -> list[Json]:
    """Return the labels of the rollouts, and of the claims where there are several."""
    notes = []
    for label in _rollout_labels(data):
        (text,) = theme.lines(label.name, ROLLOUT_WIDTH, max_lines=1)
        place: Json = {"anchor": label.anchor, "yanchor": "bottom"}
        notes.append(theme.note(text, iso(label.day), _label_height(label), **place))
    if len(data.claim_lines) > 1:
        _, end = _x_range(data)
        place = {"anchor": "right", "tone": "claim", "yref": "y", "yanchor": "bottom"}
        low, high = _y_range(data)
        heights = spread(
            [math.log10(line.value) for line in data.claim_lines],
            LABEL_HEIGHT * (high - low) / PLOT_HEIGHT,
        )
        notes += [
            theme.note(theme.literal(claim_label(line)), iso(end), height, **place)
            for line, height in zip(data.claim_lines, heights, strict=True)
        ]
    return notes


def _rollout_labels(data: CourseData) -> list[RolloutLabel]:
    return rollout_labels(
        data.rollouts, *_x_range(data), _left_margin(_spaced_ticks(*_y_range(data)))
    )


def _label_height(label: RolloutLabel) -> float:
    """Return the height of a rollout's label as a fraction of the plot."""
    return 1 + LABEL_HEIGHT * label.row / PLOT_HEIGHT


def _last_rollout(data: CourseData) -> int:
    """Return the day of the last rollout among the periods: from it on all had the assistant."""
    first, last = data.first_day, data.last_first_day
    return max((day for day in data.cutover_days if first <= day <= last), default=first)


def _x_range(data: CourseData) -> tuple[int, int]:
    """Return the first and the last day of the x axis."""
    first, last = data.first_day, data.last_first_day
    margin = 4 + (last - first) // 50
    return first - margin, last + margin + (last - first) // 20


def _level(first_day: int, last_day: int, minutes: float, tone: str, dash: str) -> Json:
    line = {"color": theme.light(tone), "width": 2, "dash": dash}
    ends = {"x0": iso(first_day), "x1": iso(last_day), "y0": minutes, "y1": minutes}
    return {"type": "line", **ends, "line": line}


def _y_range(data: CourseData) -> tuple[float, float]:
    """Return the ends of the y axis, as decimal logarithms.

    They hold all points and lines, and the bands unless these are very wide.
    """
    points = [period.adjusted.estimate for period in data.periods if period.adjusted]
    points += [line.value for line in data.claim_lines]
    points += [data.baseline_minutes] if data.baseline_minutes else []
    bounds = [
        bound
        for period in data.periods
        if period.adjusted
        for bound in (period.adjusted.low, period.adjusted.high)
        if bound
    ]
    low, high = min(points), max(points)
    near_bounds = [x for x in bounds if low / 3 <= x <= high * 3]
    return (
        math.log10(min(low, *near_bounds, low)) - 0.05,
        math.log10(max(high, *near_bounds, high)) + 0.08,
    )


def _left_margin(minutes: list[int]) -> int:
    return theme.left_margin(formats.minutes(m) for m in minutes)


def _spaced_ticks(low: float, high: float) -> list[int]:
    """Return the minutes to label between two decimal logarithms, an eighth of the axis apart."""
    ticks: list[int] = []
    for minutes in _TICK_MINUTES:
        if low <= math.log10(minutes) <= high and (
            not ticks or math.log10(minutes / ticks[-1]) >= (high - low) / 8
        ):
            ticks.append(minutes)
    return ticks
