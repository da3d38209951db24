"""Calibration on one's own log: which work is used, what is refused, what is reported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.calibration_logs import DAYS, FIRST_DAY, MadeUpLog, fill
from support.store_kit import open_test_database

from tracker.analysis import calibration
from tracker.analysis.calibration import Calibration, calibrate
from tracker.analysis.calibration_pools import read_pools
from tracker.analysis.disclosure import permitted_part
from tracker.calibration.pools import SMALL_TEAMS, Pool
from tracker.calibration.scenarios import BEFORE_AFTER, TRACKER, TRACKER_WITH_CONTROL
from tracker.domain.errors import NothingToDo
from tracker.domain.question import Question
from tracker.domain.records import Selection

ROLLOUT_DAY = FIRST_DAY + DAYS // 2


def pools_of(url: str, log: MadeUpLog, question: Question | None = None) -> list[Pool]:
    """Return the pools that are read of a made-up log."""
    question = question or Question(activities=log.activities)
    with open_test_database(url) as database:
        fill(database, log)
        with permitted_part(database, question) as part:
            return read_pools(part, question.activities)


def calibrated(folder: Path, log: MadeUpLog, *activities: str, windows: int = 3) -> Calibration:
    """Return the calibration on a made-up log."""
    with open_test_database(f"sqlite:///{folder / 'log.db'}") as database:
        fill(database, log)
        question = Question(activities=activities or ("design",))
        return calibrate(database, question, windows=windows, workers=1)


def test_all_work_is_used_where_no_assistant_is_recorded(database_url: str) -> None:
    """A log without rollouts and flags is baseline as a whole, on both databases."""
    (pool,) = pools_of(database_url, MadeUpLog(activities=("design", "coding")))[:1]
    assert (pool.activity, len(pool), pool.developers) == ("design", 400, 8)
    assert len(pool.other_items) == 400
    assert set(pool.other_items["activity"]) == {"coding"}
    minutes, owner = pool.entries_of(np.arange(len(pool)))
    np.testing.assert_allclose(np.bincount(owner, weights=minutes), pool.minutes)


def test_work_since_a_rollout_is_left_out(database_url: str) -> None:
    """Items that began on the day of the rollout or later are no baseline."""
    (pool,) = pools_of(database_url, MadeUpLog(rollout_days=((None, ROLLOUT_DAY),)))
    assert pool.day.max() == ROLLOUT_DAY - 1
    assert len(pool) == 200


def test_a_rollout_of_one_team_leaves_the_other_teams_whole(tmp_path: Path) -> None:
    """Teams without a rollout have no assistant, to the end of the log."""
    log = MadeUpLog(
        developers=16, team=lambda d: ("a", "b")[d % 2], rollout_days=(("a", ROLLOUT_DAY),)
    )
    first, second = pools_of(f"sqlite:///{tmp_path / 'log.db'}", log)
    assert (first.team, second.team) == ("a", "b")
    assert first.day.max() < ROLLOUT_DAY
    assert second.day.max() > FIRST_DAY + DAYS - 10


@pytest.mark.parametrize(
    "log",
    [
        MadeUpLog(assisted=lambda item: ("yes", "no")[item % 2]),
        MadeUpLog(assisted=lambda item: "unknown" if item < 200 else ("yes", "unknown")[item % 2]),
        MadeUpLog(assigned=lambda item: ("assistance", "baseline")[item % 2]),
    ],
    ids=["yes or no", "yes or unknown", "drawn"],
)
def test_work_that_may_be_assisted_is_left_out(database_url: str, log: MadeUpLog) -> None:
    """So is, from a developer's first "yes" on, work that does not say "no"."""
    (pool,) = pools_of(database_url, log)
    assert 200 <= len(pool) < 212  # eight developers' unknown items before their first "yes"


def test_items_that_began_too_late_to_be_finished_are_left_out(tmp_path: Path) -> None:
    """Shortly before a rollout mostly the quick items are finished: none of them counts."""
    with open_test_database(f"sqlite:///{tmp_path / 'log.db'}") as database:
        fill(database, MadeUpLog(rollout_days=((None, ROLLOUT_DAY),)))
        with database.writing() as connection:  # half of the items take ten days
            connection.exec_driver_sql(
                "UPDATE work_items SET completed_epoch = completed_epoch + 864000"
                " WHERE CAST(SUBSTR(task, 3) AS INTEGER) % 2 = 0"
            )
        with permitted_part(database, Question()) as part:
            (pool,) = read_pools(part, ("design",))
    assert pool.day.max() == ROLLOUT_DAY - 11


def test_small_teams_are_one_pool(tmp_path: Path) -> None:
    """Teams under six developers or a hundred items share a pool; a large one keeps its own."""
    teams: Callable[[int], str | None] = lambda d: "large" if d < 8 else (None, "x", "y")[d % 3]  # noqa: E731
    log = MadeUpLog(items=1_200, developers=16, team=teams, activities=("design", "coding"))
    large, small = [
        pool
        for pool in pools_of(f"sqlite:///{tmp_path / 'log.db'}", log)
        if pool.activity == "design"
    ]
    assert (large.team, large.developers) == ("large", 8)
    assert (small.team, small.developers) == (SMALL_TEAMS, 8)
    assert len(large) + len(small) == 1_200
    assert len(large.other_items) + len(small.other_items) == 1_200


def test_a_calibration_has_few_false_alarms_and_a_control(tmp_path: Path) -> None:
    """Figures of each method, the windows, and how often a gain was reported."""
    log = MadeUpLog(items=300, activities=("design", "coding"))
    result = calibrated(tmp_path, log)
    assert [(m.activity, m.items, m.developers, m.windows) for m in result.materials] == [
        ("design", 300, 8, 3)
    ]
    figures = {(f.comparison, f.method): f for f in result.figures}
    plain, controlled = (
        figures[BEFORE_AFTER, method] for method in (TRACKER, TRACKER_WITH_CONTROL)
    )
    assert plain.windows == controlled.windows == 3
    assert plain.width is not None
    assert controlled.width is not None
    assert controlled.width.median < plain.width.median
    assert result.false_gains[TRACKER] == (0, 3)
    assert not result.left_out
    assert result.limits is None


def test_a_small_log_has_fewer_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log has at most a window for some number of work items."""
    assert calibration.ITEMS_PER_WINDOW == 5
    monkeypatch.setattr(calibration, "ITEMS_PER_WINDOW", 50)
    assert calibrated(tmp_path, MadeUpLog(items=110), windows=100).materials[0].windows == 2


def test_an_activity_that_is_too_small_is_named_and_the_other_is_calibrated(tmp_path: Path) -> None:
    """What is missing is said in one line, without the size of a group under five developers."""
    result = calibrated(tmp_path, MadeUpLog(items=150), "design", "testing", windows=1)
    (reason,) = result.left_out
    assert reason.startswith("testing cannot be calibrated: a window needs 100 work items")
    assert [material.activity for material in result.materials] == ["design"]


@pytest.mark.parametrize(
    ("log", "missing"),
    [
        (MadeUpLog(items=90), "of 6 developers in one team; there are 90 of 8"),
        (MadeUpLog(developers=5), "there are 400 of 5"),
        (MadeUpLog(developers=4), "there are fewer than 5 developers"),
        (MadeUpLog(assisted=lambda _: "yes"), "there are fewer than 5 developers"),
    ],
    ids=["few items", "few developers", "a small group", "all assisted"],
)
def test_a_log_that_is_too_small_is_refused(tmp_path: Path, log: MadeUpLog, missing: str) -> None:
    """The refusal says what a window needs and what there is."""
    with pytest.raises(NothingToDo, match=missing):
        calibrated(tmp_path, log)


def test_filters_take_whole_cells(tmp_path: Path) -> None:
    """A filter that selects no group of five developers is refused, as in `check`."""
    log = MadeUpLog(developers=16, team=lambda d: "few" if d < 4 else "many")
    url = f"sqlite:///{tmp_path / 'log.db'}"
    many = Question(activities=("design",), selection=Selection(team="many"))
    (pool,) = pools_of(url, log, many)
    assert pool.developers == 12
    few = Question(activities=("design",), selection=Selection(team="few"))
    with (
        open_test_database(url) as database,
        pytest.raises(NothingToDo, match="withheld"),
        permitted_part(database, few),
    ):
        pass
