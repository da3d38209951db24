"""`check`, `plan`, `claims`, `report`, `demo` and `db` as a person uses them."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
from pathlib import Path

import pytest
from support.person import PROGRAM, Person

from tracker import demo as made_up

HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path / "home")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `tracker demo` has run."""
    folder = tmp_path_factory.mktemp("demo")
    result = Person(folder / "home").run("demo", "-o", str(folder / "demo"))
    (folder / "stdout.txt").write_text(result.stdout, encoding="utf-8")
    return folder


def url(demo: Path) -> str:
    return f"sqlite:///{demo / 'demo' / 'demo.db'}"


def test_demo_takes_a_made_up_team_the_whole_way(demo: Path) -> None:
    """It leaves log, map, database and page, prints two verdicts with the true gains, and says that it is made up."""
    said = (demo / "stdout.txt").read_text(encoding="utf-8")
    assert said.startswith("This log is made up")
    assert "true efficiency gain in design: +38" in said
    assert {path.name for path in (demo / "demo").iterdir()} >= {
        "log.csv",
        "map.toml",
        "demo.db",
        "report.html",
    }
    page = (demo / "demo" / "report.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert "This log is made up" in page


def test_demo_leaves_ones_own_log_alone(demo: Path) -> None:
    """The made-up team is in a database of its own."""
    assert not (demo / "home" / ".local" / "share" / "tracker" / "tracker.db").exists()


def test_check_as_json_has_the_contracts_shape(demo: Path, ada: Person) -> None:
    """stdout is JSON alone, with the keys that scripts rely on."""
    found = json.loads(ada.run("--db", url(demo), "check", "--format", "json").stdout)
    assert found["schema"] == 1
    assert found["interval_level"] == 0.975
    assert found["generated_at"] == "2026-06-10T10:00:00Z"
    result = found["results"][0]
    assert set(result) >= {
        *(
            "activity",
            "claim",
            "study_design",
            "estimator",
            "estimand",
            "items",
            "developers",
            "excluded",
            "se",
            "df",
        ),
        *(
            "allowance",
            "time_ratio",
            "efficiency_gain",
            "time_saved",
            "verdict",
            "other_reading",
            "largest_supported",
        ),
        *("smallest_refuted", "items_needed", "sensitivity", "threats"),
    }
    claim = {
        "id": "iflytek-2024-design",
        "reading": "efficiency_gain",
        "value": 0.5,
        "bound": "at_least",
    }
    assert result["claim"].items() >= claim.items()
    assert result["items"].keys() == {"baseline", "assistance"}
    assert (
        result["time_ratio"]["low"]
        < result["time_ratio"]["estimate"]
        < result["time_ratio"]["high"]
    )


def test_check_as_csv_is_one_row_a_result(demo: Path, ada: Person) -> None:
    """For spreadsheets: a header and two rows."""
    rows = list(
        csv.DictReader(io.StringIO(ada.run("--db", url(demo), "check", "--format", "csv").stdout))
    )
    assert [row["activity"] for row in rows] == ["design", "testing"]


def test_require_exits_three_after_the_verdicts_are_printed(demo: Path, ada: Person) -> None:
    """A script can demand a verdict; the verdicts are there all the same."""
    result = ada.run(
        "--db", url(demo), "check", "--require", "supported", "--format", "json", code=3
    )
    verdicts = [row["verdict"] for row in json.loads(result.stdout)["results"]]
    assert "supported" not in verdicts
    assert result.stderr.startswith(
        "tracker: --require supported is not met: design (iflytek-2024-design) is "
    )
    ada.run("--db", url(demo), "check", "--require", ",".join(verdicts))


def test_another_level_and_reading(demo: Path, ada: Person) -> None:
    """--level and --reading are taken over; a level that is none is refused."""
    options = (
        "check",
        "iflytek-2024-design",
        "--level",
        "0.8",
        "--reading",
        "time_saved",
        "--format",
        "json",
    )
    found = json.loads(ada.run("--db", url(demo), *options).stdout)
    assert found["level"] == 0.8
    assert found["results"][0]["claim"]["reading"] == "time_saved"
    assert ada.refused("--db", url(demo), "check", "--level", "95") == (
        "--level is 95: give a number from 0.5 to below 1, such as 0.95."
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "iflytek-2024-desing"], "did you mean iflytek-2024-design?"),
        (["check", "--require", "true"], "--require names 'true': choose from supported, "),
        (["check", "dx-2026"], "a log of hours cannot judge that"),
        (["check", "metr-2025"], "say with --activity what to hold it against"),
        (["check", "peng-2023", "--activity", "design"], "peng-2023 is about coding"),
        (["check", "--from", "2026-02-01", "--to", "2026-01-01"], "--from lies after --to"),
        (["check", "--anytime"], "--anytime needs drawn arms"),
        (["check", "--team", "Elm"], "widen --team"),
        (["plan", "--power", "2"], "--power is 2"),
        (["plan", "--activity", "coding"], "no claim is about that activity"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_one_line(
    demo: Path, ada: Person, arguments: list[str], said: str
) -> None:
    """What, which value, what to do instead."""
    assert said in ada.refused("--db", url(demo), *arguments)


def test_a_claim_of_all_work_is_judged_on_the_activity_named(demo: Path, ada: Person) -> None:
    """A trial's −19 % of all work, held against design."""
    found = ada.json("--db", url(demo), "check", "metr-2025", "--activity", "design")
    assert [
        (row["activity"], row["claim"]["id"], row["claim"]["value"]) for row in found["results"]
    ] == [("design", "metr-2025", -0.19)]


def test_without_any_data_check_and_report_say_what_to_do(ada: Person, tmp_path: Path) -> None:
    """No log yet: one line that names the commands; no page is written."""
    for command in (["check"], ["report", "-o", str(tmp_path / "page.html")]):
        assert "`tracker log design PAY-12 45m` adds an entry" in ada.refused(*command)
    assert not (tmp_path / "page.html").exists()


def test_a_claim_of_ones_own(ada: Person) -> None:
    """Added, listed, judged by default, removed; a published id is refused."""
    ada.run("log", "design", "PAY-1", "1h")
    ada.run(
        "claims", "add", "vendor", "--activity", "coding", "--gain", "30%", "--source", "an offer"
    )
    assert "vendor" in [claim["id"] for claim in ada.json("claims")]
    assert ada.json("check")["results"][-1]["claim"]["id"] == "vendor"
    ada.run("claims", "remove", "vendor")
    assert "vendor" not in [claim["id"] for claim in ada.json("claims")]
    assert "is a published claim's" in ada.refused(
        "claims", "add", "peng-2023", "--activity", "coding", "--gain", "30%", "--source", "x"
    )


def test_plan_says_how_much_more_work_it_takes(demo: Path, ada: Person) -> None:
    """A row a claim, with what is there and what is needed."""
    rows = ada.json("--db", url(demo), "plan")
    assert [row["claim"] for row in rows] == ["iflytek-2024-design", "iflytek-2024-testing"]
    assert all(row["items_in_all"] > 0 and row["spread"] > 0 for row in rows)


def test_a_hostile_title_is_text_on_the_page(ada: Person, tmp_path: Path) -> None:
    """Titles, tasks and projects cannot become markup, wherever the page shows them."""
    ada.run("rollout", HOSTILE, "--on", "2026-06-09")
    ada.run("log", "design", "PAY-1", "1h", "-m", HOSTILE)
    ada.run("task", "PAY-1", "--title", HOSTILE, "--project", HOSTILE)
    ada.run("claims", "add", "vendor", "--activity", "design", "--gain", "30%", "--source", HOSTILE)
    page = tmp_path / "page.html"
    ada.run("report", "-o", str(page), "--project", HOSTILE)
    text = page.read_text(encoding="utf-8")
    assert "<img src=x" not in text
    assert "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;" in text


def test_a_page_replaces_a_page_and_nothing_else(demo: Path, ada: Person, tmp_path: Path) -> None:
    """A slip of the name must not cost a file."""
    page, notes = tmp_path / "page.html", tmp_path / "notes.txt"
    notes.write_text("mine", encoding="utf-8")
    assert "that file is no page" in ada.refused("--db", url(demo), "report", "-o", str(notes))
    assert notes.read_text(encoding="utf-8") == "mine"
    for _ in range(2):
        ada.run("--db", url(demo), "report", "iflytek-2024-design", "-o", str(page))
    assert page.stat().st_size > 1_000_000


def test_nothing_names_a_developer(demo: Path, ada: Person) -> None:
    """Neither the page nor the JSON holds a person's name."""
    page = (demo / "demo" / "report.html").read_text(encoding="utf-8")
    found = ada.run("--db", url(demo), "check", "--format", "json").stdout
    names = [f"{team}-{place}" for team in ("birch", "cedar", "dogwood") for place in range(1, 6)]
    assert not [name for name in names if name in page or name in found]


def test_the_databases_care(ada: Person, tmp_path: Path) -> None:
    """Status, a copy, a look-over; what is damaged exits 1."""
    ada.run("log", "design", "PAY-1", "1h")
    status = ada.json("db", "status")
    assert status["rows"]["entries"] == 1
    assert status["revision"] == status["newest_revision"]
    ada.run("db", "backup", str(tmp_path / "copy.db"))
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        assert copy.execute("SELECT count(*) FROM entries").fetchone() == (1,)
    assert "cannot be made" in ada.refused("db", "backup", str(tmp_path / "copy.db"))
    assert all(row["well"] for row in ada.json("db", "doctor"))
    (ada.data / "tracker.db").chmod(0o644)
    assert "privacy" in ada.run("db", "doctor", code=1).stderr
    assert "nothing to upgrade" in ada.run("db", "upgrade").stderr


def test_check_through_a_pipe_that_closes(demo: Path, ada: Person) -> None:
    """`tracker check | head -1` ends quietly."""
    command = f"{PROGRAM} --db {url(demo)} check iflytek-2024-design | head -1"
    done = subprocess.run(
        command, shell=True, env=ada.environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_the_demo_writes_over_nothing_that_no_demo_made(demo: Path, tmp_path: Path) -> None:
    """A person's own log.csv and map.toml stay; a demo's own folder is known again."""
    for name in ("log.csv", "map.toml"):
        (tmp_path / name).write_text("mine")
    refusal = Person(tmp_path / "home").refused("demo", "-o", str(tmp_path))
    assert "files in it that no demo made; name an empty or a new folder" in refusal
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "log.csv": "mine",
        "map.toml": "mine",
    }
    assert made_up.is_demo_folder(demo / "demo")


def test_a_page_goes_into_a_folder_that_is_there(tmp_path: Path) -> None:
    """A slip in its name makes no folder."""
    page = tmp_path / "nonexistent" / "x.html"
    assert "there is no folder" in Person(tmp_path).refused("report", "-o", str(page))
    assert not page.parent.exists()


@pytest.mark.parametrize("command", ["check", "plan", "report"])
def test_an_activity_that_is_not_there_is_refused(demo: Path, ada: Person, command: str) -> None:
    """With the nearest name; one that is in the log or known is judged."""
    refusal = ada.refused("--db", url(demo), command, "--activity", "desgin")
    assert refusal == "--activity is 'desgin': did you mean design?"
