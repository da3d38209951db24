"""How many work items a log holds in each arm: what a comparison could be made of."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from tracker.domain.arms import LogCounts, first_cutovers
from tracker.domain.records import ArmRule, MaturityRule, Selection
from tracker.store.read import queries
from tracker.store.read.arm_rules import recorded_arm_sources
from tracker.store.read.work_items import is_estimated, work_item_cte
from tracker.store.schema import entry_totals


def log_counts(connection: Connection, now_epoch: int) -> LogCounts:
    """Return the counts of work items by activity and arm.

    Which are finished is told as of the end of the log, as in `check`. The arms are those that
    were drawn, else those of the rollouts, else those that entries name.
    """
    rollouts = queries.rollouts(connection)
    recorded = recorded_arm_sources(connection)
    rule = ArmRule("baseline")
    if "assigned" in recorded:
        rule = ArmRule("assigned")
    elif rollouts:
        rule = ArmRule("rollout", first_cutovers(rollouts))
    elif "assisted" in recorded:
        rule = ArmRule("assisted")
    last_epoch = connection.execute(select(func.max(entry_totals.c.ended_epoch))).scalar()
    maturity = MaturityRule(now_epoch if last_epoch is None else min(last_epoch, now_epoch))
    items = work_item_cte(connection, Selection(), rule, maturity)
    query = select(
        *(items.c.activity, items.c.arm, func.count()),
        func.count().filter(is_estimated(items)),
        func.count().filter(items.c.status == "closed"),
    ).group_by(items.c.activity, items.c.arm)
    arms: dict[str, dict[str, int]] = {}
    finished: dict[str, dict[str, int]] = {}
    total = estimated = 0
    for activity, arm, number, with_estimate, closed in connection.execute(query):
        total += number
        estimated += with_estimate
        if arm is not None:
            arms.setdefault(activity, {})[arm] = number
            finished.setdefault(activity, {})[arm] = closed
    return LogCounts(total, estimated, rule.by, _by_arm(arms), _by_arm(finished))


def _by_arm(numbers: Mapping[str, Mapping[str, int]]) -> dict[str, tuple[int, int]]:
    """Return the numbers of the baseline and of the assistance arm, by activity."""
    return {
        activity: (by_arm.get("baseline", 0), by_arm.get("assistance", 0))
        for activity, by_arm in numbers.items()
    }
