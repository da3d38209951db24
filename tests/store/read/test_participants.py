"""Who worked in a part of the log, on either database."""

from __future__ import annotations

from support.made_logs import connection_with, entry

from tracker.domain.records import Selection
from tracker.store.read.participants import assistants_named, developers_by_team, task_count


def test_developers_tasks_and_assistants_of_a_part(database_url: str) -> None:
    """Each counts once; assistants are named by entries with assistance, the most used first."""
    helped = {"assisted": "yes", "basis": "flag"}
    rows = [
        entry("ann", "T-1", 100, team="Birch", assistant="Helper 1.0", **helped),
        entry("ann", "T-1", 101, team="Birch", assistant="Helper 1.0", **helped),
        entry("bob", "T-1", 102, team="Birch", assistant="Other", **helped),
        entry("cem", "T-2", 103, assistant=None, **helped),
        entry("dan", "T-3", 104, activity="testing", team="Elm", assistant="Unused"),
    ]
    with connection_with(database_url, rows) as connection:
        everything = Selection()
        assert developers_by_team(connection, everything) == {
            "Birch": {"ann", "bob"},
            "Elm": {"dan"},
            None: {"cem"},
        }
        assert task_count(connection, everything) == 3
        assert assistants_named(connection, everything) == ["Helper 1.0", "Other"]
        testing = Selection(activities=("testing",))
        assert developers_by_team(connection, testing) == {"Elm": {"dan"}}
        assert (task_count(connection, testing), assistants_named(connection, testing)) == (1, [])
