"""A compact drawing of the report page for README.md: the verdicts and the main chart as one SVG.

An image in a Markdown page can load neither a style sheet nor a font. The drawing therefore
contains its colours: light ones, and dark ones for readers whose system asks for them.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from markupsafe import Markup

from tracker.evidence.assessment import Assessment
from tracker.evidence.charts.intervals import IntervalData
from tracker.evidence.results import Result
from tracker.report import labels
from tracker.report.charts.intervals import CHART, interval_description
from tracker.report.charts.row_chart import SIDE
from tracker.report.charts.theme import FONT, PALETTE
from tracker.report.svg.drawing import figure_svg

WIDTH = 760
MARGIN = 20
PADDING = 16
LINE_HEIGHT = 20
GAP = 14
HEADLINE_CHARACTERS = 76
SENTENCE_CHARACTERS = 96

RULES = """
text{font:13px $font;fill:$ink}
.title{font-size:18px;font-weight:650}
.verdict{font-weight:650;fill:currentColor}
.headline{font-size:15px;font-weight:650}
.sentence{fill:$soft}
.page{fill:$ground;stroke:$faint}
.card{fill:$raised;stroke:$faint}
.drawing path{vector-effect:non-scaling-stroke}
.edge{stroke:$ground}
.drawing text{font-size:12px;paint-order:stroke;stroke:$ground;stroke-width:4px}
"""
"""What the drawing needs of the page's style sheet. ``$NAME`` is a colour of the palette."""


@dataclass(frozen=True, slots=True)
class Card:
    """One result in words, broken into lines."""

    tone: str
    verdict: str
    headline: list[str]
    sentences: list[str]

    @property
    def height(self) -> int:
        """Pixels, with the padding."""
        lines = 1 + len(self.headline) + len(self.sentences)
        return 2 * PADDING + LINE_HEIGHT * lines


def report_svg(assessment: Assessment) -> str:
    """Return the text of an SVG file. The same assessment gives the same text."""
    y = MARGIN + LINE_HEIGHT
    parts = [_text("title", "Does the assistance save time?", MARGIN, y)]
    if assessment.synthetic_notice:
        y += LINE_HEIGHT + 4
        parts.append(_text("sentence", assessment.synthetic_notice, MARGIN, y))
    y += GAP
    for card in map(_card, assessment.results):
        parts.append(_card_svg(card, y))
        y += card.height + GAP
    y += LINE_HEIGHT
    parts.append(_text("title", "The interval against the claim", MARGIN, y))
    y += LINE_HEIGHT + 4
    key = "Bar: interval. Dot: estimate. Diamond: claim. Right of 0 % is faster."
    parts.append(_text("sentence", key, MARGIN, y))
    data = IntervalData(assessment.results, studies=())
    figure = CHART.figure(data)
    drawing = figure_svg(figure, name=interval_description(data), prefix="intervals")
    height = figure["layout"]["height"]
    parts.append(
        Markup('<svg x="{}" y="{}" width="{}" height="{}" overflow="visible">{}</svg>').format(
            MARGIN + SIDE, y, WIDTH - 2 * (MARGIN + SIDE), height, drawing
        )
    )
    return _document(parts, y + height)


def _card(result: Result) -> Card:
    sentences = result.sentences
    texts = [f"{sentences.verdict} {sentences.needed}".strip(), sentences.limits]
    return Card(
        tone=result.verdict,
        verdict=labels.verdict_label(result.verdict),
        headline=textwrap.wrap(sentences.headline, HEADLINE_CHARACTERS),
        sentences=[line for text in texts for line in textwrap.wrap(text, SENTENCE_CHARACTERS)],
    )


def _card_svg(card: Card, y: int) -> Markup:
    x = MARGIN + PADDING
    baseline = y + PADDING + LINE_HEIGHT - 6
    parts = [
        Markup('<rect class="card" x="{}" y="{}" width="{}" height="{}" rx="8"/>').format(
            MARGIN, y, WIDTH - 2 * MARGIN, card.height
        ),
        _text(f"verdict t-{card.tone}", card.verdict, x, baseline),
    ]
    lines = [("headline", line) for line in card.headline]
    lines += [("sentence", line) for line in card.sentences]
    for number, (style, line) in enumerate(lines, start=1):
        parts.append(_text(style, line, x, baseline + LINE_HEIGHT * number))
    return Markup("\n").join(parts)


def _text(style: str, text: str, x: int, y: int) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(style, x, y, text)


def _document(parts: list[Markup], height: int) -> str:
    page = Markup('<rect class="page" x="0.5" y="0.5" width="{}" height="{}" rx="10"/>').format(
        WIDTH - 1, height - 1
    )
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}"'
        ' role="img">\n<title>{2}</title>\n<style>{3}</style>\n{4}\n</svg>\n'
    ).format(
        WIDTH,
        height,
        "The report page for the demo's log: verdicts, and intervals against claims",
        Markup(_style()),  # noqa: S704 - the rules above and the palette, nothing from a log
        Markup("\n").join([page, *parts]),
    )


def _style() -> str:
    """The rules in light colours, and once more in dark ones."""
    tones = "".join(f".t-{name}{{color:${name}}}\n" for name in PALETTE)
    light, dark = (_with_colours(RULES + tones, scheme) for scheme in (0, 1))
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}"


def _with_colours(rules: str, scheme: int) -> str:
    """Rules with each ``$NAME`` replaced by its colour in scheme 0 (light) or 1 (dark)."""
    values = {"font": FONT, **{name: pair[scheme] for name, pair in PALETTE.items()}}
    return re.sub(r"\$([a-z-]+)", lambda match: values[match[1]], rules)
