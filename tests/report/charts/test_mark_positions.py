"""SVG and Plotly draw the same figure with its marks at the same places."""

from __future__ import annotations

import dataclasses

import pytest
from playwright.sync_api import Browser, Page
from support import assessments
from support.mark_positions import largest_distance, load, marks_of_plotly, marks_of_svg, only

from tracker.evidence.assessment import Assessment
from tracker.evidence.overview import RolloutDates
from tracker.report.charts import all_charts, theme

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TOLERANCE = 1.0
"""Pixels; Plotly rounds the edges of low bars to whole ones."""
WIDTHS = (1000, 340)


def staggered() -> Assessment:
    """The demo with a second rollout, so that only some had the assistant for a time."""
    demo = assessments.demo()
    days = (assessments.ROLLOUT, assessments.ROLLOUT + 42)
    rollouts = tuple(
        RolloutDates("Helper 1.0", team, None, day, day)
        for team, day in zip(("Birch", "Cedar"), days, strict=True)
    )
    data = dataclasses.replace(demo.chart_data[0], cutover_days=days, rollouts=rollouts)
    charts = (data,)
    return dataclasses.replace(demo, results=demo.results[:1], chart_data=charts)


def page_figures(assessment: Assessment) -> dict[str, theme.Figure]:
    """Return every figure of an assessment by the id of its chart."""
    groups = all_charts.charts_of(assessment).values()
    return {c.id: c.figure for section in groups for group in section for c in group.charts}


def error_bars() -> theme.Figure:
    """Error bars along both axes, bars, open marks and an axis that takes half of the plot."""
    color, line = theme.light("assistance"), {"width": 2, "color": theme.light("assistance")}
    bar = {"type": "data", "color": color, "thickness": 2, "width": 4}
    marker = {"size": 9, "color": color, "symbol": "diamond-open", "line": line}
    place = {"type": "scatter", "mode": "markers", "marker": marker}
    symmetric = {"x": [1, 2.5], "y": [1, 3], "error_y": {**bar, "array": [0.5, 1]}}
    one_sided = {"array": [1, 0.5], "arrayminus": [0.2, 0.1], "symmetric": False}
    ticks = {"tickmode": "array", "tickvals": [1, 3], "ticktext": ["1", "3"]}
    layout = {
        "xaxis": {"range": [0, 4], "domain": [0, 0.45], **ticks},
        "xaxis2": {"range": [4, 0], "domain": [0.55, 1], **ticks},
        "yaxis": {"range": [0, 5], **ticks},
    }
    traces = [
        {**place, **symmetric},
        {**place, "xaxis": "x2", "x": [1, 2], "y": [2, 4], "error_x": {**bar, **one_sided}},
    ]
    return theme.figure(traces, layout, 240)


FIGURES = {
    **page_figures(assessments.demo()),
    **{f"bars-{id_}": figure for id_, figure in page_figures(assessments.placebo()).items()},
    **{f"drawn-{id_}": figure for id_, figure in page_figures(assessments.injected()).items()},
    **{f"staggered-{id_}": figure for id_, figure in page_figures(staggered()).items()},
    **{f"slower-{id_}": figure for id_, figure in page_figures(assessments.slower()).items()},
    "error-bars": error_bars(),
}


@pytest.fixture(scope="module")
def measuring_page(browser: Browser) -> Page:
    """A blank page with Plotly."""
    page = browser.new_page(viewport={"width": 1100, "height": 1200})
    load(page)
    return page


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", FIGURES)
def test_marks_lie_where_plotly_draws_them(measuring_page: Page, name: str, width: int) -> None:
    """Points, lines, areas, bars, error bars, shapes and grid lines differ by under a pixel."""
    figure = FIGURES[name]
    plotly = marks_of_plotly(measuring_page, figure, width)
    parts = [("traces", index, outlines) for index, outlines in enumerate(plotly["traces"])]
    parts += [("shapes", index, outlines) for index, outlines in plotly["shapes"]]
    parts.append(("grid", None, plotly["grid"]))
    assert len(plotly["traces"]) == len(figure["data"])
    assert len(plotly["shapes"]) == len(figure["layout"].get("shapes", ()))
    for part, index, expected in parts:
        drawn = marks_of_svg(measuring_page, only(figure, part, index), width)
        assert bool(drawn) == bool(expected), (part, index)
        assert largest_distance(drawn, expected) <= TOLERANCE, (part, index)
        assert largest_distance(expected, drawn) <= TOLERANCE, (part, index)
