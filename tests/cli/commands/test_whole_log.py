"""`export all` and its way back: nothing that a verdict rests on is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.demo_log import fill_with_demo
from support.person import Person
from support.store_kit import open_test_database

from tracker.domain import synthetic


def rounded(value: Any) -> Any:
    """Return a JSON value with numbers of 12 digits: two databases add up in another order."""
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, list):
        return [rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return value


def check(person: Person) -> dict[str, Any]:
    """Return what `check` says of two claims, but for the time at which it says so."""
    answer = rounded(person.json("check", "vendor", "iflytek-2024-design"))
    return {**answer, "generated_at": None}


def import_made_up_entry(person: Person) -> None:
    """Import an entry of a made-up log."""
    rows = "id,who,issue,phase,begun,minutes\n1,cat,T-1,design,2026-03-02 09:00,60\n"
    columns = 'key="id"\ndeveloper="who"\ntask="issue"\nactivity="phase"\n'
    columns += 'started_at="begun"\nminutes="minutes"\n[formats]\ntimezone="Europe/London"\n'
    log, column_map = person.home / "made.csv", person.home / "map.toml"
    log.write_text(rows)
    column_map.write_text(f'source="{synthetic.SOURCE}"\n[columns]\n{columns}')
    person.run("import", "csv", str(log), "--map", str(column_map))


def test_the_same_verdict_after_the_way_back(
    database_url: str, tmp_path: Path, without_plans: None
) -> None:
    """On SQLite and on PostgreSQL, from the file alone, to the last digit; also the label."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    with open_test_database(database_url) as database:
        fill_with_demo(database)
    ada.run("activities", "add", "spike")
    claim = ("--activity", "testing", "--gain", "30%", "--source", "offer")
    ada.run("claims", "add", "vendor", *claim)
    ada.run("rollout", "Other 2", "--on", "2024-01-01", "--team", "nobody")
    file = tmp_path / "log.json"
    ada.run("export", "all", "-o", str(file))
    ada.run("export", "all", "-o", str(file))  # it is recognised as such an export
    expected, rollouts = check(ada), ada.json("rollout", "--list")
    assert expected["made_up"] == synthetic.NOTICE

    bob = Person(tmp_path / "bob", TRACKER_DEVELOPER="bob")
    bob.home.mkdir()
    message = bob.run("import", "tracker", str(file)).stderr
    assert "restored: 1 activity" in message
    assert check(bob) == expected
    assert bob.json("rollout", "--list") == rollouts
    page = bob.home / "page.html"
    bob.run("report", "-o", str(page))
    assert synthetic.NOTICE in page.read_text()
    again = bob.run("import", "tracker", str(file)).stderr
    assert "restored" not in again
    assert check(bob)["results"] == expected["results"]


def test_made_up_entries_stay_labelled(database_url: str, tmp_path: Path) -> None:
    """In `check` of entries that were exported and imported without the rest of their log."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    import_made_up_entry(ada)
    file = tmp_path / "log.json"
    ada.run("export", "entries", "-o", str(file), "--format", "json")
    bob = Person(tmp_path / "bob")
    bob.home.mkdir()
    bob.run("import", "tracker", str(file))
    assert [person.json("check")["made_up"] for person in (ada, bob)] == [synthetic.NOTICE] * 2


def test_a_log_without_made_up_entries_has_no_label(database_url: str, tmp_path: Path) -> None:
    """Neither a restored real log nor one from which a made-up log was taken back."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    ada.run("log", "design", "PAY-1", "1h")
    ada.run("export", "-o", str(tmp_path / "real.csv"))
    import_made_up_entry(ada)
    assert ada.json("check")["made_up"] == synthetic.NOTICE
    ada.run("import", "--undo")
    assert ada.json("check")["made_up"] is None

    bob = Person(tmp_path / "bob")
    bob.home.mkdir()
    bob.run("import", "tracker", str(tmp_path / "real.csv"))
    assert bob.json("check")["made_up"] is None


def test_the_way_back_is_two_imports_that_are_told(tmp_path: Path) -> None:
    """No estimate of the tasks is said to lack its entries, which follow in the same file."""
    ada = Person(tmp_path)
    ada.run("estimate", "design", "PAY-1", "1h")
    ada.later(5)
    ada.run("log", "design", "PAY-1", "1m")
    ada.later(5)
    file = tmp_path / "log.json"
    ada.run("export", "all", "-o", str(file))
    bob = Person(tmp_path / "bob", TRACKER_DEVELOPER="bob")
    bob.home.mkdir()
    bob.time = ada.time
    message = bob.run("import", "tracker", str(file)).stderr
    assert "warning" not in message
    assert "estimates: 1 of 1 belong to a task that has entries" in message
    left = "log.json (tasks) is another import: `tracker import --undo` takes it back, too"
    assert left in bob.run("import", "--undo").stderr
    assert "another import" not in bob.run("import", "--undo").stderr


def test_what_is_there_already_stays(tmp_path: Path) -> None:
    """A rollout with another day is not replaced by an old file."""
    ada = Person(tmp_path)
    ada.run("rollout", "Spark", "--on", "2026-03-02")
    ada.run("export", "all", "-o", str(tmp_path / "log.json"))
    ada.run("rollout", "Spark", "--on", "2026-04-01")
    ada.run("import", "tracker", str(tmp_path / "log.json"))
    assert [row["day"] for row in ada.json("rollout", "--list")] == ["2026-04-01"]


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.pop("claims"),
        lambda content: content.update(entries=[1]),
        lambda content: content.update(rollouts=[{"assistant": "Spark"}]),
        lambda content: content.update(rollouts=[{**content["rollouts"][0], "day": "x"}]),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, change: Any) -> None:
    """In one line."""
    ada = Person(tmp_path)
    ada.run("rollout", "Spark", "--on", "2026-03-02")
    path = tmp_path / "log.json"
    ada.run("export", "all", "-o", str(path))
    content = json.loads(path.read_text())
    content["rollouts"][0]["team"] = "new"
    change(content)
    path.write_text(json.dumps(content))
    assert "export it again" in ada.refused("import", "tracker", str(path))


@pytest.mark.parametrize("text", ["\x1b[31mred", "\ud800", " ", 5])
@pytest.mark.parametrize(
    "path",
    [
        ("rollouts", "assistant"),
        ("rollouts", "team"),
        ("activities", "activity"),
        ("claims", "id"),
        ("claims", "source"),
        ("claims", "reading"),
        ("entries", "task"),
        ("entries", "developer"),
    ],
    ids=" ".join,
)
def test_a_text_that_no_command_takes_is_refused(
    tmp_path: Path, path: tuple[str, str], text: object
) -> None:
    """In one line, wherever it stands; no entry is stored. A number may be the name in an entry."""
    ada = Person(tmp_path)
    ada.run("rollout", "Spark", "--on", "2026-03-02", "--team", "red")
    ada.run("activities", "add", "deployment")
    ada.run("claims", "add", "own", "--activity", "design", "--gain", "30%", "--source", "offer")
    ada.run("log", "design", "PAY-1", "45m")
    file = tmp_path / "log.json"
    ada.run("export", "all", "-o", str(file))
    content = json.loads(file.read_text())
    table, column = path
    content[table][0][column] = text
    file.write_text(json.dumps(content))
    bob = Person(tmp_path / "bob")
    is_name = table == "entries" and text == 5
    result = bob.run("import", "tracker", str(file), code=0 if is_name else 1)
    if not is_name:
        assert column in result.stderr.splitlines()[-1]
        assert not bob.json("export")


def test_a_file_that_another_program_wrote_anew_is_a_whole_log(tmp_path: Path) -> None:
    """However its JSON is laid out."""
    ada = Person(tmp_path)
    ada.run("log", "design", "PAY-1", "45m")
    file = tmp_path / "log.json"
    ada.run("export", "all", "-o", str(file))
    bob = Person(tmp_path / "bob")
    for indent in (None, 4):
        file.write_text(json.dumps(json.loads(file.read_text()), indent=indent))
        bob.run("import", "tracker", str(file))
        assert [entry["task"] for entry in bob.json("entries")] == ["PAY-1"]


def test_a_whole_log_has_no_safe_form(tmp_path: Path) -> None:
    """`--safe` is for spreadsheets."""
    assert "--safe is for tables" in Person(tmp_path).run("export", "all", "--safe", code=2).stderr
