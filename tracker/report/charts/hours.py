"""Where the time goes: each activity's share of all logged hours on either side, so that moved time is seen."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from tracker.evidence.results import ActivityHours
from tracker.report import formats
from tracker.report.charts import theme
from tracker.report.charts.rows import LINE_HEIGHT
from tracker.report.charts.theme import ARM_LABELS, Json, Table

ROW = 44
BOTTOM = 48


@dataclass(frozen=True, slots=True)
class Share:
    """One activity's part of each side's hours, as fractions; None where that side has no hours at all."""

    activity: str
    baseline_hours: float
    assistance_hours: float
    baseline: float | None
    assistance: float | None


def hours_data(hours: tuple[ActivityHours, ...]) -> tuple[Share, ...]:
    """Shares of all hours, the largest activity first; () where nothing was logged."""
    before, after = sum(h.baseline_hours for h in hours), sum(h.assistance_hours for h in hours)
    found = [
        Share(
            activity=h.activity,
            baseline_hours=h.baseline_hours,
            assistance_hours=h.assistance_hours,
            baseline=h.baseline_hours / before if before else None,
            assistance=h.assistance_hours / after if after else None,
        )
        for h in hours
    ]
    shown = [share for share in found if share.baseline_hours or share.assistance_hours]
    return tuple(
        sorted(shown, key=lambda s: (-(s.baseline or 0) - (s.assistance or 0), s.activity))
    )


def hours_figure(data: tuple[Share, ...]) -> go.Figure:
    """A line from the share without to the share with assistance, an activity a row."""
    traces: list[Json] = []
    notes: list[Json] = []
    for row, share in enumerate(data):
        y = -row * ROW - LINE_HEIGHT - 10
        (label, *_) = theme.lines(formats.capital(share.activity), most=1)
        place = {"xref": "paper", "yref": "y", "yanchor": "top"}
        notes.append({**theme.note(f"<b>{label}</b>", 0, -row * ROW, tone="ink"), **place})
        traces += _row(share, y)
    most = 100 * max((max(s.baseline or 0, s.assistance or 0) for s in data), default=1)
    layout: Json = {
        "margin": {"l": 8, "r": 8, "t": 8, "b": BOTTOM},
        "xaxis": {
            "range": [-0.02 * most, 1.08 * most],
            "tickformat": ".0f",
            "ticksuffix": f"{formats.SPACE}%",
            "nticks": 6,
            "title": {"text": "share of all logged hours"},
        },
        "yaxis": {"range": [-len(data) * ROW, 0], "visible": False},
        "annotations": notes,
    }
    return theme.figure(traces, layout, len(data) * ROW + BOTTOM + 8)


def hours_table(data: tuple[Share, ...]) -> Table:
    """Hours and shares."""
    sides = tuple(column for side in ARM_LABELS.values() for column in (f"hours {side}", "share"))
    rows = tuple(
        (
            share.activity,
            formats.hours(share.baseline_hours),
            formats.percent(share.baseline, signed=False),
            formats.hours(share.assistance_hours),
            formats.percent(share.assistance, signed=False),
        )
        for share in data
    )
    return Table(("activity", *sides), rows)


def hours_description(data: tuple[Share, ...]) -> str:
    """What the figure shows, for those who do not see it."""
    said = [
        f"{formats.printable(share.activity)} from {formats.percent(share.baseline, signed=False)} to"
        f" {formats.percent(share.assistance, signed=False)}"
        for share in data
    ]
    return f"Share of all logged hours without and with assistance: {'; '.join(said)}."


def _row(share: Share, y: float) -> list[Json]:
    known = [
        (100 * s, tone)
        for s, tone in ((share.baseline, "baseline"), (share.assistance, "assistance"))
        if s is not None
    ]
    hover = theme.literal(formats.capital(share.activity)) + "".join(
        f"<br>{side}: {formats.hours(hours)}, {formats.percent(part, signed=False)}"
        for side, hours, part in (
            (ARM_LABELS["baseline"], share.baseline_hours, share.baseline),
            (ARM_LABELS["assistance"], share.assistance_hours, share.assistance),
        )
    )
    common: Json = {"type": "scatter", "hoverinfo": "text", "hovertext": hover}
    line = {"mode": "lines", "x": [s for s, _ in known], "y": [y] * len(known)}
    found = [{**common, **line, "line": {"color": theme.light("study"), "width": 2}}]
    for at, tone in known:
        symbol = "circle-open" if tone == "baseline" else "circle"
        marker = {"size": 11, "symbol": symbol, "color": theme.light(tone)}
        marker["line"] = {"width": 2, "color": theme.light(tone)}
        found.append({**common, "mode": "markers", "x": [at], "y": [y], "marker": marker})
    return found
