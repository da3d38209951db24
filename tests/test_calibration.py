"""The calibration: its windows, its shortcut held to the whole path, and that it finds what was put in."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import insert, select

from benchmarks.calibrate import __main__ as calibrate
from benchmarks.calibrate import methods, ours, pools, scenarios, table, windows
from benchmarks.log import MAP, TASKS_MAP, real_log
from tracker import analysis
from tracker.domain.errors import NothingToDo
from tracker.domain.records import StudyDesign
from tracker.store.schema import entries, rollouts, work_items
from tracker.store.upgrade import Database, open_database

LONG_AFTER = 3_000_000_000
"""A "now" by which all work of every window is finished."""

MAP_OF_MADE = """
source = "made"
[columns]
key = "id"
developer = "who"
task = "what"
activity = "kind"
started_at = "start"
minutes = "minutes"
estimate_minutes = "estimate"
[formats]
datetime = "%Y-%m-%d %H:%M"
timezone = "UTC"
"""


def made_log(
    folder: Path, *, drift: float = 0.0, developers: int = 10, items: int = 800
) -> list[str]:
    """Options that name a made-up log of design work of one team, whose θ drifts by ``drift`` from first to last."""
    rng = np.random.default_rng(5)
    estimate = np.exp(rng.normal(4.0, 0.8, items)).round() + 1.0
    developer = rng.integers(0, developers, items)
    y = np.log(estimate) + rng.normal(0.0, 0.4, developers)[developer] + rng.normal(0.0, 0.7, items)
    minutes = np.exp(y + np.linspace(0.0, drift, items)).round() + 1.0
    start = datetime(2024, 1, 1, tzinfo=UTC)
    rows = pd.DataFrame(
        {
            "id": np.arange(items),
            "who": [f"dev{d}" for d in developer],
            "what": [f"T-{i}" for i in range(items)],
            "kind": "design",
            "start": [
                (start + timedelta(hours=12 * i)).strftime("%Y-%m-%d %H:%M") for i in range(items)
            ],
            "minutes": minutes,
            "estimate": estimate,
        }
    )
    rows.to_csv(folder / "log.csv", index=False)
    (folder / "map.toml").write_text(MAP_OF_MADE, encoding="utf-8")
    return ["--log", str(folder / "log.csv"), "--map", str(folder / "map.toml")]


def calibrated(folder: Path, *options: str, **log: Any) -> pd.DataFrame:
    """What the methods said of windows of a made-up log, taken through the command."""
    out = folder / "windows.csv"
    assert calibrate.main([*made_log(folder, **log), "--out", str(out), *options]) == 0
    return pd.read_csv(out)


def wrong(rows: pd.DataFrame, comparison: str, method: str = scenarios.OURS) -> float:
    """The share of windows whose interval misses the truth."""
    return float(
        table.outside(rows[(rows["comparison"] == comparison) & (rows["method"] == method)]).mean()
    )


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory, cesaw: Path) -> Iterator[Database]:
    """The real log in a database."""
    folder = tmp_path_factory.mktemp("calibration")
    path, tasks = real_log(folder)
    database = pools.import_log(f"sqlite:///{folder / 'log.db'}", (path, MAP), (tasks, TASKS_MAP))
    yield database
    database.close()


@pytest.fixture(scope="module")
def read(log: Database) -> list[pools.Pool]:
    """The pools of the real log."""
    return pools.read(log, tuple(scenarios.GAINS))


def test_a_quiet_log_gives_few_false_alarms_and_a_true_gain_is_covered_and_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through the command: no alarm beyond chance without an effect, and the gain put in is covered and found."""
    rows = calibrated(tmp_path, "--windows", "25", "--workers", "1")
    for comparison in ("randomised", "before-after", "staggered"):
        assert wrong(rows, comparison) <= 0.15
        assert wrong(rows, f"{comparison}, {scenarios.GAIN}") <= 0.15
    gain = rows[
        (rows["comparison"] == f"randomised, {scenarios.GAIN}") & (rows["method"] == scenarios.OURS)
    ]
    assert gain["estimate"].mean() == pytest.approx(-np.log(1.5), abs=0.05)
    assert (gain["estimate"] + gain["half_width"] < 0).mean() > 0.8
    assert "| randomised | ours |" in capsys.readouterr().out


def test_a_log_that_drifts_is_seen_by_the_calibration(tmp_path: Path) -> None:
    """Where teams drift, before/after intervals without the allowance cry wolf, and drawn arms do not."""
    rows = calibrated(tmp_path, "--windows", "12", "--workers", "1", drift=-2.0)
    assert wrong(rows, "before-after", scenarios.OURS_BARE) > 0.4
    assert wrong(rows, "before-after", scenarios.TRIAL) > 0.4
    assert wrong(rows, "randomised") <= 0.2


def test_a_log_too_small_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A team of too few developers has no windows: exit code 1 and what to do instead."""
    assert calibrate.main([*made_log(tmp_path, developers=3, items=200), "--workers", "1"]) == 1
    assert capsys.readouterr().err == (
        "no team has 100 estimated items of an activity by 6 developers: give a larger log.\n"
    )


def test_an_activity_that_nobody_logged_is_refused() -> None:
    """Without pools there is nothing to draw windows of."""
    with pytest.raises(NothingToDo, match="no work item of design or testing"):
        calibrate.measure([], windows=1, seed=1, workers=1)


def test_the_same_seed_gives_the_same_rows_whoever_works(tmp_path: Path) -> None:
    """Windows are numbered, and each draws from a generator of its own."""
    alone = calibrated(tmp_path, "--windows", "2", "--workers", "1", "--seed", "7")
    together = calibrated(tmp_path, "--windows", "2", "--workers", "2", "--seed", "7")
    pd.testing.assert_frame_equal(alone, together)


def test_intervals_of_others_are_scaled_to_equal_false_alarms() -> None:
    """The scale makes a method's half-widths miss 0 in the share of windows that is asked for."""
    null = pd.DataFrame({"estimate": np.arange(1.0, 101.0), "half_width": 10.0, "truth": 0.0})
    scaled = null.assign(half_width=null["half_width"] * table.equalising_scale(null, 0.05))
    assert table.outside(null).mean() == 0.9
    assert table.outside(scaled).mean() == 0.05


def test_the_peers_are_the_textbook_ones() -> None:
    """The t-test is SciPy's Welch, the trial's model statsmodels' HC3."""
    import statsmodels.api as sm  # slow to import, and only this test needs it
    from scipy import stats

    rng = np.random.default_rng(3)
    arm = rng.random(80) < 0.4
    x, y = rng.normal(size=80), rng.normal(size=80) * (1 + arm)
    oracle = stats.ttest_ind(y[arm], y[~arm], equal_var=False).confidence_interval(methods.LEVEL)
    found = methods.welch(y, arm)
    assert [found.estimate - found.half_width, found.estimate + found.half_width] == pytest.approx(
        list(oracle), abs=1e-9
    )
    fit = (
        sm.OLS(y, np.column_stack([np.ones(80), arm, x]))
        .fit()
        .get_robustcov_results("HC3", use_t=True)
    )
    found = methods.published_trial(y, x, arm)
    bounds = [found.estimate - found.half_width, found.estimate + found.half_width]
    assert bounds == pytest.approx(list(fit.conf_int()[1]), abs=1e-9)


@pytest.mark.shared
@pytest.mark.parametrize("activity", scenarios.GAINS)
def test_windows_are_what_they_are_said_to_be(read: list[pools.Pool], activity: str) -> None:
    """6–12 developers with 4 items or more, 100–400 items of at most three times as many, both arms filled."""
    part = [pool for pool in read if pool.activity == activity]
    rng = np.random.default_rng(2)
    for window in [windows.draw(part, rng) for _ in range(60)]:
        sizes = np.bincount(window.developer)
        assert 6 <= len(sizes) <= 12
        assert sizes.min() >= 4
        assert 100 <= len(window) <= 400
        assert window.items[-1] - window.items[0] < 3 * len(window)
        assert (np.diff(window.items) > 0).all()
        assert (np.diff(window.day) >= 0).all()
        assert 30 <= window.after.sum() <= len(window) - 30
        both = [d for d in range(len(sizes)) if len(set(window.after[window.developer == d])) == 2]
        assert len(both) >= 4
        days = windows.rollout_days(window, rng)
        assert days.min() >= window.day[0] + 0.14 * (window.day[-1] - window.day[0]) - 1


@pytest.mark.shared
def test_a_pool_knows_the_entries_of_its_items(read: list[pools.Pool]) -> None:
    """The entries' minutes add up to the items', whichever items are asked for."""
    pool = max(read, key=len)
    items = np.random.default_rng(4).choice(len(pool), 50, replace=False)
    minutes, owner = pool.entries_of(items)
    np.testing.assert_allclose(np.bincount(owner, weights=minutes), pool.minutes[items])


def whole_path(
    log: Database,
    window: windows.Window,
    arm: np.ndarray,
    days: np.ndarray | None,
    folder: Path,
    *,
    anytime: bool,
) -> analysis.Assessment:
    """A window as a log of its own, in a database of its own, judged as `check` judges it."""
    keys = window.pool.key.iloc[window.items]
    known = dict(zip(zip(keys["developer"], keys["task"], strict=True), arm, strict=True))
    design: StudyDesign = (
        "randomised" if days is None else "staggered" if len(days) > 1 else "before-after"
    )
    database = open_database(
        f"sqlite:///{folder / 'window.db'}", now=lambda: datetime(2026, 1, 1, tzinfo=UTC)
    )
    with log.reading() as source, database.writing() as target:
        for of in (entries, work_items):
            wanted = select(of).where(of.c.activity == window.pool.activity)
            if of is entries:
                wanted = wanted.where(of.c.team == window.pool.team)
            rows = [
                dict(row)
                for row in source.execute(wanted).mappings()
                if (row["developer"], row["task"]) in known
            ]
            for row in rows if of is work_items and days is None else ():
                row["assigned"] = (
                    "assistance" if known[row["developer"], row["task"]] else "baseline"
                )
            target.execute(insert(of), rows)
        if days is not None:
            names = keys["developer"].iloc[np.unique(window.developer, return_index=True)[1]]
            people = names if design == "staggered" else [None]
            target.execute(
                insert(rollouts),
                [
                    {
                        "id": f"{i:036d}",
                        "assistant": "none",
                        "day": int(day),
                        "developer": name,
                        "team": None,
                    }
                    for i, (name, day) in enumerate(zip(people, days, strict=True))
                ],
            )
    question = analysis.Question(
        activities=(window.pool.activity,), design=design, now_epoch=LONG_AFTER, anytime=anytime
    )
    try:
        return analysis.assess(database, question, generated_epoch=0)
    finally:
        database.close()


@pytest.mark.shared
@pytest.mark.parametrize(
    ("activity", "design"),
    [
        *itertools.product(scenarios.GAINS, ("randomised", "before-after", "staggered")),
        ("design", "anytime"),
    ],
)
def test_the_shortcut_is_the_whole_path(
    log: Database, read: list[pools.Pool], tmp_path: Path, activity: str, design: str
) -> None:
    """A window judged in memory, and as a log of its own by way of the database, have one interval to 1e-9."""
    rng = np.random.default_rng(11)
    for number in range(2):
        window = windows.draw([pool for pool in read if pool.activity == activity], rng)
        days = None
        if design in ("randomised", "anytime"):
            arm = windows.coin(window, rng)
        elif design == "before-after":
            arm, days = window.after, np.array([window.cutover_day])
        else:
            days = windows.rollout_days(window, rng)
            arm = window.day >= days[window.developer]
        folder = tmp_path / str(number)
        folder.mkdir()
        (result,) = whole_path(log, window, arm, days, folder, anytime=design == "anytime").results
        work = ours.frame(window, window.pool.minutes[window.items], arm)
        kind: StudyDesign = "randomised" if design == "anytime" else design  # type: ignore[assignment]
        found = ours.judge(work, kind, anytime=design == "anytime")
        assert result.log_ratio is not None
        assert result.log_ratio.low is not None
        assert result.items_baseline + result.items_assistance > 60
        assert found.estimate == pytest.approx(result.log_ratio.estimate, abs=1e-9)
        assert found.half_width == pytest.approx(
            result.log_ratio.estimate - result.log_ratio.low, abs=1e-9
        )
