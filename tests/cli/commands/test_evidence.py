"""`check`, `claims`, `report`, `demo` and `db`."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
from pathlib import Path

import pytest
from support.person import PROGRAM, Person

from tracker.demo import is_demo_folder

pytestmark = pytest.mark.usefixtures("cached_assessments")

HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path / "home")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of `tracker demo`, and with what it printed in stdout.txt."""
    folder = tmp_path_factory.mktemp("demo")
    person = Person(folder / "home", TRACKER_DEVELOPER="")
    result = person.run("demo", "-o", str(folder / "demo"))
    (folder / "stderr.txt").write_text(result.stderr, encoding="utf-8")
    (folder / "stdout.txt").write_text(result.stdout, encoding="utf-8")
    return folder


def url(demo: Path) -> str:
    """Return the URL of the demo's database."""
    return f"sqlite:///{demo / 'demo' / 'demo.db'}"


def test_demo_writes_log_map_database_and_page(demo: Path) -> None:
    """It prints two verdicts and the true gains, and says that the log is made up."""
    stdout = (demo / "stdout.txt").read_text(encoding="utf-8")
    assert stdout.startswith("This log is made up")
    assert "the truth is known: design +38" in stdout
    assert {path.name for path in (demo / "demo").iterdir()} >= {
        "log.csv",
        "map.toml",
        "demo.db",
        "report.html",
    }
    page = (demo / "demo" / "report.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert "This log is made up" in page


def test_demo_does_not_touch_your_own_log(demo: Path) -> None:
    """The made-up team has a database of its own."""
    assert not (demo / "home" / ".local" / "share" / "tracker" / "tracker.db").exists()


def test_the_first_entry_of_ones_own_tells_the_login_name(demo: Path) -> None:
    """The demo, in which nobody's own work is logged, has not told it."""
    assert "login name" not in (demo / "stderr.txt").read_text(encoding="utf-8")
    person = Person(demo / "home", TRACKER_DEVELOPER="")
    assert "login name" in person.run("log", "design", "PAY-1", "5m").stderr


RESULT_KEYS = {
    *("activity", "claim", "study_design", "estimator", "estimand", "items", "developers"),
    *("excluded", "se", "df", "allowance", "time_ratio", "efficiency_gain", "time_saved"),
    *("verdict", "other_reading", "largest_supported", "smallest_refuted", "items_needed"),
    *("sensitivity", "threats"),
}


def test_the_json_of_check_has_the_documented_keys(demo: Path, ada: Person) -> None:
    """stdout is JSON only, with the keys that scripts rely on."""
    content = json.loads(ada.run("--db", url(demo), "check", "--format", "json").stdout)
    assert content["schema"] == 1
    assert content["interval_level"] == 0.975
    assert content["generated_at"] == "2026-06-10T10:00:00Z"
    result = content["results"][0]
    assert set(result) >= RESULT_KEYS
    claim = {
        "id": "iflytek-2024-design",
        "reading": "efficiency_gain",
        "value": 0.5,
        "bound": "at_least",
    }
    assert result["claim"].items() >= claim.items()
    assert result["items"].keys() == {"baseline", "assistance"}
    ratio = result["time_ratio"]
    assert ratio["low"] < ratio["estimate"] < ratio["high"]


def test_the_csv_of_check_has_one_row_for_each_result(demo: Path, ada: Person) -> None:
    """It has a header and two rows."""
    rows = list(
        csv.DictReader(io.StringIO(ada.run("--db", url(demo), "check", "--format", "csv").stdout))
    )
    assert [row["activity"] for row in rows] == ["design", "testing"]


def test_require_exits_3_after_printing_the_verdicts(demo: Path, ada: Person) -> None:
    """A script can demand a verdict and still read the verdicts."""
    result = ada.run(
        "--db", url(demo), "check", "--require", "supported", "--format", "json", code=3
    )
    verdicts = [row["verdict"] for row in json.loads(result.stdout)["results"]]
    assert "supported" not in verdicts
    assert result.stderr.startswith(
        "tracker: --require supported is not met: design (iflytek-2024-design) is "
    )
    ada.run("--db", url(demo), "check", "--require", ",".join(verdicts))


def test_level_and_reading_are_applied(demo: Path, ada: Person) -> None:
    """--level and --reading apply to the results; an impossible level is refused."""
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
    content = json.loads(ada.run("--db", url(demo), *options).stdout)
    assert content["level"] == 0.8
    assert content["results"][0]["claim"]["reading"] == "time_saved"
    assert ada.refused("--db", url(demo), "check", "--level", "95") == (
        "--level is 95: give a number from 0.5 to below 1, such as 0.95."
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "iflytek-2024-desing"], "did you mean iflytek-2024-design?"),
        (["check", "--require", "true"], "--require names 'true': choose from supported, "),
        (["check", "dx-2026"], "a log of hours cannot judge that"),
        (["check", "metr-2025"], "name the activities to judge with --activity"),
        (["check", "peng-2023", "--activity", "design"], "peng-2023 is about coding"),
        (["check", "--from", "2026-02-01", "--to", "2026-01-01"], "--from lies after --to"),
        (["check", "--anytime"], "--anytime needs drawn arms"),
        (["check", "--team", "Elm"], "widen --team"),
        (["plan", "--power", "2"], "--power is 2"),
        (["plan", "--activity", "coding"], "no claim is about that activity"),
    ],
)
def test_what_cannot_be_judged_is_refused(
    demo: Path, ada: Person, arguments: list[str], message: str
) -> None:
    """One line says what, which value and what to do."""
    assert message in ada.refused("--db", url(demo), *arguments)


def test_a_claim_about_all_work_is_judged_for_a_named_activity(demo: Path, ada: Person) -> None:
    """A trial's −19 % of all work is judged for design."""
    content = ada.json("--db", url(demo), "check", "metr-2025", "--activity", "design")
    assert [
        (row["activity"], row["claim"]["id"], row["claim"]["value"]) for row in content["results"]
    ] == [("design", "metr-2025", -0.19)]


def test_without_any_data_check_and_report_say_what_to_do(ada: Person, tmp_path: Path) -> None:
    """Without a log, one line names the command to use, and no page is written."""
    for command in (["check"], ["report", "-o", str(tmp_path / "page.html")]):
        assert "`tracker log design PAY-12 45m` adds an entry" in ada.refused(*command)
    assert not (tmp_path / "page.html").exists()


def test_your_own_claim(ada: Person) -> None:
    """It is added, listed, judged by default and removed; a published id is refused."""
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


def test_hostile_texts_are_escaped_on_the_page(ada: Person, tmp_path: Path) -> None:
    """Titles, tasks, notes, projects and sources cannot become markup."""
    ada.run("rollout", HOSTILE, "--on", "2026-06-09")
    ada.run("log", "design", "PAY-1", "1h", "-m", HOSTILE)
    ada.run("task", "PAY-1", "--title", HOSTILE, "--project", HOSTILE)
    ada.run("claims", "add", "vendor", "--activity", "design", "--gain", "30%", "--source", HOSTILE)
    page = tmp_path / "page.html"
    ada.run("report", "-o", str(page), "--project", HOSTILE)
    text = page.read_text(encoding="utf-8")
    assert "<img src=x" not in text
    assert "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;" in text


def test_a_page_replaces_only_a_page(demo: Path, ada: Person, tmp_path: Path) -> None:
    """A typo in the file's name overwrites no other file."""
    page, notes = tmp_path / "page.html", tmp_path / "notes.txt"
    notes.write_text("my notes", encoding="utf-8")
    assert "that file is no page" in ada.refused("--db", url(demo), "report", "-o", str(notes))
    assert notes.read_text(encoding="utf-8") == "my notes"
    for _ in range(2):
        ada.run("--db", url(demo), "report", "iflytek-2024-design", "-o", str(page))
    assert page.stat().st_size > 1_000_000


def test_no_output_names_a_developer(demo: Path, ada: Person) -> None:
    """Neither the page nor the JSON has a developer's name."""
    page = (demo / "demo" / "report.html").read_text(encoding="utf-8")
    stdout = ada.run("--db", url(demo), "check", "--format", "json").stdout
    names = [f"{team}-{number}" for team in ("birch", "cedar", "dogwood") for number in range(1, 6)]
    assert not [name for name in names if name in page or name in stdout]


def test_db_status_backup_upgrade_and_doctor(ada: Person, tmp_path: Path) -> None:
    """`doctor` exits 1 if something is wrong."""
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


def test_check_in_a_closed_pipe_prints_nothing(demo: Path, ada: Person) -> None:
    """`tracker check | head -1` ends without an error message."""
    command = f"{PROGRAM} --db {url(demo)} check iflytek-2024-design | head -1"
    result = subprocess.run(
        command, shell=True, env=ada.environ, capture_output=True, text=True, check=True
    )
    assert result.stdout.count("\n") == 1
    assert result.stderr == ""


def test_demo_overwrites_only_files_of_a_demo(demo: Path, tmp_path: Path) -> None:
    """A folder with other files is refused; a demo's own folder is recognised."""
    for name in ("log.csv", "map.toml"):
        (tmp_path / name).write_text("my own")
    refusal = Person(tmp_path / "home").refused("demo", "-o", str(tmp_path))
    assert "it has files that are not of a demo; name an empty or a new folder" in refusal
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "log.csv": "my own",
        "map.toml": "my own",
    }
    assert is_demo_folder(demo / "demo")


def test_report_does_not_make_folders(tmp_path: Path) -> None:
    """A typo in the folder's name is refused."""
    page = tmp_path / "nonexistent" / "x.html"
    assert "there is no folder" in Person(tmp_path).refused("report", "-o", str(page))
    assert not page.parent.exists()


@pytest.mark.parametrize("command", ["check", "plan", "report"])
def test_an_unknown_activity_is_refused(demo: Path, ada: Person, command: str) -> None:
    """The message suggests the nearest activity."""
    refusal = ada.refused("--db", url(demo), command, "--activity", "desgin")
    assert refusal == "--activity is 'desgin': did you mean design?"


def test_an_activity_may_be_cut_short(demo: Path, ada: Person) -> None:
    """As of `start`; a beginning of more than one is refused with all of them."""
    results = ada.json("--db", url(demo), "check", "--activity", "des")["results"]
    assert {result["activity"] for result in results} == {"design"}
    refusal = ada.refused("--db", url(demo), "check", "--activity", "d")
    assert refusal == "--activity is 'd': did you mean design or documentation?"


def test_report_shows_money(demo: Path, ada: Person, tmp_path: Path) -> None:
    """With a rate the page says what the hours are worth; the JSON of check has the hours."""
    page = tmp_path / "money.html"
    prices = ["--rate", "80", "--currency", "EUR", "--cost", "30/developer/month"]
    ada.run("--db", url(demo), "report", *prices, "-o", str(page))
    html = page.read_text(encoding="utf-8")
    assert "The assistant costs 450\N{NO-BREAK SPACE}EUR a month for 15 developers" in html
    assert "--rate 80 --currency EUR --cost 30/developer/month" in html
    content = json.loads(ada.run("--db", url(demo), "check", "--format", "json").stdout)
    result = content["results"][0]
    hours = result["hours_per_week"]
    assert hours["measure"] == "hours per estimated hour"
    (ratio,) = [e["time_ratio"] for e in result["estimands"] if e["name"] == hours["measure"]]
    assert hours["saved"]["low"] == pytest.approx(hours["volume"] * (1 / ratio["high"] - 1))
    assert hours["saved_by_typical_task"]["low"] == pytest.approx(
        hours["volume"] * result["efficiency_gain"]["low"]
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rate", "80"], "--rate is '80' without --currency"),
        (["--rate", "nan", "--currency", "EUR"], "--rate is 'nan'"),
        (["--rate", "80", "--currency", "EUR", "--cost", "30"], "--cost is '30'"),
        (["--rate", "80", "--currency", "EUR", "--mine"], "--mine is one person"),
    ],
)
def test_report_refuses_prices_that_it_cannot_use(
    demo: Path, ada: Person, tmp_path: Path, options: list[str], message: str
) -> None:
    """In one line, and no page is written."""
    page = tmp_path / "page.html"
    assert message in ada.refused("--db", url(demo), "report", *options, "-o", str(page))
    assert not page.exists()
