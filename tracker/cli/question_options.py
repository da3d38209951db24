"""What is asked of a log, by the options that `check`, `report` and `plan` share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tracker.cli.context import Context
from tracker.cli.options import date, name, time
from tracker.domain.errors import NotFound
from tracker.domain.gains import READINGS, Reading
from tracker.domain.records import STUDY_DESIGNS, Claim, Selection, StudyDesign

if TYPE_CHECKING:  # pandas and SQLAlchemy: they load when the question is put
    from sqlalchemy import Connection

    from tracker.domain.question import Question
    from tracker.store.database import Database

Command = TypeVar("Command", bound=Callable[..., Any])

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
        help="The study design, instead of the strongest found.",
    ),
    click.option(
        "--level",
        type=float,
        default=0.95,
        show_default=True,
        help="How sure an interval is to be.",
    ),
    click.option(
        "--reading", type=click.Choice(READINGS), help="Read the claims so, instead of as they say."
    ),
    click.option(
        "--anytime",
        is_flag=True,
        help="Bounds that hold however often one looks (randomised only).",
    ),
    click.option("--team", type=name, metavar="T", help="This team's work."),
    click.option("--project", type=name, metavar="P", help="This project's tasks."),
    click.option("--mine", is_flag=True, help="Your own work alone, for your own eyes."),
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
    click.option(
        "--now",
        type=time,
        metavar="T",
        help="When the log was taken; its last instant if not given.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=1,
        show_default=True,
        help="Of the random draws.",
    ),
)


def question_options(command: Command) -> Command:
    """The claims, and the filters and settings of ``check``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def question_from_options(context: Context, options: dict[str, Any]) -> tuple[Database, Question]:
    """The database, and the question that the options of ``question_options`` put to it."""
    from tracker.store.read import queries

    database = context.database()
    with database.reading() as connection:
        own = queries.claims(connection)
        _check_activities(connection, options["activities"])
    return database, _question(context, own, **options)


def _check_activities(connection: Connection, asked: Sequence[str]) -> None:
    """Refuse an activity that is neither known nor in the log."""
    from tracker.store.read import queries

    known = queries.activities(connection)
    if set(asked) <= set(known):
        return
    known += [one for one in queries.logged_activities(connection) if one not in known]
    for one in asked:
        if one not in known:
            near = get_close_matches(one.lower(), known, n=1)
            raise NotFound(
                f"--activity is {one!r}: "
                + (f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}.")
            )


def _question(
    context: Context,
    own: Sequence[Claim],
    *,
    claims: tuple[str, ...],
    activities: tuple[str, ...],
    design: StudyDesign | None,
    level: float,
    reading: Reading | None,
    anytime: bool,
    team: str | None,
    project: str | None,
    mine: bool,
    first_day: int | None,
    last_day: int | None,
    now: datetime | None,
    seed: int,
) -> Question:
    from tracker.claims import catalogue
    from tracker.domain.question import Question

    return Question(
        claims=catalogue.select_claims(claims, activities, own),
        activities=activities,
        selection=Selection(
            team=team,
            project=project,
            developer=context.developer if mine else None,
            first_day=first_day,
            last_day=last_day,
        ),
        design=design,
        level=level,
        reading=reading,
        anytime=anytime,
        now_epoch=None if now is None else int(now.timestamp()),
        seed=seed,
        reader=context.developer,
    )
