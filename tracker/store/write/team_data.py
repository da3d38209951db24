"""What a team agrees on: who had an assistant from when, its own activities, its own claims."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from tracker.domain.errors import BadValue, NotFound, NothingToDo
from tracker.domain.records import ACTIVITIES, Claim, Rollout
from tracker.store.database import Database
from tracker.store.schema import activities, claims, rollouts
from tracker.store.write import change_log


def set_rollout(database: Database, developer: str, rollout: Rollout) -> int | None:
    """Record from which day somebody had an assistant; the day recorded before, which this corrects, or None."""
    with change_log.changing(database, developer, shared=True) as connection:
        before = _rollout(connection, rollout.assistant, rollout.developer, rollout.team)
        if before is None:
            row = {
                "id": database.new_id(),
                "assistant": rollout.assistant,
                "day": rollout.day,
                "developer": rollout.developer,
                "team": rollout.team,
            }
            change_log.change(connection, database, developer, "rollout", rollouts, None, row)
            return None
        if before["day"] != rollout.day:
            change_log.change(
                connection,
                database,
                developer,
                "rollout",
                rollouts,
                before,
                before | {"day": rollout.day},
            )
        previous: int = before["day"]
        return previous


def remove_rollout(
    database: Database,
    developer: str,
    assistant: str,
    *,
    of_developer: str | None = None,
    of_team: str | None = None,
) -> Rollout:
    """Remove the rollout of ``assistant`` to a developer, to a team or (neither) to everybody; what it was."""
    with change_log.changing(database, developer, shared=True) as connection:
        before = _rollout(connection, assistant, of_developer, of_team)
        if before is None:
            scope = of_developer or (f"team {of_team}" if of_team else "everybody")
            raise NotFound(
                f"no rollout of {assistant} to {scope} is recorded: `tracker rollout --list` shows them."
            )
        change_log.change(connection, database, developer, "rollout-remove", rollouts, before, None)
    return Rollout(before["assistant"], before["day"], before["developer"], before["team"])


def add_activity(database: Database, developer: str, activity: str) -> None:
    """Make an activity known."""
    with change_log.changing(database, developer, shared=True) as connection:
        row = {"activity": activity}
        if activity in ACTIVITIES or change_log.find(connection, activities, row) is not None:
            raise NothingToDo(f"the activity {activity} is known already.")
        change_log.change(connection, database, developer, "activity", activities, None, row)


def add_claim(database: Database, developer: str, claim: Claim) -> None:
    """Record a claim of one's own."""
    if claim.value is None or claim.reading is None:
        raise BadValue(
            f"the claim {claim.id} has no value or no reading: give --gain and --reading."
        )
    row: dict[str, Any] = {
        "id": claim.id,
        "activity": claim.activity,
        "value": claim.value,
        "reading": claim.reading,
        "bound": claim.bound,
        "source": claim.source,
    }
    with change_log.changing(database, developer, shared=True) as connection:
        if change_log.find(connection, claims, row) is not None:
            raise BadValue(
                f"there is a claim {claim.id} already: give another id, or remove that one first."
            )
        change_log.change(connection, database, developer, "claim", claims, None, row)


def remove_claim(database: Database, developer: str, claim_id: str) -> None:
    """Remove a claim of one's own."""
    with change_log.changing(database, developer, shared=True) as connection:
        before = change_log.find(connection, claims, {"id": claim_id})
        if before is None:
            raise NotFound(
                f"no claim of your own is called {claim_id}: `tracker claims` lists them."
            )
        change_log.change(connection, database, developer, "claim-remove", claims, before, None)


def _rollout(
    connection: Connection, assistant: str, developer: str | None, team: str | None
) -> dict[str, Any] | None:
    """The recorded rollout of an assistant to exactly this scope."""
    query = select(rollouts).where(
        rollouts.c.assistant == assistant,
        rollouts.c.developer.is_not_distinct_from(developer),
        rollouts.c.team.is_not_distinct_from(team),
    )
    found = connection.execute(query).mappings().first()
    return None if found is None else dict(found)
