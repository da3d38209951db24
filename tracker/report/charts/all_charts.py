"""The list of all charts, and those of one assessment, section by section.

To add a chart: its data in ``tracker/evidence/charts/NAME.py``, its ``ChartSpec`` in
``tracker/report/charts/NAME.py``, a line in ``ALL``, and a test. The page, the notebook's
``tracker.figures`` and the documentation follow from ``ALL``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from tracker.evidence.assessment import Assessment
from tracker.report import formats
from tracker.report.charts import (
    buildup,
    course,
    distributions,
    forecasts,
    hours,
    intervals,
    specification,
    subgroups,
)
from tracker.report.charts.chart import Chart, ChartSpec, Section
from tracker.report.isolation import names_of, printable_with

ALL: tuple[ChartSpec[Any], ...] = (
    intervals.CHART,
    course.CHART,
    distributions.CHART,
    buildup.CHART,
    subgroups.CHART,
    hours.CHART,
    specification.CHART,
    forecasts.CHART,
)
"""Every chart, in the order of the page."""

SECTIONS: dict[Section, Literal["assessment", "activity", "result"]] = {
    "intervals": "assessment",
    "activities": "activity",
    "hours": "assessment",
    "robustness": "result",
    "forecasts": "activity",
}
"""The sections in the order of the page, and what each of their charts is about.

Accordingly a chart's data function takes the assessment, the data of one activity's charts, or one
result.
"""


@dataclass(frozen=True, slots=True)
class ChartGroup:
    """The charts of one section about one subject."""

    heading: str
    """The activity, capitalised; "" where the subject is no activity."""
    charts: tuple[Chart, ...]


def charts_of(assessment: Assessment) -> dict[Section, list[ChartGroup]]:
    """Return the charts of an assessment by section, in page order; groups without one left out."""
    printable = printable_with(names_of(assessment))
    return {section: _groups(section, assessment, printable) for section in SECTIONS}


def _groups(
    section: Section, assessment: Assessment, printable: Callable[[str], str]
) -> list[ChartGroup]:
    groups = []
    for suffix, heading, subject in _subjects(section, assessment):
        charts = [
            spec.build(
                f"{spec.name}{suffix}",
                subject,
                *((assessment.results,) if spec.with_claims else ()),
                printable=printable,
            )
            for spec in ALL
            if spec.section == section
        ]
        if any(charts):
            groups.append(ChartGroup(heading, tuple(chart for chart in charts if chart)))
    return groups


def _subjects(section: Section, assessment: Assessment) -> list[tuple[str, str, object]]:
    """Return (suffix that makes ids unique, heading, argument of the data functions)."""
    scope = SECTIONS[section]
    if scope == "assessment":
        return [("", "", assessment)]
    if scope == "result":
        return [(f"-{n}", "", result) for n, result in enumerate(assessment.results)]
    return [
        (f"-{n}", formats.capitalize(data.activity), data)
        for n, data in enumerate(assessment.chart_data)
    ]
