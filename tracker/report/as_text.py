"""``check`` on a terminal: a small table, the intervals drawn against the claims, and what they say, in 80 columns."""

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
from tracker.report.text_plot import TextPlot, text_plot

WIDTH = 80
_WIDEST_LABEL = 20

_STYLES: dict[Verdict, str] = {
    "supported": "green",
    "plausible": "blue",
    "smaller": "cyan",
    "cannot-tell": "",
    "contradicted": "red",
    "slower": "magenta",
    "faster": "green",
}
_SIGNS: dict[Severity, str] = {"serious": "!!", "caution": "! "}
_TOGETHER = "\ue000"
"""Stands for a no-break space while rich wraps the lines, which would break at one; private, so no text holds it."""


def assessment_text(
    assessment: Assessment, *, width: int = WIDTH, color: bool = False, ascii_only: bool = False
) -> str:
    """What ``check`` prints, ending in a newline. Notes are left to the page; cautions and worse are told."""
    page = io.StringIO()
    console = Console(
        file=page,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    console.print(_page(assessment, width, ascii_only), soft_wrap=False)
    lines = "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"
    lines = lines.replace(_TOGETHER, " ")
    return formats.plain(lines) if ascii_only else lines


def write_text(
    assessment: Assessment, stream: TextIO, environ: Mapping[str, str], *, width: int | None = None
) -> None:
    """Prints to a stream in what it can show: colour on a terminal unless NO_COLOR, ASCII where it is not UTF-8."""
    color = stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    unicode = (stream.encoding or "ascii").lower().replace("-", "") in {"utf8", "utf16", "utf32"}
    stream.write(
        assessment_text(assessment, width=width or WIDTH, color=color, ascii_only=not unicode)
    )


def _page(assessment: Assessment, width: int, ascii_only: bool) -> RenderableType:
    results = assessment.results
    parts: list[RenderableType] = [*_banner(assessment)]
    if not results:
        parts.append(
            Text(
                "There is nothing to judge yet: log design and testing with `tracker log`, or import a log."
            )
        )
        return Group(*parts)
    parts += [_table(results, assessment, ascii_only), Text()]
    if any(result.log_ratio for result in results):
        drawn = text_plot(results, width - _label_width(results) - 2, ascii_only=ascii_only)
        parts += [*_drawing(results, drawn), Text()]
    for result in results:
        parts += [_paragraph(result, ascii_only), Text()]
    parts += _threats(results)
    parts.append(Text(_clean(_colophon(assessment)), style="dim"))
    return Group(*parts)


def _banner(assessment: Assessment) -> Iterable[RenderableType]:
    if assessment.made_up:
        yield Text(_clean(assessment.made_up), style="bold")
        for activity, gain in assessment.truths.items():
            yield Text(_clean(f"  true efficiency gain in {activity}: {formats.percent(gain)}"))
        yield Text()


def _table(results: tuple[Result, ...], assessment: Assessment, ascii_only: bool) -> Table:
    table = Table(
        box=None, padding=(0, 2, 0, 0), show_edge=False, pad_edge=False, header_style="dim"
    )
    table.add_column("", max_width=_WIDEST_LABEL, no_wrap=True, overflow="ellipsis")
    table.add_column("gain", justify="right", no_wrap=True)
    table.add_column(
        _clean(f"{labels.level(assessment.question.interval_level)} interval"),
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
                f"{_mark(result.verdict, ascii_only)} {labels.label(result.verdict)}",
                style=_STYLES[result.verdict],
            ),
        )
    return table


def _drawing(results: tuple[Result, ...], drawn: TextPlot) -> Iterable[Text]:
    margin = _label_width(results)
    yield Text(" " * (margin + 2) + drawn.scale, style="dim", no_wrap=True)
    for result, line in zip(results, drawn.lines, strict=True):
        name = Text(_label(result))
        name.truncate(margin, overflow="ellipsis", pad=True)
        yield Text.assemble(name, "  ", (line, _STYLES[result.verdict]), no_wrap=True)
    yield Text("  " + drawn.legend, style="dim", no_wrap=True)


def _paragraph(result: Result, ascii_only: bool) -> RenderableType:
    said = result.sentences
    mark = Text(f"{_mark(result.verdict, ascii_only)} ", style=_STYLES[result.verdict])
    lines: list[RenderableType] = [mark + Text(_clean(said.headline), style="bold")]
    body = [" ".join(filter(None, (said.verdict, said.needed))), said.limits, said.other_reading]
    lines += [Padding(Text(_clean(line)), (0, 0, 0, 2)) for line in body if line]
    basis = (
        result.strength,
        labels.items(result),
        formats.developers(result.developers, withhold=False),
    )
    lines.append(Padding(Text(_clean(" · ".join(filter(None, basis))), style="dim"), (0, 0, 0, 2)))
    return Group(*lines)


def _threats(results: tuple[Result, ...]) -> Iterable[RenderableType]:
    """Every caution and worse, the gravest first and with advice."""
    told = [concern for concern in labels.concerns(results) if concern.threat.severity in _SIGNS]
    for concern in told:
        threat = concern.threat
        of = f"({', '.join(concern.activities)}) " if concern.activities else ""
        advice = f" {threat.advice}" if threat.severity == "serious" else ""
        yield _hanging(_SIGNS[threat.severity], _clean(of + threat.message + advice))
    if told:
        yield Text()


def _hanging(sign: str, text: str) -> RenderableType:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=2, no_wrap=True)
    grid.add_column()
    grid.add_row(sign, Text(text))
    return grid


def _colophon(assessment: Assessment) -> str:
    parts = [
        formats.days(assessment.first_day, assessment.last_day),
        f"{formats.count(assessment.entries)} entries",
        *(f"{name} {value}" for name, value in labels.filters(assessment) if name != "activities"),
        f"seed {assessment.question.seed}",
        f"data {assessment.data_hash[:12]}",
        f"tracker {assessment.version}",
    ]
    return " · ".join(filter(None, parts))


def _label(result: Result) -> str:
    """The activity, with the reading where it is not the usual one."""
    suffix = ", time saved" if result.reading == "time_saved" else ""
    return formats.printable(result.activity) + suffix


def _label_width(results: tuple[Result, ...]) -> int:
    return min(max(Text(_label(result)).cell_len for result in results), _WIDEST_LABEL)


def _mark(verdict: Verdict, ascii_only: bool) -> str:
    mark = labels.MARKS[verdict]
    return mark.ascii if ascii_only else mark.sign


def _clean(text: str) -> str:
    """Text with steering characters made visible, and what belongs together kept on one line."""
    return formats.printable(text).replace(formats.SPACE, _TOGETHER)
