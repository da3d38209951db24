"""Aggregates of what is known of estimates and draws: dates, entries, probabilities."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    Table,
    and_,
    exists,
    func,
    null,
    or_,
    select,
    union_all,
)

from tracker.domain.records import ArmRule, MaturityRule, Selection
from tracker.store.conditions import WORK_ITEM_KEY, spellings
from tracker.store.read.aggregates import read_frame
from tracker.store.read.estimate_units import NO_ESTIMATE
from tracker.store.read.group_sums import group_sums
from tracker.store.read.item_rows import item_rows
from tracker.store.read.temporary import shared
from tracker.store.read.work_items import work_item_cte
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
    closed = item_rows(connection, selection, rule, maturity, which="closed")
    rows = closed.select(closed.names("unit") != NO_ESTIMATE)
    is_undated = (~rows.numbers("dated")).astype(np.float64)
    keys = ("activity", "arm")
    frame = group_sums(rows.frame(keys), keys, [("undated", is_undated)])
    return frame.astype({"undated": "int64"})


def draw_probabilities(
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
    matches = shared(connection, "estimate_matches", lambda: _estimate_matches(connection))
    names = None if activity is None else {None, *spellings(activity)}
    counted = [match for name, match in matches.items() if names is None or name in names]
    return EstimateMatch(*(sum(counts) for counts in zip((0, 0), *counted, strict=True)))


def _estimate_matches(connection: Connection) -> dict[str | None, EstimateMatch]:
    """Return the estimates by activity; those of whole tasks are of None."""
    estimates = union_all(
        select(work_items.c.task, work_items.c.activity).where(_is_estimated(work_items)),
        select(tasks.c.task, null()).where(_is_estimated(tasks)),
    ).cte("estimates")
    is_logged = estimates.c.task.in_(select(entry_totals.c.task))
    counts = func.count(), func.count().filter(~is_logged)
    query = select(estimates.c.activity, *counts).group_by(estimates.c.activity)
    return {activity: EstimateMatch(*row) for activity, *row in connection.execute(query)}


def _is_estimated(table: Table) -> ColumnElement[bool]:
    return or_(
        table.c.estimate_minutes > 0,
        table.c.estimate_ai_minutes > 0,
        table.c.estimate_points > 0,
    )
