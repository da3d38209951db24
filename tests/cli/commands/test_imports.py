"""`import` and `export`: what is stored, what is refused, and the messages."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import io
import json
import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.person import Person

from tracker.sources.registry import SOURCES
from tracker.sources.table.column_map import parse_map
from tracker.sources.table.durations import UNITS
from tracker.sources.table.formats import Formats
from tracker.sources.table.map_columns import COLUMNS

MAP = """
source = "clock"
[columns]
key = "id"
developer = "who"
task = "issue"
title = "summary"
activity = "phase"
started_at = "begin"
ended_at = "end"
minutes = "minutes"
[formats]
timezone = "America/New_York"
[values.activity]
"Des*" = "design"
"Test*" = "testing"
"""
HEADER = "id,who,issue,summary,phase,begin,end,minutes\n"
ROW = "{},ann,T-{},Refunds,Design,2026-03-02 09:00,2026-03-02 10:30,{}\n"


def row(number: int, minutes: object = 60) -> str:
    """Return a valid row."""
    return ROW.format(number, number, minutes)


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Ada in a folder of her own, with a map in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.toml").write_text(MAP)
    return Person(tmp_path)


def log(text: str | bytes, name: str = "log.csv") -> str:
    """Write a file and return its name."""
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def import_log(person: Person, text: str | bytes, *options: str, code: int = 0) -> Any:
    """Import a log with the map."""
    return person.run("import", "csv", log(text), "--map", "m.toml", *options, code=code)


def rows(person: Person, table: str = "entries") -> list[dict[str, Any]]:
    """Return the rows of a table in the database."""
    path = person.data / "tracker.db"
    if not path.exists():
        return []
    with sqlite3.connect(path) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]


@pytest.mark.parametrize("number", [1, 2_000])
def test_an_import_on_a_terminal_shows_its_progress_and_stores_the_rows(
    ada: Person, number: int
) -> None:
    """With a progress bar on stderr the whole file is stored, without a traceback."""
    screen = ada.terminal(
        "import", "csv", log(HEADER + "".join(map(row, range(number)))), "--map", "m.toml"
    )
    assert "Traceback" not in screen.text
    assert screen.code == 0, screen.text
    with contextlib.closing(sqlite3.connect(ada.data / "tracker.db")) as connection:
        assert connection.execute("SELECT count(*) FROM entries").fetchone() == (number,)


@pytest.mark.parametrize(
    ("environ", "shows_unicode"),
    [
        ({"LC_ALL": "C"}, False),
        ({"LC_ALL": "POSIX", "LANG": "C.UTF-8"}, False),
        ({"LC_ALL": "C", "PYTHONUTF8": "0"}, False),
        ({"PYTHONIOENCODING": "latin-1"}, False),
        ({"LC_ALL": "C.UTF-8"}, True),
    ],
)
def test_the_progress_bar_is_ascii_where_the_terminal_is(
    ada: Person, environ: dict[str, str], shows_unicode: bool
) -> None:
    """In the C locale no byte of the bar is beyond ASCII, though Python would write UTF-8."""
    text = HEADER + "".join(map(row, range(2_000)))
    arguments = ("import", "csv", log(text), "--map", "m.toml")
    screen = ada.terminal(*arguments, environ=environ, encoding="latin-1")
    bar = screen.text[screen.text.index("importing") :]
    assert bar.isascii() is not shows_unicode
    assert screen.code == 0


class Changing(io.BufferedReader):
    """A file to which something is done when a part of it has been read."""

    def __init__(self, path: Path, change: Callable[[Path], object]) -> None:
        super().__init__(io.FileIO(path))
        self.path, self.change = path, change

    def read1(self, size: int = -1) -> bytes:
        if self.tell() > 0 and self.change is not None:
            change, self.change = self.change, None
            change(self.path)
        return super().read1(size)


@pytest.mark.parametrize(
    "change",
    [
        lambda path: os.truncate(path, 100_000),
        lambda path: os.truncate(path, 0),
        lambda path: path.open("a").write(row(1)),
        lambda path: path.write_text(HEADER),
    ],
    ids=["truncated", "emptied", "grown", "rewritten"],
)
def test_a_file_that_changes_while_it_is_read_is_refused(
    ada: Person, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object]
) -> None:
    """One line, and the database is as before."""
    import_log(ada, HEADER + row(1))
    before = rows(ada)
    path = Path(log(HEADER + "".join(map(row, range(5_000)))))

    @contextlib.contextmanager
    def open_changing(file: str) -> Iterator[io.BufferedReader]:
        with Changing(Path(file), change) as stream:
            yield stream

    monkeypatch.setattr("tracker.cli.commands.imports.open_input", open_changing)
    message = ada.refused("import", "csv", path.name, "--map", "m.toml")
    assert "log.csv was changed while it was read: nothing of it is kept" in message
    assert rows(ada) == before


def test_a_file_that_is_deleted_while_it_is_read_is_read_to_its_end(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open file keeps its content; one that is gone before is refused."""
    path = Path(log(HEADER + "".join(map(row, range(5_000)))))

    @contextlib.contextmanager
    def open_changing(file: str) -> Iterator[io.BufferedReader]:
        with Changing(Path(file), Path.unlink) as stream:
            yield stream

    with monkeypatch.context() as patch:
        patch.setattr("tracker.cli.commands.imports.open_input", open_changing)
        ada.run("import", "csv", path.name, "--map", "m.toml")
    assert not path.exists()
    assert len(rows(ada)) == 5_000
    assert "there is no such file" in ada.refused("import", "csv", path.name, "--map", "m.toml")


def test_an_import_prints_counts(ada: Person) -> None:
    """The counts go to stderr, nothing to stdout."""
    result = import_log(ada, HEADER + row(1) + row(2).replace("Design", "Coffee") + "\n")
    assert result.stdout == ""
    assert "log.csv: kept 2 entries, 2 tasks" in result.stderr
    assert "left out, empty row: 1" in result.stderr
    assert "unmapped activities: Coffee (1)" in result.stderr
    assert {entry["activity"] for entry in rows(ada)} == {"design", "Coffee"}


def test_importing_twice_changes_nothing(ada: Person) -> None:
    """The second import finds every row unchanged."""
    text = HEADER + row(1) + row(2)
    import_log(ada, text)
    entries = rows(ada)
    result = import_log(ada, text)
    assert "kept nothing; there already: 2 entries, 2 tasks" in result.stderr
    assert rows(ada) == entries


def test_a_grown_log_adds_its_new_rows(ada: Person) -> None:
    """Of a log that has grown, only the new rows are stored."""
    import_log(ada, HEADER + row(1))
    assert (
        "kept 1 entry, 1 task; there already: 1 entry, 1 task"
        in import_log(ada, HEADER + row(1) + row(2)).stderr
    )


def test_a_dry_run_stores_nothing(ada: Person) -> None:
    """It prints what would be stored, and writes neither rows nor a file of rejected ones."""
    result = import_log(ada, HEADER + row(1) + row(2, "x"), "--dry-run", "--on-error", "skip")
    assert "would keep 1 entry, 1 task, 1 rejected" in result.stderr
    assert "line 3, column minutes: 'x'" in result.stderr
    assert rows(ada) == []
    assert rows(ada, "imports") == []
    assert not Path("log.csv.rejected.csv").exists()


def test_import_undo(ada: Person) -> None:
    """Each --undo removes one import as a whole, until none is left."""
    import_log(ada, HEADER + row(1))
    import_log(ada, HEADER + row(1) + row(2))
    assert "1 entry, 1 task" in ada.run("import", "--undo").stderr
    assert [entry["task"] for entry in rows(ada)] == ["T-1"]
    ada.run("import", "--undo")
    assert rows(ada) == []
    assert "no import left" in ada.refused("import", "--undo")


BAD = {
    "a missing column": (HEADER.replace("issue", "isue") + row(1), "did you mean 'isue'?"),
    "minutes negative": (
        HEADER + row(1, -5),
        "line 2, column minutes: '-5': minutes cannot be negative",
    ),
    "text in a number": (
        HEADER + row(1, "an hour"),
        "line 2, column minutes: 'an hour': it is not a number",
    ),
    "the doubled hour": (
        HEADER + row(1).replace("2026-03-02 09:00", "2025-11-02 01:30"),
        "2025-11-02 01:30-0400 and as 2025-11-02 01:30-0500",
    ),
    "the skipped hour": (
        HEADER + row(1).replace("2026-03-02 09:00", "2026-03-08 02:30"),
        "does not exist in America/New_York",
    ),
    "an end before the start": (
        HEADER + row(1).replace("10:30", "08:30"),
        "it lies before the start",
    ),
    "no date": (HEADER + row(1).replace("2026-03-02 09:00", ""), "column begin: '': it is missing"),
    "the year 16": (
        HEADER + row(1).replace("2026-03-02 09:00", "0016-03-02 09:00"),
        "the year is 16",
    ),
    "a row cut in half": (HEADER + row(1) + row(2)[:25], "line 3, column end"),
    "a 0-byte file": (b"", "empty (0 bytes)"),
    "UTF-16 without a mark": ((HEADER + row(1)).encode("utf-16-le"), "UTF-16"),
    "Latin-1": ((HEADER + row(1).replace("ann", "zoë")).encode("latin-1"), "column who"),
    "a spreadsheet": (b"PK\x03\x04\x14\x00\x06\x00", "log.csv"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_and_nothing_is_stored(ada: Person, case: str) -> None:
    """One line names what and where; the good rows before it are not stored either."""
    text, message = BAD[case]
    assert message in ada.refused("import", "csv", log(text), "--map", "m.toml")
    assert rows(ada) == []


@pytest.mark.parametrize(
    ("map_", "message"),
    [
        (MAP.replace("task =", "taks ="), "did you mean task?"),
        (MAP.replace("[formats]", "[format]"), "did you mean formats?"),
        (MAP.replace("New_York", "New_Yrok"), "did you mean America/New_York?"),
        (MAP.replace('task = "issue"\n', ""), "does not say which column is task"),
        ("=", "is not TOML"),
    ],
)
def test_an_invalid_map_is_refused(ada: Person, map_: str, message: str) -> None:
    """One line names the wrong key or zone, or the missing column."""
    Path("m.toml").write_text(map_)
    assert message in ada.refused("import", "csv", log(HEADER + row(1)), "--map", "m.toml")


def test_wrong_usage_of_import(ada: Person) -> None:
    """Missing or unknown sources, files, maps and zones are refused; --list names the sources."""
    assert "say which source" in ada.run("import", code=2).stderr
    assert "by itself" in ada.run("import", "csv", "--undo", code=2).stderr
    assert "--map" in ada.refused("import", "csv", log(HEADER))
    assert "no such file" in ada.refused("import", "csv", "no.csv", "--map", "m.toml")
    assert "no such file" in ada.refused("import", "csv", "log.csv", "--map", "no.toml")
    assert "a folder" in ada.refused("import", "csv", ".", "--map", "m.toml")
    assert "did you mean csv?" in ada.refused("import", "cvs", "log.csv", "--map", "m.toml")
    assert "did you mean Europe/Berlin?" in ada.refused(
        "import", "csv", "log.csv", "--tz", "Europe/Brelin"
    )
    assert "csv" in ada.run("import", "--list").stdout
    assert [source["source"] for source in ada.json("import", "--list")] == [*SOURCES]
    assert ada.run("import", "--list", "--format", "csv").stdout.startswith(
        "source,summary,wants_map,"
    )


def test_rejected_rows_can_be_mended_and_imported(ada: Person) -> None:
    """With skip, the rejected rows go to a file that can be imported with the same map."""
    bad = row(2, "ten").replace("Refunds", '"Re, ""funds"""')
    result = import_log(ada, HEADER + row(1) + bad + row(3, -1) + row(4), "--on-error", "skip")
    assert "kept 2 entries, 2 tasks, 2 rejected" in result.stderr
    assert "line 3, column minutes: 'ten'" in result.stderr
    path = Path("log.csv.rejected.csv")
    assert path.read_text() == HEADER + bad + row(3, -1)
    path.write_text(path.read_text().replace("ten", "10").replace("-1", "1"))
    assert "kept 2 entries" in ada.run("import", "csv", str(path), "--map", "m.toml").stderr
    assert sorted(entry["seconds"] for entry in rows(ada)) == [60, 600, 3600, 3600]
    assert 'Re, "funds"' in {task["title"] for task in rows(ada, "tasks")}


def test_a_file_of_rejected_rows_is_not_overwritten(ada: Person) -> None:
    """The next import writes its rejected rows to a file with a number."""
    for _ in range(2):
        import_log(ada, HEADER + row(1, "x"), "--on-error", "skip")
    assert Path("log.csv.rejected.csv").exists()
    assert Path("log.csv.rejected-2.csv").exists()


def test_rejected_rows_of_a_pipe_go_to_the_current_folder(ada: Person) -> None:
    """The file is named after the source, without slashes, and not beside /dev/stdin."""
    Path("m.toml").write_text(MAP.replace('"clock"', '"our/clock ../2"'))
    for number, file in (("", "/dev/stdin"), ("-2", "-")):
        with ada.process(
            "import", "csv", file, "--map", "m.toml", "--on-error", "skip", stdin=-1
        ) as process:
            _, stderr = process.communicate(HEADER + row(1) + row(2, "ten"))
        assert process.returncode == 0
        assert "'ten'" in stderr
        assert Path(f"our_clock_.._2.rejected{number}.csv").read_text() == HEADER + row(2, "ten")


def test_rejected_rows_keep_their_bytes(ada: Person) -> None:
    """A row that is not UTF-8 is written byte for byte."""
    text = HEADER.encode() + row(1).replace("ann", "zoë").encode("latin-1") + row(2).encode()
    assert r"'zo\\xeb'" in import_log(ada, text, "--on-error", "skip").stderr
    assert Path("log.csv.rejected.csv").read_bytes() == text.removesuffix(row(2).encode())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_understood(ada: Person, encoding: str) -> None:
    """UTF-8 and UTF-16 files of spreadsheets begin with one."""
    assert "kept 1 entry" in import_log(ada, (HEADER + row(1)).encode(encoding)).stderr


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("T\x1b[31m", "it holds a control character (U+001B)"),
        ("T\u202e21-YAP", "a bidirectional control character (U+202E)"),
        ("T" * 501, "it has 501 characters; give at most 500"),
    ],
)
def test_names_follow_the_same_rules_as_at_the_command_line(
    ada: Person, task: str, message: str
) -> None:
    """A row with an invalid name is rejected; wide blanks and joined emoji are valid."""
    good = row(1).replace("T-1", "設計\u3000👩\u200d💻")
    result = import_log(ada, HEADER + good + row(2).replace("T-2", task), "--on-error", "skip")
    assert "line 3, column issue" in result.stderr
    assert message in result.stderr
    assert [entry["task"] for entry in rows(ada)] == ["設計\u3000👩\u200d💻"]


def test_a_hostile_title_is_stored_letter_for_letter(ada: Person) -> None:
    """Markup and formulas in a log are only text."""
    title = "</script><img onerror=alert(1) src=x> =1+1"
    import_log(ada, HEADER + row(1).replace("Refunds", title))
    assert rows(ada, "tasks")[0]["title"] == title
    assert title in ada.run("export").stdout


def test_standard_input_is_read(ada: Person) -> None:
    """`-` reads standard input."""
    with ada.process("import", "csv", "-", "--map", "m.toml", stdin=-1) as process:
        _, stderr = process.communicate(HEADER + row(1))
    assert process.returncode == 0
    assert "kept 1 entry" in stderr
    assert len(rows(ada)) == 1


def test_several_files_are_separate_imports(ada: Person) -> None:
    """The first file that is refused ends the command."""
    files = [
        log(HEADER + row(1), "a.csv"),
        log(HEADER + row(2, "x"), "b.csv"),
        log(HEADER + row(3), "c.csv"),
    ]
    result = ada.run("import", "csv", *files, "--map", "m.toml", code=1)
    assert "a.csv: kept 1 entry" in result.stderr
    assert "b.csv line 2" in result.stderr
    assert [entry["task"] for entry in rows(ada)] == ["T-1"]


def test_developer_and_zone_fill_what_the_map_leaves_out(ada: Person) -> None:
    """--developer and --tz, or else the settings, apply; naive times need a zone."""
    Path("m.toml").write_text(
        MAP.replace('developer = "who"\n', "").replace('timezone = "America/New_York"\n', "")
    )
    assert "--tz" in ada.refused("import", "csv", log(HEADER + row(1)), "--map", "m.toml")
    import_log(ada, HEADER + row(1), "--tz", "Asia/Tokyo", "--developer", "bob")
    ada.run("config", "set", "zone", "Europe/Berlin")
    import_log(ada, HEADER + row(2))
    origins = {(entry["developer"], entry["zone"]) for entry in rows(ada)}
    assert origins == {("bob", "Asia/Tokyo"), ("ada", "Europe/Berlin")}


def test_a_file_of_rejected_rows_that_cannot_be_written(ada: Person, tmp_path: Path) -> None:
    """The message names the file, and says that the rest is stored."""
    log_path = log(HEADER + row(1) + row(2, "x"))
    # a name too long for ".rejected.csv": root may write in any folder
    long_path = tmp_path / ("x" * 245 + ".csv")
    Path(log_path).rename(long_path)
    refusal = ada.run(
        "import", "csv", str(long_path), "--map", "m.toml", "--on-error", "skip", code=1
    )
    assert "the rest is kept, but" in refusal.stderr
    assert "line 3, column minutes: 'x'" in refusal.stderr
    assert len(rows(ada)) == 1


def test_a_database_that_cannot_be_written_is_refused(ada: Person) -> None:
    """One line names the file."""
    url = "sqlite:////proc/log.db"  # where not even root may make a file
    assert "/proc/log.db" in ada.refused(
        "--db", url, "import", "csv", log(HEADER + row(1)), "--map", "m.toml"
    )


def many(count: int) -> str:
    """Return a log of so many rows."""
    return HEADER + "".join(map(row, range(count)))


def test_a_killed_import_stores_nothing(ada: Person) -> None:
    """After SIGKILL no row is stored, and the next import stores all."""
    import_log(ada, HEADER + row(999_999))
    file = log(many(30_000))
    with ada.process("import", "csv", file, "--map", "m.toml") as process:
        wal = ada.data / "tracker.db-wal"
        deadline = time.monotonic() + 30
        while not (wal.exists() and wal.stat().st_size > 1_000_000) and process.poll() is None:
            assert time.monotonic() < deadline, "the import never wrote"
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL, "it was done before it could be killed"
    assert len(rows(ada)) == 1
    assert len(rows(ada, "imports")) == 1
    assert "kept 30,000 entries" in ada.run("import", "csv", file, "--map", "m.toml").stderr
    assert len(rows(ada)) == 30_001


def test_concurrent_imports_store_each_row_once(ada: Person) -> None:
    """Two processes import overlapping logs at the same time."""
    import_log(ada, HEADER + row(0))
    files = [log(HEADER + "".join(map(row, range(4_000))), "a.csv"), log(many(6_000), "b.csv")]
    processes = [ada.process("import", "csv", file, "--map", "m.toml") for file in files]
    errors = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors
    keys = [entry["source_key"] for entry in rows(ada)]
    assert sorted(keys, key=int) == [str(number) for number in range(6_000)]


def test_a_trial_with_one_row_for_each_task(ada: Person) -> None:
    """A constant date, summed durations, and the arm as `assisted` says."""
    Path("m.toml").write_text("""
        source = "trial"
        [columns]
        developer = "dev"
        task = "issue"
        assisted = "ai"
        estimate_minutes = "forecast"
        minutes = ["first", "review"]
        [formats]
        timezone = "UTC"
        missing = ["NA"]
        [values.assisted]
        "1" = "yes"
        "0" = "no"
        [constants]
        date = 2025-02-01
        activity = "coding"
        assigned = true
        """)
    result = import_log(ada, "dev,issue,ai,forecast,first,review\n1,A,1,60,30,15\n1,B,0,90,70,NA\n")
    assert "kept 2 entries, 2 work items" in result.stderr
    items = [(i["task"], i["assigned"], i["estimate_minutes"]) for i in rows(ada, "work_items")]
    assert items == [("A", "assistance", 60.0), ("B", "baseline", 90.0)]
    assert [entry["seconds"] for entry in rows(ada)] == [2700, 4200]


def test_import_tasks(ada: Person) -> None:
    """`import tasks` stores estimates."""
    Path("t.toml").write_text('source = "t"\n[columns]\ntask = "key"\nestimate_minutes = "est"\n')
    result = ada.run(
        "import", "tasks", log("key,est\nT-1,90\nT-2,x\n"), "--map", "t.toml", "--on-error", "skip"
    )
    assert "kept 1 task, 1 rejected" in result.stderr
    assert rows(ada, "tasks")[0]["estimate_minutes"] == 90


@pytest.mark.parametrize("format_", ["csv", "json"])
def test_an_export_can_be_imported(ada: Person, tmp_path: Path, format_: str) -> None:
    """`import tracker` restores an empty database, and changes nothing in the same one."""
    import_log(ada, HEADER + row(1) + row(2))
    ada.run("log", "design", "T-9", "45m", "-m", "by hand")
    for content in ("entries", "tasks"):
        ada.run("export", content, "--format", format_, "-o", f"{content}.{format_}")
    assert (
        "kept nothing; there already: 3 entries, 2 tasks"
        in ada.run("import", "tracker", f"entries.{format_}").stderr
    )
    (tmp_path / "other").mkdir()
    other = Person(tmp_path / "other")
    other.run("import", "tracker", f"tasks.{format_}")
    other.run("import", "tracker", f"entries.{format_}")

    def stored_entries(person: Person) -> list[dict[str, Any]]:
        return sorted(
            ({**entry, "import_id": None} for entry in rows(person)),
            key=lambda entry: str(entry["id"]),
        )

    assert stored_entries(other) == stored_entries(ada)


def test_export_writes_csv_or_json_to_stdout(ada: Person) -> None:
    """An empty log is a CSV header or an empty JSON array."""
    assert ada.run("export", "--format", "json").stdout == "[]\n"
    import_log(ada, HEADER + row(1))
    (entry,) = json.loads(ada.run("export", "--format", "json").stdout)
    (line,) = csv.DictReader(io.StringIO(ada.run("export").stdout))
    assert entry["task"] == line["task"] == "T-1"
    assert entry["started_at"] == line["started_at"] == "2026-03-02T09:00:00-05:00"


def test_an_export_that_fails_leaves_no_file(ada: Person) -> None:
    """The file appears only when it is complete."""
    import_log(ada, HEADER + row(1))
    refusal = ada.refused("export", "-o", "no/such/folder/x.csv")
    assert "x.csv" in refusal
    Path("folder").mkdir()
    ada.refused("export", "-o", "folder")
    assert sorted(path.name for path in Path().glob(".*.part")) == []


TEAM_MAP = """
source = "team"
[columns]
key = "id"
developer = "who"
task = "task"
activity = "phase"
started_at = "begin"
minutes = "minutes"
assisted = "ai"
completed_at = "done"
[formats]
timezone = "UTC"
[values.assisted]
"1" = "yes"
"0" = "no"
"""


def team(people: str) -> str:
    """Return a log with ten completed tasks of each arm for each developer."""
    lines = ["id,who,task,phase,begin,minutes,ai,done"]
    for person in people:
        for task in range(20):
            ai = task % 2
            lines.append(
                f"{person}{task},{person},T{task},design,2026-01-05 09:00,{30 + task},{ai},"
                "2026-01-05 09:30"
            )
    return "\n".join(lines) + "\n"


def test_exported_moments_are_of_five_developers_or_more(ada: Person) -> None:
    """Moments of four developers are not exported; no name is."""
    Path("m.toml").write_text(TEAM_MAP)
    import_log(ada, team("PQRS"))
    assert ada.json("export", "moments") == []
    import_log(ada, team("PQRST"))
    groups = ada.json("export", "moments")
    assert [(row["arm"], row["developers"], row["n"]) for row in groups] == [
        ("assistance", 5, 50),
        ("baseline", 5, 50),
    ]
    assert all("developer" not in row for row in groups)
    assert not {*"PQRST"} & set(ada.run("export", "moments").stdout.replace("\n", ",").split(","))


def test_your_own_moments_are_not_suppressed(ada: Person) -> None:
    """A log of the reader alone is exported unmerged."""
    Path("m.toml").write_text(TEAM_MAP)
    import_log(ada, team("a").replace("a,", "ada,"))
    assert {row["developers"] for row in ada.json("export", "moments")} == {1}


PAGE = (Path(__file__).parents[3] / "docs" / "importing.md").read_text(encoding="utf-8")


EXAMPLES = [(0, "time.csv", "ours.toml", "stopwatch"), (1, "sheet.csv", "sheet.toml", "sheet")]
"""The sessions of docs/importing.md, in order: their files, and the source in the map."""


def blocks(language: str) -> list[str]:
    """Return the examples in docs/importing.md."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize(("number", "csv_name", "map_name", "source"), EXAMPLES)
def test_the_examples_in_docs_importing_are_right(
    ada: Person, number: int, csv_name: str, map_name: str, source: str
) -> None:
    """Each command of docs/importing.md prints what the page shows."""
    log(blocks("csv")[number], csv_name)
    (map_,) = (text for text in blocks("toml") if f'source = "{source}"' in text)
    Path(map_name).write_text(map_)
    for command, output in re.findall(
        r"^\$ tracker (.*)\n((?:(?!\$).*\n)*)", blocks("console")[number], flags=re.MULTILINE
    ):
        assert ada.run(*command.split(), code=None).output == output


def test_every_session_in_docs_importing_is_run() -> None:
    """The page has no example that is not listed here."""
    assert len(blocks("console")) == len(blocks("csv")) == len(EXAMPLES)


def test_docs_importing_has_every_column_and_format() -> None:
    """The page's maps are valid, and its tables have all columns and formats."""
    assert [parse_map(text, "m.toml").source for text in blocks("toml")] == [
        "stopwatch",
        "tempo",
        "trial",
        "sheet",
        "trial",
        "board",
    ]
    rows = re.findall(r"^\| (`.*?`) \|", PAGE, flags=re.MULTILINE)
    documented = {name.strip("` ") for row in rows for name in row.split(",")}
    formats = {field.name for field in dataclasses.fields(Formats)} - {"zone"} | {"timezone"}
    extract = {"pattern", "from", "otherwise"}
    units = {f'"{unit}"' for unit in UNITS}
    assert {*COLUMNS, *formats, *extract, *units} <= documented


@pytest.mark.parametrize("text", ["=1+2", "+1", "-2", "@SUM(1)"])
def test_a_safe_export_holds_no_formula(ada: Person, text: str) -> None:
    """With --safe a spreadsheet runs no cell; without it the text is exported as typed."""
    ada.run("log", "design", "PAY-1", "30m", "-m", text)
    plain, safe = (ada.run("export", *options).stdout for options in ((), ("--safe",)))
    (row,) = csv.DictReader(io.StringIO(safe))
    assert row["note"] == f"'{text}"
    assert next(csv.DictReader(io.StringIO(plain)))["note"] == text
