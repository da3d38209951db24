"""What the log says of the claims: `check`, `plan`, and the claims themselves."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, get_args

import click

from tracker.cli.context import Context
from tracker.cli.options import activity, format_option, name, pass_context
from tracker.cli.output import Form, as_json, show
from tracker.cli.question_options import question_from_options, question_options
from tracker.domain.errors import BadValue, NothingToDo, RequirementNotMet
from tracker.domain.gains import BOUNDS, READINGS, Bound, Reading

if TYPE_CHECKING:
    from tracker.evidence.results import Assessment, Result


@click.command()
@question_options
@click.option(
    "--require", type=name, metavar="VERDICT,...", help="Exit 3 where a verdict is none of these."
)
@format_option
@pass_context
def check(context: Context, /, require: str | None, format: Form, **options: Any) -> None:
    """Judge CLAIMs by the log: a verdict each, its interval, and what weakens the comparison.

    Without a CLAIM: the two that are judged by default (`tracker claims` marks them) and your own.

    \b
    $ tracker check
    $ tracker check peng-2023 --team payments --format json
    $ tracker check --require supported,plausible
    """
    wanted = _verdicts(require)
    from tracker import analysis  # late: pandas and SciPy

    database, question = question_from_options(context, options)
    assessment = analysis.assess(database, question, generated_epoch=context.now_epoch)
    print_assessment(context, assessment, format)
    failed = [result for result in assessment.results if wanted and result.verdict not in wanted]
    if failed:
        found = ", ".join(f"{_what(result)} is {result.verdict}" for result in failed)
        raise RequirementNotMet(f"--require {require} is not met: {found}.")


def _verdicts(require: str | None) -> tuple[str, ...]:
    """The verdicts named by ``--require``, each checked."""
    from tracker.evidence.results import Verdict  # late: only where something is required

    wanted = tuple(word.strip() for word in require.split(",")) if require else ()
    for word in wanted:
        if word not in get_args(Verdict):
            raise BadValue(f"--require names {word!r}: choose from {', '.join(get_args(Verdict))}.")
    return wanted


def _what(result: Result) -> str:
    return f"{result.activity} ({result.claim.id})" if result.claim else result.activity


def print_assessment(context: Context, assessment: Assessment, format: Form) -> None:
    """The verdicts, to stdout, in one of the three forms."""
    if format == "json":
        from tracker.report.as_json import assessment_json

        click.echo(as_json(assessment_json(assessment)))
    elif format == "csv":
        from tracker.report.as_csv import assessment_rows

        show(assessment_rows(assessment), "csv", {"activity": "activity"})
    else:
        from tracker.report.as_text import write_text

        write_text(assessment, sys.stdout, context.environ)


@click.command()
@question_options
@click.option(
    "--power", type=float, default=0.8, show_default=True, help="How likely the study is to tell."
)
@click.option(
    "--true-gain",
    metavar="GAIN",
    default="0",
    show_default=True,
    help="What you suppose the gain to be.",
)
@format_option
@pass_context
def plan(context: Context, /, power: float, true_gain: str, format: Form, **options: Any) -> None:
    """How many more work items and developers it takes to tell a CLAIM from the true gain.

    Reckoned from the spread in your own log.

    \b
    $ tracker plan iflytek-2024-design
    $ tracker plan --true-gain 20% --design randomised
    """
    from tracker import analysis  # late: pandas and SciPy
    from tracker.claims import catalogue

    database, question = question_from_options(context, options)
    if not question.claims:
        raise NothingToDo("no claim is about that activity: name one, `tracker claims` lists them.")
    planned = analysis.plan(
        database, question, power=power, true_gain=catalogue.parse_value(true_gain)
    )
    table = [
        {
            "claim": claim.id,
            "activity": claim.activity,
            "study_design": found.study_design if found else None,
            "items": found.items if found else None,
            "items_in_all": found.items_in_all if found else None,
            "items_more": found.items_more if found else None,
            "developers": found.developers if found else None,
            "developers_more": found.developers_more if found else None,
            "spread": found.spread if found else None,
            "reason": found.reason
            if found
            else "too few work items yet to know their spread: log at least 8 an arm",
        }
        for claim, found in planned
    ]
    headings = {
        "claim": "claim",
        "study_design": "study design",
        "items": "work items",
        "items_in_all": "needed",
        "items_more": "more",
        "developers": "developers",
        "developers_more": "more developers",
        "reason": "",
    }
    show(
        table,
        format,
        headings,
        right=("items", "items_in_all", "items_more", "developers", "developers_more"),
    )


@click.group(invoke_without_command=True)
@format_option
@click.pass_context
def claims(ctx: click.Context, format: Form) -> None:
    """List the published claims and your own; `claims add` and `claims remove` keep your own.

    A claim without a gain states something else than time (output, acceptance): it is context, and cannot be judged.

    \b
    $ tracker claims
    $ tracker claims add vendor-2026 --activity coding --gain 30% --reading time_saved --source "offer of 3 May"
    """
    if ctx.invoked_subcommand is not None:
        return
    from tracker.claims.catalogue import published_claims
    from tracker.evidence.verdict import claimed
    from tracker.store.read import queries

    context = ctx.find_object(Context)
    assert context is not None  # noqa: S101 - the group made it
    with context.database().reading() as connection:
        own = queries.claims(connection)
    table = [
        {
            "id": claim.id,
            "activity": claim.activity,
            "gain": claim.value,
            "reading": claim.reading,
            "bound": claim.bound,
            "by_default": claim.by_default or claim.status == "own",
            "states": claimed(claim, claim.reading) if claim.reading else claim.quantity,
            "status": claim.status,
            "source": claim.source,
            "quantity": claim.quantity,
            "method": claim.method,
        }
        for claim in (*published_claims(), *own)
    ]
    headings = {"id": "id", "activity": "activity", "states": "states", "status": "status"}
    for row in table if format == "text" else ():
        row["id"] = f"{row['id']}{' *' if row['by_default'] else ''}"
    show(table, format, headings)
    if format == "text":
        context.say(
            "* judged when `tracker check` names none; `tracker claims --format json` tells each one's source."
        )


@claims.command("add")
@click.argument("id", type=name)
@click.option(
    "--activity", type=activity, required=True, metavar="A", help="The activity it speaks of."
)
@click.option("--gain", required=True, metavar="GAIN", help="The figure, such as 50%.")
@click.option(
    "--reading",
    type=click.Choice(READINGS),
    default="efficiency_gain",
    show_default=True,
    help="What the figure is of: output per hour, or time.",
)
@click.option(
    "--bound",
    type=click.Choice(BOUNDS),
    default="at_least",
    show_default=True,
    help="How it is bounded.",
)
@click.option("--source", type=name, required=True, metavar="TEXT", help="Who said so, where.")
@pass_context
def add(
    context: Context, id: str, activity: str, gain: str, reading: Reading, bound: Bound, source: str
) -> None:
    """Add a claim of your own, to be judged from now on."""
    from tracker.claims import catalogue
    from tracker.evidence.verdict import claimed
    from tracker.store.write import team_data

    claim = catalogue.own_claim(id, activity, catalogue.parse_value(gain), reading, bound, source)
    team_data.add_claim(context.database(), context.developer, claim)
    context.say(f"{id}: {claimed(claim, reading)} in {activity}; `tracker check {id}` judges it")


@claims.command("remove")
@click.argument("id", type=name)
@pass_context
def remove(context: Context, id: str) -> None:
    """Remove a claim of your own."""
    from tracker.store.write import team_data

    team_data.remove_claim(context.database(), context.developer, id)
    context.say(f"{id} is removed")
