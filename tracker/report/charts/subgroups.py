"""The effect of small and large tasks, and of newer and older rollouts: intervals in rows."""

from __future__ import annotations

from tracker.evidence.assessment import Subgroup
from tracker.evidence.charts.claim_lines import gain_interval
from tracker.evidence.charts.subgroups import SubgroupData, subgroup_data
from tracker.report import axis, formats
from tracker.report.charts.chart import ChartSpec
from tracker.report.charts.row_chart import (
    TICK_DISTANCE,
    Line,
    Row,
    RowChart,
    Scale,
    draw_rows,
)
from tracker.report.charts.theme import Figure, Table


def subgroup_rows(data: SubgroupData) -> RowChart:
    """Return the headline and the parts as rows on one scale."""
    bars = [axis.interval_to_bar(subgroup.log_ratio) for subgroup in data.subgroups]
    span = axis.span(x for bar in bars if bar for x in (bar.low, bar.middle, bar.high))
    rows = tuple(map(_row, data.subgroups))
    scale = Scale(
        "efficiency gain (output per hour)",
        axis.ticks("efficiency_gain", span, apart=TICK_DISTANCE),
    )
    return RowChart(rows, span, scale, lines=(Line(0.0, "soft"),))


def subgroup_figure(data: SubgroupData) -> Figure:
    """Return the rows as a Plotly figure."""
    return draw_rows(subgroup_rows(data))


def subgroup_table(data: SubgroupData) -> Table:
    """Return the parts in figures."""
    rows = tuple(
        (
            subgroup_label(subgroup),
            formats.count(subgroup.items_baseline),
            formats.count(subgroup.items_assistance),
            formats.count(subgroup.developers),
            _gain_text(subgroup),
        )
        for subgroup in data.subgroups
    )
    header = ("tasks", "without assistance", "with assistance", "developers", "efficiency gain")
    return Table(header, rows)


def subgroup_description(data: SubgroupData) -> str:
    """Return the text alternative of the chart."""
    parts = [f"{subgroup_label(subgroup)} {_gain_text(subgroup)}" for subgroup in data.subgroups]
    return f"Efficiency gain of {formats.printable(data.activity)} by part: {'; '.join(parts)}."


def subgroup_label(subgroup: Subgroup) -> str:
    """Return the part in words: "estimated 1 h to 3 h", "weeks 9–16 since the rollout"."""
    if subgroup.by == "all":
        return "all tasks"
    if subgroup.by == "weeks":
        first = 1 if subgroup.above is None else round(subgroup.above) + 1
        if subgroup.up_to is None:
            return f"week {first} since the rollout and later"
        return f"weeks {first}–{round(subgroup.up_to)} since the rollout"
    if subgroup.unit == "thirds":
        return _THIRDS[subgroup.above, subgroup.up_to]
    low, high = (_size_text(limit, subgroup.unit) for limit in (subgroup.above, subgroup.up_to))
    if subgroup.above is None:
        return f"estimated up to {high}"
    if subgroup.up_to is None:
        return f"estimated over {low}"
    return f"estimated {low} to {high}"


_THIRDS = {
    (None, 1.0): "the third with the smallest estimates",
    (None, 2.0): "the two thirds with the smaller estimates",
    (1.0, 2.0): "the third with middle estimates",
    (1.0, None): "the two thirds with the larger estimates",
    (2.0, None): "the third with the largest estimates",
}
"""Thirds of the estimates in each unit, by the first third below a part and the last one of it."""


def subgroup_lead(data: SubgroupData) -> str:
    """Return how to read the chart, which is exploratory."""
    kinds = {subgroup.by for subgroup in data.subgroups}
    parts = [
        *(["The tasks by thirds of their estimates."] if "size" in kinds else []),
        *(
            ["The weeks since the rollout, each against the whole baseline."]
            if "weeks" in kinds
            else []
        ),
    ]
    return (
        f"{' '.join(parts)} Exploratory: of several parts one may differ by chance, and no claim is"
        f" judged by them.{_estimator_words(data)}"
    )


def _estimator_words(data: SubgroupData) -> str:
    """Return the estimator of the parts; "" where it is that of the headline."""
    estimator = data.subgroups[-1].estimator
    return "" if estimator == data.subgroups[0].estimator else f" Estimator: {estimator}."


CHART = ChartSpec(
    name="subgroups",
    section="activities",
    summary="the gain by size of task and by weeks since the rollout",
    data=subgroup_data,
    figure=subgroup_figure,
    table=subgroup_table,
    describe=subgroup_description,
    title="Small and large tasks, newer and older rollouts",
    lead=subgroup_lead,
    key=("interval",),
)


def _size_text(limit: float | None, unit: str) -> str:
    if unit == "minutes":
        return formats.minutes(limit)
    return f"{formats.UNDEFINED if limit is None else f'{limit:g}'} {unit}"


def _gain_text(subgroup: Subgroup) -> str:
    if subgroup.log_ratio is None:
        return formats.UNDEFINED
    return formats.estimate_and_range(gain_interval(subgroup.log_ratio, "efficiency_gain"))


def _row(subgroup: Subgroup) -> Row:
    label = formats.capitalize(subgroup_label(subgroup))
    counts = map(formats.count, (subgroup.items_baseline, subgroup.items_assistance))
    items = " + ".join(counts).replace(" ", formats.NO_BREAK_SPACE)
    developers = f"{formats.count(subgroup.developers)} developers"
    return Row(
        label=f"{label}: {items}{' tasks' if subgroup.by == 'all' else ''}",
        bar=axis.interval_to_bar(subgroup.log_ratio),
        hover=(label, f"{items} tasks of {developers}", f"efficiency gain {_gain_text(subgroup)}"),
        tone="ink" if subgroup.by == "all" else "assistance",
        symbol="diamond" if subgroup.by == "all" else "circle",
    )
