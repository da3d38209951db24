"""`simulate`: how often each verdict comes out of made-up studies from one's own baseline."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING, Any, Unpack

import click

from tracker.cli import streams
from tracker.cli.context import Context
from tracker.cli.messages import print_line
from tracker.cli.options import format_option, pass_context
from tracker.cli.output import Format, show
from tracker.cli.progress import progress_bar
from tracker.cli.question_options import QuestionOptions, open_question, question_options
from tracker.domain.errors import NothingToDo
from tracker.domain.gains import percent
from tracker.domain.question import Question
from tracker.domain.records import STUDY_DESIGNS, StudyDesign

if TYPE_CHECKING:  # pandas and SciPy
    from tracker.analysis.simulation import Programme, SimulatedClaim
    from tracker.simulation.frequencies import Share

DEFAULT_WEEKS = 26
DEFAULT_STUDIES = 250
"""Enough for shares within ± 3 points, and all designs in a minute or two."""


@click.command("simulate")
@question_options
@click.option(
    "--true-gain",
    metavar="GAIN",
    help="The true gain; if not given: none, half of the claim, and the claim.",
)
@click.option(
    "--weeks",
    type=click.IntRange(2, 520),
    default=DEFAULT_WEEKS,
    show_default=True,
    help="The length of a study.",
)
@click.option(
    "--studies",
    type=click.IntRange(1, 100_000),
    default=DEFAULT_STUDIES,
    show_default=True,
    help="How many studies for each design and true gain.",
)
@format_option
@pass_context
def simulate_command(
    context: Context,
    /,
    true_gain: str | None,
    weeks: int,
    studies: int,
    format: Format,
    **options: Unpack[QuestionOptions],
) -> None:
    """Show how often each verdict comes out of made-up studies with a known true gain.

    They have the developers, tasks, spread and drift of your own baseline. Without --design: every
    study design, to choose from.

    \b
    $ tracker simulate
    $ tracker simulate iflytek-2024-design --weeks 52
    $ tracker simulate --design randomised --true-gain 20% --studies 1000
    """
    from tracker.analysis.disclosure import permitted_part  # late: pandas and SciPy
    from tracker.analysis.simulation import Programme, simulate_claims
    from tracker.claims import catalogue
    from tracker.report.labels import limits_text

    database, question = open_question(context, options)
    if not question.claims:
        raise NothingToDo("no claim is about that activity: name one, `tracker claims` lists them.")
    programme = Programme(
        designs=_designs(question),
        weeks=weeks,
        studies=studies,
        true_gains=None if true_gain is None else (catalogue.parse_value(true_gain),),
    )
    with (
        permitted_part(database, question) as part,
        progress_bar(context, "simulating") as progress,
    ):
        claims = simulate_claims(part, programme, progress=progress)
    limits = limits_text(part.limits) or None
    if not any(simulated.frequencies for simulated in claims):
        raise NothingToDo(f"{claims[0].claim.activity}: {claims[0].reason}")
    for simulated in claims:
        if simulated.reason:
            context.warn(f"{simulated.claim.activity}: {simulated.reason}")
    if format != "text":
        rows = [
            row for simulated in claims for row in _program_rows(simulated, programme, question)
        ]
        show([row | {"limits": limits} for row in rows], format, {})
        return
    for number, simulated in enumerate(s for s in claims if s.frequencies):
        if number:
            click.echo()
        _print_claim(context, simulated, programme, question)
    if limits:
        print_line(f"limits used: {limits}")


def _designs(question: Question) -> tuple[StudyDesign, ...]:
    """Return the designs to simulate; anytime bounds exist for drawn arms alone."""
    if question.design is not None:
        return (question.design,)
    return ("randomised",) if question.anytime else STUDY_DESIGNS


def _print_claim(
    context: Context, simulated: SimulatedClaim, programme: Programme, question: Question
) -> None:
    """Print what to take from the studies of a claim, and the table of its verdicts."""
    from tracker.claims.wording import describe_claim
    from tracker.simulation.frequencies import SHOWN_VERDICTS, takeaway

    claim, model = simulated.claim, simulated.model
    if model is None:
        return
    occurring = [
        verdict
        for verdict in SHOWN_VERDICTS
        if any(row.counts.get(verdict) for row in simulated.frequencies)
    ]
    _print_text(
        context,
        f"{claim.activity}, {describe_claim(claim, simulated.reading)} ({claim.id}): "
        f"{takeaway(claim, simulated.frequencies)}",
    )
    _print_text(
        context,
        f"Studies of {programme.weeks} weeks with {_count(model.developers, 'developer')} and "
        f"about {_count(_items(simulated, programme), 'task')}, drawn from {model.items:,} tasks of"
        f" the baseline. Shares of {_count(programme.studies, 'study', 'studies')} in %, ± their "
        f"Monte-Carlo error; seed {question.seed}.",
    )
    rows: list[dict[str, str]] = [
        {"design": row.design, "true_gain": percent(row.true_gain)}
        | {str(verdict): _cell(row.share([verdict])) for verdict in occurring}
        for row in simulated.frequencies
    ]
    columns = {"design": "study design", "true_gain": "true gain"}
    columns.update((verdict, verdict.replace("-", " ")) for verdict in occurring)
    show(rows, "text", columns, right=[key for key in columns if key != "design"])


def _print_text(context: Context, text: str) -> None:
    """Print a paragraph that fits the terminal; in a pipe it is one line."""
    width = streams.terminal_width(sys.stdout, context.environ)
    for line in textwrap.wrap(text, width) if width else [text]:
        print_line(line)


def _count(number: int, singular: str, plural: str = "") -> str:
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def _cell(share: Share) -> str:
    return f"{100 * share.value:.0f} ± {100 * share.error:.0f}"


def _items(simulated: SimulatedClaim, programme: Programme) -> int:
    """Return the number of work items of a simulated study."""
    from tracker.simulation.studies import number_of_items

    return 0 if simulated.model is None else number_of_items(simulated.model, programme.weeks)


def _program_rows(
    simulated: SimulatedClaim, programme: Programme, question: Question
) -> list[dict[str, Any]]:
    """Return the rows of a claim for JSON and CSV, with shares as fractions."""
    from tracker.simulation.frequencies import SHOWN_VERDICTS

    model = simulated.model
    if model is None:
        return []
    rows = []
    for frequencies in simulated.frequencies:
        shares = {"tells": frequencies.tells} | {
            verdict: frequencies.share([verdict]) for verdict in SHOWN_VERDICTS
        }
        rows.append(
            {
                "claim": simulated.claim.id,
                "activity": simulated.claim.activity,
                "reading": simulated.reading,
                "study_design": frequencies.design,
                "true_gain": frequencies.true_gain,
                "weeks": programme.weeks,
                "developers": model.developers,
                "items": _items(simulated, programme),
                "studies": frequencies.studies,
                "seed": question.seed,
                "interval_level": simulated.interval_level,
                **{name: share.value for name, share in shares.items()},
                **{f"{name}_error": share.error for name, share in shares.items()},
            }
        )
    return rows
