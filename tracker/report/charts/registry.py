"""The page's charts: each with its title, what it says in words, its data as a table, and the room it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import plotly.graph_objects as go
from markupsafe import Markup

from tracker.claims import catalogue
from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.evidence.results import ActivityChartData, Assessment, Result
from tracker.report import formats, labels, svg
from tracker.report.charts import (
    buildup,
    course,
    distributions,
    forecasts,
    hours,
    intervals,
    rows,
    specification,
)
from tracker.report.charts.theme import Table


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of the page."""

    id: str
    title: str
    lead: str
    """How to read it, in a sentence or two."""
    description: str
    """What it shows, for those who do not see it."""
    figure: go.Figure
    table: Table
    key: tuple[str, ...] = ()
    """Which signs to explain above it, by their names in the template."""
    claim: str = ""
    """What a dashed line stands for, where the chart does not say so itself."""
    whole: bool = False
    """Whether it takes the page's whole width."""
    instead: Markup = field(default_factory=Markup)
    """What stands in its place until a script has drawn it, or for good."""

    @property
    def height(self) -> int:
        """Pixels, reserved before it is drawn."""
        return int(self.figure.layout.height)


def interval_chart(assessment: Assessment) -> Chart:
    """The main figure, which is also there without a script."""
    data = intervals.interval_data(assessment, catalogue.published_claims())
    return Chart(
        id="intervals",
        title="The interval against the claim",
        lead="0 % is no change, right of it is faster. Each bar holds the gains that the log is compatible with:"
        " a claim outside its bar is ruled out, and a bar clear of 0 % shows an effect.",
        description=intervals.interval_description(data),
        figure=rows.draw(data.rows),
        table=intervals.interval_table(data),
        key=("interval", "claim", "study"),
        whole=True,
        instead=svg.interval_rows_svg(data.rows),
    )


def picture_charts(picture: ActivityChartData, assessment: Assessment, number: int) -> list[Chart]:
    """What there is to see of one activity. ``number`` makes the ids unique."""
    results = tuple(result for result in assessment.results if result.activity == picture.activity)
    found = (
        _course(picture, results, number),
        _distribution(picture, number),
        _buildup(picture, results, number),
    )
    return [chart for chart in found if chart]


def _distribution(picture: ActivityChartData, number: int) -> Chart | None:
    data = distributions.distribution_data(picture)
    if data is None:
        return None
    return Chart(
        id=f"distribution-{number}",
        title="How long tasks took",
        lead=("Each dot is a task" if data.dots else "Bars are shares of each side’s tasks")
        + "; the upright line is the typical one.",
        description=distributions.distribution_description(data),
        figure=distributions.distribution_figure(data),
        table=distributions.distribution_table(data),
    )


def _course(picture: ActivityChartData, results: tuple[Result, ...], number: int) -> Chart | None:
    data = course.course_data(picture, results)
    if data is None:
        return None
    split = bool(data.cutover_days)
    lead = "What a comparable task took, with its interval"
    lead += "." if split else ": those with assistance and those without together."
    if len(data.cutover_days) > 1:
        lead += " Rings with a dot: weeks in which only some had the assistant."
    key = ("baseline", "assistance", *(("typical",) if data.baseline_minutes else ()))
    return Chart(
        id=f"course-{number}",
        title="Week by week",
        lead=lead,
        description=course.course_description(data),
        figure=course.course_figure(data),
        table=course.course_table(data),
        key=(*key, *(("promise",) if data.promises else ())) if split else (),
        claim=_only(data.promises),
        whole=True,
    )


def _buildup(picture: ActivityChartData, results: tuple[Result, ...], number: int) -> Chart | None:
    data = buildup.buildup_data(picture, results)
    if data is None:
        return None
    wider = (
        " The wider band may be looked at every week; the narrower one only once."
        if data.anytime
        else " Stopping the first time the band clears 0 % would cry wolf."
    )
    return Chart(
        id=f"buildup-{number}",
        title="How the evidence built up",
        lead=f"The interval of the efficiency gain as it stood at the end of each week.{wider}",
        description=buildup.buildup_description(data),
        figure=buildup.buildup_figure(data),
        table=buildup.buildup_table(data),
        key=("gain", *(("anytime",) if data.anytime else ()), *(("aim",) if data.promises else ())),
        claim=_only(data.promises),
    )


def _only(promises: Sequence[course.Promise | buildup.Promise]) -> str:
    """The claim that a dashed line stands for, where there is one: several bear their labels in the chart."""
    return promises[0].label if len(promises) == 1 else ""


def hours_chart(assessment: Assessment) -> Chart | None:
    """Time that moved from one activity to another is not saved."""
    data = hours.hours_data(assessment.hours)
    if not data:
        return None
    n = assessment.hours_suppressed
    left_out = (
        f" but those of {n} activit{'ies' if n > 1 else 'y'} of fewer than {MIN_DEVELOPERS_SHOWN} developers"
        if n
        else ""
    )
    return Chart(
        id="hours",
        title="Where the time goes",
        lead=f"Each activity’s share of all hours{left_out}."
        " Time that moved to another activity is shifted, not saved.",
        description=hours.hours_description(data),
        figure=hours.hours_figure(data),
        table=hours.hours_table(data),
        key=("baseline", "assistance"),
    )


def specification_chart(result: Result, number: int) -> Chart | None:
    """Whether the verdict hangs on one way to analyse the data."""
    data = specification.specification_data(result)
    if data is None:
        return None
    return Chart(
        id=f"specification-{number}",
        title=f"{formats.capital(formats.printable(result.activity))}: other ways to analyse the same data",
        lead=specification.specification_sentence(data),
        description=specification.specification_description(data),
        figure=rows.draw(data.rows),
        table=specification.specification_table(data),
        key=("aim",) if result.claim else (),
        claim=f"claim {labels.short_claim(result)}" if result.claim else "",
    )


def forecast_chart(picture: ActivityChartData, number: int) -> Chart | None:
    """What people expected beside what it took."""
    data = forecasts.forecast_data(picture)
    if data is None:
        return None
    return Chart(
        id=f"forecast-{number}",
        title=f"{formats.capital(formats.printable(picture.activity))}: forecast and outcome",
        lead="Right of ×1 took longer than estimated beforehand.",
        description=forecasts.forecast_description(data),
        figure=rows.draw(data.rows),
        table=forecasts.forecast_table(data),
    )
