"""The charts: their data, their figures and texts, and that names from a log stay plain text."""

from __future__ import annotations

import dataclasses
import inspect
import json
import math
import re
from itertools import pairwise
from pathlib import Path

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import assessments

from tracker.claims import catalogue
from tracker.evidence.assessment import ActivityChartData, Assessment, Bin, CoursePeriod, Forecast
from tracker.evidence.charts.buildup import buildup_data
from tracker.evidence.charts.course import RolloutMark, course_data
from tracker.evidence.charts.distributions import distribution_data
from tracker.evidence.charts.forecasts import ForecastData, forecast_data
from tracker.evidence.charts.intervals import interval_data
from tracker.evidence.charts.specification import PRIMARY, specification_data
from tracker.evidence.charts.subgroups import subgroup_data
from tracker.evidence.overview import RolloutDates
from tracker.evidence.results import Interval
from tracker.report import axis, figures, formats
from tracker.report.analysis_names import PLAIN_NAMES
from tracker.report.charts import all_charts, theme
from tracker.report.charts.buildup import buildup_description, buildup_table
from tracker.report.charts.course import course_description, course_figure
from tracker.report.charts.distributions import (
    COLUMNS,
    distribution_description,
    distribution_figure,
    distribution_layout,
)
from tracker.report.charts.forecasts import forecast_description, forecast_rows
from tracker.report.charts.hours import hours_description, hours_figure, hours_lead, hours_table
from tracker.report.charts.intervals import interval_description, interval_rows, interval_table
from tracker.report.charts.rollout_labels import PHONE_WIDTH, rollout_labels
from tracker.report.charts.row_chart import draw_rows
from tracker.report.charts.specification import (
    specification_description,
    specification_figure,
    specification_sentence,
)
from tracker.report.charts.subgroups import (
    subgroup_description,
    subgroup_label,
    subgroup_lead,
    subgroup_rows,
    subgroup_table,
)
from tracker.report.charts.text_layout import text_width

DEMO = assessments.demo()
DESIGN = DEMO.chart_data[0]


def page_figures(assessment: Assessment) -> list[theme.Figure]:
    """Return every figure of an assessment, as data."""
    groups = all_charts.charts_of(assessment).values()
    return [chart.figure for section in groups for group in section for chart in group.charts]


@pytest.mark.parametrize("name", assessments.ASSESSMENT_BUILDERS)
def test_every_figure_is_one_of_plotly_in_json_without_nan(name: str):
    """Plotly takes every figure as it stands: no unknown setting, no NaN, nothing but JSON."""
    for figure in page_figures(assessments.ASSESSMENT_BUILDERS[name]()):
        content = json.loads(json.dumps(figure, allow_nan=False))
        layout = {key: value for key, value in content["layout"].items() if value != []}
        read = json.loads(json.dumps(go.Figure(figure).to_plotly_json()))
        assert read == {"data": content["data"], "layout": layout}


def test_every_chart_is_on_the_page_once_for_each_subject():
    """All charts of ``ALL`` are built, in the order of their sections, with unique ids."""
    ids = [
        chart.id
        for section in all_charts.charts_of(DEMO).values()
        for group in section
        for chart in group.charts
    ]
    assert len(set(ids)) == len(ids)
    assert {chart_id.split("-")[0] for chart_id in ids} == {spec.name for spec in all_charts.ALL}
    assert ids[:4] == ["intervals", "course-0", "distributions-0", "buildup-0"]


def test_notebooks_have_a_function_for_each_chart():
    """``draw_NAME`` takes what the chart's data function takes, and says what it draws."""
    assert dir(figures) == sorted(f"draw_{spec.name}" for spec in all_charts.ALL)
    assert list(inspect.signature(figures.draw_course).parameters) == ["chart_data", "results"]
    assert "over time" in figures.draw_course.__doc__
    assert figures.draw_course(DESIGN) == go.Figure(course_figure(course_data(DESIGN)))
    assert figures.draw_course(chart_data=DESIGN, results=DEMO.results) == go.Figure(
        course_figure(course_data(DESIGN, DEMO.results))
    )
    with pytest.raises(AttributeError, match="draw_nothing"):
        _ = figures.draw_nothing


def test_the_scale_is_minus_ln_of_the_time_ratio():
    """+100 % and −50 % lie equally far from 0; half the time saved lies where +100 % does."""
    assert axis.gain_to_position("efficiency_gain", 1.0) == pytest.approx(math.log(2))
    assert axis.gain_to_position("efficiency_gain", -0.5) == pytest.approx(-math.log(2))
    assert axis.gain_to_position("time_saved", 0.5) == pytest.approx(math.log(2))
    assert axis.gain_to_position("time_saved", 1.0) is None


@given(st.floats(-2, 0.5), st.floats(0.05, 2))
def test_ticks_lie_in_the_span_in_order_and_apart(low: float, width: float):
    """On any span the labels keep their distance, and 0 is labelled where it is inside."""
    span = axis.Span(low, low + width)
    for reading in ("efficiency_gain", "time_saved"):
        ticks = axis.ticks(reading, span)
        assert all(span.low <= tick.at <= span.high for tick in ticks)
        assert all(span.share(b.at) - span.share(a.at) >= 0.13 - 1e-9 for a, b in pairwise(ticks))
        assert ("0 %" in [t.label.replace(formats.NO_BREAK_SPACE, " ") for t in ticks]) == (
            low <= 0 <= low + width
        )


def test_the_span_is_limited():
    """An endless interval does not make the scale endless."""
    span = axis.span([-50.0, 50.0])
    assert span.low > -3
    assert span.high < 3


def test_results_come_first_and_studies_of_time_follow():
    """The main chart has a row a result, then a row a published study of time, not of output."""
    data = interval_data(DEMO)
    rows = interval_rows(data).rows
    assert [row.faint for row in rows] == [False, False] + [True] * len(data.studies)
    ids = [study.claim.id for study in data.studies]
    assert "metr-2025" in ids
    assert not {"cui-2026", "bis-2024", "iflytek-2024-design"} & set(ids)


def test_a_study_keeps_its_quantity():
    """The table names what each study measured, in its words."""
    table = interval_table(interval_data(DEMO))
    assert ("METR 2025, 16 developers, all work", "time +19 % with early-2025 tools") in [
        row[:2] for row in table.rows
    ]


def test_a_judged_claim_is_not_also_a_study():
    """A published study that is itself judged is drawn once."""
    study = catalogue.find_claim("peng-2023")
    result = assessments.result("coding", study, assessments.theta(0.4, 0.2, 0.6), "smaller")
    studies = interval_data(assessments.assessment(result)).studies
    assert "peng-2023" not in [study.claim.id for study in studies]


def test_a_result_lies_at_its_interval():
    """The bar of +22 +41 +61 % lies at their logarithms, and so does the claim of +50 %."""
    row = interval_rows(interval_data(DEMO)).rows[0]
    assert (row.bar.low, row.bar.middle, row.bar.high) == pytest.approx(
        (math.log(1.22), math.log(1.41), math.log(1.61))
    )
    assert row.claim == pytest.approx(math.log(1.5))


def test_the_height_is_known_before_drawing():
    """The height that the page reserves is that of the figure."""
    chart = interval_rows(interval_data(DEMO))
    assert draw_rows(chart)["layout"]["height"] == chart.height


def test_a_row_without_an_interval_says_so():
    """With too little data a row has a text instead of a bar."""
    figure = figures.draw_intervals(assessments.too_little())
    assert sum("no interval" in note.text for note in figure.layout.annotations) == 2


def test_each_work_item_is_a_dot_up_to_two_thousand():
    """Every item with minutes has its dot, stacked within the row of its arm."""
    points = distribution_layout(distribution_data(DESIGN)).points
    assert {arm: len(dots) for arm, dots in points.items()} == {"baseline": 120, "assistance": 98}
    for arm, middle in (("baseline", 1.0), ("assistance", 0.0)):
        assert all(abs(height - middle) <= 0.4 for _, height in points[arm])


def test_many_tasks_of_the_same_rounded_minutes_stay_in_their_row():
    """Two hundred tasks of an hour are stacked side by side, near their place on the scale."""
    dots = (("baseline", 60.0),) * 200 + (("assistance", 30.0),) * 5
    bins = (Bin(10.0, 100.0, 200, 5),)
    data = distribution_data(ActivityChartData("design", bins=bins, dots=dots))
    layout = distribution_layout(data)
    points = layout.points["baseline"]
    assert len(set(points)) == 200
    assert all(abs(height - 1.0) <= 0.4 for _, height in points)
    assert all(abs(x - math.log(60)) <= (layout.high - layout.low) / COLUMNS for x, _ in points)


def test_beyond_two_thousand_items_are_bars():
    """A large log is drawn in bins, so that the page does not grow with it."""
    data = distribution_data(assessments.placebo().chart_data[0])
    assert distribution_layout(data).points == {}
    assert (data.items("baseline"), data.items("assistance")) == (1500, 1340)
    assert {trace["type"] for trace in distribution_figure(data)["data"]} == {"bar"}


def test_a_few_tasks_are_no_distribution():
    """Fewer than five tasks in an arm are not drawn; few equal ones lie mid-scale, on a span."""
    for counts in ((200, 4), (0, 30)):
        bins = (Bin(50.0, 60.0, *counts),)
        assert distribution_data(ActivityChartData("design", bins=bins)) is None
    data = distribution_data(ActivityChartData("design", bins=(Bin(50.0, 60.0, 5, 5),)))
    layout = distribution_layout(data)
    assert layout.high - layout.low == pytest.approx(math.log(8))
    assert (layout.low + layout.high) / 2 == pytest.approx((math.log(50) + math.log(60)) / 2)


def week(first_day: int, developers: int, items: int = 10) -> CoursePeriod:
    return CoursePeriod(first_day, items, developers, Interval(60.0, 40.0, 90.0))


def test_a_claim_is_drawn_where_it_would_lie():
    """After a rollout, with +50 % efficiency, a task of 90 minutes takes 60."""
    (line,) = course_data(DESIGN, DEMO.results).claim_lines
    assert line.value == pytest.approx(60.0)


def test_bands_do_not_span_gaps():
    """Neither months without work nor the rollout are painted over: each run has its band."""
    weeks = tuple(week(day, 9) for day in (0, 14, 70, 77, 84))
    data = course_data(ActivityChartData("design", periods=weeks, cutover_days=(77,)))
    bands = [trace for trace in go.Figure(course_figure(data)).data if trace.fill == "toself"]
    assert len(bands) == 3  # two weeks before the gap, one before the rollout, two after it


def test_weeks_between_two_rollouts_have_their_mark():
    """While only some had the assistant a week is neither before nor after.

    The claim's line begins at the last rollout.
    """
    weeks = tuple(week(day, 9) for day in range(0, 70, 7))
    chart_data = ActivityChartData(
        "design", periods=weeks, cutover_days=(21, 42), adjusted_baseline_minutes=90.0
    )
    figure = go.Figure(course_figure(course_data(chart_data, DEMO.results)))
    marks = [
        (trace.marker.symbol, len(trace.x)) for trace in figure.data if trace.mode == "markers"
    ]
    assert marks == [("circle-open", 3), ("square", 3), ("circle", 4)]
    (claim,) = [shape for shape in figure.layout.shapes if shape.line.dash == "dash"]
    assert claim.x0 == "1970-02-12"


def test_rollouts_are_named_by_assistant_and_team():
    """Each has its label above the plot, one below the other, to which its line reaches."""
    rollouts = (
        *(
            RolloutDates("Helper 1.0", team, None, day, day)
            for team, day in (("Elm", 21), ("Fir", 42))
        ),
        RolloutDates("Helper 2.0", None, None, 49, 49),
    )
    chart_data = ActivityChartData(
        "design",
        periods=tuple(week(day, 9) for day in range(0, 70, 7)),
        cutover_days=(21, 42, 49, 56),
        rollouts=rollouts,
    )
    data = course_data(chart_data)
    figure = go.Figure(course_figure(data))
    names = ["Helper 1.0: team Elm", "team Fir", "Helper 2.0", "rollout"]
    assert [note.text for note in figure.layout.annotations] == names
    heights = [note.y for note in figure.layout.annotations]
    assert heights == sorted(set(heights), reverse=True)
    assert [shape.y1 for shape in figure.layout.shapes] == heights
    assert "rollout on 12\xa0Feb\xa01970 (team Fir)" in course_description(data)


@pytest.mark.parametrize(
    ("days", "names", "expected"),
    [
        ((10, 40), ("Ash", "Cedar"), [("left", 1), ("left", 0)]),
        ((50, 60, 90), ("Ash", "Cedar", "Elm"), [("right", 0), ("right", 1), ("right", 2)]),
        ((50, 60), ("Ash", "Cedar"), [("right", 0), ("left", 0)]),
        ((2, 85, 95), ("Ash", "Cedar", "Elm"), [("left", 2), ("right", 0), ("right", 1)]),
    ],
)
def test_no_line_of_a_rollout_crosses_a_label(
    days: tuple[int, ...], names: tuple[str, ...], expected: list[tuple[str, int]]
):
    """Labels to the left of their lines rise, the others fall; one that fits nowhere is on top."""
    marks = [
        RolloutMark(day, ("Helper 1.0",), (name,)) for day, name in zip(days, names, strict=True)
    ]
    labels = rollout_labels(marks, 0, 100, 60)
    assert [(label.anchor, label.row) for label in labels] == expected
    for label in labels:
        width = text_width(label.name) / (PHONE_WIDTH / 100)
        start = label.day if label.anchor == "left" else label.day - width
        crossing = [
            other for other in labels if start < other.day < start + width and other.row > label.row
        ]
        assert not crossing
    assert rollout_labels([], 0, 100, 60) == []


@pytest.mark.parametrize("bounds", [(-0.02, 0.02), (-0.2, 0.1), (-0.9, 0.3), (-3.0, 1.0)])
def test_a_scale_of_forecasts_has_three_ticks_or_more(bounds: tuple[float, float]):
    """One label alone would not say how long the scale is."""
    low, high = (math.exp(bound) for bound in bounds)
    forecasts = tuple(
        Forecast(arm, 30, 60.0, 60.0, Interval(math.sqrt(low * high), low, high))
        for arm in ("baseline", "assistance")
    )
    ticks = forecast_rows(ForecastData("design", forecasts)).scale.ticks
    assert len(ticks) >= 3
    assert "×\xa01" in [tick.label for tick in ticks]


def test_the_anytime_band_is_drawn_where_there_is_one():
    """A randomised study has the wider band and its column, another study does not."""
    randomised = assessments.injected()
    data = buildup_data(randomised.chart_data[0], randomised.results)
    assert data.has_anytime
    assert buildup_table(data).header[-1] == "anytime interval"
    plain = buildup_data(DESIGN, DEMO.results)
    assert not plain.has_anytime
    assert len(buildup_table(plain).header) == 3


def test_hours_add_up_to_the_totals_in_table_and_lead():
    """The last row is the sum of the others, and the lead says the same."""
    hours = DEMO.hours
    *rows, total = hours_table(hours).rows
    for column in (1, 2):
        cells = [float(row[column].split()[0]) for row in rows]
        assert sum(cells) == pytest.approx(float(total[column].split()[0]))
    assert "28.0 h before and 26.6 h after" in hours_lead(hours).replace("\xa0", " ")
    assert "A developer-week had" in hours_lead(hours)
    assert "412 and 388 developer-weeks of the 12 developers" in hours_lead(hours)


def test_hours_of_drawn_arms_have_no_before_and_after():
    """Arms that share their weeks add up to one week; work of neither arm is said."""
    hours = assessments.weekly_hours(
        assessments.ActivityHours("design", 2.0, 3.0, 0.5),
        by_date=False,
        baseline_weeks=60,
        assistance_weeks=0,
    )
    of_one = dataclasses.replace(hours, developers=1, baseline_weeks=1)
    assert "in 1 developer-week of 1 developer:" in hours_lead(of_one)
    assert "before" not in hours_lead(hours) + str(hours_table(hours).header)
    assert "5.5 h (2.0 h without assistance, 3.0 h with it, 0.5 h neither)" in hours_lead(
        hours
    ).replace("\xa0", " ")
    assert hours_table(hours).rows[0][-1].replace("\xa0", " ") == "5.50 h"
    assert len(hours_figure(hours)["data"]) == 4


def test_parts_of_the_work_are_named_by_their_limits():
    """Sizes by estimates, weeks by number; the headline is the first row."""
    labels = [subgroup_label(subgroup).replace("\xa0", " ") for subgroup in DESIGN.subgroups]
    assert labels == [
        "all tasks",
        "estimated up to 1 h",
        "estimated 1 h to 2 h 30 min",
        "estimated over 2 h 30 min",
        "weeks 1–8 since the rollout",
        "week 9 since the rollout and later",
    ]
    points = dataclasses.replace(DESIGN.subgroups[1], unit="points", up_to=3.0)
    assert subgroup_label(points) == "estimated up to 3 points"


def test_parts_of_the_work_are_exploratory():
    """The lead says so, and names an estimator other than the headline's; all texts agree."""
    data = subgroup_data(DESIGN)
    lead = subgroup_lead(data)
    assert "Exploratory" in lead
    assert "no claim is judged" in lead
    assert "Estimator" not in lead
    parts = [dataclasses.replace(part, estimator="HC2") for part in data.subgroups[1:]]
    other = dataclasses.replace(data, subgroups=(data.subgroups[0], *parts))
    assert subgroup_lead(other).endswith("Estimator: HC2.")
    assert "weeks" not in subgroup_lead(dataclasses.replace(data, subgroups=data.subgroups[:4]))
    assert len(subgroup_rows(data).rows) == len(subgroup_table(data).rows) == 6
    for row in subgroup_table(data).rows:
        assert row[-1] in subgroup_description(data)


def test_the_specification_curve_is_sorted_and_counts_equal_verdicts():
    """Analyses are sorted by gain, the primary one included; those without interval come last."""
    data = specification_data(DEMO.results[0])
    estimates = [analysis.log_ratio.estimate for analysis in data.estimated]
    assert estimates == sorted(estimates)
    assert PRIMARY in [analysis.name for analysis in data.analyses]
    assert (data.agreeing, data.others) == (8, 9)
    assert data.analyses[-1].name == "permutation within developer"
    assert "8 of 9 other ways" in specification_sentence(data)
    assert "1 more could not be made" in specification_sentence(data)


def test_forecasts_lie_right_of_1_where_tasks_took_longer():
    """On this scale more minutes than estimated lie to the right."""
    rows = forecast_rows(forecast_data(DESIGN)).rows
    assert all(row.bar.middle > 0 for row in rows)


@pytest.mark.parametrize(
    "figure",
    [
        figures.draw_distributions(ActivityChartData("design")),
        figures.draw_course(ActivityChartData("design")),
        figures.draw_buildup(ActivityChartData("design")),
        figures.draw_forecasts(ActivityChartData("design")),
        figures.draw_subgroups(ActivityChartData("design")),
        figures.draw_hours(assessments.empty()),
        figures.draw_intervals(assessments.empty()),
        figures.draw_specification(assessments.too_little().results[0]),
    ],
)
def test_without_data_there_is_no_figure(figure: object):
    """Where there is nothing to draw a function returns None, not an empty figure."""
    assert figure is None


@pytest.mark.parametrize(
    "bad", ["<b>x</b>", "</script>", '<a href="javascript:1">', "&lt;", "$x$", "%{x}", "\u202e"]
)
def test_text_from_a_log_is_literal(bad: str):
    """A label holds nothing that Plotly would read as markup, template, TeX or direction."""
    text = theme.literal(bad)
    for sign in ("<", ">", "$", "%{", "\u202e"):
        assert sign not in text
    for entity in ("&lt;", "&gt;", "&amp;", "&#36;", "&#123;"):
        text = text.replace(entity, "")
    assert "&" not in text


def test_no_hostile_name_reaches_a_figure_as_markup():
    """The only tags in the texts of a figure are those that the charts put there."""
    for figure in page_figures(assessments.hostile()):
        for text in texts(figure):
            bare = text
            for tag in ("<br>", "<b>", "</b>"):
                bare = bare.replace(tag, "")
            assert "<" not in bare
            assert "%{" not in bare


def texts(value: object) -> list[str]:
    """Return every string in nested dicts and lists."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts(inner)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in texts(inner)]
    return []


def test_labels_are_cut_to_two_lines():
    """A name of a thousand characters takes two lines and an ellipsis."""
    lines = theme.lines("word " * 200)
    assert len(lines) == 2
    assert lines[-1].endswith("…")


def test_every_light_colour_has_one_dark_counterpart():
    """The page can replace colours both ways: no light colour stands for two dark ones."""
    light = [pair[0] for pair in theme.PALETTE.values()]
    assert len(set(light)) == len(light)


def test_every_chart_has_a_text_alternative_with_its_figures():
    """The descriptions hold the figures that a reader would take from the chart."""
    assert "+41" in interval_description(interval_data(DEMO))
    assert "120 tasks without assistance" in distribution_description(distribution_data(DESIGN))
    assert "rollout on 12" in course_description(course_data(DESIGN, DEMO.results))
    assert "week by week" in buildup_description(buildup_data(DESIGN, DEMO.results))
    assert "before and" in hours_description(DEMO.hours)
    assert "10 estimates" in specification_description(specification_data(DEMO.results[0]))
    assert "1.18" in forecast_description(forecast_data(DESIGN))


def test_a_claim_on_time_saved_is_drawn_on_its_reading():
    """A claim of half the time saved lies where +100 % efficiency does."""
    saved = dataclasses.replace(assessments.DESIGN, reading="time_saved", value=0.5)
    result = assessments.result("design", saved, assessments.theta(0.4, 0.2, 0.6), "smaller")
    assert axis.claim_position(result) == pytest.approx(math.log(2))


@pytest.mark.parametrize(
    ("interval", "lifted"),
    [
        (assessments.theta(0.49, 0.02, 1.19), True),
        (assessments.theta(0.2, 0.02, 0.4), False),
    ],
)
def test_a_claim_does_not_hide_the_estimate(interval: Interval, lifted: bool):
    """Where both lie at the same place the claim is drawn above the bar, in the SVG as well."""
    result = assessments.result("design", assessments.DESIGN, interval, "plausible")
    chart = interval_rows(interval_data(assessments.assessment(result)))
    traces = go.Figure(draw_rows(chart)).data
    (diamond,) = (trace.y[0] for trace in traces if trace.marker.symbol == "diamond")
    assert (diamond > traces[0].y[0]) is lifted
    assert (chart.claim_lift(chart.rows[0]) > 0) is lifted


def test_a_claim_does_not_hide_the_end_of_the_interval():
    """A claim at the end of its bar is drawn above it."""
    interval = assessments.theta(0.3, 0.1, 0.5)
    result = assessments.result("design", assessments.DESIGN, interval, "plausible")
    chart = interval_rows(interval_data(assessments.assessment(result)))
    assert chart.claim_lift(chart.rows[0]) > 0


def test_a_study_is_labelled_by_the_gain_at_which_it_is_drawn():
    """A label's sign is that of its place: less time is a gain, right of zero."""
    for row in interval_rows(interval_data(DEMO)).rows[2:]:
        assert ("+" in row.label) == (row.bar.middle > 0)
        assert (formats.MINUS in row.label) == (row.bar.middle < 0)


def test_there_is_one_scale_and_no_line_runs_through_a_label():
    """Vertical lines of rows are drawn beside the bars only."""
    chart = interval_rows(interval_data(DEMO))
    figure = go.Figure(draw_rows(chart))
    assert [key for key in figure.to_plotly_json()["layout"] if key.startswith("xaxis")] == [
        "xaxis"
    ]
    assert not figure.layout.xaxis.showgrid
    bands = [(-top, -bottom) for top, bottom in chart.bands]
    for shape in figure.layout.shapes:
        ends = [float(part.split(",")[1]) for part in re.split("[ML]", shape.path) if part]
        assert list(zip(ends[::2], ends[1::2], strict=True)) == bands
    for note, (top, bottom) in zip(figure.layout.annotations, bands, strict=True):
        assert note.y > top > bottom


def test_every_analysis_has_a_plain_name():
    """The names in the documentation's table of points are those that the page words."""
    text = (Path(__file__).parents[3] / "docs" / "statistics.md").read_text(encoding="utf-8")
    table = text.partition("| point | what it changes |")[2].partition("\n\n")[0]
    documented = set(re.findall(r"^\| (?!---)(.*?) \|", table, re.MULTILINE))
    assert documented == set(PLAIN_NAMES) - {PRIMARY}
    for result in (*DEMO.results, *assessments.placebo().results):
        data = specification_data(result)
        texts = " ".join(
            note["text"] for note in specification_figure(data)["layout"]["annotations"]
        )
        assert "each task counted by itself" in texts
        assert not re.search(r"Σ|\bHC3|CRV3|bootstrap|no x", texts)
