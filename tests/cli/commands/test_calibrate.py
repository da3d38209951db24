"""`calibrate`: the figures of one's own log, as the installed program prints them."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest
from support.demo_log import fill_with_demo
from support.person import CTRL_C, Person
from support.store_kit import open_test_database

SENTENCE = "On your own log, with no assistant at work, 0 of {} comparisons found a gain"
DEVELOPMENT_TOOLS = ("statsmodels", "pyfixest", "pytest", "hypothesis", "benchmarks", "plotly")


@pytest.fixture(scope="module")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the demo's log."""
    folder = tmp_path_factory.mktemp("demo")
    url = f"sqlite:///{folder / 'demo.db'}"
    with open_test_database(url) as database:
        fill_with_demo(database)
    return url


def test_the_demo_is_calibrated_without_checkout_and_development_tools(
    demo_url: str, tmp_path: Path
) -> None:
    """The sentence comes before the figures; nothing but the wheel and its dependencies is used."""
    code = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({DEVELOPMENT_TOOLS!r}))\n"
        f"sys.argv = ['tracker', '--db', {demo_url!r}, 'calibrate', '--windows', '4']\n"
        "from tracker.__main__ import main\n"
        "main()\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=Person(tmp_path / "home").environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0].startswith("This log is made up")
    assert lines[1].startswith(SENTENCE.format(8))
    for method in ("tracker with other work as control", "published trial's model"):
        assert sum(method in line for line in lines[2:]) >= 2
    assert "design: 4 windows from" in result.stdout
    assert "testing: 4 windows from" in result.stdout
    assert "≤" not in result.stdout  # no target of another log


def test_json_and_csv_have_the_same_figures(demo_url: str, tmp_path: Path) -> None:
    """Undefined figures are null and empty; the number of workers changes nothing."""
    ada = Person(tmp_path)
    command = ("--db", demo_url, "calibrate", "--windows", "2", "--activity", "coding")
    content = ada.json(*command, "--workers", "1")
    assert (content["schema"], content["seed"], content["synthetic"]) == (1, 1, True)
    assert content["sentence"].startswith("On your own log")
    assert content["activities"][0]["activity"] == "coding"
    assert content["activities"][0]["windows"] == 2
    table = ada.run(*command, "--workers", "2", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(table)))
    assert len(rows) == len(content["results"]) > 10
    for row, result in zip(rows, content["results"], strict=True):
        for key, value in result.items():
            assert row[key] == ("" if value is None else str(value))
    entries = next(row for row in content["results"] if row["method"] == "t-test on entries")
    assert entries["covers"] is entries["covers_error"] is None


def test_the_figures_fit_a_terminal_and_progress_is_shown(demo_url: str, tmp_path: Path) -> None:
    """On 80 columns no line is longer; the progress bar is gone at the end."""
    screen = Person(tmp_path).terminal(
        "--db", demo_url, "calibrate", "--windows", "2", "--activity", "design"
    )
    assert screen.code == 0
    assert "judging windows" in screen.text
    (first,) = [n for n, line in enumerate(screen.lines) if "On your own log" in line]
    assert max(map(len, screen.lines[first + 1 :])) <= 80


def test_ctrl_c_ends_the_calibration(demo_url: str, tmp_path: Path) -> None:
    """The workers end too, and print nothing."""
    screen = Person(tmp_path).terminal(
        *("--db", demo_url, "calibrate", "--windows", "100"), answer=("judging windows", CTRL_C)
    )
    assert screen.code == 130
    assert "Traceback" not in screen.text


def test_wrong_options_and_small_logs_are_refused(tmp_path: Path) -> None:
    """An unknown activity is named; one's own small log is refused in one line."""
    ada = Person(tmp_path)
    assert "the log is empty" in ada.refused("calibrate")
    ada.run("log", "design", "PAY-1", "1h")
    assert "--activity is 'desgin': did you mean design?" in ada.refused(
        "calibrate", "--activity", "desgin"
    )
    refusal = ada.refused("calibrate")
    assert refusal.startswith("design cannot be calibrated: a window needs 100 work items")
    assert "fewer than 5 developers" in refusal
    assert ada.run("calibrate", "--windows", "0", code=2).stdout == ""
