"""The options of `check`, `report` and `plan` that make up a question about the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from tracker.cli.context import Context
from tracker.cli.options import date, name, time
from tracker.domain import times
from tracker.domain.gains import READINGS, Reading
from tracker.domain.question import DEFAULT_LEVEL, DEFAULT_SEED, Question
from tracker.domain.records import STUDY_DESIGNS, Claim, Selection, StudyDesign

if TYPE_CHECKING:  # SQLAlchemy is imported when the database is needed
    from tracker.store.database import Database

Command = TypeVar("Command", bound=Callable[..., Any])


class QuestionOptions(TypedDict):
    """The values that :func:`question_options` passes to a command; days are since 1970-01-01."""

    claims: tuple[str, ...]
    activities: tuple[str, ...]
    design: StudyDesign | None
    level: float
    reading: Reading | None
    anytime: bool
    team: str | None
    project: str | None
    own_work_only: bool
    first_day: int | None
    last_day: int | None
    now: datetime | None
    seed: int


class FilterOptions(TypedDict):
    """The values that :func:`filter_options` passes to a command; days are since 1970-01-01."""

    team: str | None
    project: str | None
    first_day: int | None
    last_day: int | None
    now: datetime | None
    seed: int


class PartOptions(TypedDict):
    """The values that :func:`part_options` passes to a command; days are since 1970-01-01."""

    team: str | None
    project: str | None
    first_day: int | None
    last_day: int | None
    own_work_only: bool


_PART = (
    click.option("--team", type=name, metavar="T", help="This team's work."),
    click.option("--project", type=name, metavar="P", help="This project's tasks."),
    click.option(
        "--from",
        "first_day",
        type=date,
        metavar="DATE",
        help="Work items begun on this day or later.",
    ),
    click.option(
        "--to",
        "last_day",
        type=date,
        metavar="DATE",
        help="Work items begun on this day or earlier.",
    ),
)
_FILTERS = (
    *_PART,
    click.option(
        "--now",
        type=time,
        metavar="T",
        help="The current time for this log; its last instant if not given.",
    ),
)
_MINE = click.option(
    "--mine", "own_work_only", is_flag=True, help="Your own work only, for your own eyes."
)
_SEED = click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=DEFAULT_SEED,
    show_default=True,
    help="The seed of the random draws.",
)

_OPTIONS = (
    click.argument("claims", nargs=-1, metavar="[CLAIM]..."),
    click.option(
        "--activity",
        "activities",
        multiple=True,
        type=name,
        metavar="A",
        help="Judge this activity alone.",
    ),
    click.option(
        "--design",
        type=click.Choice(STUDY_DESIGNS),
        help="The study design, instead of the strongest that the log allows.",
    ),
    click.option(
        "--level",
        type=float,
        default=DEFAULT_LEVEL,
        show_default=True,
        help="The confidence level.",
    ),
    click.option(
        "--reading",
        type=click.Choice(READINGS),
        help="Read the claims this way, instead of as they state.",
    ),
    click.option(
        "--anytime",
        is_flag=True,
        help="Intervals that stay valid however often you check (randomised only).",
    ),
    *_FILTERS,
    _MINE,
    _SEED,
)


def question_options(command: Command) -> Command:
    """Add the argument CLAIM and the options of :class:`QuestionOptions` to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def filter_options(command: Command) -> Command:
    """Add the options of :class:`FilterOptions` to a command."""
    for option in reversed((*_FILTERS, _SEED)):
        command = option(command)
    return command


def part_options(command: Command) -> Command:
    """Add the options of :class:`PartOptions` to a command."""
    for option in reversed((*_PART, _MINE)):
        command = option(command)
    return command


def open_team_part(context: Context, options: PartOptions) -> tuple[Database, Question]:
    """Return the open database and a question about a part of its log or about one's own.

    Raises:
        BadValue: The options contradict each other.
    """
    question = Question(selection=_selection(context, options), reader=context.developer)
    return _open_log(context, ())[0], question


def open_part(
    context: Context, activities: Sequence[str], options: FilterOptions
) -> tuple[Database, Question]:
    """Return the open database and a question about a part of its log, without claims.

    Raises:
        NotFound: An activity does not exist.
        BadValue: The options contradict each other.
    """
    database, activities = _open_log(context, activities)
    question = Question(
        activities=activities,
        selection=Selection(
            team=options["team"],
            project=options["project"],
            first_day=options["first_day"],
            last_day=options["last_day"],
        ),
        now_epoch=times.to_epoch(options["now"]),
        seed=options["seed"],
        reader=context.developer,
    )
    return database, question


def open_question(context: Context, options: QuestionOptions) -> tuple[Database, Question]:
    """Return the open database and the question that the options ask of it.

    Raises:
        NotFound: A claim or an activity does not exist.
        BadValue: The options contradict each other, or a claim cannot be judged.
    """
    from tracker.store.read import queries

    database, options["activities"] = _open_log(context, options["activities"])
    with database.reading() as connection:
        own_claims = queries.claims(connection)
    return database, _question(context, own_claims, options)


def _open_log(context: Context, activities: Sequence[str]) -> tuple[Database, tuple[str, ...]]:
    """Return the open database and the whole names of activities that may be cut short.

    It warns of entries that are left out.

    Raises:
        NotFound: An activity does not exist.
    """
    from tracker.store.read.activity_names import whole_activities
    from tracker.store.read.unreadable import count_left_out

    database = context.database()
    with database.reading() as connection:
        activities = whole_activities(connection, activities)
        if count := count_left_out(connection):
            context.warn(
                f"{count:,} {'entry begins' if count == 1 else 'entries begin'} at no time that "
                "can be read: left out; `tracker db doctor` names them."
            )
    return database, activities


def _question(context: Context, own_claims: Sequence[Claim], options: QuestionOptions) -> Question:
    from tracker.claims import catalogue

    return Question(
        claims=catalogue.select_claims(options["claims"], options["activities"], own_claims),
        activities=options["activities"],
        selection=_selection(context, options),
        design=options["design"],
        level=options["level"],
        reading=options["reading"],
        anytime=options["anytime"],
        now_epoch=times.to_epoch(options["now"]),
        seed=options["seed"],
        reader=context.developer,
    )


def _selection(context: Context, options: QuestionOptions | PartOptions) -> Selection:
    return Selection(
        team=options["team"],
        project=options["project"],
        developer=context.developer if options["own_work_only"] else None,
        first_day=options["first_day"],
        last_day=options["last_day"],
    )
