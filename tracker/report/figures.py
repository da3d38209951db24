"""The page's charts for a notebook: one function ``draw_NAME`` for each chart.

Each takes results, or the data of one activity's charts and optionally results for their claims.
It returns a Plotly figure in the light colours, or None where there is nothing to draw.

``draw_intervals(assessment)``, ``draw_hours(assessment)``, ``draw_specification(result)``; and
``draw_course``, ``draw_distributions``, ``draw_buildup`` and ``draw_forecasts`` with
``(chart_data, results=())``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go

from tracker.report.charts.all_charts import ALL
from tracker.report.charts.chart import ChartSpec

DrawingFunction = Callable[..., go.Figure | None]


def _drawing_function(spec: ChartSpec[Any]) -> DrawingFunction:
    """Return a function that draws the chart, with the parameters of its data function."""

    def draw(*subjects: object, **named_subjects: object) -> go.Figure | None:
        figure = spec.draw(*subjects, **named_subjects)
        return None if figure is None else go.Figure(figure)

    draw.__name__ = draw.__qualname__ = f"draw_{spec.name}"
    draw.__doc__ = f"Draw {spec.summary}. Return None where there is nothing to draw."
    signature = inspect.signature(spec.data)
    vars(draw)["__signature__"] = signature.replace(return_annotation="go.Figure | None")
    return draw


DRAWING_FUNCTIONS: dict[str, DrawingFunction] = {
    f"draw_{spec.name}": _drawing_function(spec) for spec in ALL
}
"""The functions by name, in the order of the page."""


def __getattr__(name: str) -> DrawingFunction:
    """Return a drawing function by its name."""
    try:
        return DRAWING_FUNCTIONS[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def __dir__() -> list[str]:
    return __all__


__all__ = [*DRAWING_FUNCTIONS]
