"""How many work items a log holds in each arm: what a comparison could be made of."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from tracker.domain.arms import LogCounts, first_cutovers
from tracker.domain.records import ArmRule, MaturityRule, Selection
from tracker.store.read import queries
from tracker.store.read.arm_rules import recorded_arm_sources
from tracker.store.read.work_items import is_estimated, work_item_cte


def log_counts(connection: Connection, now_epoch: int) -> LogCounts:
    """Return the counts of work items by activity and arm.

    The arms are those that were drawn, else those of the rollouts, else those that entries name.
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
    items = work_item_cte(Selection(), rule, MaturityRule(now_epoch))
    query = select(
        items.c.activity, items.c.arm, func.count(), func.count().filter(is_estimated(items))
    ).group_by(items.c.activity, items.c.arm)
    arms: dict[str, dict[str, int]] = {}
    total = estimated = 0
    for activity, arm, number, with_estimate in connection.execute(query):
        total += number
        estimated += with_estimate
        if arm is not None:
            arms.setdefault(activity, {})[arm] = number
    return LogCounts(
        items=total,
        estimated=estimated,
        by=rule.by,
        arms={
            activity: (numbers.get("baseline", 0), numbers.get("assistance", 0))
            for activity, numbers in arms.items()
        },
    )
