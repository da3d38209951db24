"""`simulate`: from a baseline alone and after a rollout, in text and for programs."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len
from support.person import Person

from tracker.domain.records import STUDY_DESIGNS
from tracker.domain.times import day_to_date
from tracker.simulation.frequencies import SHOWN_VERDICTS
from tracker.simulation.log_rows import MAP, write_log
from tracker.simulation.studies import FIRST_DAY, StudySetup, draw_study
from tracker.simulation.work_model import made_up_model

CLAIM = "iflytek-2024-design"
WEEKS = 20


@pytest.fixture(scope="module")
def baseline_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with 20 weeks of design of eight developers, without rollout or drawn arms."""
    home = tmp_path_factory.mktemp("home")
    setup = StudySetup("before-after", WEEKS)
    study = draw_study(made_up_model(np.random.default_rng(0)), setup, np.random.default_rng(1))
    write_log(home / "log.csv", study)
    (home / "map.toml").write_text(MAP, encoding="utf-8")
    Person(home).run("import", "csv", str(home / "log.csv"), "--map", str(home / "map.toml"))
    return home


@pytest.fixture
def ada(baseline_home: Path, tmp_path: Path) -> Person:
    """Ada, the lead of the eight, with a copy of their log."""
    return Person(shutil.copytree(baseline_home, tmp_path / "home"))


def test_a_baseline_alone_is_enough(ada: Person) -> None:
    """By default every design under three truths; the shares of each row sum to 1."""
    rows = ada.json("simulate", CLAIM, "--studies", "4", "--weeks", "12")
    truths = [(design, gain) for design in STUDY_DESIGNS for gain in (0.0, 0.25, 0.5)]
    assert [(row["study_design"], row["true_gain"]) for row in rows] == truths
    for row in rows:
        assert sum(row[verdict] for verdict in SHOWN_VERDICTS) == pytest.approx(1.0)
        assert row["tells"] == pytest.approx(1.0 - row["cannot-tell"] - row["plausible"])
        assert row["tells_error"] > 0
        assert (row["developers"], row["weeks"], row["studies"], row["seed"]) == (8, 12, 4, 1)


def test_one_seed_gives_one_result(ada: Person) -> None:
    """The result is that of the seed, which is printed with it."""
    command = ("simulate", CLAIM, "--design", "randomised", "--true-gain", "25%", "--weeks", "4")
    first, second, other = (
        ada.run(*command, "--studies", "20", "--seed", seed).stdout for seed in ("1", "1", "2")
    )
    assert first == second
    assert "seed 1." in first
    assert first.replace("seed 1", "seed 2") != other


def test_the_text_begins_with_what_to_take_from_it(ada: Person) -> None:
    """A sentence, the size and the seed, then a row for each design and truth."""
    lines = ada.run("simulate", CLAIM, "--studies", "4", "--weeks", "12").stdout.splitlines()
    assert lines[0].startswith("design, at least 50")
    assert "study tells most often: in " in lines[0]
    assert "12 weeks with 8 developers" in lines[1]
    assert lines[2].split()[:4] == ["study", "design", "true", "gain"]
    assert [line.split()[0] for line in lines[3:]] == [d for d in STUDY_DESIGNS for _ in range(3)]


def test_one_study_is_in_the_singular(ada: Person) -> None:
    """It is "1 study", not "1 studies"; and the largest loss that a study can have is taken."""
    command = ("simulate", CLAIM, "--design", "randomised", "--true-gain", "-80%")
    assert "Shares of 1 study in %" in ada.run(*command, "--studies", "1").stdout


def test_programs_get_csv(ada: Person) -> None:
    """One line for each design and truth, with shares as fractions and their errors."""
    command = ("simulate", CLAIM, "--design", "staggered", "--true-gain", "0", "--studies", "2")
    (row,) = csv.DictReader(io.StringIO(ada.run(*command, "--format", "csv").stdout))
    assert (row["study_design"], row["true_gain"]) == ("staggered", "0.0")
    assert float(row["contradicted_error"]) > 0


def test_after_a_rollout_the_baseline_alone_is_drawn_from(ada: Person) -> None:
    """Half of the weeks are baseline: studies are drawn from about half of the tasks."""
    command = ("simulate", CLAIM, "--design", "randomised", "--true-gain", "0", "--studies", "1")
    before = ada.run(*command).stdout
    ada.run("rollout", "Helper", "--on", day_to_date(FIRST_DAY + 7 * WEEKS // 2).isoformat())
    after = ada.run(*command).stdout
    tasks = [int(text.partition("drawn from ")[2].split()[0]) for text in (before, after)]
    assert 0.35 * tasks[0] < tasks[1] < 0.65 * tasks[0]


def test_claims_without_a_baseline_are_named(ada: Person) -> None:
    """Design is simulated; of testing it is said on stderr what is missing."""
    result = ada.run("simulate", "--design", "randomised", "--true-gain", "0", "--studies", "1")
    assert "testing: no finished work items of the baseline" in result.stderr
    assert result.stdout.startswith("design, ")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("iflytek-2024-testing",), "testing: no finished work items of the baseline"),
        (("--activity", "coding"), "no claim is about that activity"),
        ((CLAIM, "--true-gain", "half"), "the gain 'half' is not understood"),
        (
            (CLAIM, "--reading", "time_saved", "--true-gain", "100%"),
            "--true-gain is 100%: a time saved of 100% would be work in no time",
        ),
        ((CLAIM, "--true-gain", "-200%"), "an efficiency gain of -100% would be no output at all"),
        ((CLAIM, "--true-gain", "-81%"), "a time ratio of 5.26: studies can have 0.01 to 5"),
        ((CLAIM, "--true-gain", "100000%"), "a time ratio of 0.000999: studies can have 0.01"),
        ((CLAIM, "--anytime", "--design", "staggered"), "--anytime needs drawn arms"),
        ((CLAIM, "--team", "nobody"), "withheld"),
    ],
)
def test_refusals_say_what_is_missing(ada: Person, options: tuple[str, ...], reason: str) -> None:
    """In one line, with exit code 1."""
    message = ada.refused("simulate", *options, "--studies", "1")
    assert reason in message.replace("\N{NO-BREAK SPACE}", " ")


def test_an_empty_log_is_refused(tmp_path: Path) -> None:
    """As by `check`."""
    assert "the log is empty" in Person(tmp_path).refused("simulate")


@pytest.mark.parametrize("columns", [60, 80])
def test_the_output_fits_a_terminal(ada: Person, columns: int) -> None:
    """The text is wrapped, no cell is cut, and a bar is shown meanwhile."""
    screen = ada.terminal(
        *("simulate", CLAIM, "--studies", "3", "--weeks", "12"), columns=columns, pipe="stderr"
    )
    assert screen.code == 0
    assert [line for line in screen.lines if cell_len(line) > columns] == []
    bar = ada.terminal("simulate", CLAIM, "--studies", "3", "--weeks", "12", pipe="stdout")
    assert "simulating" in bar.text
    assert "simulating" not in bar.piped
