"""What entries are about: people, period, and hours by activity, month and answer on assistance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from tracker.domain.records import ArmRule, MaturityRule, Selection
from tracker.store.conditions import whole_sum
from tracker.store.read.entry_totals import totals_of
from tracker.store.read.work_items import entry_conditions, is_estimated, work_item_cte
from tracker.store.schema import entries


@dataclass(frozen=True, slots=True)
class EntrySums:
    """Entries in sums."""

    developers: frozenset[str]
    """These, and those of the two fields below, must never be shown."""
    developers_by_activity: dict[str, set[str]]
    developers_by_assisted: dict[str, set[str]]
    first_day: int
    """Days are since 1970-01-01, months since January 1970."""
    last_day: int
    seconds_by_activity: Counter[str]
    seconds_by_month: Counter[int]
    seconds_by_assisted: Counter[str]


class ItemCounts(NamedTuple):
    """How many work items there are, and how many have an estimate that counts."""

    work_items: int
    estimated: int


def import_sums(connection: Connection, import_id: str) -> EntrySums | None:
    """Return the sums of an import's entries; None where it stored none."""
    key = (entries.c.developer, entries.c.activity, entries.c.local_month, entries.c.assisted)
    query = (
        select(
            *key,
            whole_sum(entries.c.seconds).label("seconds"),
            func.min(entries.c.local_day).label("first_day"),
            func.max(entries.c.local_day).label("last_day"),
        )
        .where(entries.c.import_id == import_id)
        .group_by(*key)
    )
    return _sums(connection.execute(query).all())


def selected_sums(connection: Connection, selection: Selection) -> EntrySums | None:
    """Return the sums of the selected entries, which are selected by their own day."""
    totals = totals_of(connection, selection, by_own_day=True)
    key = [totals.c[name] for name in ("developer", "activity", "local_month", "assisted")]
    query = (
        select(
            *key,
            whole_sum(totals.c.seconds).label("seconds"),
            func.min(totals.c.first_day).label("first_day"),
            func.max(totals.c.last_day).label("last_day"),
        )
        .where(*entry_conditions(connection, selection, totals))
        .group_by(*key)
    )
    return _sums(connection.execute(query).all())


def item_counts(connection: Connection, selection: Selection, now_epoch: int) -> ItemCounts:
    """Return the number of the selected work items, and of those with an estimate that counts."""
    items = work_item_cte(connection, selection, ArmRule("baseline"), MaturityRule(now_epoch))
    query = select(func.count(), func.count().filter(is_estimated(items))).select_from(items)
    return ItemCounts(*connection.execute(query).one())


def _sums(rows: Sequence[Any]) -> EntrySums | None:
    """Return the sums of rows by developer, activity, month and answer; None without rows."""
    if not rows:
        return None
    by_activity: Counter[str] = Counter()
    by_month: Counter[int] = Counter()
    by_assisted: Counter[str] = Counter()
    of_activity: dict[str, set[str]] = {}
    of_answer: dict[str, set[str]] = {}
    for row in rows:
        by_activity[row.activity] += int(row.seconds)
        by_month[row.local_month] += int(row.seconds)
        by_assisted[row.assisted] += int(row.seconds)
        of_activity.setdefault(row.activity, set()).add(row.developer)
        of_answer.setdefault(row.assisted, set()).add(row.developer)
    return EntrySums(
        developers=frozenset(row.developer for row in rows),
        developers_by_activity=of_activity,
        developers_by_assisted=of_answer,
        first_day=min(row.first_day for row in rows),
        last_day=max(row.last_day for row in rows),
        seconds_by_activity=by_activity,
        seconds_by_month=by_month,
        seconds_by_assisted=by_assisted,
    )
