"""The specification of a chart, and the chart made from it for the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from markupsafe import Markup

from tracker.evidence.charts.claim_lines import ClaimLine
from tracker.report import labels
from tracker.report.charts.theme import Figure, Table
from tracker.report.svg.drawing import figure_svg

Section = Literal["intervals", "activities", "hours", "robustness", "forecasts"]
"""The parts of the page that hold charts."""

Data = TypeVar("Data")

_NARROW_COLUMNS, _BESIDE_COLUMNS = 4, 6
"""A table of more columns is printed in more than half of the width, or in all of it."""
_LONG_ROWS = 30
"""A table of more rows is printed in two columns beside its chart."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of the page."""

    id: str
    title: str
    lead: str
    """How to read it, in a sentence or two."""
    description: str
    """A description of it, for screen readers."""
    figure: Figure
    table: Table
    key: tuple[str, ...]
    """The signs to explain above it, by their names in the template."""
    claim: str
    """What a dashed line stands for, where the chart has no label for it."""
    whole_width: bool
    drawing: Markup
    """The figure as SVG."""

    @property
    def table_class(self) -> str:
        """The style sheet's class of a table that is not printed in the usual way."""
        columns = len(self.table.header)
        if columns > _BESIDE_COLUMNS:
            return "wide-table"
        if len(self.table.rows) > _LONG_ROWS:
            return "long-table"
        return "broad-table" if columns > _NARROW_COLUMNS else ""

    @property
    def margin_class(self) -> str:
        """The style sheet's class of the margins beside its plot."""
        left, right = self.side_margins
        return f"m{left}-{right}"

    @property
    def side_margins(self) -> tuple[int, int]:
        """The pixels left and right of its plot."""
        margin = self.figure["layout"]["margin"]
        return margin["l"], margin["r"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSpec(Generic[Data]):
    """How one chart is made; the functions take what ``data`` returns."""

    name: str
    """Names the chart's modules, its id on the page and its ``draw_`` function for notebooks."""
    section: Section
    summary: str
    """A short description of it, for the documentation."""
    data: Callable[..., Data | None]
    """Takes the subject of its section; returns None where there is nothing to draw."""
    with_claims: bool = False
    """Whether ``data`` also takes all results, to draw their claims."""
    figure: Callable[[Data], Figure]
    table: Callable[[Data], Table]
    describe: Callable[[Data], str]
    title: str | Callable[[Data], str]
    lead: str | Callable[[Data], str]
    key: tuple[str, ...] | Callable[[Data], tuple[str, ...]] = ()
    claim: str | Callable[[Data], str] = ""
    whole_width: bool = False

    def draw(self, *subjects: object, **named_subjects: object) -> Figure | None:
        """Return the figure of some subjects; None where there is nothing to draw."""
        data = self.data(*subjects, **named_subjects)
        return None if data is None else self.figure(data)

    def build(
        self, chart_id: str, *subjects: object, printable: Callable[[str], str]
    ) -> Chart | None:
        """Return the chart of some subjects for the page; None where there is nothing to draw.

        ``printable`` makes its description fit for the page, with the names in it isolated.
        """
        data = self.data(*subjects)
        if data is None:
            return None
        figure, description = self.figure(data), self.describe(data)
        return Chart(
            id=chart_id,
            title=self.title if isinstance(self.title, str) else self.title(data),
            lead=self.lead if isinstance(self.lead, str) else self.lead(data),
            description=description,
            figure=figure,
            table=self.table(data),
            key=self.key if isinstance(self.key, tuple) else self.key(data),
            claim=self.claim if isinstance(self.claim, str) else self.claim(data),
            whole_width=self.whole_width,
            drawing=figure_svg(figure, name=printable(description), prefix=chart_id),
        )


def claim_label(line: ClaimLine) -> str:
    """Return the label of a claim's line: "claim ≥ +50 %"."""
    return f"claim {labels.short_claim(line.result)}"


def only_claim_label(lines: tuple[ClaimLine, ...]) -> str:
    """Return the label of a single line; "" of several, which have their labels in the chart."""
    return claim_label(lines[0]) if len(lines) == 1 else ""
