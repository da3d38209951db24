"""`calibrate`: how often verdicts are wrong on one's own log, with no assistant at work."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Unpack

import click

from tracker.cli.context import Context
from tracker.cli.messages import print_line
from tracker.cli.options import format_option, name, pass_context
from tracker.cli.output import Format, print_json, print_paragraph, show
from tracker.cli.progress import progress_bar
from tracker.cli.question_options import FilterOptions, filter_options, open_part

if TYPE_CHECKING:  # pandas and SciPy
    from tracker.analysis.calibration import Calibration
    from tracker.calibration.summary import Figures

_WINDOWS = 100
_WORKERS = 2
_SHARES = ("false_alarms", "covers", "covers_varying", "detects", "rules_out")
_NUMBERS = ("width", *_SHARES)
_COLUMNS = {
    "activity": "activity",
    "comparison": "comparison",
    "method": "method",
    "false_alarms": "false alarms",
    "width": "width",
    "covers": "covers a gain",
    "covers_varying": "covers varying effects",
    "detects": "detects a gain",
    "rules_out": "rules out a claim",
}


@click.command("calibrate")
@click.option(
    "--activity",
    "activities",
    multiple=True,
    type=name,
    metavar="A",
    help="Calibrate this activity; design and testing if not given.",
)
@click.option(
    "--windows",
    type=click.IntRange(min=1),
    default=_WINDOWS,
    show_default=True,
    metavar="N",
    help="Windows to draw of each activity; fewer of a small log.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=_WORKERS,
    show_default=True,
    metavar="N",
    help="Processes; their number does not change the result.",
)
@filter_options
@format_option
@pass_context
def calibrate_command(
    context: Context,
    /,
    activities: tuple[str, ...],
    windows: int,
    workers: int,
    format: Format,
    **options: Unpack[FilterOptions],
) -> None:
    """Measure how often verdicts are wrong on your own log, in which no assistant was at work.

    Windows of the log are compared as if an assistant had come. Work since a rollout, and work that
    may be assisted, is left out, so every effect that is reported is false. A window has 100 to 400
    work items, with an estimate each, of 6 to 12 developers.

    \b
    $ tracker calibrate
    $ tracker calibrate --activity coding --windows 400 --format json
    """
    from tracker.analysis.calibration import calibrate  # late: pandas and SciPy
    from tracker.calibration.scenarios import GAINS

    database, question = open_part(context, activities or tuple(GAINS), options)
    with progress_bar(context, "judging windows") as bar:
        calibration = calibrate(
            database,
            question,
            windows=windows,
            workers=workers,
            progress=bar,
        )
    _print(context, calibration, format, question.seed)


def _print(context: Context, calibration: Calibration, format: Format, seed: int) -> None:
    from tracker.calibration.summary import describe_false_gains
    from tracker.report.labels import limits_text

    for reason in calibration.left_out:
        context.warn(reason)
    limits = limits_text(calibration.limits) or None
    if format == "csv":
        rows = [_row(figures) for figures in calibration.figures]
        show([row | {"seed": seed, "limits": limits} for row in rows], "csv", _COLUMNS)
    elif format == "json":
        print_json(_json(calibration, seed, limits))
    else:
        if calibration.synthetic_notice:
            print_paragraph(calibration.synthetic_notice)
        print_paragraph(describe_false_gains(calibration.false_gains))
        print_line("")
        rows = [_text_row(figures) for figures in calibration.figures]
        show(rows, "text", _COLUMNS, right=_NUMBERS, text=("comparison", "method"))
        print_line("")
        for material in calibration.materials:
            print_line(
                f"{material.activity}: {material.windows:,} windows from {material.items:,} work"
                f" items of {material.developers:,} developers; windows overlap"
            )
        if limits:
            print_paragraph(f"limits used: {limits}")
        print_line(f"seed {seed}; ± is the Monte-Carlo error; widths are on the log scale")


def _json(calibration: Calibration, seed: int, limits: str | None) -> dict[str, Any]:
    from tracker.calibration.summary import describe_false_gains

    return {
        "schema": 1,
        "seed": seed,
        "limits": limits,
        "synthetic": calibration.synthetic_notice is not None,
        "sentence": describe_false_gains(calibration.false_gains),
        "false_gains": {
            method: count._asdict() for method, count in calibration.false_gains.items()
        },
        "activities": [asdict(material) for material in calibration.materials],
        "left_out": list(calibration.left_out),
        "results": [_row(figures) for figures in calibration.figures],
    }


def _row(figures: Figures) -> dict[str, Any]:
    """Return figures for programs: each with its Monte-Carlo error, null where undefined."""
    row: dict[str, Any] = figures._asdict()
    for key in ("width", *_SHARES):
        value, error = row[key] or (None, None)
        row |= {key: value, f"{key}_error": error}
    return row


def _text_row(figures: Figures) -> dict[str, Any]:
    row = figures._asdict()
    if figures.width is not None:
        row["width"] = f"{figures.width.median:.2f}"
    return row
