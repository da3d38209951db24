"""The options of a notebook's calls, checked as the command line checks its own.

A value of another type, which no command line can have, gets the message of a wrong value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypedDict

from sqlalchemy import Connection

from tracker.claims import catalogue
from tracker.domain import names
from tracker.domain.errors import BadValue
from tracker.domain.gains import Reading
from tracker.domain.printing import quote
from tracker.domain.question import Question
from tracker.domain.records import Claim, Selection, StudyDesign
from tracker.domain.times import date_to_day
from tracker.domain.typed_times import parse_day
from tracker.store.read import queries
from tracker.store.read.activity_names import whole_activities

UNCHANGED_OPTIONS = ("design", "level", "reading", "anytime", "seed")
"""Options that are fields of a question, with the same name and meaning."""


class Filters(TypedDict, total=False):
    """Filters: which part of the log to use.

    A work item belongs to the day of its first entry; in the frame of entries, an entry to its own.
    """

    activities: str | Sequence[str]
    team: str
    project: str
    own_work_only: bool
    """Only the reader's own work."""
    first_day: date | str
    """A date, or a text as the option ``--from`` has it."""
    last_day: date | str


class Options(Filters, total=False):
    """Options of an assessment, with the defaults of ``tracker check``.

    See :class:`tracker.domain.question.Question`.
    """

    design: StudyDesign
    level: float
    reading: Reading
    anytime: bool
    now: datetime
    """The "now" of the maturation rule: an aware datetime."""
    seed: int


def read_question(
    connection: Connection,
    claims: Sequence[str | Claim],
    options: Filters | Options,
    *,
    reader: str | None,
    today: datetime,
) -> Question:
    """Return the question that options ask of a log.

    Args:
        connection: The log.
        claims: Claims or their ids; none for those that ``tracker check`` judges.
        options: The options by name.
        reader: The developer who reads.
        today: The present, for days such as "yesterday".

    Raises:
        NotFound: A claim or an activity does not exist.
        BadValue: An option or its value is not possible, or a claim cannot be judged.
    """
    values: dict[str, Any] = {**options}
    unknown = [name for name in values if name not in Options.__annotations__]
    if unknown:
        raise BadValue(
            f"option is {unknown[0]!r}: choose from {', '.join(Options.__annotations__)}."
        )
    activities = whole_activities(connection, _activities(values.get("activities", ())))
    own_work_only = check_flag("own_work_only", values.get("own_work_only", False))
    if own_work_only and reader is None:
        raise BadValue("own_work_only is True: say whose work with reader= when you open the log.")
    return Question(
        claims=catalogue.select_claims(claims, activities, queries.claims(connection)),
        activities=activities,
        selection=Selection(
            team=read_name("team", values.get("team")),
            project=read_name("project", values.get("project")),
            developer=reader if own_work_only else None,
            first_day=_day("first_day", values.get("first_day"), today),
            last_day=_day("last_day", values.get("last_day"), today),
        ),
        now_epoch=_epoch(values.get("now")),
        reader=reader,
        **{name: values[name] for name in UNCHANGED_OPTIONS if name in values},
    )


def read_gain(value: float | str | None) -> float | None:
    """Return a gain as a fraction, from a number or a text such as "20%".

    Raises:
        BadValue: It is something else, or may mean a percentage or a factor.
    """
    if value is None:
        return None
    return catalogue.parse_value(value) if isinstance(value, str) else catalogue.check_value(value)


def read_name(option: str, value: object) -> str | None:
    """Return a name in Unicode NFC, stripped of blanks; None of None.

    Raises:
        BadValue: It is no text, is empty, or has characters that no name has.
    """
    if value is None:
        return None
    text = value.strip() if isinstance(value, str) else ""
    reason = names.fault(text) if text else "give a name"
    if reason:
        raise BadValue(f"{option} is {quote(value)}: {reason}.")
    return names.normalise_name(text)


def check_flag(option: str, value: object) -> bool:
    """Return a flag; BadValue if it is neither True nor False."""
    if not isinstance(value, bool):
        raise BadValue(f"{option} is {quote(value)}: give True or False.")
    return value


def _activities(value: object) -> tuple[str, ...]:
    """Return the activities that a name or several stand for; None is no restriction."""
    if value is None:
        return ()
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, Iterable):
        values = [values]
    activities = tuple(values)
    for activity in activities:
        if not isinstance(activity, str):
            raise BadValue(f"activities is {quote(value)}: give names, such as ['design'].")
    return tuple(map(names.normalise_name, activities))


def _day(option: str, value: object, today: datetime) -> int | None:
    if value is None or isinstance(value, date):
        return None if value is None else date_to_day(value)
    if isinstance(value, str):
        return parse_day(value, now=today)
    raise BadValue(f"{option} is {quote(value)}: give a date, such as '2026-03-01'.")


def _epoch(now: object) -> int | None:
    if now is None:
        return None
    if not isinstance(now, datetime):
        raise BadValue(f"now is {quote(now)}: give a datetime(…, tzinfo=UTC).")
    if now.tzinfo is None:
        raise BadValue(f"now is {now}: add its time zone, such as datetime(…, tzinfo=UTC).")
    return int(now.timestamp())
