"""Who and when: the teams, developers, tasks, assistants and rollouts of an assessment.

Teams of fewer than five developers are counted and not named, and so are the rollouts of fewer than
five single developers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
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
    relevant = relevant_rollouts(rollouts, set(teams), people)
    return Overview(
        developers=len(people),
        tasks=tasks,
        teams=tuple(shown),
        small_teams=len(teams) - len(shown),
        assistants=assistants_of(relevant, lambda: named_assistants),
        rollouts=tuple(_rollout_dates(relevant, shown, minimum)),
    )


def relevant_rollouts(
    rollouts: Iterable[Rollout], teams: Set[str], people: Set[str]
) -> list[Rollout]:
    """Return the rollouts that concern somebody who worked in a part of the log."""
    team_names, developer_names = ({normalise_name(name) for name in s} for s in (teams, people))

    def concerns(rollout: Rollout) -> bool:
        if rollout.developer is not None:
            return normalise_name(rollout.developer) in developer_names
        return rollout.team is None or normalise_name(rollout.team) in team_names

    return [rollout for rollout in rollouts if concerns(rollout)]


def assistants_of(
    relevant: Iterable[Rollout], named: Callable[[], Iterable[str]]
) -> tuple[str, ...]:
    """Return the assistants of rollouts, or those that entries name where there is no rollout."""
    return tuple(dict.fromkeys(rollout.assistant for rollout in relevant) or dict.fromkeys(named()))


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
