"""The main figure without a script: inline SVG whose places are shares of its width, so that it fits any screen."""

from __future__ import annotations

from markupsafe import Markup

from tracker.report import axis
from tracker.report.charts.rows import BOTTOM, LINE_HEIGHT, TOP, Line, Row, Rows, Scale
from tracker.report.charts.theme import LABEL_WIDTH, wrap


def interval_rows_svg(data: Rows) -> Markup:
    """The rows as SVG; colours come from the page's style sheet, so it follows light and dark by itself."""
    parts = [_scale(data.bottom, data.over, TOP + data.plot_height + 18, 18)]
    if data.top:
        parts.append(_scale(data.top, data.over, TOP - 10, -18))
    parts += [_line(line, data) for line in data.lines]
    for row, (top, middle) in zip(data.rows, data.places, strict=True):
        parts.append(_label(row, TOP + top))
        parts.append(_bar(row, data.over, TOP + middle, data.lift(row)))
    height = TOP + data.plot_height + BOTTOM
    return Markup(
        '<svg class="static" width="100%" height="{}" aria-hidden="true" focusable="false">{}</svg>'
    ).format(height, Markup().join(parts))


def _share(at: float, over: axis.Span) -> str:
    return f"{100 * over.share(over.clamp(at)):.2f}%"


def _scale(scale: Scale, over: axis.Span, y: float, title_below: float) -> Markup:
    ticks = Markup().join(
        Markup('<text class="tick" x="{}" y="{}">{}</text>').format(_share(t.at, over), y, t.label)
        for t in scale.ticks
    )
    return ticks + Markup('<text class="tick" x="50%" y="{}">{}</text>').format(
        y + title_below, scale.title
    )


def _line(line: Line, data: Rows) -> Markup:
    at = _share(line.at, data.over)
    return Markup('<line class="t-{} {}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        line.tone, line.dash, at, at, TOP, TOP + data.plot_height
    )


def _label(row: Row, y: float) -> Markup:
    lines = wrap(row.label, LABEL_WIDTH)
    kind = "faint" if row.faint else "strong"
    return Markup().join(
        Markup('<text class="{}" x="8" y="{}">{}</text>').format(
            kind, y + 12 + LINE_HEIGHT * i, line
        )
        for i, line in enumerate(lines)
    )


def _bar(row: Row, over: axis.Span, y: float, lift: float) -> Markup:
    claim = Markup() if row.claim is None else _diamond(row.claim, over, y - lift)
    if row.bar is None:
        return (
            Markup('<text class="faint" x="8" y="{}">{}</text>').format(y + 4, row.instead) + claim
        )
    low = over.low if row.bar.low is None else row.bar.low
    high = over.high if row.bar.high is None else row.bar.high
    line = Markup('<line class="bar t-{}{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        row.tone, " thin" if row.faint else "", _share(low, over), _share(high, over), y, y
    )
    dot = Markup('<circle class="dot t-{}" cx="{}" cy="{}" r="{}"/>').format(
        row.tone, _share(row.bar.middle, over), y, 3 if row.faint else 6
    )
    return line + dot + claim


def _diamond(at: float, over: axis.Span, y: float) -> Markup:
    return Markup(
        '<svg class="here" x="{}" y="{}"><path class="diamond" d="M0-7L7 0 0 7-7 0z"/></svg>'
    ).format(_share(at, over), y)
