"""Work items in memory: none is lost or doubled, and they are read once in a transaction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import event
from support.made_logs import NOW, connection_with, entry, random_log

from tracker.domain.records import ArmRule, Cutover, MaturityRule, ResidualModel, Selection
from tracker.domain.times import DAY_SECONDS
from tracker.store.read import (
    aggregates,
    clipped_residuals,
    estimate_aggregates,
    item_rows,
    temporary,
)

EVERYTHING = Selection()
RULE = ArmRule("rollout", (Cutover(16_040),))


@pytest.mark.parametrize("chunk", [1, 7, 1_000])
def test_rows_are_the_same_however_many_are_fetched_at_a_time(
    database_url: str, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    """Every item is there once, also where a fetch ends within a developer."""
    with connection_with(database_url, *random_log(4)) as connection:
        expected = aggregates.items(connection, EVERYTHING, RULE, NOW)
        monkeypatch.setattr(item_rows, "CHUNK_ROWS", chunk)
        actual = aggregates.items(connection, EVERYTHING, RULE, NOW)
    assert len(actual) > 50
    assert not actual.duplicated(["developer", "task", "activity"]).any()
    pd.testing.assert_frame_equal(actual, expected)


def test_all_aggregates_of_a_transaction_share_one_reading(tmp_path: Path) -> None:
    """One makes the table of work items, one counts and one reads it, whatever is asked of whom."""
    statements: list[str] = []
    with connection_with(f"sqlite:///{tmp_path / 'log.db'}", *random_log(5)) as connection:
        temporary.begin(connection)
        event.listen(
            connection,
            "before_cursor_execute",
            lambda _connection, _cursor, statement, *_: statements.append(statement),
        )
        for activity in ("design", "testing"):
            for selection in (
                EVERYTHING.with_activities(activity),
                EVERYTHING.of_other_activities(activity, 16_000, 16_200),
            ):
                scope = (connection, selection, RULE, NOW)
                for query in (
                    aggregates.durations,
                    aggregates.moments,
                    aggregates.projects,
                    aggregates.start_days,
                    aggregates.without_arm,
                    estimate_aggregates.estimate_dates,
                ):
                    query(*scope)
                aggregates.moments(*scope, period="week")
                aggregates.items(*scope, with_task=False)
                model = ResidualModel({("d1", activity): 3.0}, 0.0, 0.0, 1.0)
                clipped_residuals.clipped_sums(*scope, model)
    insertion, count, *queries = [
        text for text in statements if text.startswith(("SELECT", "WITH"))
    ]
    assert "INSERT INTO work_items_of_rule" in insertion
    assert count.startswith("SELECT count(*)")
    assert len(queries) == 1


def test_an_activity_is_selected_in_both_of_its_spellings(database_url: str) -> None:
    """An activity stored before names were normalised belongs to the one typed now."""
    composed, decomposed = "pr\u00fcfen", "pru\u0308fen"
    rows = [entry("ann", "t1", 50, activity=composed), entry("ann", "t2", 51, activity=decomposed)]
    with connection_with(database_url, rows) as connection:
        for spelling in (composed, decomposed):
            only = aggregates.items(connection, EVERYTHING.with_activities(spelling), RULE, NOW)
            others = EVERYTHING.of_other_activities(spelling, 0, 100)
            rest = aggregates.items(connection, others, RULE, NOW)
            assert len(only) == (2 if spelling == decomposed else 1)
            assert len(rest) == 2 - len(only)


def test_some_rows_of_a_selection_have_their_own_values(database_url: str) -> None:
    """Also those that are computed: logarithms, and the status of items that began too late."""
    maturity = replace(NOW, last_start_day=16_060)
    with connection_with(database_url, *random_log(4)) as connection:
        rows = item_rows.item_rows(connection, EVERYTHING, RULE, maturity, which="with arm")
    columns = ("developer", "status", "day", "minutes", "estimate", "y", "x", "dated")
    whole = rows.frame(columns)
    assert {"immature", "closed", "zero"} <= {*whole["status"]}
    mask = np.arange(len(whole)) % 3 == 0
    part = rows.select(mask).frame(columns)
    pd.testing.assert_frame_equal(part, whole[mask].reset_index(drop=True))
    np.testing.assert_array_equal(whole["y"], np.log(whole["minutes"].where(whole["minutes"] > 0)))
    np.testing.assert_array_equal(whole["x"], np.log(whole["estimate"].fillna(1.0)))


def test_items_are_finished_on_the_days_of_their_moments(database_url: str) -> None:
    """As many on each day, and as many on none."""
    maturity = MaturityRule(16_150 * DAY_SECONDS)
    with connection_with(database_url, *random_log(4)) as connection:
        days = aggregates.finished(connection, EVERYTHING, RULE, maturity)
        moments = aggregates.moments(connection, EVERYTHING, RULE, maturity, by_finish=True)
    expected = moments.groupby("finished_day", dropna=False)["n"].sum().reset_index()
    assert len(days) > 10
    assert days["finished_day"].isna().any()
    pd.testing.assert_frame_equal(days, expected)
