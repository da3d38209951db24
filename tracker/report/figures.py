"""The page's charts, also for a notebook: each takes results as they are and hands back a Plotly figure.

None where there is nothing to draw. The figures are in the light colours; nothing in them needs the page.
"""

from __future__ import annotations

import plotly.graph_objects as go

from tracker.claims import catalogue
from tracker.evidence.results import ActivityChartData, Assessment, Result
from tracker.report.charts import rows
from tracker.report.charts.buildup import buildup_data, buildup_figure
from tracker.report.charts.course import course_data, course_figure
from tracker.report.charts.distributions import distribution_data, distribution_figure
from tracker.report.charts.forecasts import forecast_data
from tracker.report.charts.hours import hours_data, hours_figure
from tracker.report.charts.intervals import interval_data
from tracker.report.charts.specification import specification_data


def draw_intervals(assessment: Assessment) -> go.Figure | None:
    """Each interval against its claim, with the published studies beneath."""
    data = interval_data(assessment, catalogue.published_claims())
    return rows.draw(data.rows) if data.results else None


def draw_distributions(picture: ActivityChartData) -> go.Figure | None:
    """How long tasks took without and with assistance."""
    data = distribution_data(picture)
    return distribution_figure(data) if data else None


def draw_course(picture: ActivityChartData, results: tuple[Result, ...] = ()) -> go.Figure | None:
    """The typical task week by week; with results, also what their claims would look like."""
    data = course_data(picture, results)
    return course_figure(data) if data else None


def draw_buildup(picture: ActivityChartData, results: tuple[Result, ...] = ()) -> go.Figure | None:
    """The interval as it stood at the end of each week."""
    data = buildup_data(picture, results)
    return buildup_figure(data) if data else None


def draw_hours(assessment: Assessment) -> go.Figure | None:
    """Each activity's share of all logged hours, without and with assistance."""
    data = hours_data(assessment.hours)
    return hours_figure(data) if data else None


def draw_specification(result: Result) -> go.Figure | None:
    """The same data analysed in every other defensible way."""
    data = specification_data(result)
    return rows.draw(data.rows) if data else None


def draw_forecasts(picture: ActivityChartData) -> go.Figure | None:
    """What was expected beside what it took."""
    data = forecast_data(picture)
    return rows.draw(data.rows) if data else None


__all__ = [
    "draw_buildup",
    "draw_course",
    "draw_distributions",
    "draw_forecasts",
    "draw_hours",
    "draw_intervals",
    "draw_specification",
]
