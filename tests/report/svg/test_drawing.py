"""Figures as SVG: text is text, and what cannot be drawn is an error."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from support import assessments

from tracker.report.charts import theme
from tracker.report.charts.all_charts import charts_of
from tracker.report.svg.drawing import figure_svg
from tracker.report.svg.subset import UnsupportedFigureError

TICKS = {"tickmode": "array", "tickvals": [1, 3], "ticktext": ["1", "3"]}
LINE = {"color": theme.light("ink"), "width": 2}
TRACE: dict[str, Any] = {"type": "scatter", "mode": "lines", "x": [0, 4], "y": [1, 2], "line": LINE}
LAYOUT: dict[str, Any] = {
    "xaxis": {"range": [0, 4], **TICKS},
    "yaxis": {"range": [0, 5], **TICKS},
}


def draw(traces: list[Any] | None = None, **layout: Any) -> str:
    """Return a figure as SVG; ``layout`` replaces or adds settings."""
    figure = theme.figure([TRACE] if traces is None else traces, {**LAYOUT, **layout}, 200)
    return str(figure_svg(figure, name="a <name>", prefix="n"))


def test_the_position_on_an_axis_is_a_share_of_the_width() -> None:
    """Half of the range lies at half of the width, and heights are pixels from the top."""
    half = draw([{**TRACE, "x": [1, 2], "y": [0, 5]}])
    assert '<path d="m250 148 250-148" ' in half


@pytest.mark.parametrize("name", sorted(set(assessments.ASSESSMENT_BUILDERS) - {"empty"}))
def test_every_chart_is_well_formed_and_refers_to_itself_alone(name: str) -> None:
    """Nothing is loaded or styled; every class is a colour's; ids begin with the chart's."""
    for groups in charts_of(assessments.ASSESSMENT_BUILDERS[name]()).values():
        for chart in (chart for group in groups for chart in group.charts):
            root = ElementTree.fromstring(str(chart.drawing))
            ids = [e.get("id") or "" for e in root.iter() if e.get("id")]
            assert ids[0] == f"{chart.id}-description"
            assert len(set(ids)) == len(ids)
            assert all(id_.startswith(f"{chart.id}-") for id_ in ids)
            for element in root.iter():
                assert not {"style", "onload"} & set(element.attrib)
                assert element.get("href", f"#{ids[0]}") in {f"#{id_}" for id_ in ids}
                assert element.get("class", "t-ink").startswith(("t-", "drawing"))
                assert element.tag in {
                    *("svg", "title", "g", "path", "circle", "use", "text", "tspan")
                }


def test_hostile_names_are_text() -> None:
    """Markup in a name is escaped once, in labels and in the sentence of the image."""
    charts = charts_of(assessments.hostile())["activities"][0].charts
    root = ElementTree.fromstring(str(charts[1].drawing))
    assert "<b>bold</b>" in "".join(root.find("title").itertext())
    intervals = charts_of(assessments.hostile())["intervals"][0].charts[0]
    labels = "".join(ElementTree.fromstring(str(intervals.drawing)).itertext())
    assert "</script><img src=x" in labels
    assert "%{x}" in labels
    assert "&lt;br&gt;" in labels


def test_bold_parts_and_lines_are_drawn() -> None:
    """Of Plotly's markup there are bold parts and line breaks."""
    text = draw(annotations=[theme.note("<b>one</b>, two<br>three &lt;b&gt;", 1, 0.5)])
    assert '<tspan font-weight="650">one</tspan>, two<tspan x="25%" dy="15.6">' in text
    assert "three &lt;b&gt;" in text


@pytest.mark.parametrize(
    ("traces", "layout"),
    [
        ([{"type": "pie", "values": [1]}], {}),
        ([{**TRACE, "mode": "lines+text"}], {}),
        ([{**TRACE, "opacity": 0.5}], {}),
        ([{**TRACE, "line": {"color": "#123456"}}], {}),
        ([{**TRACE, "line": {**LINE, "dash": "dashdot"}}], {}),
        ([{**TRACE, "line": {**LINE, "shape": "spline"}}], {}),
        ([{**TRACE, "y": [1, None]}], {}),
        ([{**TRACE, "fill": "tozeroy", "fillcolor": theme.light("ink")}], {}),
        ([{**TRACE, "mode": "markers", "marker": {"size": 8, "color": LINE["color"],
           "symbol": "star"}}], {}),
        (None, {"xaxis": TICKS}),
        (None, {"xaxis": {"range": [0, 4]}}),
        (None, {"xaxis": {"range": [0, 4], "type": "category", **TICKS}}),
        (None, {"showlegend": True}),
        (None, {"barmode": "group"}),
        (None, {"title": {"text": "a title"}}),
        (None, {"annotations": [theme.note("<i>x</i>", 1, 0.5)]}),
        (None, {"annotations": [{**theme.note("x", 1, 0.5), "showarrow": True}]}),
        (None, {"annotations": [theme.note("x", 1, 0.5, textangle=90)]}),
        (None, {"shapes": [{"type": "rect", "x0": 0, "x1": 1, "y0": 0, "y1": 1, "line": LINE}]}),
        (None, {"shapes": [{"type": "path", "path": "M0,0C1,1,2,2,3,3", "line": LINE}]}),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_an_error(traces: list[Any] | None, layout: dict[str, Any]) -> None:
    """A part of Plotly that is not drawn is refused, so that a chart never lacks something."""
    with pytest.raises(UnsupportedFigureError):
        draw(traces, **layout)


def test_dots_at_one_place_are_one() -> None:
    """Dots that nobody can tell apart are drawn once; a ring refers to its dots."""
    marker = {"size": 8, "color": LINE["color"], "symbol": "circle-open"}
    trace = {**TRACE, "mode": "markers", "marker": marker}
    few = draw([{**trace, "x": [1, 2, 3], "y": [1, 1, 1]}])
    assert few == draw([{**trace, "x": [1, 2, 2.0001, 3], "y": [1, 1, 1.0001, 1]}])
    assert few.count("h0") == 3
    assert '<path id="n-1-0" d="m250 118.4h0m250 0h0m250 0h0"' in few
    assert '<use href="#n-1-0" class="t-ground"' in few


def test_equal_marks_are_drawn_by_reference() -> None:
    """The shape of a mark stands once; the others refer to it, at their own places."""
    marker = {"size": 8, "color": LINE["color"], "symbol": "diamond"}
    drawing = draw([{**TRACE, "mode": "markers", "marker": marker, "x": [1, 2], "y": [1, 2]}])
    assert drawing.count('z"') == 1
    assert '<svg x="25%" y="118.4" overflow="visible"><g id="n-m0">' in drawing
    assert '<use href="#n-m0" x="50%" y="88.8"/>' in drawing


def test_a_mark_does_not_swallow_the_lines_after_it() -> None:
    """A mark ends before the lines that follow it, which are placed as without it."""
    marker = {"size": 8, "color": LINE["color"], "symbol": "diamond"}
    marked = draw([{**TRACE, "mode": "markers", "marker": marker}, TRACE])
    root = ElementTree.fromstring(marked)
    path = "m0 118.4 1000-29.6"
    (parent,) = (e for e in root.iter() if any(child.get("d") == path for child in e))
    assert parent.get("viewBox") == "0 0 1000 148"
    assert parent in list(root[1])
