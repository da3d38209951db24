"""The output of ``check`` on a terminal, which ends with what matters most.

Threats come first, then the details of each result, the intervals drawn, the table, and last a
sentence for each result. Of more than three results the threats and the details are left out.
"""

from __future__ import annotations

import io
from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tracker.evidence.assessment import Assessment
from tracker.evidence.results import Result, Severity, Verdict
from tracker.report import formats, labels
from tracker.report.concerns import concerns
from tracker.report.text_plot import TextPlot, draw_text_plot
from tracker.report.verdict_styles import VERDICT_STYLES

WIDTH = 80
MIN_WIDTH = 60
"""The least width in which the figures of the table are not cut."""

MAX_WIDTH = 120
"""Lines of prose are not longer, however wide the terminal is."""
MAX_DETAILED = 3
"""Number of results above which threats and details are printed on request only."""

_MAX_LABEL_WIDTH = 20

_SEVERITY_SIGNS: dict[Severity, str] = {"serious": "!!", "caution": "! "}
"""Threats of another severity are not printed."""
_UNLISTED = ("activities", "limits used")
"""Filters that the last line does not repeat."""
_NO_BREAK_PLACEHOLDER = "\ue000"
"""Stands for a no-break space while rich wraps lines, since rich would break a line at one.

It is a private-use character, so no text contains it.
"""


def assessment_text(
    assessment: Assessment,
    *,
    width: int = WIDTH,
    color: bool = False,
    ascii_only: bool = False,
    detailed: bool = False,
) -> str:
    """Return the output of ``check``.

    Args:
        assessment: The results. Threats of severity ``note`` are left to the page.
        width: Columns.
        color: Add ANSI escape sequences.
        ascii_only: Use ASCII only.
        detailed: Print threats and details of more than three results as well.

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
    page = _page(assessment, width, ascii_only=ascii_only, detailed=detailed)
    console.print(page, soft_wrap=False)
    text = "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"
    return text.replace(_NO_BREAK_PLACEHOLDER, " ")


def _page(
    assessment: Assessment, width: int, *, ascii_only: bool, detailed: bool
) -> RenderableType:
    results = assessment.results
    parts: list[RenderableType] = [*_notice(assessment, ascii_only=ascii_only)]
    if not results:
        parts.append(
            Text(
                "There is nothing to judge yet: log design and testing with `tracker log`, "
                "or import a log."
            )
        )
        return Group(*parts)
    is_detailed = detailed or len(results) <= MAX_DETAILED
    if is_detailed:
        parts += _threats(results, ascii_only=ascii_only)
        for result in results:
            parts += _details(result, ascii_only=ascii_only)
    if assessment.limits is not None:
        limits = f"limits used: {labels.limits_text(assessment.limits)}"
        parts.append(Text(_clean(limits, ascii_only=ascii_only)))
    parts += [Text(_clean(_footer(assessment), ascii_only=ascii_only), style="dim"), Text()]
    if any(result.log_ratio for result in results):
        plot_width = width - _label_width(results, ascii_only=ascii_only) - 2
        plot = draw_text_plot(results, plot_width, ascii_only=ascii_only)
        parts += [*_plot_lines(results, plot, ascii_only=ascii_only), Text()]
    parts += [_table(results, assessment, ascii_only=ascii_only), Text()]
    parts += [_summary(result, short=not is_detailed, ascii_only=ascii_only) for result in results]
    parts += _true_gains(assessment, ascii_only=ascii_only)
    if not is_detailed:
        parts.append(Text("The threats and the details: `tracker -v check`.", style="dim"))
    return Group(*parts)


def _notice(assessment: Assessment, *, ascii_only: bool) -> Iterable[RenderableType]:
    """The notice of a made-up log; nothing for a real one."""
    if assessment.synthetic_notice:
        yield Text(_clean(assessment.synthetic_notice, ascii_only=ascii_only), style="bold")
        yield Text()


def _true_gains(assessment: Assessment, *, ascii_only: bool) -> Iterable[RenderableType]:
    """The true gains of a made-up log, after the verdicts."""
    sentence = labels.true_gains(assessment)
    if sentence:
        yield Text(_clean(sentence, ascii_only=ascii_only))


def _table(results: tuple[Result, ...], assessment: Assessment, *, ascii_only: bool) -> Table:
    table = Table(
        box=None, padding=(0, 2, 0, 0), show_edge=False, pad_edge=False, header_style="dim"
    )
    table.add_column("", max_width=_MAX_LABEL_WIDTH, overflow="fold")
    table.add_column("gain", justify="right", no_wrap=True)
    table.add_column(
        _clean(
            f"{labels.level_label(assessment.question.interval_level)} interval",
            ascii_only=ascii_only,
        ),
        justify="right",
        no_wrap=True,
    )
    table.add_column("claim", justify="right", no_wrap=True)
    table.add_column("verdict", overflow="fold")
    for result in results:
        gain = result.gain(result.reading)
        table.add_row(
            Text(_label(result, ascii_only=ascii_only)),
            _clean(formats.percent(gain.estimate if gain else None), ascii_only=ascii_only),
            _clean(formats.percent_range(gain), ascii_only=ascii_only),
            _clean(labels.short_claim(result), ascii_only=ascii_only),
            Text(
                f"{_mark(result.verdict, ascii_only=ascii_only)} "
                f"{labels.verdict_label(result.verdict)}",
                style=VERDICT_STYLES[result.verdict].rich_style,
            ),
        )
    return table


def _plot_lines(
    results: tuple[Result, ...], plot: TextPlot, *, ascii_only: bool
) -> Iterable[RenderableType]:
    """The plot's scale, its lines with their labels, and its legend."""
    margin = _label_width(results, ascii_only=ascii_only)
    yield Text(
        " " * (margin + 2) + _clean(plot.scale, ascii_only=ascii_only), style="dim", no_wrap=True
    )
    for result, line in zip(results, plot.lines, strict=True):
        label = Text(_label(result, ascii_only=ascii_only))
        label.truncate(margin, overflow="crop" if ascii_only else "ellipsis", pad=True)
        style = VERDICT_STYLES[result.verdict].rich_style
        yield Text.assemble(label, "  ", (line, style), no_wrap=True)
    yield Padding(Text(plot.legend, style="dim"), (0, 0, 0, 2))


def _details(result: Result, *, ascii_only: bool) -> Iterable[RenderableType]:
    """Yield the details of a result that its summary leaves out, and its basis."""
    sentences = result.sentences
    basis = " · ".join(
        filter(
            None,
            (
                result.strength,
                labels.item_counts(result),
                formats.developers(result.developers, withhold=False),
            ),
        )
    )
    body = (sentences.limits, sentences.other_reading, sentences.control)
    if not basis and not any(body):
        return
    yield Text(_label(result, ascii_only=ascii_only), style="bold")
    for line in filter(None, body):
        yield Padding(Text(_clean(line, ascii_only=ascii_only)), (0, 0, 0, 2))
    if basis:
        yield Padding(Text(_clean(basis, ascii_only=ascii_only), style="dim"), (0, 0, 0, 2))
    yield Text()


def _summary(result: Result, *, short: bool, ascii_only: bool) -> RenderableType:
    """The estimate, the verdict and what it still takes; in short the estimate is left out.

    Without an interval the reason takes the place of the verdict.
    """
    sentences = result.sentences
    headline, verdict = sentences.headline, sentences.verdict
    if short:  # the table has the claim and the estimate
        words = verdict.rpartition(": ")[2]
        headline, verdict = f"{formats.capitalize(result.activity)}:", words[:1].lower() + words[1:]
    if result.reason is not None:
        verdict = f"{result.reason.message} {result.reason.advice}".strip()
    text = Text()
    for sentence, style in ((headline, "bold"), (verdict, ""), (sentences.needed, "")):
        if sentence:
            text.append(" " if text else "")
            text.append(_clean(sentence, ascii_only=ascii_only), style=style)
    sign = Text(
        _mark(result.verdict, ascii_only=ascii_only),
        style=VERDICT_STYLES[result.verdict].rich_style,
    )
    return _hanging_indent(sign, text)


def _threats(results: tuple[Result, ...], *, ascii_only: bool) -> Iterable[RenderableType]:
    """Every threat from caution up, the most severe first. Serious ones come with their advice."""
    relevant = [c for c in concerns(results) if c.threat.severity in _SEVERITY_SIGNS]
    for concern in relevant:
        threat = concern.threat
        prefix = f"({', '.join(concern.activities)}) " if concern.activities else ""
        advice = f" {threat.advice}" if threat.severity == "serious" else ""
        yield _hanging_indent(
            _SEVERITY_SIGNS[threat.severity],
            _clean(prefix + threat.message + advice, ascii_only=ascii_only),
        )
        if concern.portions:
            portions = ", ".join(f"{activity}: {text}" for activity, text in concern.portions)
            yield _hanging_indent("", _clean(f"{portions}.", ascii_only=ascii_only))
        for activity, text in concern.messages:
            yield _hanging_indent("", _clean(f"{activity}: {text}", ascii_only=ascii_only))
    if relevant:
        yield Text()


def _hanging_indent(sign: str | Text, text: str | Text) -> RenderableType:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=2, no_wrap=True)
    grid.add_column()
    grid.add_row(sign, Text(text) if isinstance(text, str) else text)
    return grid


def _footer(assessment: Assessment) -> str:
    """Return what is needed to reproduce the output: period, filters, seed, data hash, version."""
    parts = [
        formats.days(assessment.first_day, assessment.last_day),
        f"{formats.count(assessment.entries)} entries",
        *(f"{name} {value}" for name, value in labels.filters(assessment) if name not in _UNLISTED),
        f"seed {assessment.question.seed}",
        f"data {assessment.data_hash[:12]}",
        f"tracker {assessment.version}",
    ]
    return " · ".join(filter(None, parts))


def _label(result: Result, *, ascii_only: bool) -> str:
    """The activity, and the reading if it is not the efficiency gain."""
    suffix = ", time saved" if result.reading == "time_saved" else ""
    activity = formats.printable(result.activity)
    return (formats.plain(activity) if ascii_only else activity) + suffix


def _label_width(results: tuple[Result, ...], *, ascii_only: bool) -> int:
    """Columns of the longest label, up to the limit."""
    return min(
        max(Text(_label(result, ascii_only=ascii_only)).cell_len for result in results),
        _MAX_LABEL_WIDTH,
    )


def _mark(verdict: Verdict, *, ascii_only: bool) -> str:
    style = VERDICT_STYLES[verdict]
    return style.ascii_mark if ascii_only else style.mark


def _clean(text: str, *, ascii_only: bool) -> str:
    """Text safe for a terminal, with a placeholder for each no-break space.

    ASCII forms are put in before the layout, since some are wider than what they stand for.
    """
    parts = formats.printable(text).split(formats.NO_BREAK_SPACE)
    return _NO_BREAK_PLACEHOLDER.join(map(formats.plain, parts) if ascii_only else parts)
