"""Who and when: the teams, developers, tasks, assistants and rollouts of an assessment.

Teams of fewer than five developers are counted and not named, and so are the rollouts of fewer than
five single developers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.names import normalise_name
from tracker.domain.records import Rollout


@dataclass(frozen=True, slots=True)
class RolloutDates:
    """From when the members of a team, some developers or everybody had an assistant."""

    assistant: str
    team: str | None
    """None: everybody, or single developers."""
    developers: int | None
    """The number of single developers; None for a team and for everybody."""
    first_day: int | None
    """None where fewer than five developers stand behind the dates."""
    last_day: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Who worked on what, and who had which assistant from when."""

    developers: int
    tasks: int
    teams: tuple[str, ...]
    """Teams of five or more developers."""
    small_teams: int
    """The number of other teams."""
    assistants: tuple[str, ...]
    """Names with their version, as they were recorded."""
    rollouts: tuple[RolloutDates, ...]


def overview_of(
    developers_by_team: Mapping[str | None, Set[str]],
    tasks: int,
    rollouts: Sequence[Rollout],
    named_assistants: Sequence[str],
    *,
    own_log: bool = False,
) -> Overview:
    """Return the overview of a part of a log.

    Args:
        developers_by_team: The developers with entries in each team; None is no team.
        tasks: The number of tasks.
        rollouts: All rollouts that are recorded.
        named_assistants: The assistants that entries name. They count where no rollout concerns
            the developers of this part.
        own_log: Whether the reader is the only developer; then nothing is suppressed.

    """
    minimum = 1 if own_log else MIN_DEVELOPERS_SHOWN
    teams = {team: people for team, people in developers_by_team.items() if team is not None}
    shown = sorted(team for team, people in teams.items() if len(people) >= minimum)
    people = frozenset().union(*developers_by_team.values())
    relevant = [rollout for rollout in rollouts if _concerns(rollout, teams, people)]
    assistants = dict.fromkeys(rollout.assistant for rollout in relevant) or dict.fromkeys(
        named_assistants
    )
    return Overview(
        developers=len(people),
        tasks=tasks,
        teams=tuple(shown),
        small_teams=len(teams) - len(shown),
        assistants=tuple(assistants),
        rollouts=tuple(_rollout_dates(relevant, shown, minimum)),
    )


def _concerns(rollout: Rollout, teams: Mapping[str, Set[str]], people: Set[str]) -> bool:
    """Whether a rollout concerns somebody who worked in this part of the log."""
    if rollout.developer is not None:
        return normalise_name(rollout.developer) in {normalise_name(name) for name in people}
    return rollout.team is None or normalise_name(rollout.team) in {
        normalise_name(team) for team in teams
    }


def _rollout_dates(
    rollouts: Sequence[Rollout], shown_teams: Sequence[str], minimum: int
) -> Iterable[RolloutDates]:
    """Yield the rollouts to everybody and to teams by date, then those of single developers."""
    shown = {normalise_name(team) for team in shown_teams}
    for rollout in sorted(rollouts, key=lambda r: (r.day, r.assistant)):
        is_shown = rollout.team is None or normalise_name(rollout.team) in shown
        if rollout.developer is None and is_shown:
            yield RolloutDates(rollout.assistant, rollout.team, None, rollout.day, rollout.day)
    for assistant in dict.fromkeys(rollout.assistant for rollout in rollouts):
        days = [r.day for r in rollouts if r.assistant == assistant and r.developer is not None]
        if len(days) >= minimum:
            yield RolloutDates(assistant, None, len(days), min(days), max(days))
        elif days:
            yield RolloutDates(assistant, None, len(days), None, None)
