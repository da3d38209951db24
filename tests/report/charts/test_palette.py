"""The palette: contrast, and colours told apart by people with colour blindness."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from support.colours import contrast, delta_e, difference

from tracker.report.charts import theme
from tracker.report.verdict_styles import VERDICT_STYLES

SCHEMES = {"light": 0, "dark": 1}
MIN_DIFFERENCE, MIN_TEXT_CONTRAST, MIN_MARK_CONTRAST = 15, 4.5, 3
MARKS = {
    "baseline": "circle-open",
    "assistance": "circle",
    "partly": "square",
    "claim": "diamond",
    "study": "circle-open",
    **{verdict: style.symbol for verdict, style in VERDICT_STYLES.items()},
}
"""The mark of each meaning that has a colour. Each has a label as well."""


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, -1, 2), (50, 0, 0), 2.3669),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_difference_is_that_of_the_paper(first, second, expected: float) -> None:
    """CIEDE2000 has the values of the test data of Sharma, Wu and Dalal."""
    assert delta_e(np.array(first), np.array(second)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("first", "second"), list(combinations(MARKS, 2)))
def test_meanings_are_told_apart(scheme: str, first: str, second: str) -> None:
    """Two meanings differ by 15, or in mark and label; arms and claims differ by 15 in any case."""
    colors = [theme.PALETTE[name][SCHEMES[scheme]] for name in (first, second)]
    least = min(difference(*colors, sight) for sight in ("protanopia", "deuteranopia"))
    has_other_mark = MARKS[first] != MARKS[second]
    has_arm = bool({"baseline", "assistance", "claim"} & {first, second})
    assert least >= MIN_DIFFERENCE or (has_other_mark and not has_arm)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", ["ground", "raised"])
@pytest.mark.parametrize("name", [*MARKS, "ink", "soft"])
def test_colours_have_contrast(scheme: str, ground: str, name: str) -> None:
    """Text has 4.5 against its background; marks, and studies have no coloured text, have 3."""
    number = SCHEMES[scheme]
    ratio = contrast(theme.PALETTE[name][number], theme.PALETTE[ground][number])
    assert ratio >= (MIN_MARK_CONTRAST if name == "study" else MIN_TEXT_CONTRAST)


def test_every_colour_has_a_counterpart_where_the_system_sets_colours() -> None:
    """No meaning depends on a hue there: marks and text have the colour of text."""
    assert {theme.system_color(name) for name in MARKS} == {"CanvasText"}
    assert theme.system_color("ground") == "Canvas"
