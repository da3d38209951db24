"""The output of ``check`` on a terminal: a table, the intervals drawn, and a paragraph a result."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tracker.evidence.results import Assessment, Result, Severity, Verdict
from tracker.report import formats, labels
from tracker.report.text_plot import TextPlot, draw_text_plot
from tracker.report.verdict_styles import VERDICT_STYLES

WIDTH = 80
_MAX_LABEL_WIDTH = 20

_SEVERITY_SIGNS: dict[Severity, str] = {"serious": "!!", "caution": "! "}
"""Threats of another severity are not printed."""
_UNLISTED = ("activities", "limits used:")
"""Filters that the last line does not repeat."""
_NO_BREAK_PLACEHOLDER = "\ue000"
"""Stands for a no-break space while rich wraps lines, since rich would break a line at one.

It is a private-use character, so no text contains it.
"""


def assessment_text(
    assessment: Assessment, *, width: int = WIDTH, color: bool = False, ascii_only: bool = False
) -> str:
    """Return what ``check`` prints.

    Args:
        assessment: The results. Threats of severity ``note`` are left to the page.
        width: Columns.
        color: Add ANSI escape sequences.
        ascii_only: Use ASCII only.

    Returns:
        The text, without trailing blanks and with a newline at its end.

    """
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    console.print(_page(assessment, width, ascii_only=ascii_only), soft_wrap=False)
    text = "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"
    text = text.replace(_NO_BREAK_PLACEHOLDER, " ")
    return formats.plain(text) if ascii_only else text


def write_text(
    assessment: Assessment, stream: TextIO, environ: Mapping[str, str], *, width: int | None = None
) -> None:
    """Write an assessment to a stream, in what the stream can show.

    Args:
        assessment: The results.
        stream: Gets colour if it is a terminal, and ASCII if its encoding is not UTF-8, 16 or 32.
        environ: ``NO_COLOR`` and ``TERM=dumb`` turn colour off.
        width: Columns; None is 80.

    """
    color = stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    unicode = (stream.encoding or "ascii").lower().replace("-", "") in {"utf8", "utf16", "utf32"}
    stream.write(
        assessment_text(assessment, width=width or WIDTH, color=color, ascii_only=not unicode)
    )


def _page(assessment: Assessment, width: int, *, ascii_only: bool) -> RenderableType:
    results = assessment.results
    parts: list[RenderableType] = [*_banner(assessment)]
    if not results:
        parts.append(
            Text(
                "There is nothing to judge yet: log design and testing with `tracker log`, "
                "or import a log."
            )
        )
        return Group(*parts)
    parts += [_table(results, assessment, ascii_only=ascii_only), Text()]
    if any(result.log_ratio for result in results):
        plot_width = width - _label_width(results) - 2
        plot = draw_text_plot(results, plot_width, ascii_only=ascii_only)
        parts += [*_plot_lines(results, plot), Text()]
    for result in results:
        parts += [_paragraph(result, ascii_only=ascii_only), Text()]
    parts += _threats(results)
    if assessment.limits is not None:
        parts.append(Text(_clean(f"limits used: {labels.limits_text(assessment.limits)}")))
    parts.append(Text(_clean(_footer(assessment)), style="dim"))
    return Group(*parts)


def _banner(assessment: Assessment) -> Iterable[RenderableType]:
    """The demo's notice and its true gains; nothing for a real log."""
    if assessment.synthetic_notice:
        yield Text(_clean(assessment.synthetic_notice), style="bold")
        for activity, gain in assessment.truths.items():
            yield Text(_clean(f"  true efficiency gain in {activity}: {formats.percent(gain)}"))
        yield Text()


def _table(results: tuple[Result, ...], assessment: Assessment, *, ascii_only: bool) -> Table:
    table = Table(
        box=None, padding=(0, 2, 0, 0), show_edge=False, pad_edge=False, header_style="dim"
    )
    table.add_column("", max_width=_MAX_LABEL_WIDTH, no_wrap=True, overflow="ellipsis")
    table.add_column("gain", justify="right", no_wrap=True)
    table.add_column(
        _clean(f"{labels.level_label(assessment.question.interval_level)} interval"),
        justify="right",
        no_wrap=True,
    )
    table.add_column("claim", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for result in results:
        gain = result.gain(result.reading)
        table.add_row(
            Text(_label(result)),
            _clean(formats.percent(gain.estimate if gain else None)),
            _clean(formats.percent_range(gain)),
            _clean(labels.short_claim(result)),
            Text(
                f"{_mark(result.verdict, ascii_only=ascii_only)} "
                f"{labels.verdict_label(result.verdict)}",
                style=VERDICT_STYLES[result.verdict].rich_style,
            ),
        )
    return table


def _plot_lines(results: tuple[Result, ...], plot: TextPlot) -> Iterable[Text]:
    """The plot's scale, its lines with their labels, and its legend."""
    margin = _label_width(results)
    yield Text(" " * (margin + 2) + plot.scale, style="dim", no_wrap=True)
    for result, line in zip(results, plot.lines, strict=True):
        label = Text(_label(result))
        label.truncate(margin, overflow="ellipsis", pad=True)
        style = VERDICT_STYLES[result.verdict].rich_style
        yield Text.assemble(label, "  ", (line, style), no_wrap=True)
    yield Text("  " + plot.legend, style="dim", no_wrap=True)


def _paragraph(result: Result, *, ascii_only: bool) -> RenderableType:
    """The sentences of a result under its headline, and what they rest on."""
    sentences = result.sentences
    mark = Text(
        f"{_mark(result.verdict, ascii_only=ascii_only)} ",
        style=VERDICT_STYLES[result.verdict].rich_style,
    )
    lines: list[RenderableType] = [mark + Text(_clean(sentences.headline), style="bold")]
    body = [
        " ".join(filter(None, (sentences.verdict, sentences.needed))),
        sentences.limits,
        sentences.other_reading,
    ]
    lines += [Padding(Text(_clean(line)), (0, 0, 0, 2)) for line in body if line]
    basis = (
        result.strength,
        labels.item_counts(result),
        formats.developers(result.developers, withhold=False),
    )
    lines.append(Padding(Text(_clean(" · ".join(filter(None, basis))), style="dim"), (0, 0, 0, 2)))
    return Group(*lines)


def _threats(results: tuple[Result, ...]) -> Iterable[RenderableType]:
    """Every threat from caution up, the most severe first. Serious ones come with their advice."""
    concerns = [
        concern
        for concern in labels.concerns(results)
        if concern.threat.severity in _SEVERITY_SIGNS
    ]
    for concern in concerns:
        threat = concern.threat
        prefix = f"({', '.join(concern.activities)}) " if concern.activities else ""
        advice = f" {threat.advice}" if threat.severity == "serious" else ""
        yield _hanging_indent(
            _SEVERITY_SIGNS[threat.severity], _clean(prefix + threat.message + advice)
        )
    if concerns:
        yield Text()


def _hanging_indent(sign: str, text: str) -> RenderableType:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=2, no_wrap=True)
    grid.add_column()
    grid.add_row(sign, Text(text))
    return grid


def _footer(assessment: Assessment) -> str:
    """What it takes to reproduce the output: period, filters, seed, hash of the data, version."""
    parts = [
        formats.days(assessment.first_day, assessment.last_day),
        f"{formats.count(assessment.entries)} entries",
        *(f"{name} {value}" for name, value in labels.filters(assessment) if name not in _UNLISTED),
        f"seed {assessment.question.seed}",
        f"data {assessment.data_hash[:12]}",
        f"tracker {assessment.version}",
    ]
    return " · ".join(filter(None, parts))


def _label(result: Result) -> str:
    """The activity, and the reading if it is not the efficiency gain."""
    suffix = ", time saved" if result.reading == "time_saved" else ""
    return formats.printable(result.activity) + suffix


def _label_width(results: tuple[Result, ...]) -> int:
    """Columns of the longest label, up to the limit."""
    return min(max(Text(_label(result)).cell_len for result in results), _MAX_LABEL_WIDTH)


def _mark(verdict: Verdict, *, ascii_only: bool) -> str:
    style = VERDICT_STYLES[verdict]
    return style.ascii_mark if ascii_only else style.mark


def _clean(text: str) -> str:
    """Text safe for a terminal, with a placeholder for each no-break space."""
    return formats.printable(text).replace(formats.NO_BREAK_SPACE, _NO_BREAK_PLACEHOLDER)
