"""The charts' data, what they say in words, and that user text stays text in Plotly's tongue."""

from __future__ import annotations

import dataclasses
import json
import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import assessments

from tracker.claims import catalogue
from tracker.evidence.results import ActivityChartData, ActivityHours, Bin, Interval, Week
from tracker.report import axis, figures, formats
from tracker.report.charts import (
    buildup,
    course,
    distributions,
    forecasts,
    hours,
    intervals,
    rows,
    specification,
    theme,
)

DEMO = assessments.demo()
DESIGN = DEMO.chart_data[0]


def interval_data(assessment=DEMO):
    return intervals.interval_data(assessment, catalogue.published_claims())


def drawn(assessment):
    """Every figure of an assessment that there is."""
    found = [figures.draw_intervals(assessment), figures.draw_hours(assessment)]
    for picture in assessment.chart_data:
        found += [
            figures.draw_distributions(picture),
            figures.draw_course(picture, assessment.results),
        ]
        found += [
            figures.draw_buildup(picture, assessment.results),
            figures.draw_forecasts(picture),
        ]
    found += [figures.draw_specification(result) for result in assessment.results]
    return [figure for figure in found if figure is not None]


@pytest.mark.parametrize("name", assessments.EVERY)
def test_every_figure_is_json_without_nan(name: str):
    """Whatever was found can be drawn and embedded: no NaN, no infinity, no object that JSON does not know."""
    for figure in drawn(assessments.EVERY[name]()):
        json.dumps(figure.to_plotly_json(), allow_nan=False)


def test_the_scale_is_minus_ln_of_the_time_ratio():
    """+100 % and -50 % lie equally far from zero, on either side; a gain of half the time saved is the first."""
    assert axis.place("efficiency_gain", 1.0) == pytest.approx(math.log(2))
    assert axis.place("efficiency_gain", -0.5) == pytest.approx(-math.log(2))
    assert axis.place("time_saved", 0.5) == pytest.approx(math.log(2))
    assert axis.place("time_saved", 1.0) is None


@given(st.floats(-2, 0.5), st.floats(0.05, 2))
def test_ticks_lie_in_the_span_in_order_and_apart(low: float, width: float):
    """However the scale runs, its labels keep their distance and zero is labelled when it is there."""
    over = axis.Span(low, low + width)
    for reading in ("efficiency_gain", "time_saved"):
        found = axis.ticks(reading, over)
        assert all(over.low <= tick.at <= over.high for tick in found)
        assert all(over.share(b.at) - over.share(a.at) >= 0.13 - 1e-9 for a, b in pairwise(found))
        assert ("0 %" in [t.label.replace(formats.SPACE, " ") for t in found]) == (
            low <= 0 <= low + width
        )


def test_the_span_is_cut_off_where_it_would_crush_the_rest():
    """An endless interval does not make the scale endless."""
    over = axis.span([-50.0, 50.0])
    assert over.low > -3
    assert over.high < 3


def test_results_come_first_and_studies_of_time_follow():
    """The main figure has a row a result, then those published studies that state time; output is not among them."""
    data = interval_data()
    assert [row.faint for row in data.rows.rows] == [False, False] + [True] * len(data.studies)
    ids = [study.claim.id for study in data.studies]
    assert "metr-2025" in ids
    assert not {"cui-2026", "bis-2024", "iflytek-2024-design"} & set(ids)


def test_a_study_keeps_its_own_quantity():
    """Beside each study stands what it measured, in its own words."""
    table = intervals.interval_table(interval_data())
    assert ("metr-2025 (all)", "time +19 % with early-2025 tools") in [
        row[:2] for row in table.rows
    ]


def test_a_judged_claim_is_not_also_a_study_behind():
    """A published study that is itself judged is drawn once."""
    study = catalogue.find_claim("peng-2023")
    result = assessments.result("coding", study, assessments.theta(0.4, 0.2, 0.6), "smaller")
    ids = [s.claim.id for s in interval_data(assessments.assessment(result)).studies]
    assert "peng-2023" not in ids


def test_a_result_lies_where_its_interval_says():
    """The bar of +22 +41 +61 % lies at their logarithms, the claim of +50 % at its own."""
    row = interval_data().rows.rows[0]
    found = (row.bar.low, row.bar.middle, row.bar.high)
    assert found == pytest.approx((math.log(1.22), math.log(1.41), math.log(1.61)))
    assert row.claim == pytest.approx(math.log(1.5))


def test_the_figures_height_is_known_before_it_is_drawn():
    """The room that the page reserves is the room that the figure takes."""
    data = interval_data().rows
    assert rows.draw(data).layout.height == data.height


def test_a_row_without_an_interval_says_so():
    """Too little data leaves a row with words instead of a bar."""
    figure = figures.draw_intervals(assessments.too_little())
    assert sum("no interval" in note.text for note in figure.layout.annotations) == 2


def test_each_work_item_is_a_dot_up_to_two_thousand():
    """Every item with minutes has its dot, stacked without leaving its row."""
    data = distributions.distribution_data(DESIGN)
    assert {arm: len(points) for arm, points in data.dots.items()} == {
        "baseline": 120,
        "assistance": 98,
    }
    for arm, middle in (("baseline", 1.0), ("assistance", 0.0)):
        assert all(abs(height - middle) <= 0.4 for _, height in data.dots[arm])


def test_many_tasks_of_the_same_rounded_minutes_do_not_tower():
    """Two hundred tasks of an hour stand in piles side by side, within their row and near their place."""
    dots = (("baseline", 60.0),) * 200 + (("assistance", 30.0),) * 5
    bins = (Bin(10.0, 100.0, 200, 5),)
    data = distributions.distribution_data(ActivityChartData("design", bins=bins, dots=dots))
    points = data.dots["baseline"]
    assert len(set(points)) == 200
    assert all(abs(height - 1.0) <= 0.4 for _, height in points)
    assert all(
        abs(at - math.log(60)) <= (data.high - data.low) / distributions.COLUMNS for at, _ in points
    )


def test_beyond_two_thousand_items_are_bars():
    """A large log is binned, so that the page does not grow with it."""
    data = distributions.distribution_data(assessments.placebo().chart_data[0])
    assert data.dots == {}
    assert data.counts == {"baseline": 1500, "assistance": 1340}
    assert {trace.type for trace in distributions.distribution_figure(data).data} == {"bar"}


def test_a_handful_of_tasks_is_no_distribution():
    """Fewer than five tasks on a side make no picture; a few alike lie in the middle of a scale that has a span."""
    for counts in ((200, 4), (0, 30)):
        assert (
            distributions.distribution_data(
                ActivityChartData("design", bins=(Bin(50.0, 60.0, *counts),))
            )
            is None
        )
    data = distributions.distribution_data(
        ActivityChartData("design", bins=(Bin(50.0, 60.0, 5, 5),))
    )
    assert data.high - data.low == pytest.approx(math.log(8))
    assert (data.low + data.high) / 2 == pytest.approx((math.log(50) + math.log(60)) / 2)


def week(first_day: int, developers: int, items: int = 10) -> Week:
    return Week(first_day, items, developers, Interval(60.0, 40.0, 90.0))


def test_the_claim_is_drawn_where_it_would_lie():
    """After a rollout with +50 % efficiency a task of 90 minutes takes 60."""
    (promise,) = course.course_data(DESIGN, DEMO.results).promises
    assert promise.minutes == pytest.approx(60.0)


def test_bands_do_not_span_gaps():
    """Months without work are not painted over, nor is the rollout: each run of weeks has a band of its own."""
    weeks = tuple(week(day, 9) for day in (0, 14, 70, 77, 84))
    data = course.course_data(ActivityChartData("design", weeks=weeks, cutover_days=(77,)), ())
    filled = [trace for trace in course.course_figure(data).data if trace.fill == "toself"]
    assert len(filled) == 3  # two before the gap, one before the rollout, two after it


def test_weeks_between_two_rollouts_have_a_mark_of_their_own():
    """While only some had the assistant, a week is neither before nor after; the claim is held against the last."""
    weeks = tuple(week(day, 9) for day in range(0, 70, 7))
    picture = ActivityChartData(
        "design", weeks=weeks, cutover_days=(21, 42), adjusted_baseline_minutes=90.0
    )
    figure = course.course_figure(course.course_data(picture, DEMO.results))
    marks = [
        (trace.marker.symbol, len(trace.x)) for trace in figure.data if trace.mode == "markers"
    ]
    assert marks == [("circle-open", 3), ("circle-open-dot", 3), ("circle", 4)]
    (promise,) = [shape for shape in figure.layout.shapes if shape.line.dash == "dash"]
    assert promise.x0 == "1970-02-12"


def test_the_looks_carry_the_anytime_band_where_there_is_one():
    """A randomised study shows the wider band and its column, another one does not."""
    randomised = assessments.injected()
    data = buildup.buildup_data(randomised.chart_data[0], randomised.results)
    assert data.anytime
    assert buildup.buildup_table(data).header[-1] == "anytime interval"
    plain = buildup.buildup_data(DESIGN, DEMO.results)
    assert not plain.anytime
    assert len(buildup.buildup_table(plain).header) == 3


def test_shares_of_hours_add_up_on_each_side():
    """Each side's shares sum to one, so that periods of unlike length compare."""
    data = hours.hours_data(DEMO.hours)
    assert sum(share.baseline for share in data) == pytest.approx(1.0)
    assert sum(share.assistance for share in data) == pytest.approx(1.0)


def test_a_side_without_hours_has_no_shares():
    """Before the rollout is nothing to divide by: undefined, not zero."""
    (share,) = hours.hours_data((ActivityHours("design", 10.0, 0.0),))
    assert share.assistance is None
    assert hours.hours_table((share,)).rows[0][-1] == "—"


def test_the_specification_curve_is_sorted_and_counts_where_the_verdict_stands():
    """Largest gain first, the primary among them, those that could not be made only in the table."""
    data = specification.specification_data(DEMO.results[0])
    estimates = [way.log_ratio.estimate for way in data.ways if way.log_ratio]
    assert estimates == sorted(estimates)
    assert specification.PRIMARY in [way.name for way in data.ways]
    assert (data.stands, data.made) == (8, 9)
    assert data.ways[-1].name == "permutation within developer"
    assert "8 of 9 other ways" in specification.specification_sentence(data)
    assert "1 more could not be made" in specification.specification_sentence(data)


def test_forecasts_lie_right_of_one_where_it_took_longer():
    """On this scale more minutes than estimated is to the right."""
    data = forecasts.forecast_data(DESIGN)
    assert all(row.bar.middle > 0 for row in data.rows.rows)


@pytest.mark.parametrize(
    "figure",
    [
        figures.draw_distributions(ActivityChartData("design")),
        figures.draw_course(ActivityChartData("design")),
        figures.draw_buildup(ActivityChartData("design")),
        figures.draw_forecasts(ActivityChartData("design")),
        figures.draw_hours(assessments.empty()),
        figures.draw_intervals(assessments.empty()),
        figures.draw_specification(assessments.too_little().results[0]),
    ],
)
def test_nothing_to_draw_is_none(figure: object):
    """An empty picture gives no figure rather than an empty one."""
    assert figure is None


@pytest.mark.parametrize(
    "bad", ["<b>x</b>", "</script>", '<a href="javascript:1">', "&lt;", "$x$", "%{x}", "\u202e"]
)
def test_text_from_outside_is_literal(bad: str):
    """Nothing that Plotly would read as markup, template, TeX or direction is left in a label."""
    text = theme.literal(bad)
    for sign in ("<", ">", "$", "%{", "\u202e"):
        assert sign not in text
    assert "&" not in text.replace("&lt;", "").replace("&gt;", "").replace("&amp;", "").replace(
        "&#36;", ""
    ).replace("&#123;", "")


def test_no_hostile_name_reaches_a_figure_as_markup():
    """In every text of every figure the only tags are the house's own."""
    allowed = {"<br>", "<b>", "</b>"}
    for figure in drawn(assessments.hostile()):
        for text in texts(figure.to_plotly_json()):
            bare = text
            for tag in allowed:
                bare = bare.replace(tag, "")
            assert "<" not in bare
            assert "%{" not in bare


def texts(value: object) -> list[str]:
    """Every string in nested dicts and lists."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts(inner)]
    return (
        [text for inner in value for text in texts(inner)]
        if isinstance(value, list | tuple)
        else []
    )


def test_labels_are_cut_to_two_lines():
    """A name of a thousand characters takes two lines and an ellipsis."""
    found = theme.lines("word " * 200)
    assert len(found) == 2
    assert found[-1].endswith("…")


def test_every_colour_has_one_dark_partner():
    """The page can swap colours both ways at once: no light colour stands for two dark ones."""
    light = [pair[0] for pair in theme.PALETTE.values()]
    assert len(set(light)) == len(light)


def test_every_chart_says_in_words_what_it_shows():
    """The text alternatives hold the figures that the eye would take from the chart."""
    assert "+41" in intervals.interval_description(interval_data())
    assert "120 tasks without assistance" in distributions.distribution_description(
        distributions.distribution_data(DESIGN)
    )
    assert "rollout on 12" in course.course_description(course.course_data(DESIGN, DEMO.results))
    assert "week by week" in buildup.buildup_description(buildup.buildup_data(DESIGN, DEMO.results))
    assert "coding from" in hours.hours_description(hours.hours_data(DEMO.hours))
    assert "10 estimates" in specification.specification_description(
        specification.specification_data(DEMO.results[0])
    )
    assert "1.18" in forecasts.forecast_description(forecasts.forecast_data(DESIGN))


def test_a_claim_on_time_saved_is_judged_on_its_own_reading():
    """A claim of half the time saved lies at the same place as +100 % efficiency."""
    saved = dataclasses.replace(assessments.DESIGN, reading="time_saved", value=0.5)
    result = assessments.result("design", saved, assessments.theta(0.4, 0.2, 0.6), "smaller")
    assert axis.claim_place(result) == pytest.approx(math.log(2))


def test_a_claim_does_not_hide_the_estimate():
    """Where both lie in the same place the claim is lifted, in the chart and in the still figure; else it is not."""
    near, far = assessments.theta(0.49, 0.02, 1.19), assessments.theta(0.2, 0.02, 0.4)
    for interval, lifted in ((near, True), (far, False)):
        found = assessments.assessment(
            assessments.result("design", assessments.DESIGN, interval, "plausible")
        )
        data = interval_data(found).rows
        bar, _, diamond = (trace.y[0] for trace in rows.draw(data).data[:3])
        assert (diamond > bar) is lifted
        assert (data.lift(data.rows[0]) > 0) is lifted
