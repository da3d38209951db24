"""An import that keeps nothing says why: no content, no rows, all left out, all there already."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.person import Person

from tracker.sources.registry import SOURCES

MAP = """
source = "clock"
[columns]
developer = "who"
task = "issue"
activity = "phase"
started_at = "begin"
minutes = "minutes"
[formats]
timezone = "Europe/Berlin"
"""
HEADER = "who,issue,phase,begin,minutes\n"
ROW = "ada,PAY-1,design,2026-03-02 09:00,30\n"
TASKS_MAP = 'source = "board"\n[columns]\ntask = "issue"\ntitle = "phase"\n'
NO_ROWS = "there is no row below the header; check what was exported"
NO_WORK = "there is no work in it; check what was exported"


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Ada in a folder of her own, with maps in it."""
    monkeypatch.chdir(tmp_path)
    Path("csv.toml").write_text(MAP)
    Path("tasks.toml").write_text(TASKS_MAP)
    return Person(tmp_path)


def import_lines(person: Person, source: str, text: str, *options: str) -> list[str]:
    """Import a file; return the messages, a line each."""
    Path("log").write_text(text)
    map_file = Path(f"{source}.toml")
    maps = ("--map", str(map_file)) if map_file.exists() else ()
    return person.run("import", source, "log", *maps, *options).stderr.splitlines()


@pytest.mark.parametrize(
    ("source", "text", "reason"),
    [
        ("csv", HEADER, NO_ROWS),
        ("tasks", HEADER, NO_ROWS),
        ("timewarrior", "[]", NO_WORK),
        ("jira", '{"issues": []}', NO_WORK),
        ("klog", '{"records": []}', NO_WORK),
        ("csv", HEADER + ",,,,\n", "its only row is left out"),
        ("tasks", HEADER + ",,,,\n" * 2, "all 2 rows are left out"),
        ("org", "CLOCK: [2026-03-02 Mon 09:00]--[2026-03-02 Mon 10:00]\n", "its only item is"),
    ],
)
def test_it_says_whether_there_are_no_rows_or_all_are_left_out(
    ada: Person, source: str, text: str, reason: str
) -> None:
    """The same after a dry run; the reasons for which rows are left out follow."""
    for verb, options in (("would keep", ["--dry-run"]), ("kept", [])):
        first, *others = import_lines(ada, source, text, "--tz", "Europe/Berlin", *options)
        assert first.startswith(f"log: {verb} nothing: {reason}")
        assert bool(others) is (reason not in (NO_ROWS, NO_WORK))


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_an_empty_file_is_refused_by_every_source(ada: Person, source: str) -> None:
    """The refusal says what was given, and where the way to get the log is described."""
    Path("log").touch()
    map_file = Path(f"{source}.toml")
    maps = ("--map", str(map_file)) if map_file.exists() else ()
    message = ada.refused("import", source, "log", *maps, "--tz", "Europe/Berlin")
    assert message.startswith("log is empty (0 bytes): ")


def test_rows_that_are_there_or_deleted_are_told_apart(ada: Person) -> None:
    """What is stored is counted; what was deleted here is left out with its reason."""
    import_lines(ada, "csv", HEADER + ROW)
    assert import_lines(ada, "csv", HEADER + ROW) == ["log: kept nothing; there already: 1 entry"]
    ada.run("delete", "@1")
    assert import_lines(ada, "csv", HEADER + ROW) == [
        "log: kept nothing: its only row is left out",
        "  left out, deleted here before: 1",
    ]


def test_rejected_rows_are_the_reason_themselves(ada: Person) -> None:
    """A log of faulty rows alone is not called empty."""
    first = import_lines(ada, "csv", HEADER + "ada,,x,y,z\n", "--on-error", "skip")[0]
    assert first == "log: kept nothing, 1 rejected"


@pytest.mark.parametrize("source", ["csv", "tasks"])
def test_a_list_without_rows_has_no_columns_to_look_for(ada: Person, source: str) -> None:
    """JSON without objects is no table that lacks a column; nor does --suggest draft of it."""
    Path("log").write_text(json.dumps([]))
    for options in (["--map", f"{source}.toml"], ["--suggest"]):
        message = ada.refused("import", source, "log", *options)
        assert message == "log has no rows: check what was exported."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "log is empty (0 bytes): give a file whose first line names the columns."),
        ("\n \n", "log is empty (3 bytes): give a file whose first line names the columns."),
        (HEADER, "log has no rows below its header: give a file with some"),
    ],
)
def test_a_suggestion_needs_rows(ada: Person, text: str, message: str) -> None:
    """An empty file and a header alone are two things."""
    Path("log").write_text(text)
    assert ada.refused("import", "csv", "log", "--suggest").startswith(message)


def test_a_pipe_that_begins_with_a_blank_line_is_not_called_empty(ada: Person) -> None:
    """More may follow what it gives first."""
    process = ada.process("import", "bartib", "-", "--tz", "UTC", stdin=-1)
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()
    line = "2026-03-02 09:00 - 2026-03-02 10:00 | PAY-1 | design\n"
    assert "standard input: kept 1 entry" in process.communicate(line, timeout=60)[1]
