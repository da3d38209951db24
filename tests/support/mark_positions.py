"""Positions of the marks of a figure in Chromium, as drawn by Plotly and as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page
from plotly.offline import get_plotlyjs

from tracker.report.charts.theme import Figure
from tracker.report.svg.drawing import figure_svg

Point = tuple[float, float]
Outline = list[Point]
"""Points that are joined by straight lines; a mark is an outline of one point."""

SCRIPT = """
const at = (m, x, y) => [m.a * x + m.c * y + m.e, m.b * x + m.d * y + m.f];
// The outlines of a path of straight lines, in pixels of the screen.
const outlines = (path) => {
  const tokens = path.getAttribute("d").match(/[a-zA-Z]|-?[0-9.]+(?:e-?[0-9]+)?/g) ?? [];
  const matrix = path.getScreenCTM(), result = [];
  let x = 0, y = 0, command = "", i = 0;
  const next = () => Number(tokens[i++]);
  while (i < tokens.length) {
    if (/[a-zA-Z]/.test(tokens[i])) command = tokens[i++];
    const isRelative = command === command.toLowerCase();
    const [x0, y0] = isRelative ? [x, y] : [0, 0];
    const letter = command.toUpperCase();
    if (letter === "Z") continue;
    if (letter === "H") x = x0 + next();
    else if (letter === "V") y = y0 + next();
    else { x = x0 + next(); y = y0 + next(); }
    if (letter === "M") { result.push([]); command = isRelative ? "l" : "L"; }
    result.at(-1).push(at(matrix, x, y));
  }
  return result;
};
const drawn = (root) =>
  [...root.querySelectorAll("circle, path, use[x]")].flatMap((shape) => {
    const matrix = shape.getScreenCTM();
    const value = (name) => shape[name].baseVal.value;
    if (shape.tagName === "use") {
      return [[at(shape.parentElement.getScreenCTM(), value("x"), value("y"))]];
    }
    if (shape.tagName === "circle") return [[at(matrix, value("cx"), value("cy"))]];
    const isMarker = shape.closest("svg[x] > g");
    return isMarker ? [[at(matrix, 0, 0)]] : outlines(shape);
  });
const VERTICAL_LINE = /^M0,[-0-9.]+V[-0-9.]+$/; // a mark that is one vertical line
const origins = (paths) => [...paths].flatMap((path) =>
  VERTICAL_LINE.test(path.getAttribute("d")) ? outlines(path) : [[at(path.getScreenCTM(), 0, 0)]]);
const LINES =
  "path.js-line, path.js-fill, path.xerror, path.yerror, .point > path";
const isVisible = (points) =>
  points.length === 2 || points.some(([x, y]) => y !== points[0][1]);
const plotly = (root) => ({
  traces: [...root.querySelectorAll(".scatterlayer > .trace, .barlayer > .trace")].map(
    (trace) => [
      ...origins(trace.querySelectorAll(".points > path.point")),
      ...[...trace.querySelectorAll(LINES)].flatMap(outlines).filter(isVisible),
    ],
  ),
  shapes: [...root.querySelectorAll(".shapelayer path")].map(
    (path) => [Number(path.dataset.index), outlines(path)],
  ),
  grid: [...root.querySelectorAll(".gridlayer path")].flatMap(outlines),
});
"""


def load(page: Page) -> None:
    """Prepare a blank page for measuring."""
    page.set_content("<body style='margin:0'></body>")
    page.add_script_tag(content=get_plotlyjs())
    page.add_script_tag(content=SCRIPT)


def marks_of_plotly(page: Page, figure: Figure, width: int) -> dict[str, Any]:
    """Return the outlines by trace and by shape, and the grid lines, as Plotly draws them."""
    return page.evaluate(  # type: ignore[no-any-return]
        """async ([data, layout, width]) => {
          document.body.innerHTML = `<div id="plot" style="width:${width}px"></div>`;
          await Plotly.newPlot("plot", data, {...layout, width});
          return plotly(document.getElementById("plot"));
        }""",
        [figure["data"], figure["layout"], width],
    )


def marks_of_svg(page: Page, figure: Figure, width: int) -> list[Outline]:
    """Return the outlines of all marks as the SVG draws them."""
    margin = figure["layout"]["margin"]
    drawing = figure_svg(figure, name="a figure", prefix="figure")
    return page.evaluate(  # type: ignore[no-any-return]
        """([drawing, left, width]) => {
          const style = `margin-left:${left}px;width:${width}px`;
          document.body.innerHTML = `<div style="${style}">${drawing}</div>`;
          return drawn(document.body);
        }""",
        [str(drawing), margin["l"], width - margin["l"] - margin["r"]],
    )


def only(figure: Figure, part: str, index: int | None = None) -> Figure:
    """Return a figure with one trace or shape, or with its grid alone."""
    layout = {**figure["layout"], "annotations": []}
    axes = {
        key: {**layout[key], "showgrid": part == "grid" and layout[key].get("showgrid", True)}
        for key in layout
        if key.startswith(("xaxis", "yaxis"))
    }
    shapes = [layout["shapes"][index]] if part == "shapes" and index is not None else []
    data = [figure["data"][index]] if part == "traces" and index is not None else []
    return {"data": data, "layout": {**layout, **axes, "shapes": shapes}}


def largest_distance(outlines: list[Outline], others: list[Outline]) -> float:
    """Return the largest distance from a point of some outlines to the nearest other one."""
    return max(
        (min(_distance(point, other) for other in others) for point in _points(outlines)),
        default=0.0,
    )


def _points(outlines: list[Outline]) -> Iterator[Point]:
    for outline in outlines:
        yield from outline


def _distance(point: Point, outline: Outline) -> float:
    """Return the distance of a point from a line through points."""
    if len(outline) == 1:
        return math.dist(point, outline[0])
    return min(
        _distance_to_segment(point, start, end)
        for start, end in zip(outline, [*outline[1:], outline[0]], strict=True)
    )


def _distance_to_segment(point: Point, start: Point, end: Point) -> float:
    (x, y), (x1, y1), (x2, y2) = point, start, end
    length = (x2 - x1) ** 2 + (y2 - y1) ** 2
    share = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length if length else 0.0
    share = min(1.0, max(0.0, share))
    return math.dist(point, (x1 + share * (x2 - x1), y1 + share * (y2 - y1)))
