"""Who and when: teams, developers, assistants and rollouts."""

from __future__ import annotations

from tracker.domain.records import Rollout
from tracker.evidence.overview import RolloutDates, overview_of

FIVE = {f"d{n}" for n in range(5)}
HELPER = "Helper 1.0"


def test_small_teams_are_counted_and_not_named() -> None:
    """A team of four is one of the smaller teams; developers of several teams count once."""
    overview = overview_of({"Birch": FIVE, "Elm": {"d1", "x"}, None: {"y"}}, 40, [], [])
    assert (overview.teams, overview.small_teams, overview.developers) == (("Birch",), 1, 7)


def test_the_own_log_names_its_team() -> None:
    """Nothing is suppressed in a log of the reader alone."""
    assert overview_of({"Elm": {"me"}}, 4, [], [], own_log=True).teams == ("Elm",)


def test_rollouts_of_teams_have_their_dates() -> None:
    """Those of small teams and of teams that are not in the log are left out."""
    rollouts = [Rollout(HELPER, 9, team="Elm"), Rollout(HELPER, 5, team="Birch")]
    overview = overview_of({"Birch": FIVE, "Elm": {"x"}}, 40, rollouts, [])
    assert overview.rollouts == (RolloutDates(HELPER, "Birch", None, 5, 5),)
    other = overview_of({"Oak": FIVE}, 40, rollouts, ["named"])
    assert (other.rollouts, other.assistants) == ((), ("named",))


def test_dates_of_few_single_developers_are_not_shown() -> None:
    """From five on, the first and the last are."""
    few = [Rollout(HELPER, day, developer=f"d{day}") for day in range(4)]
    assert overview_of({None: FIVE}, 40, few, []).rollouts == (
        RolloutDates(HELPER, None, 4, None, None),
    )
    five = [*few, Rollout(HELPER, 30, developer="d4")]
    assert overview_of({None: FIVE}, 40, five, []).rollouts == (
        RolloutDates(HELPER, None, 5, 0, 30),
    )


def test_assistants_are_those_of_the_rollouts_else_those_that_entries_name() -> None:
    """Each is named once."""
    rollouts = [Rollout(HELPER, 5), Rollout(HELPER, 9, team="Birch")]
    assert overview_of({"Birch": FIVE}, 1, rollouts, ["other"]).assistants == (HELPER,)
    assert overview_of({"Birch": FIVE}, 1, [], ["a", "b"]).assistants == ("a", "b")
