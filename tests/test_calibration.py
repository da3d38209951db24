"""The calibration: its windows, its method without a database, the effects it detects."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import insert, select
from support.real_log import RealLog

from benchmarks.calibrate.__main__ import main
from benchmarks.calibrate.log_import import read_log_pools
from tracker.analysis.assessment import assess
from tracker.calibration import methods, scenarios, summary, tracker_method, windows
from tracker.calibration.engine import measure
from tracker.calibration.pools import Pool
from tracker.domain.errors import NothingToDo
from tracker.domain.question import Question
from tracker.domain.records import StudyDesign
from tracker.evidence.assessment import Assessment
from tracker.evidence.sensitivity_points import CONTROLLED
from tracker.store.database import Database
from tracker.store.schema import entries, rollouts, work_items
from tracker.store.upgrade import open_database
from tracker.store.write import entry_totals

LONG_AFTER = 3_000_000_000
"""A "now" at which all work of every window is finished."""


def of_the_real_log(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that reads the real log, which is imported in one process."""
    marked: Callable[..., None] = pytest.mark.xdist_group("real log")(pytest.mark.shared(test))
    return marked


GENERATED_MAP = """
source = "generated"
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


def generated_log(
    folder: Path, *, drift: float = 0.0, developers: int = 10, items: int = 800
) -> list[str]:
    """Write a log of one team's design work and return the options that name it.

    ``drift`` is the change of ln minutes from the first item to the last.
    """
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
    (folder / "map.toml").write_text(GENERATED_MAP, encoding="utf-8")
    return ["--log", str(folder / "log.csv"), "--map", str(folder / "map.toml")]


def calibrated(folder: Path, *arguments: str, **options: Any) -> pd.DataFrame:
    """The rows that the command writes for a generated log."""
    out = folder / "windows.csv"
    assert main([*generated_log(folder, **options), "--out", str(out), *arguments]) == 0
    return pd.read_csv(out)


def miss_rate(rows: pd.DataFrame, comparison: str, method: str = scenarios.TRACKER) -> float:
    """The share of windows whose interval misses the truth."""
    return float(
        summary.outside(
            rows[(rows["comparison"] == comparison) & (rows["method"] == method)]
        ).mean()
    )


def both_ends(bounds: methods.Bounds) -> list[float]:
    """The lower and the upper bound."""
    return [bounds.estimate - bounds.half_width, bounds.estimate + bounds.half_width]


@pytest.fixture(scope="module")
def log(real_log: RealLog) -> Iterator[Database]:
    """The real log in a database."""
    database = open_database(real_log.url(), now=lambda: datetime.now(UTC))
    yield database
    database.close()


@pytest.fixture(scope="module")
def log_pools(log: Database) -> list[Pool]:
    """The pools of the real log."""
    return read_log_pools(log, tuple(scenarios.GAINS))


def test_a_log_without_effect_gives_few_false_alarms_and_a_gain_is_covered_and_detected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command reports no alarm beyond chance; an added gain is covered and detected."""
    rows = calibrated(tmp_path, "--windows", "25", "--workers", "1")
    for comparison in ("randomised", "before-after", "staggered"):
        assert miss_rate(rows, comparison) <= 0.15
        assert miss_rate(rows, f"{comparison}, {scenarios.GAIN}") <= 0.15
    gain = rows[
        (rows["comparison"] == f"randomised, {scenarios.GAIN}")
        & (rows["method"] == scenarios.TRACKER)
    ]
    assert gain["estimate"].mean() == pytest.approx(-np.log(1.5), abs=0.05)
    assert (gain["estimate"] + gain["half_width"] < 0).mean() > 0.8
    assert "| randomised | tracker |" in capsys.readouterr().out


def test_drift_gives_false_alarms_without_the_allowance(tmp_path: Path) -> None:
    """Before/after intervals without the allowance give false alarms; randomised arms do not."""
    rows = calibrated(tmp_path, "--windows", "12", "--workers", "1", drift=-2.0)
    assert miss_rate(rows, "before-after", scenarios.TRACKER_WITHOUT_ALLOWANCE) > 0.4
    assert miss_rate(rows, "before-after", scenarios.TRIAL) > 0.4
    assert miss_rate(rows, "randomised") <= 0.2


def test_a_log_that_is_too_small_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A team of too few developers has no window: exit code 1 and one line on stderr."""
    assert main([*generated_log(tmp_path, developers=3, items=200), "--workers", "1"]) == 1
    assert capsys.readouterr().err == (
        "design cannot be calibrated: a window needs 100 work items that are finished, estimated"
        " and without assistance, of 6 developers in one team; there are fewer than 5 developers."
        " `tracker simulate` draws studies of a smaller team from its baseline.\n"
    )


def test_a_log_without_the_calibrated_activities_is_refused() -> None:
    """Without pools no window can be drawn."""
    with pytest.raises(NothingToDo, match="no work of the activities"):
        measure([], windows=1, seed=1, workers=1)


def test_a_comparison_has_the_same_figures_with_and_without_the_others(tmp_path: Path) -> None:
    """All that is random about a window is drawn in one order, whatever is then compared."""
    every = calibrated(tmp_path, "--windows", "2", "--workers", "1")
    for comparison in scenarios.COMPARISONS:
        alone = calibrated(
            tmp_path, "--windows", "2", "--workers", "1", "--comparisons", comparison
        )
        same = every[every["comparison"].isin(alone["comparison"].unique())]
        if comparison == scenarios.RANDOMISED:  # its last look is that of the 20 looks
            same = same[same["method"] != scenarios.TRACKER_ANYTIME]
        if comparison == scenarios.PEEKED:
            keys = alone[["comparison", "method"]].drop_duplicates()
            same = same.merge(keys)
        pd.testing.assert_frame_equal(same.reset_index(drop=True), alone)


def test_runs_of_different_comparisons_give_the_tables_of_one_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--rows`` joins what ``--out`` wrote; rows that two runs have in common count once."""
    files = []
    for name, comparisons in (("all", scenarios.COMPARISONS[:2]), ("b", [scenarios.BEFORE_AFTER])):
        rows = calibrated(
            tmp_path, "--windows", "2", "--workers", "1", "--comparisons", *comparisons
        )
        files.append(tmp_path / f"{name}.csv")
        rows.to_csv(files[-1], index=False)
    capsys.readouterr()
    assert main(["--rows", str(files[0])]) == 0
    single = capsys.readouterr().out
    assert "| before-after | tracker with other work as control |" in single
    assert main(["--rows", *map(str, files)]) == 0
    assert capsys.readouterr().out == single


def test_the_rows_do_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    """Each numbered window has its own random generator."""
    single = calibrated(tmp_path, "--windows", "2", "--workers", "1", "--seed", "7")
    parallel = calibrated(tmp_path, "--windows", "2", "--workers", "2", "--seed", "7")
    pd.testing.assert_frame_equal(single, parallel)


def test_intervals_are_scaled_to_a_false_alarm_rate() -> None:
    """After scaling, a method's intervals miss 0 in the requested share of windows."""
    null = pd.DataFrame({"estimate": np.arange(1.0, 101.0), "half_width": 10.0, "truth": 0.0})
    scaled = null.assign(half_width=null["half_width"] * summary.equalising_scale(null, 0.05))
    assert summary.outside(null).mean() == 0.9
    assert summary.outside(scaled).mean() == 0.05


def test_the_other_methods_agree_with_reference_implementations() -> None:
    """The t-test equals SciPy's Welch, the trial's model statsmodels' OLS with HC3."""
    import statsmodels.api as sm  # slow to import, and only this test needs it
    from scipy import stats

    rng = np.random.default_rng(3)
    arm = rng.random(80) < 0.4
    x, y = rng.normal(size=80), rng.normal(size=80) * (1 + arm)
    reference = stats.ttest_ind(y[arm], y[~arm], equal_var=False).confidence_interval(methods.LEVEL)
    assert both_ends(methods.welch(y, arm)) == pytest.approx(list(reference), abs=1e-9)
    fit = (
        sm.OLS(y, np.column_stack([np.ones(80), arm, x]))
        .fit()
        .get_robustcov_results("HC3", use_t=True)
    )
    bounds = methods.published_trial(y, x, arm)
    assert both_ends(bounds) == pytest.approx(list(fit.conf_int()[1]), abs=1e-9)


@of_the_real_log
@pytest.mark.parametrize("activity", scenarios.GAINS)
def test_windows_have_the_documented_sizes(log_pools: list[Pool], activity: str) -> None:
    """6–12 developers with at least 4 items, 100–400 items, a short stretch, both arms filled."""
    part = [pool for pool in log_pools if pool.activity == activity]
    rng = np.random.default_rng(2)
    for window in [windows.sample_window(part, rng, activity) for _ in range(60)]:
        sizes = np.bincount(window.developer)
        assert 6 <= len(sizes) <= 12
        assert sizes.min() >= 4
        assert 100 <= len(window) <= 400
        assert window.items[-1] - window.items[0] < 3 * len(window)
        assert (np.diff(window.items) > 0).all()
        assert (np.diff(window.day) >= 0).all()
        assert 30 <= window.after.sum() <= len(window) - 30
        in_both = [
            d for d in range(len(sizes)) if len(set(window.after[window.developer == d])) == 2
        ]
        assert len(in_both) >= 4
        days = windows.rollout_days(window, rng)
        assert days.min() >= window.day[0] + 0.14 * (window.day[-1] - window.day[0]) - 1


@of_the_real_log
def test_a_pool_returns_the_entries_of_its_items(log_pools: list[Pool]) -> None:
    """The minutes of the entries add up to those of the items, for any selection of items."""
    pool = max(log_pools, key=len)
    items = np.random.default_rng(4).choice(len(pool), 50, replace=False)
    minutes, owner = pool.entries_of(items)
    np.testing.assert_allclose(np.bincount(owner, weights=minutes), pool.minutes[items])


def assess_in_database(
    log: Database,
    window: windows.Window,
    arm: np.ndarray,
    days: np.ndarray | None,
    folder: Path,
    *,
    anytime: bool,
) -> Assessment:
    """Judge a window as `check` does, as a log in its own database.

    ``days`` are the rollout days: one for everybody or one per developer; None for randomised arms.
    """
    database = open_database(
        f"sqlite:///{folder / 'window.db'}", now=lambda: datetime.fromtimestamp(LONG_AFTER + 1, UTC)
    )
    copy_window(log, database, window, arm if days is None else None)
    if days is not None:
        add_rollouts(database, window, days)
    design: StudyDesign = (
        "randomised" if days is None else "staggered" if len(days) > 1 else "before-after"
    )
    question = Question(
        activities=(window.pool.activity,), design=design, now_epoch=LONG_AFTER, anytime=anytime
    )
    try:
        return assess(database, question, generated_epoch=0)
    finally:
        database.close()


def copy_other_work(log: Database, database: Database, window: windows.Window) -> None:
    """Copy all other work of the window's developers, of whatever time."""
    developers = window.pool.key.iloc[window.items]["developer"].unique().tolist()
    with log.reading() as source, database.writing() as target:
        for table, conditions in (
            (entries, [entries.c.team == window.pool.team]),
            (work_items, []),
        ):
            query = select(table).where(
                table.c.activity != window.pool.activity,
                table.c.developer.in_(developers),
                *conditions,
            )
            rows = [dict(row) for row in source.execute(query).mappings()]
            target.execute(insert(table), rows)
        entry_totals.rebuild(target)


def copy_window(
    log: Database, database: Database, window: windows.Window, arm: np.ndarray | None
) -> None:
    """Copy the entries and work items of a window; ``arm`` is stored as the assigned arm."""
    keys = window.pool.key.iloc[window.items]
    assigned = np.zeros(len(keys), dtype=bool) if arm is None else arm
    arms = dict(zip(zip(keys["developer"], keys["task"], strict=True), assigned, strict=True))
    with log.reading() as source, database.writing() as target:
        for source_table in (entries, work_items):
            query = select(source_table).where(source_table.c.activity == window.pool.activity)
            if source_table is entries:
                query = query.where(source_table.c.team == window.pool.team)
            rows = [
                dict(row)
                for row in source.execute(query).mappings()
                if (row["developer"], row["task"]) in arms
            ]
            for row in rows if source_table is work_items and arm is not None else ():
                key = (row["developer"], row["task"])
                row["assigned"] = "assistance" if arms[key] else "baseline"
            target.execute(insert(source_table), rows)
        entry_totals.rebuild(target)


def add_rollouts(database: Database, window: windows.Window, days: np.ndarray) -> None:
    """Add a rollout for each developer, or for everybody where there is one day."""
    keys = window.pool.key.iloc[window.items]
    names = keys["developer"].iloc[np.unique(window.developer, return_index=True)[1]]
    developers = names if len(days) > 1 else [None]
    rows = [
        {
            "id": f"{number:036d}",
            "assistant": "none",
            "day": int(day),
            "developer": developer,
            "team": None,
        }
        for number, (developer, day) in enumerate(zip(developers, days, strict=True))
    ]
    with database.writing() as connection:
        connection.execute(insert(rollouts), rows)


@pytest.mark.usefixtures("without_plans")
@of_the_real_log
@pytest.mark.parametrize(
    ("activity", "design"),
    [
        *itertools.product(scenarios.GAINS, ("randomised", "before-after", "staggered")),
        ("design", "anytime"),
    ],
)
def test_the_method_without_a_database_equals_the_full_path(
    log: Database, log_pools: list[Pool], tmp_path: Path, activity: str, design: str
) -> None:
    """A window has the same interval, to 1e-9, in memory and as a log in a database."""
    rng = np.random.default_rng(11)
    for number in range(2):
        window = windows.sample_window(
            [pool for pool in log_pools if pool.activity == activity], rng, activity
        )
        days = None
        if design in ("randomised", "anytime"):
            arm = windows.randomise_arms(window, rng)
        elif design == "before-after":
            arm, days = window.after, np.array([window.cutover_day])
        else:
            days = windows.rollout_days(window, rng)
            arm = window.day >= days[window.developer]
        folder = tmp_path / str(number)
        folder.mkdir()
        anytime = design == "anytime"
        (result,) = assess_in_database(log, window, arm, days, folder, anytime=anytime).results
        work = tracker_method.moments_frame(window, window.pool.minutes[window.items], arm)
        kind: StudyDesign = "randomised" if anytime else design  # type: ignore[assignment]
        bounds = tracker_method.interval(work, kind, anytime=anytime)
        assert result.log_ratio is not None
        assert result.log_ratio.low is not None
        assert result.items_baseline + result.items_assistance > 60
        assert bounds.estimate == pytest.approx(result.log_ratio.estimate, abs=1e-9)
        half_width = result.log_ratio.estimate - result.log_ratio.low
        assert bounds.half_width == pytest.approx(half_width, abs=1e-9)


@pytest.mark.usefixtures("without_plans")
@of_the_real_log
def test_the_control_without_a_database_equals_the_full_path(
    log: Database, log_pools: list[Pool], tmp_path: Path
) -> None:
    """So does the interval with other work as control: it is a point of the curve of `check`."""
    part = [pool for pool in log_pools if pool.activity == "testing"]
    rng = np.random.default_rng(12)
    window = windows.sample_window(part, rng, "testing")
    while window.day[-1] > window.pool.day[-1] - 500:  # no work in it is open at the log's end
        window = windows.sample_window(part, rng, "testing")
    database = open_database(
        f"sqlite:///{tmp_path / 'window.db'}",
        now=lambda: datetime.fromtimestamp(LONG_AFTER + 1, UTC),
    )
    copy_window(log, database, window, None)
    copy_other_work(log, database, window)
    add_rollouts(database, window, np.array([window.cutover_day]))
    question = Question(activities=("testing",), design="before-after", now_epoch=LONG_AFTER)
    try:
        (result,) = assess(database, question, generated_epoch=0).results
    finally:
        database.close()
    (point,) = [p for p in result.sensitivity if p.name == CONTROLLED]
    assert point.log_ratio is not None
    assert point.log_ratio.low is not None
    minutes = window.pool.minutes[window.items]
    work = tracker_method.moments_frame(window, minutes, window.after)
    control = tracker_method.control_frame(window)
    bounds = tracker_method.interval_with_control(work, control, "before-after")
    plain = tracker_method.interval(work, "before-after")
    assert bounds.half_width < plain.half_width
    assert bounds.estimate == pytest.approx(point.log_ratio.estimate, abs=1e-9)
    half_width = point.log_ratio.estimate - point.log_ratio.low
    assert bounds.half_width == pytest.approx(half_width, abs=1e-9)
