"""The main chart without a script: inline SVG.

Horizontal positions are shares of its width, so that it fits any screen.
"""

from __future__ import annotations

from markupsafe import Markup

from tracker.report import axis
from tracker.report.charts.row_chart import BOTTOM, LINE_HEIGHT, TOP, Line, Row, RowChart, Scale
from tracker.report.charts.theme import LABEL_WIDTH, wrap


def interval_rows_svg(chart: RowChart) -> Markup:
    """Return the rows as SVG; its colours are those of the page's style sheet, light or dark."""
    parts = [_scale(chart.bottom, chart.span, TOP + chart.plot_height + 18, 18)]
    if chart.top:
        parts.append(_scale(chart.top, chart.span, TOP - 10, -18))
    parts += [_line(line, chart) for line in chart.lines]
    for row, (top, middle) in zip(chart.rows, chart.row_positions, strict=True):
        parts.append(_label(row, TOP + top))
        parts.append(_bar(row, chart.span, TOP + middle, chart.claim_lift(row)))
    height = TOP + chart.plot_height + BOTTOM
    return Markup(
        '<svg class="static" width="100%" height="{}" aria-hidden="true" focusable="false">{}</svg>'
    ).format(height, Markup().join(parts))


def _share(x: float, span: axis.Span) -> str:
    return f"{100 * span.share(span.clamp(x)):.2f}%"


def _scale(scale: Scale, span: axis.Span, y: float, title_offset: float) -> Markup:
    ticks = Markup().join(
        Markup('<text class="tick" x="{}" y="{}">{}</text>').format(
            _share(tick.at, span), y, tick.label
        )
        for tick in scale.ticks
    )
    return ticks + Markup('<text class="tick" x="50%" y="{}">{}</text>').format(
        y + title_offset, scale.title
    )


def _line(line: Line, chart: RowChart) -> Markup:
    x = _share(line.position, chart.span)
    return Markup('<line class="t-{} {}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        line.tone, line.dash, x, x, TOP, TOP + chart.plot_height
    )


def _label(row: Row, y: float) -> Markup:
    lines = wrap(row.label, LABEL_WIDTH)
    css_class = "faint" if row.faint else "strong"
    return Markup().join(
        Markup('<text class="{}" x="8" y="{}">{}</text>').format(
            css_class, y + 12 + LINE_HEIGHT * i, line
        )
        for i, line in enumerate(lines)
    )


def _bar(row: Row, span: axis.Span, y: float, claim_lift: float) -> Markup:
    claim = Markup() if row.claim is None else _diamond(row.claim, span, y - claim_lift)
    if row.bar is None:
        text = Markup('<text class="faint" x="8" y="{}">{}</text>').format(y + 4, row.missing_text)
        return text + claim
    low = span.low if row.bar.low is None else row.bar.low
    high = span.high if row.bar.high is None else row.bar.high
    line = Markup('<line class="bar t-{}{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        row.tone, " thin" if row.faint else "", _share(low, span), _share(high, span), y, y
    )
    dot = Markup('<circle class="dot t-{}" cx="{}" cy="{}" r="{}"/>').format(
        row.tone, _share(row.bar.middle, span), y, 3 if row.faint else 6
    )
    return line + dot + claim


def _diamond(claim: float, span: axis.Span, y: float) -> Markup:
    return Markup(
        '<svg class="here" x="{}" y="{}"><path class="diamond" d="M0-7L7 0 0 7-7 0z"/></svg>'
    ).format(_share(claim, span), y)
