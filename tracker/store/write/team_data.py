"""Writing what a team agrees on: rollouts of assistants, its own activities, its own claims."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import Connection, select

from tracker.claims.catalogue import check_claim
from tracker.domain.errors import BadValue, NotFound, NothingToDo
from tracker.domain.names import normalise_name
from tracker.domain.printing import quote
from tracker.domain.records import ACTIVITIES, Claim, Rollout
from tracker.domain.validation import check_texts, normalise_record
from tracker.store.conditions import matches_name
from tracker.store.database import Database
from tracker.store.read.developer_names import present_name
from tracker.store.schema import activities, claims, rollouts
from tracker.store.write import change_log
from tracker.store.write.change_log import Change


def set_rollout(database: Database, developer: str, rollout: Rollout) -> int | None:
    """Record from which day a developer, a team or everybody had an assistant.

    Args:
        database: The database.
        developer: Who records it.
        rollout: The rollout.

    Returns:
        The day recorded before, which is replaced; None where there was none.

    Raises:
        BadValue: A name is not valid.
        StoreError: The database is busy or cannot be written.
    """
    _check_names(assistant=rollout.assistant)
    for name in ("developer", "team"):
        if (value := getattr(rollout, name)) is not None:
            _check_names(**{name: value})
    rollout = normalise_record(rollout)
    developer = normalise_name(developer)
    with change_log.changing(database, developer, shared=True) as connection:
        if rollout.developer is not None:
            present = present_name(connection, rollout.developer)
            rollout = dataclasses.replace(rollout, developer=present)
        before = _find_rollout(connection, rollout.assistant, rollout.developer, rollout.team)
        if before is None:
            row = {"id": database.new_id(), **dataclasses.asdict(rollout)}
            change = Change(developer, "rollout", rollouts, None, row)
            change_log.apply_change(connection, database, change)
            return None
        if before["day"] != rollout.day:
            after = before | {"day": rollout.day}
            change = Change(developer, "rollout", rollouts, before, after)
            change_log.apply_change(connection, database, change)
        previous_day: int = before["day"]
        return previous_day


def remove_rollout(
    database: Database,
    developer: str,
    assistant: str,
    *,
    of_developer: str | None = None,
    of_team: str | None = None,
) -> Rollout:
    """Remove the rollout of an assistant; return it.

    Args:
        database: The database.
        developer: Who removes it.
        assistant: The assistant.
        of_developer: The developer who had it.
        of_team: The team that had it. Neither stands for everybody.

    Raises:
        NotFound: No such rollout is recorded.
        StoreError: The database is busy or cannot be written.
    """
    developer = normalise_name(developer)
    with change_log.changing(database, developer, shared=True) as connection:
        if of_developer is not None:
            of_developer = present_name(connection, of_developer)
        before = _find_rollout(connection, assistant, of_developer, of_team)
        if before is None:
            scope = of_developer or (f"team {of_team}" if of_team else "everybody")
            raise NotFound(
                f"no rollout of {assistant} to {scope} is recorded: "
                "`tracker rollout --list` shows them."
            )
        change = Change(developer, "rollout-remove", rollouts, before, None)
        change_log.apply_change(connection, database, change)
    return Rollout(before["assistant"], before["day"], before["developer"], before["team"])


def add_activity(database: Database, developer: str, activity: str) -> None:
    """Add an activity.

    Raises:
        BadValue: The name is not valid.
        NothingToDo: The activity exists.
        StoreError: The database is busy or cannot be written.
    """
    _check_names(activity=activity)
    developer, activity = normalise_name(developer), normalise_name(activity)
    row = {"activity": activity}
    with change_log.changing(database, developer, shared=True) as connection:
        if activity in ACTIVITIES or change_log.find(connection, activities, row) is not None:
            raise NothingToDo(f"the activity {activity} is known already.")
        change = Change(developer, "activity", activities, None, row)
        change_log.apply_change(connection, database, change)


def add_claim(database: Database, developer: str, claim: Claim) -> None:
    """Record a claim of one's own.

    Raises:
        BadValue: The claim has no value or no reading, a part of it is not valid, or its id is in
            use.
        StoreError: The database is busy or cannot be written.
    """
    if claim.value is None or claim.reading is None:
        raise BadValue(
            f"the claim {claim.id} has no value or no reading: give --gain and --reading."
        )
    check_claim(claim)
    _check_names(id=claim.id, activity=claim.activity, source=claim.source)
    row: dict[str, Any] = {
        "id": normalise_name(claim.id),
        "activity": normalise_name(claim.activity),
        "value": claim.value,
        "reading": claim.reading,
        "bound": claim.bound,
        "source": claim.source,
    }
    developer = normalise_name(developer)
    with change_log.changing(database, developer, shared=True) as connection:
        if change_log.find(connection, claims, row) is not None:
            raise BadValue(
                f"there is a claim {claim.id} already: give another id, or remove that one first."
            )
        change = Change(developer, "claim", claims, None, row)
        change_log.apply_change(connection, database, change)


def remove_claim(database: Database, developer: str, claim_id: str) -> None:
    """Remove a claim of one's own.

    Raises:
        NotFound: There is no such claim.
        StoreError: The database is busy or cannot be written.
    """
    developer = normalise_name(developer)
    with change_log.changing(database, developer, shared=True) as connection:
        query = select(claims).where(matches_name(claims.c.id, claim_id))
        before = connection.execute(query).mappings().first()
        if before is None:
            raise NotFound(
                f"no claim of your own is called {claim_id}: `tracker claims` lists them."
            )
        change = Change(developer, "claim-remove", claims, dict(before), None)
        change_log.apply_change(connection, database, change)


def _find_rollout(
    connection: Connection, assistant: str, developer: str | None, team: str | None
) -> dict[str, Any] | None:
    """Return the rollout of an assistant to exactly this scope, None where there is none."""
    query = select(rollouts).where(
        matches_name(rollouts.c.assistant, assistant),
        matches_name(rollouts.c.developer, developer),
        matches_name(rollouts.c.team, team),
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else dict(row)


def _check_names(**names: object) -> None:
    """Raise BadValue for a name, given by what it is of, that is blank or not valid."""
    for kind, name in names.items():
        if not isinstance(name, str) or not name.strip():
            raise BadValue(f"{kind} is {quote(name)}: give a name.")
        check_texts(**{kind: name})
