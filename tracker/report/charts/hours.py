"""The chart of hours per developer-week by activity, in each arm."""

from __future__ import annotations

from tracker.domain.counts import count_of
from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.evidence.charts.hours import hours_data
from tracker.evidence.charts.weekly_hours import ActivityHours, WeeklyHours
from tracker.report import formats
from tracker.report.charts import theme
from tracker.report.charts.chart import ChartSpec
from tracker.report.charts.row_chart import LINE_HEIGHT, SIDE, beside_bars
from tracker.report.charts.theme import ARM_LABELS, Figure, Json, Table

ROW_HEIGHT = 44
BOTTOM = 48
_TICK_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
"""Hours between two ticks."""
_MAX_TICKS = 6
DATE_LABELS = ("before the rollout", "after the rollout")
NO_ARM_LABEL = "neither"


def hours_figure(data: WeeklyHours) -> Figure:
    """Return a row an activity: a line from its hours without to its hours with assistance."""
    traces: list[Json] = []
    notes: list[Json] = []
    for row, hours in enumerate(data.activities):
        y = -row * ROW_HEIGHT - LINE_HEIGHT - 10
        (label, *_) = theme.lines(formats.capitalize(hours.activity), max_lines=1)
        place = {"xref": "paper", "yref": "y", "yanchor": "top"}
        notes.append({**theme.note(f"<b>{label}</b>", 0, -row * ROW_HEIGHT, tone="ink"), **place})
        traces += _row(data, hours, y)
    largest = max(max(_values(data, hours)) for hours in data.activities)
    step = next((step for step in _TICK_STEPS if largest / step <= _MAX_TICKS), _TICK_STEPS[-1])
    ticks = [step * n for n in range(int(1.08 * largest / step) + 1)]
    rows = range(len(data.activities))
    bands = [(row * ROW_HEIGHT + LINE_HEIGHT, (row + 1) * ROW_HEIGHT) for row in rows]
    layout: Json = {
        "margin": {"l": SIDE, "r": SIDE, "t": 8, "b": BOTTOM},
        "xaxis": {
            "range": [-0.02 * largest, 1.08 * largest],
            "showgrid": False,
            "tickmode": "array",
            "tickvals": ticks,
            "ticktext": [f"{tick:.3g}{formats.NO_BREAK_SPACE}h" for tick in ticks],
            "title": {"text": "hours per developer-week"},
        },
        "yaxis": {"range": [-len(data.activities) * ROW_HEIGHT, 0], "visible": False},
        "shapes": [beside_bars(bands, tick, "faint", width=1) for tick in ticks],
        "annotations": notes,
    }
    return theme.figure(traces, layout, len(data.activities) * ROW_HEIGHT + BOTTOM + 8)


def hours_table(data: WeeklyHours) -> Table:
    """Return the hours of each activity per developer-week, and of all of them."""
    rows = tuple(
        (formats.printable(hours.activity), *map(_two_decimals, _cells(data, hours)))
        for hours in (*data.activities, data.totals)
    )
    return Table(("activity", *_headers(data)), rows)


def hours_description(data: WeeklyHours) -> str:
    """Return the text alternative of the chart."""
    parts = [
        f"{formats.printable(hours.activity)} {_spoken(data, hours)}"
        for hours in (*data.activities, data.totals)
    ]
    return f"Hours per developer-week. {'; '.join(parts)}."


def hours_lead(data: WeeklyHours) -> str:
    """Return the sum of the activities, the number of developer-weeks, and what is left out."""
    developers = count_of(data.developers, "developer")
    if data.by_date:
        sentences = [
            f"A developer-week had {_spoken(data, data.totals)} in all:"
            f" {formats.count(data.baseline_weeks)} and"
            f" {formats.count(data.assistance_weeks)} developer-weeks of the {developers}"
            " who logged on both sides of their rollout.",
            "Whole weeks only, without the week of a rollout.",
        ]
    else:
        sentences = [
            f"A developer-week had {_spoken(data, data.totals)}, in"
            f" {count_of(data.baseline_weeks, 'developer-week')} of {developers}:"
            " the same weeks hold both kinds of work.",
            "Whole weeks only.",
        ]
    if data.merged:
        sentences.append(
            f"Other activities: {data.merged} together, as fewer than {MIN_DEVELOPERS_SHOWN}"
            " developers stand behind some of them."
        )
    return " ".join((*sentences, "Time that moved to another activity is shifted, not saved."))


CHART = ChartSpec(
    name="hours",
    section="hours",
    summary="each activity's hours per developer-week",
    data=hours_data,
    figure=hours_figure,
    table=hours_table,
    describe=hours_description,
    title="Where the hours went",
    lead=hours_lead,
    key=("baseline", "assistance"),
)


def _headers(data: WeeklyHours) -> tuple[str, ...]:
    if data.by_date:
        return tuple(f"hours a week {label}" for label in DATE_LABELS)
    return (*(f"hours a week {label}" for label in ARM_LABELS.values()), NO_ARM_LABEL, "in all")


def _cells(data: WeeklyHours, hours: ActivityHours) -> tuple[float, ...]:
    if data.by_date:
        return hours.baseline, hours.assistance
    parts = (hours.baseline, hours.assistance, hours.no_arm)
    return (*parts, sum(parts))


def _values(data: WeeklyHours, hours: ActivityHours) -> tuple[float, ...]:
    """Return the hours that are drawn: before and after, or without, with and neither."""
    return _cells(data, hours)[:3]


def _spoken(data: WeeklyHours, hours: ActivityHours) -> str:
    texts = [formats.hours(value) for value in _cells(data, hours)]
    if data.by_date:
        return f"{texts[0]} before and {texts[1]} after"
    without, with_, neither, total = texts
    unknown = f", {neither} neither" if hours.no_arm else ""
    return f"{total} ({without} without assistance, {with_} with it{unknown})"


def _two_decimals(value: float) -> str:
    return f"{formats.number(value)}{formats.NO_BREAK_SPACE}h"


def _row(data: WeeklyHours, hours: ActivityHours, y: float) -> list[Json]:
    tones = ("baseline", "assistance", "study")
    points = [
        (x, tone)
        for x, tone in zip(_values(data, hours), tones, strict=False)
        if data.by_date or x > 0
    ]
    hover = (
        f"{theme.literal(formats.capitalize(hours.activity))}"
        f"<br>{theme.literal(_spoken(data, hours))}"
    )
    common: Json = {"type": "scatter", "hoverinfo": "text", "hovertext": hover}
    line = {"mode": "lines", "x": [x for x, _ in points], "y": [y] * len(points)}
    traces = [{**common, **line, "line": {"color": theme.light("study"), "width": 2}}]
    for x, tone in points:
        symbol = "circle" if tone == "assistance" else "circle-open"
        marker = {"size": 11, "symbol": symbol, "color": theme.light(tone)}
        marker["line"] = {"width": 2, "color": theme.light(tone)}
        traces.append({**common, "mode": "markers", "x": [x], "y": [y], "marker": marker})
    return traces
