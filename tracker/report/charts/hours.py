"""Where the time goes: each activity's share of all logged hours in either arm."""

from __future__ import annotations

import plotly.graph_objects as go

from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.evidence.charts.hours import HoursData, HoursShare, hours_data
from tracker.report import formats
from tracker.report.charts import theme
from tracker.report.charts.chart import ChartSpec
from tracker.report.charts.row_chart import LINE_HEIGHT, SIDE, beside_bars
from tracker.report.charts.theme import ARM_LABELS, Json, Table

ROW_HEIGHT = 44
BOTTOM = 48
_TICK_STEPS = (1, 2, 5, 10, 20, 25)
"""Per cent between two ticks."""
_MAX_TICKS = 6


def hours_figure(data: HoursData) -> go.Figure:
    """Return a row an activity: a line from its share without to its share with assistance."""
    traces: list[Json] = []
    notes: list[Json] = []
    for row, share in enumerate(data.shares):
        y = -row * ROW_HEIGHT - LINE_HEIGHT - 10
        (label, *_) = theme.lines(formats.capitalize(share.activity), max_lines=1)
        place = {"xref": "paper", "yref": "y", "yanchor": "top"}
        notes.append({**theme.note(f"<b>{label}</b>", 0, -row * ROW_HEIGHT, tone="ink"), **place})
        traces += _row(share, y)
    largest = 100 * max(max(s.baseline or 0, s.assistance or 0) for s in data.shares)
    step = next((step for step in _TICK_STEPS if largest / step <= _MAX_TICKS), _TICK_STEPS[-1])
    ticks = [step * n for n in range(int(1.08 * largest / step) + 1)]
    rows = range(len(data.shares))
    bands = [(row * ROW_HEIGHT + LINE_HEIGHT, (row + 1) * ROW_HEIGHT) for row in rows]
    layout: Json = {
        "margin": {"l": SIDE, "r": SIDE, "t": 8, "b": BOTTOM},
        "xaxis": {
            "range": [-0.02 * largest, 1.08 * largest],
            "showgrid": False,
            "tickmode": "array",
            "tickvals": ticks,
            "ticktext": [formats.percent(tick / 100, signed=False) for tick in ticks],
            "title": {"text": "share of all logged hours"},
        },
        "yaxis": {"range": [-len(data.shares) * ROW_HEIGHT, 0], "visible": False},
        "shapes": [beside_bars(bands, tick, "faint", width=1) for tick in ticks],
        "annotations": notes,
    }
    return theme.figure(traces, layout, len(data.shares) * ROW_HEIGHT + BOTTOM + 8)


def hours_table(data: HoursData) -> Table:
    """Return the hours and shares of each activity."""
    columns = tuple(column for arm in ARM_LABELS.values() for column in (f"hours {arm}", "share"))
    rows = tuple(
        (
            share.activity,
            formats.hours(share.baseline_hours),
            formats.percent(share.baseline, signed=False),
            formats.hours(share.assistance_hours),
            formats.percent(share.assistance, signed=False),
        )
        for share in data.shares
    )
    return Table(("activity", *columns), rows)


def hours_description(data: HoursData) -> str:
    """Return the text alternative of the chart."""
    shares = [
        f"{formats.printable(share.activity)} from {formats.percent(share.baseline, signed=False)}"
        f" to {formats.percent(share.assistance, signed=False)}"
        for share in data.shares
    ]
    return f"Share of all logged hours without and with assistance: {'; '.join(shares)}."


def hours_lead(data: HoursData) -> str:
    """Return how to read the chart, and how many activities are left out of it."""
    n = data.suppressed
    exception = (
        f" but those of {n} activit{'ies' if n > 1 else 'y'} of fewer than {MIN_DEVELOPERS_SHOWN}"
        " developers"
        if n
        else ""
    )
    return (
        f"Each activity’s share of all hours{exception}."
        " Time that moved to another activity is shifted, not saved."
    )


CHART = ChartSpec(
    name="hours",
    section="hours",
    summary="each activity's share of all logged hours",
    data=hours_data,
    figure=hours_figure,
    table=hours_table,
    describe=hours_description,
    title="Where the time goes",
    lead=hours_lead,
    key=("baseline", "assistance"),
)


def _row(share: HoursShare, y: float) -> list[Json]:
    points = [
        (100 * x, tone)
        for x, tone in ((share.baseline, "baseline"), (share.assistance, "assistance"))
        if x is not None
    ]
    hover = theme.hover(
        (
            formats.capitalize(share.activity),
            *(
                f"{label}: {formats.hours(hours)}, {formats.percent(fraction, signed=False)}"
                for label, hours, fraction in (
                    (ARM_LABELS["baseline"], share.baseline_hours, share.baseline),
                    (ARM_LABELS["assistance"], share.assistance_hours, share.assistance),
                )
            ),
        )
    )
    common: Json = {"type": "scatter", "hoverinfo": "text", "hovertext": hover}
    line = {"mode": "lines", "x": [x for x, _ in points], "y": [y] * len(points)}
    traces = [{**common, **line, "line": {"color": theme.light("study"), "width": 2}}]
    for x, tone in points:
        symbol = "circle-open" if tone == "baseline" else "circle"
        marker = {"size": 11, "symbol": symbol, "color": theme.light(tone)}
        marker["line"] = {"width": 2, "color": theme.light(tone)}
        traces.append({**common, "mode": "markers", "x": [x], "y": [y], "marker": marker})
    return traces
