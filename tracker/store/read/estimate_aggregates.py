"""Aggregates of what is known of estimates and draws: dates, entries, odds."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    Table,
    and_,
    exists,
    func,
    or_,
    select,
    union_all,
)

from tracker.domain.records import ArmRule, MaturityRule, Selection
from tracker.store.conditions import WORK_ITEM_KEY, matches_name
from tracker.store.read.aggregates import read_frame
from tracker.store.read.work_items import is_estimated, work_item_cte
from tracker.store.schema import entry_totals, tasks, work_items

EVEN_SHARE = 0.5
"""The probability of assistance where an arm was drawn and no other is recorded."""


class EstimateMatch(NamedTuple):
    """How many estimates there are, and how many are of tasks that have no entry."""

    estimates: int
    without_entries: int


def estimate_dates(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """Return of how many closed items' estimates it is not known when they were made.

    Returns:
        One row per ``activity`` and ``arm``: ``n`` items with an estimate that counts, and how many
        of these estimates are ``undated``.
    """
    items = work_item_cte(connection, selection, rule, maturity)
    keys = [items.c.activity, items.c.arm]
    undated = func.count().filter(items.c.estimated_epoch.is_(None)).label("undated")
    query = select(*keys, func.count().label("n"), undated).where(
        items.c.arm.is_not(None),
        items.c.status == "closed",
        is_estimated(items),
    )
    return read_frame(connection, query.group_by(*keys).order_by(*keys))


def draw_odds(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """Return with what probability the arms of work items were drawn, of every status.

    Returns:
        One row per ``activity`` and ``developer``: ``n`` items with an arm, and the sum of their
        probabilities of assistance (``assistance``), each one half unless another is recorded. No
        row where none is.
    """
    items = work_item_cte(connection, selection, rule, maturity)
    keys = [items.c.activity, items.c.developer]
    share = func.coalesce(items.c.assistance_share, EVEN_SHARE)
    query = select(
        *keys,
        func.count().label("n"),
        func.sum(share, type_=Double).label("assistance"),
    ).where(items.c.arm.is_not(None), exists().where(work_items.c.assistance_share.is_not(None)))
    return read_frame(connection, query.group_by(*keys).order_by(*keys))


def expected_with_assistance(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """Return what developers expected of assistance, before they began their work items.

    Counted are items that their developer estimated both with and without assistance.

    Returns:
        One row per ``activity`` and ``developer``: ``n`` items, and the sum of ln(estimate with
        assistance / estimate without) over them (``log_ratio``).
    """
    items = work_item_cte(connection, selection, rule, maturity)
    same_item = and_(*(work_items.c[key] == items.c[key] for key in WORK_ITEM_KEY))
    without, with_assistance = work_items.c.estimate_minutes, work_items.c.estimate_ai_minutes
    estimated = work_items.c.estimated_epoch
    keys = [items.c.activity, items.c.developer]
    query = (
        select(
            *keys,
            func.count().label("n"),
            func.sum(func.ln(with_assistance / without), type_=Double).label("log_ratio"),
        )
        .select_from(items.join(work_items, same_item))
        .where(
            without > 0,
            with_assistance > 0,
            or_(estimated.is_(None), estimated <= items.c.started_epoch),
        )
    )
    return read_frame(connection, query.group_by(*keys).order_by(*keys))


def estimate_match(connection: Connection, activity: str | None = None) -> EstimateMatch:
    """Return how many estimates there are, and how many are of tasks that nobody has worked on.

    Args:
        connection: The transaction.
        activity: Counted are the work items of this activity (None: of all), and whole tasks.
    """
    of_activity = [] if activity is None else [matches_name(work_items.c.activity, activity)]
    estimates = union_all(
        select(work_items.c.task).where(_is_estimated(work_items), *of_activity),
        select(tasks.c.task).where(_is_estimated(tasks)),
    ).cte("estimates")
    is_logged = estimates.c.task.in_(select(entry_totals.c.task))
    query = select(func.count(), func.count().filter(~is_logged)).select_from(estimates)
    return EstimateMatch(*connection.execute(query).one())


def _is_estimated(table: Table) -> ColumnElement[bool]:
    return or_(
        table.c.estimate_minutes > 0,
        table.c.estimate_ai_minutes > 0,
        table.c.estimate_points > 0,
    )
