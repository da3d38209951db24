"""`plan`: what it takes to tell a claim from the true gain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import click

from tracker.cli.context import Context
from tracker.cli.messages import print_line
from tracker.cli.options import format_option, pass_context
from tracker.cli.output import Format, print_paragraph, show
from tracker.cli.question_options import QuestionOptions, open_question, question_options
from tracker.domain.counts import rounded
from tracker.domain.errors import NothingToDo
from tracker.domain.gains import percent

if TYPE_CHECKING:  # pandas and SciPy
    from tracker.analysis.planning import PlannedClaim
    from tracker.evidence.planning.plan import DesignPlan

_COLUMNS = {
    "study_design": "study design",
    "items_in_all": "tasks in all",
    "items_more": "tasks more",
    "developers": "developers",
    "weeks": "weeks",
    "tells_at_zero": "tells at 0",
    "tells_at_half": "tells at half",
    "tells_at_claim": "tells at claim",
}
_LEGEND = (
    "Tells: the probability that a study of that many tasks tells, if the true gain is 0, half of"
    " the claim, or the claim itself. At the claim itself only no gain can be ruled out, which"
    " such a study does about as often as it tells at 0."
)


@click.command("plan")
@question_options
@click.option(
    "--power",
    type=float,
    default=0.8,
    show_default=True,
    help="The probability that the study can tell the claim from the true gain.",
)
@click.option(
    "--true-gain",
    metavar="GAIN",
    help="The gain that you suppose; left out: none, or the one that the log shows where it rules"
    " out none.",
)
@format_option
@pass_context
def plan_command(
    context: Context,
    /,
    power: float,
    true_gain: str | None,
    format: Format,
    **options: Unpack[QuestionOptions],
) -> None:
    """Show what it takes to tell a CLAIM from the true gain: tasks, developers, and until when.

    Computed from the spread and the pace in your own log, for each study design. A baseline alone
    is enough. Numbers are corrected by simulated studies of work like yours.

    \b
    $ tracker plan iflytek-2024-design
    $ tracker plan --true-gain 20% --design randomised
    """
    from tracker.analysis.disclosure import permitted_part  # late: pandas and SciPy
    from tracker.analysis.planning import plan_with_reasons
    from tracker.claims import catalogue
    from tracker.report.labels import limits_text
    from tracker.report.plan_rows import empty_plan_row, plan_rows

    database, question = open_question(context, options)
    if not question.claims:
        raise NothingToDo("no claim is about that activity: name one, `tracker claims` lists them.")
    gain = None if true_gain is None else catalogue.parse_value(true_gain)
    with permitted_part(database, question) as part:
        planned_claims = plan_with_reasons(part, power=power, true_gain=gain)
    limits = limits_text(part.limits) or None
    if format == "text":
        for planned in planned_claims:
            _print_plan(planned)
        if any(planned.plan for planned in planned_claims):
            print_paragraph(_LEGEND)
        if limits:
            print_line(f"limits used: {limits}")
        return
    rows = []
    for planned in planned_claims:
        identity = {"claim": planned.claim.id, "activity": planned.claim.activity}
        design_rows: list[dict[str, Any]] = (
            plan_rows(planned.plan, planned.result.reading)
            if planned.plan
            else [empty_plan_row() | {"reason": planned.reason}]
        )
        rows += [identity | row | {"limits": limits} for row in design_rows]
    show(rows, format, _COLUMNS)


def _print_plan(planned: PlannedClaim) -> None:
    """Print a sentence on a claim, the table of the study designs, and why some cannot tell."""
    from tracker.evidence.planning.wording import obstacle_words, plan_sentence
    from tracker.evidence.verdict import describe_claim

    claim, plan, reading = planned.claim, planned.plan, planned.result.reading
    subject = f"{claim.activity[:1].upper()}{claim.activity[1:]}, {describe_claim(claim, reading)}"
    if plan is None:
        print_paragraph(f"{subject} ({claim.id}): no plan: {planned.reason}.")
        click.echo()
        return
    print_paragraph(f"{subject} ({claim.id}): {plan_sentence(plan, reading)}")
    click.echo()
    show(
        [_text_row(row) for row in plan.designs],
        "text",
        _COLUMNS,
        right=tuple(_COLUMNS)[1:],
    )
    for row in plan.designs:
        if row.obstacle:
            print_paragraph(f"{row.study_design}: {obstacle_words(row)}.")
    click.echo()


def _text_row(row: DesignPlan) -> dict[str, Any]:
    """Return a row of the table, with the significant digits that a plan has."""
    from tracker.evidence.planning.wording import weeks_words

    duration, curve = row.duration, row.power_curve
    developers = str(row.developers_in_all)
    if row.developers_more:
        developers += f" ({row.developers_more} more)"
    weeks = None
    if duration is not None and row.items_more:
        low, middle, high = map(weeks_words, (duration.low, duration.weeks, duration.high))
        weeks = f"{middle} ({low}-{high})"
    return {
        "study_design": row.study_design,
        "items_in_all": None if row.items_in_all is None else f"{rounded(row.items_in_all):,}",
        "items_more": None if row.items_more is None else f"{rounded(row.items_more):,}",
        "developers": developers,
        "weeks": weeks,
        "tells_at_zero": percent(curve.tells_at_zero) if curve else None,
        "tells_at_half": percent(curve.tells_at_half) if curve else None,
        "tells_at_claim": percent(curve.tells_at_claim) if curve else None,
    }
