"""`plan`: what it takes to tell a claim from the true gain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import click

from tracker.cli.context import Context
from tracker.cli.options import format_option, pass_context
from tracker.cli.output import Format, print_paragraph, show
from tracker.cli.question_options import QuestionOptions, open_question, question_options
from tracker.domain.counts import rounded
from tracker.domain.errors import NothingToDo
from tracker.domain.gains import level_percent, percent
from tracker.domain.question import Question
from tracker.domain.records import StudyDesign

if TYPE_CHECKING:  # pandas and SciPy
    from tracker.analysis.planning import PlannedClaim
    from tracker.evidence.planning.plan import DesignPlan, Plan

_COLUMNS = {
    "study_design": "study design",
    "items_in_all": "tasks",
    "items_more": "more",
    "developers": "developers",
    "weeks": "weeks",
    "tells_at_zero": "at 0",
    "tells_at_half": "at half",
    "tells_at_claim": "at claim",
}
_LEGEND = (
    "At 0, at half, at claim: the probability that a study of that many tasks tells, if the true"
    " gain is 0, half of the claim, or the claim itself. At the claim itself only no gain can be"
    " ruled out, which such a study does about as often as it tells at 0."
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
            print_paragraph(f"{_LEGEND} {_level_words(question)}")
        if limits:
            print_paragraph(f"limits used: {limits}")
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


def _level_words(question: Question) -> str:
    """Return the level of the intervals that a plan is made for, which is that of `check`."""
    activities = len(question.judged_activities)
    words = f"The intervals are those of `check`: {level_percent(question.interval_level)}"
    if activities == 1:
        return f"{words}."
    together = level_percent(question.level)
    return f"{words} each, so that those of {activities} activities hold at {together} together."


def _print_plan(planned: PlannedClaim) -> None:
    """Print a sentence on a claim, the table of the study designs, and notes on them."""
    from tracker.claims.wording import describe_claim
    from tracker.evidence.planning.wording import plan_sentence

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
    for note, designs in _notes(plan).items():
        print_paragraph(f"{', '.join(designs)}: {note}.")
    click.echo()


def _notes(plan: Plan) -> dict[str, list[StudyDesign]]:
    """Return what is to be said about the study designs: each note with its designs."""
    from tracker.evidence.planning import wording

    notes: dict[str, list[StudyDesign]] = {}
    for row in plan.designs:
        for note in (
            wording.obstacle_words(plan, row),
            wording.drift_words(plan, row),
            wording.developers_words(row),
        ):
            if note:
                notes.setdefault(note, []).append(row.study_design)
    return notes


def _text_row(row: DesignPlan) -> dict[str, Any]:
    """Return a row of the table, with the significant digits that a plan has."""
    from tracker.evidence.planning.wording import weeks_words

    duration, curve = row.duration, row.power_curve
    developers = str(row.developers_in_all)
    if row.developers_more:
        developers += f" ({row.developers_more} more)"
    weeks = weeks_words(duration) if duration is not None and row.items_more else None
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
