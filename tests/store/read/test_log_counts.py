"""The counts of work items by activity and arm, on either database."""

from __future__ import annotations

from sqlalchemy import insert
from support.made_logs import DAY, connection_with, entry, item, task

from tracker.domain.arms import LogCounts
from tracker.store.read.log_counts import log_counts
from tracker.store.schema import entries, rollouts
from tracker.store.write import entry_totals

NOW_EPOCH = 20_000 * DAY


def test_items_are_counted_by_what_their_arms_are_recorded_by(database_url: str) -> None:
    """By nothing, then by entries, then by a rollout; several entries are one work item."""
    log = [entry("a", "T-1", 100), entry("a", "T-1", 101), entry("b", "T-1", 110)]
    estimate = [task("T-1", estimate_minutes=60.0)]
    with connection_with(database_url, log, task_rows=estimate) as link:
        assert log_counts(link, NOW_EPOCH) == LogCounts(
            2, 2, "baseline", {"design": (2, 0)}, {"design": (0, 0)}
        )
        link.execute(insert(entries), [entry("a", "T-2", 120, activity="testing", assisted="yes")])
        entry_totals.rebuild(link)
        assert log_counts(link, NOW_EPOCH) == LogCounts(
            3, 2, "assisted", {"testing": (0, 1)}, {"testing": (0, 0)}
        )
        link.execute(insert(rollouts).values(id="r", assistant="Helper", day=110))
        arms = {"design": (1, 1), "testing": (0, 1)}
        expected = LogCounts(3, 2, "rollout", arms, {"design": (0, 0), "testing": (0, 0)})
        assert log_counts(link, NOW_EPOCH) == expected


def test_drawn_arms_go_first(database_url: str) -> None:
    """Where arms were drawn, only drawn work items have one."""
    log = [entry("a", "T-1", 100, assisted="yes", basis="flag"), entry("a", "T-2", 101)]
    items = [item("a", "T-1", assigned="baseline")]
    with connection_with(database_url, log, items) as link:
        assert log_counts(link, NOW_EPOCH) == LogCounts(
            2, 0, "assigned", {"design": (1, 0)}, {"design": (0, 0)}
        )


def test_items_finish_by_the_end_of_the_log(database_url: str) -> None:
    """30 days without an entry finish an item; days after the end of the log do not count."""
    log = [entry("a", "T-1", 100), entry("a", "T-2", 110), entry("a", "T-3", 135)]
    with connection_with(database_url, log) as link:
        counts = log_counts(link, NOW_EPOCH)
    assert (counts.arms, counts.finished) == ({"design": (3, 0)}, {"design": (1, 0)})
