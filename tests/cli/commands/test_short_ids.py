"""Ids that stay the same beside places, and overlaps that are none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.person import Person

from tracker.domain.ids import UUID


@pytest.fixture
def ada(database_url: str, tmp_path: Path) -> Person:
    """Ada with three entries, on SQLite and on PostgreSQL."""
    person = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    person.run("log", "design", "PAY-12", "8:00-9:00")
    person.run("log", "testing", "PAY-9", "8:30-9:30")
    person.run("log", "review", "PAY-7", "10:30-11:00")
    return person


def ids(ada: Person) -> list[tuple[str, str]]:
    """Return the place and the end of the id of each listed entry."""
    return re.findall(r"^(@\d+) (\w{4,})  ", ada.run("entries").stdout, re.MULTILINE)


def test_a_listed_id_stays_the_same(ada: Person) -> None:
    """Its place is another one after the next entry."""
    before = ids(ada)
    assert [place for place, _ in before] == ["@1", "@2", "@3"]
    ada.run("log", "coding", "PAY-1", "11:00-11:30")
    assert [end for _, end in ids(ada)[1:]] == [end for _, end in before]
    assert "edited review PAY-7: 20m" in ada.run("edit", before[0][1], "20m").stderr


@pytest.mark.parametrize("line", ["log design PAY-1 5m", "stop", "start testing PAY-2", "continue"])
def test_what_is_printed_names_the_new_entry(ada: Person, line: str) -> None:
    """By `log`, and by whatever stops a timer."""
    ada.run("start", "coding", "OPS-1")
    ada.run("start", "coding", "OPS-2")
    ada.later(10)
    (id_,) = re.findall(r"\(id (\w{6})\)", ada.run(*line.split()).stderr)
    task = "PAY-1" if line.startswith("log") else "OPS-2"
    assert f" {task}: " in ada.run("edit", id_, "-m", "note").stderr


def test_no_message_has_a_whole_id(ada: Person) -> None:
    """Of an edit that changes nothing, of ids alike, and of what an import or `doctor` doubts."""
    (ada.home / "map.toml").write_text(
        'source = "x"\n[columns]\ndate = "day"\ntask = "task"\nactivity = "kind"\nminutes = "h"\n'
        '[units]\nminutes = "hours"\n[formats]\ntimezone = "Europe/Berlin"\n'
    )
    (ada.home / "log.csv").write_text("day,task,kind,h\n2026-06-01,A-1,design,15\n")
    start = ada.json("entries")[0]["id"][:4]
    texts = [
        ada.refused("edit", "@1", "10:30-11:00"),
        ada.refused("edit", start, "10:30-11:00"),
        ada.run(
            *("import", "csv", str(ada.home / "log.csv"), "--map", str(ada.home / "map.toml"))
        ).stderr,
        ada.run("db", "doctor").stdout,
    ]
    assert "review PAY-7 (id " in texts[0]
    assert "several entries of ada" in texts[1]
    for text in texts[2:]:
        assert "1 entry longer than 12 hours" in text
    assert not [text for text in texts if re.search(UUID, text)]


def test_gaps_and_overlaps_name_their_entries(ada: Person) -> None:
    """By what `edit` takes, and by whole ids for programs."""
    (_, third), (_, second), (_, first) = ids(ada)
    lines = ada.run("summary", "--gaps").stdout.splitlines()
    assert lines[1].split("overlap")[1].split() == [
        *("30m", "@3", first, "design", "PAY-12", "@2", second, "testing", "PAY-9")
    ]
    assert lines[2].split("gap")[1].split() == [
        *("1h", "00m", "@2", second, "testing", "PAY-9", "@1", third, "review", "PAY-7")
    ]
    row = ada.json("summary", "--gaps")[0]
    assert (row["first_id"][-4:], row["second_id"][-4:]) == (first, second)
    assert row["between"] == "design PAY-12 and testing PAY-9"


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("line", ["entries", "summary --gaps"])
def test_ids_are_whole_on_a_narrow_terminal(tmp_path: Path, line: str, columns: int) -> None:
    """Texts are cut before them."""
    ada = Person(tmp_path)
    for place in range(22):
        ada.run("log", "testing", f"PAY-{place} and more words", f"2026-05-{place + 1:02d} 9:00 2h")
        ada.run(
            "log", "testing", f"OPS-{place}", f"2026-05-{place + 1:02d} 10:00 1h", "-m", "x" * 40
        )
    period = ("--from", "2026-05-01")
    screen = ada.terminal(*line.split(), *period, columns=columns)
    assert screen.code == 0
    assert max(map(len, screen.lines)) <= columns
    text = " ".join(screen.lines)
    shown = set(re.findall(r"(?:@\d+)? +([0-9a-f]{4,})\b", text))
    for entry in ada.json("entries", *period):
        assert any(entry["id"].endswith(end) for end in shown)


def overlap_messages(ada: Person) -> list[str]:
    """Return what each command says of overlaps."""
    return [
        ada.run("entries", "--overlaps").stdout,
        "".join(row["kind"] for row in ada.json("summary", "--gaps") if row["kind"] == "overlap"),
    ]


@pytest.mark.parametrize(("seconds", "is_told"), [(1, False), (59, False), (60, True)])
def test_overlaps_of_less_than_a_minute_are_not_told(
    tmp_path: Path, seconds: int, is_told: bool
) -> None:
    """A timer is stopped at any second, while a typed time is a whole minute."""
    ada = Person(tmp_path)
    ada.run("start", "design", "PAY-12", "--at", "9:00")
    ada.run("stop", "--at", f"10:15:{seconds:02d}" if seconds < 60 else "10:16")
    stderr = ada.run("log", "testing", "PAY-9", "10:15-11:00").stderr
    assert (" overlaps " in stderr) == is_told
    stderr = ada.run("edit", "@1", "10:15-11:01").stderr
    assert (" overlaps " in stderr) == is_told
    assert [bool(message) for message in overlap_messages(ada)] == [is_told, is_told]
