"""`check` and `claims`: what the log says about claimed gains."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Unpack, get_args

import click

from tracker.cli import streams
from tracker.cli.command_names import ShortNamesGroup
from tracker.cli.context import Context
from tracker.cli.options import activity, format_option, name, pass_context
from tracker.cli.output import Format, print_json, show
from tracker.cli.question_options import QuestionOptions, open_question, question_options
from tracker.domain.errors import BadValue, RequirementNotMet
from tracker.domain.gains import BOUNDS, READINGS, Bound, Reading
from tracker.domain.records import Claim

if TYPE_CHECKING:  # pandas and SciPy
    from tracker.evidence.assessment import Assessment
    from tracker.evidence.results import Result

_CLAIM_COLUMNS = {"id": "id", "activity": "activity", "states": "states", "status": "status"}


@click.command()
@question_options
@click.option(
    "--require",
    type=name,
    metavar="VERDICT,...",
    help="Exit 3 if any verdict is not one of these.",
)
@format_option
@pass_context
def check(
    context: Context, /, require: str | None, format: Format, **options: Unpack[QuestionOptions]
) -> None:
    """Judge CLAIMs by the log: a verdict each, its interval, and what weakens the comparison.

    Without a CLAIM: the two that are judged by default (`tracker claims` marks them) and your own.
    Filters take whole groups of at least five developers in months that have ended; "limits used"
    says which.

    \b
    $ tracker check
    $ tracker check peng-2023 --team payments --format json
    $ tracker check --require supported,plausible
    """
    verdicts = _parse_verdicts(require)
    from tracker.analysis.assessment import assess  # late: pandas and SciPy

    database, question = open_question(context, options)
    assessment = assess(database, question, generated_epoch=context.now_epoch)
    print_assessment(context, assessment, format)
    failures = [
        f"{_label(result)} is {result.verdict}"
        for result in assessment.results
        if verdicts and result.verdict not in verdicts
    ]
    if failures:
        raise RequirementNotMet(f"--require {require} is not met: {', '.join(failures)}.")


def _parse_verdicts(require: str | None) -> tuple[str, ...]:
    """Return the verdicts that ``--require`` names; BadValue for a word that is none."""
    from tracker.evidence.results import Verdict  # late: it imports pandas

    verdicts = tuple(word.strip() for word in require.split(",")) if require else ()
    for word in verdicts:
        if word not in get_args(Verdict):
            raise BadValue(f"--require names {word!r}: choose from {', '.join(get_args(Verdict))}.")
    return verdicts


def _label(result: Result) -> str:
    return f"{result.activity} ({result.claim.id})" if result.claim else result.activity


def print_assessment(context: Context, assessment: Assessment, format: Format) -> None:
    """Print the verdicts to stdout."""
    if format == "json":
        from tracker.report.as_json import assessment_json

        print_json(assessment_json(assessment))
    elif format == "csv":
        from tracker.report.as_csv import assessment_rows

        show(assessment_rows(assessment), "csv", {"activity": "activity"})
    else:
        from tracker.report.as_text import MAX_WIDTH, MIN_WIDTH, WIDTH, assessment_text

        width = streams.terminal_width(sys.stdout, context.environ) or WIDTH
        text = assessment_text(
            assessment,
            width=min(max(width, MIN_WIDTH), MAX_WIDTH),
            color=streams.is_styled(sys.stdout, context.environ),
            ascii_only=not streams.encodes_everything(sys.stdout),
            detailed=context.is_verbose,
        )
        click.echo(text, nl=False)


@click.group(cls=ShortNamesGroup, invoke_without_command=True)
@format_option
@click.pass_context
def claims(ctx: click.Context, format: Format) -> None:
    """List the published claims and your own; `claims add` and `claims remove` change your own.

    A claim without a gain states something else than time (output, acceptance): it is context, and
    cannot be judged.

    \b
    $ tracker claims
    $ tracker claims add vendor --activity coding --gain 30% --source "offer"
    """
    if ctx.invoked_subcommand is not None:
        return
    from tracker.claims.catalogue import published_claims
    from tracker.store.read import queries

    context = ctx.find_object(Context)
    assert context is not None  # noqa: S101 - the main group made it
    with context.database().reading() as connection:
        own_claims = queries.claims(connection)
    rows = _claim_rows((*published_claims(), *own_claims))
    if format != "text":
        show(rows, format, _CLAIM_COLUMNS)
        return
    for row in rows:
        row["id"] = f"{row['id']}{' *' if row['by_default'] else ''}"
    show(rows, format, _CLAIM_COLUMNS, text=("activity", "states", "status"))
    context.say(
        "* judged when `tracker check` names none; "
        "`tracker claims --format json` shows the source of each."
    )


def _claim_rows(claims: Iterable[Claim]) -> list[dict[str, Any]]:
    from tracker.claims.wording import describe_claim

    return [
        {
            "id": claim.id,
            "activity": claim.activity,
            "gain": claim.value,
            "reading": claim.reading,
            "bound": claim.bound,
            "by_default": claim.by_default or claim.status == "own",
            "states": describe_claim(claim, claim.reading) if claim.reading else claim.quantity,
            "status": claim.status,
            "source": claim.source,
            "quantity": claim.quantity,
            "method": claim.method,
        }
        for claim in claims
    ]


@claims.command("add")
@click.argument("id", type=name)
@click.option(
    "--activity", type=activity, required=True, metavar="A", help="The activity that it is about."
)
@click.option("--gain", required=True, metavar="GAIN", help="The figure, such as 50%.")
@click.option(
    "--reading",
    type=click.Choice(READINGS),
    default="efficiency_gain",
    show_default=True,
    help="What the figure is a gain in: output per hour, or time.",
)
@click.option(
    "--bound",
    type=click.Choice(BOUNDS),
    default="at_least",
    show_default=True,
    help="How the figure bounds the gain.",
)
@click.option(
    "--source", type=name, required=True, metavar="TEXT", help="Who states it, and where."
)
@pass_context
def add_claim(
    context: Context, id: str, activity: str, gain: str, reading: Reading, bound: Bound, source: str
) -> None:
    """Add a claim of your own, to be judged from now on."""
    from tracker.claims import catalogue
    from tracker.claims.wording import describe_claim
    from tracker.store.write import team_data

    claim = catalogue.user_claim(id, activity, catalogue.parse_value(gain), reading, bound, source)
    team_data.add_claim(context.database(), context.developer, claim)
    context.say(
        f"{id}: {describe_claim(claim, reading)} in {activity}; `tracker check {id}` judges it"
    )


@claims.command("remove")
@click.argument("id", type=name)
@pass_context
def remove_claim(context: Context, id: str) -> None:
    """Remove a claim of your own."""
    from tracker.store.write import team_data

    team_data.remove_claim(context.database(), context.developer, id)
    context.say(f"{id} is removed")
