"""`import` and `export` as their users meet them: what is kept, what is refused and how it is said."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import io
import json
import re
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from support.person import Person

from tracker.sources.table.column_map import COLUMNS, Formats, parse_map

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
    """A good row."""
    return ROW.format(number, number, minutes)


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """A person in a folder of their own, with a map in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.toml").write_text(MAP)
    return Person(tmp_path)


def log(text: str | bytes, name: str = "log.csv") -> str:
    """A file with that in it."""
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def bring(person: Person, text: str | bytes, *options: str, code: int = 0) -> Any:
    """Import a log by the map."""
    return person.run("import", "csv", log(text), "--map", "m.toml", *options, code=code)


def rows(person: Person, table: str = "entries") -> list[dict[str, Any]]:
    """What the database holds."""
    path = person.data / "tracker.db"
    if not path.exists():
        return []
    with sqlite3.connect(path) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(found) for found in connection.execute(f"SELECT * FROM {table}")]


@pytest.mark.parametrize("rows", [1, 2_000])
def test_an_import_on_a_terminal_shows_its_progress_and_stores_the_rows(
    ada: Person, rows: int
) -> None:
    """A progress bar on stderr does not get in the way: the whole file is stored, and the screen holds no traceback."""
    screen = ada.terminal(
        "import", "csv", log(HEADER + "".join(map(row, range(rows)))), "--map", "m.toml"
    )
    assert "Traceback" not in screen.text
    assert screen.code == 0, screen.text
    with contextlib.closing(sqlite3.connect(ada.data / "tracker.db")) as connection:
        assert connection.execute("SELECT count(*) FROM entries").fetchone() == (rows,)


def test_an_import_says_what_it_kept(ada: Person) -> None:
    """Counts of what was kept, on stderr; nothing on stdout."""
    result = bring(ada, HEADER + row(1) + row(2).replace("Design", "Coffee") + "\n")
    assert result.stdout == ""
    assert "log.csv: kept 2 entries, 2 tasks" in result.stderr
    assert "left out, empty row: 1" in result.stderr
    assert "unmapped activities: Coffee (1)" in result.stderr
    assert {entry["activity"] for entry in rows(ada)} == {"design", "Coffee"}


def test_twice_adds_nothing(ada: Person) -> None:
    """The second import of a file finds all of it there."""
    text = HEADER + row(1) + row(2)
    bring(ada, text)
    before = rows(ada)
    result = bring(ada, text)
    assert "kept nothing, 4 there already" in result.stderr
    assert rows(ada) == before


def test_a_grown_log_adds_its_new_rows(ada: Person) -> None:
    """Of a log that has grown only the new rows are taken."""
    bring(ada, HEADER + row(1))
    assert "kept 1 entries, 1 tasks, 2 there already" in bring(ada, HEADER + row(1) + row(2)).stderr


def test_a_dry_run_keeps_nothing(ada: Person) -> None:
    """It says what would happen, and leaves neither rows nor a file of rejected ones."""
    result = bring(ada, HEADER + row(1) + row(2, "x"), "--dry-run", "--on-error", "skip")
    assert "would keep 1 entries, 1 tasks, 1 rejected" in result.stderr
    assert "line 3, column minutes: 'x'" in result.stderr
    assert rows(ada) == []
    assert rows(ada, "imports") == []
    assert not Path("log.csv.rejected.csv").exists()


def test_the_last_import_is_taken_back(ada: Person) -> None:
    """--undo takes one import back as a whole, then the one before, then there is none."""
    bring(ada, HEADER + row(1))
    bring(ada, HEADER + row(1) + row(2))
    assert "1 entries, 1 tasks" in ada.run("import", "--undo").stderr
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
        "2025-11-02 01:30-04:00 and as 2025-11-02 01:30-05:00",
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


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_refused_in_one_line_and_nothing_is_kept(ada: Person, what: str) -> None:
    """Each refusal is one line that names what and where; the good rows before it are not kept either."""
    text, says = BAD[what]
    assert says in ada.refused("import", "csv", log(text), "--map", "m.toml")
    assert rows(ada) == []


@pytest.mark.parametrize(
    ("map_", "says"),
    [
        (MAP.replace("task =", "taks ="), "did you mean task?"),
        (MAP.replace("[formats]", "[format]"), "did you mean formats?"),
        (MAP.replace("New_York", "New_Yrok"), "did you mean America/New_York?"),
        (MAP.replace('task = "issue"\n', ""), "does not say which column is task"),
        ("=", "is not TOML"),
    ],
)
def test_a_wrong_map_is_refused(ada: Person, map_: str, says: str) -> None:
    """A map with a wrong key, zone or no task is refused in one line."""
    Path("m.toml").write_text(map_)
    assert says in ada.refused("import", "csv", log(HEADER + row(1)), "--map", "m.toml")


def test_wrong_usage_says_what_is_wanted(ada: Person) -> None:
    """No source, no file, no map, an unknown source, an unknown zone, a folder."""
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
    assert [source["source"] for source in ada.json("import", "--list")] == [
        "csv",
        "tasks",
        "tracker",
    ]
    assert ada.run("import", "--list", "--format", "csv").stdout.startswith(
        "source,summary,wants_map\ncsv,"
    )


def test_rejected_rows_are_set_aside_mended_and_imported(ada: Person) -> None:
    """With skip the rest is kept; the rejected rows lie in a file as they were, and go in with the same map."""
    bad = row(2, "ten").replace("Refunds", '"Re, ""funds"""')
    result = bring(ada, HEADER + row(1) + bad + row(3, -1) + row(4), "--on-error", "skip")
    assert "kept 2 entries, 2 tasks, 2 rejected" in result.stderr
    assert "line 3, column minutes: 'ten'" in result.stderr
    aside = Path("log.csv.rejected.csv")
    assert aside.read_text() == HEADER + bad + row(3, -1)
    aside.write_text(aside.read_text().replace("ten", "10").replace("-1", "1"))
    assert "kept 2 entries" in ada.run("import", "csv", str(aside), "--map", "m.toml").stderr
    assert sorted(entry["seconds"] for entry in rows(ada)) == [60, 600, 3600, 3600]
    assert 'Re, "funds"' in {task["title"] for task in rows(ada, "tasks")}


def test_a_file_of_rejected_rows_is_never_written_over(ada: Person) -> None:
    """Somebody may be mending it."""
    for _ in range(2):
        bring(ada, HEADER + row(1, "x"), "--on-error", "skip")
    assert Path("log.csv.rejected.csv").exists()
    assert Path("log.csv.rejected-2.csv").exists()


def test_rejected_rows_of_a_pipe_go_to_the_current_folder(ada: Person) -> None:
    """Under the source's name, made safe; /dev/stdin is no folder to write beside."""
    Path("m.toml").write_text(MAP.replace('"clock"', '"our/clock ../2"'))
    for number, file in (("", "/dev/stdin"), ("-2", "-")):
        with ada.process(
            "import", "csv", file, "--map", "m.toml", "--on-error", "skip", stdin=-1
        ) as process:
            _, said = process.communicate(HEADER + row(1) + row(2, "ten"))
        assert process.returncode == 0
        assert "'ten'" in said
        assert Path(f"our_clock_.._2.rejected{number}.csv").read_text() == HEADER + row(2, "ten")


def test_rejected_rows_keep_their_bytes(ada: Person) -> None:
    """A row that is no UTF-8 is set aside as the bytes it was."""
    text = HEADER.encode() + row(1).replace("ann", "zoë").encode("latin-1") + row(2).encode()
    assert r"'zo\\xeb'" in bring(ada, text, "--on-error", "skip").stderr
    assert Path("log.csv.rejected.csv").read_bytes() == text.removesuffix(row(2).encode())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_understood(ada: Person, encoding: str) -> None:
    """Files from spreadsheets come with one."""
    assert "kept 1 entries" in bring(ada, (HEADER + row(1)).encode(encoding)).stderr


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("T\x1b[31m", "it holds a control character (U+001B)"),
        ("T\u202e21-YAP", "turns the direction of writing (U+202E)"),
        ("T" * 501, "it has 501 characters; give at most 500"),
    ],
)
def test_names_are_held_to_the_same_rule_as_at_the_command_line(
    ada: Person, task: str, said: str
) -> None:
    """The row is refused with its column; wide blanks and joined emoji are lawful."""
    good = row(1).replace("T-1", "設計\u3000👩\u200d💻")
    result = bring(ada, HEADER + good + row(2).replace("T-2", task), "--on-error", "skip")
    assert "line 3, column issue" in result.stderr
    assert said in result.stderr
    assert [entry["task"] for entry in rows(ada)] == ["設計\u3000👩\u200d💻"]


def test_a_hostile_title_is_kept_letter_for_letter(ada: Person) -> None:
    """What is written in a log is text, whatever it looks like."""
    title = "</script><img onerror=alert(1) src=x> =1+1"
    bring(ada, HEADER + row(1).replace("Refunds", title))
    assert rows(ada, "tasks")[0]["title"] == title
    assert title in ada.run("export").stdout


def test_standard_input_is_read(ada: Person) -> None:
    """- is standard input."""
    with ada.process("import", "csv", "-", "--map", "m.toml", stdin=-1) as process:
        _, said = process.communicate(HEADER + row(1))
    assert process.returncode == 0
    assert "kept 1 entries" in said
    assert len(rows(ada)) == 1


def test_several_files_are_taken_one_after_the_other(ada: Person) -> None:
    """Each is an import of its own, and the first that is refused ends it."""
    files = [
        log(HEADER + row(1), "a.csv"),
        log(HEADER + row(2, "x"), "b.csv"),
        log(HEADER + row(3), "c.csv"),
    ]
    result = ada.run("import", "csv", *files, "--map", "m.toml", code=1)
    assert "a.csv: kept 1 entries" in result.stderr
    assert "b.csv line 2" in result.stderr
    assert [entry["task"] for entry in rows(ada)] == ["T-1"]


def test_developer_and_zone_fill_what_the_map_leaves_out(ada: Person) -> None:
    """--developer and --tz; else one's own settings; naive times without any zone are refused."""
    Path("m.toml").write_text(
        MAP.replace('developer = "who"\n', "").replace('timezone = "America/New_York"\n', "")
    )
    assert "--tz" in ada.refused("import", "csv", log(HEADER + row(1)), "--map", "m.toml")
    bring(ada, HEADER + row(1), "--tz", "Asia/Tokyo", "--developer", "bob")
    ada.run("config", "set", "zone", "Europe/Berlin")
    bring(ada, HEADER + row(2))
    found = {(entry["developer"], entry["zone"]) for entry in rows(ada)}
    assert found == {("bob", "Asia/Tokyo"), ("ada", "Europe/Berlin")}


def test_a_folder_that_cannot_be_written_is_named(ada: Person, tmp_path: Path) -> None:
    """Where the rejected rows cannot be set aside, the import says so, and that the rest is kept."""
    log_path = log(HEADER + row(1) + row(2, "x"))
    # a name that is taken by what cannot be written: root may write in any folder
    long = tmp_path / ("x" * 245 + ".csv")
    Path(log_path).rename(long)
    refusal = ada.run("import", "csv", str(long), "--map", "m.toml", "--on-error", "skip", code=1)
    assert "the rest is kept, but" in refusal.stderr
    assert "line 3, column minutes: 'x'" in refusal.stderr
    assert len(rows(ada)) == 1


def test_a_database_that_cannot_be_written_is_refused(ada: Person) -> None:
    """A read-only folder: one line, exit 1."""
    url = "sqlite:////proc/log.db"  # where not even root may make a file
    assert "/proc/log.db" in ada.refused(
        "--db", url, "import", "csv", log(HEADER + row(1)), "--map", "m.toml"
    )


def many(count: int) -> str:
    """A long log."""
    return HEADER + "".join(map(row, range(count)))


def test_a_killed_import_leaves_nothing_half_kept(ada: Person) -> None:
    """kill -9 in the middle: none of it is there, and the next import takes all of it."""
    bring(ada, HEADER + row(999_999))
    file = log(many(60_000))
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
    assert "kept 60,000 entries" in ada.run("import", "csv", file, "--map", "m.toml").stderr
    assert len(rows(ada)) == 60_001


def test_two_imports_at_once_are_both_right(ada: Person) -> None:
    """Two processes import logs that overlap: every row is there once."""
    bring(ada, HEADER + row(0))
    files = [log(HEADER + "".join(map(row, range(4_000))), "a.csv"), log(many(6_000), "b.csv")]
    processes = [ada.process("import", "csv", file, "--map", "m.toml") for file in files]
    said = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    keys = [entry["source_key"] for entry in rows(ada)]
    assert sorted(keys, key=int) == [str(number) for number in range(6_000)]


def test_a_trial_of_one_row_a_task_gives_arms(ada: Person) -> None:
    """Arms drawn at random, two durations, no dates: a constant day, and the arm is as `assisted` says."""
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
    result = bring(ada, "dev,issue,ai,forecast,first,review\n1,A,1,60,30,15\n1,B,0,90,70,NA\n")
    assert "kept 2 entries, 2 work items" in result.stderr
    items = [(i["task"], i["assigned"], i["estimate_minutes"]) for i in rows(ada, "work_items")]
    assert items == [("A", "assistance", 60.0), ("B", "baseline", 90.0)]
    assert [entry["seconds"] for entry in rows(ada)] == [2700, 4200]


def test_tasks_are_imported(ada: Person) -> None:
    """`import tasks` fills the estimates."""
    Path("t.toml").write_text('source = "t"\n[columns]\ntask = "key"\nestimate_minutes = "est"\n')
    result = ada.run(
        "import", "tasks", log("key,est\nT-1,90\nT-2,x\n"), "--map", "t.toml", "--on-error", "skip"
    )
    assert "kept 1 tasks, 1 rejected" in result.stderr
    assert rows(ada, "tasks")[0]["estimate_minutes"] == 90


@pytest.mark.parametrize("form", ["csv", "json"])
def test_an_export_comes_back(ada: Person, tmp_path: Path, form: str) -> None:
    """`import tracker` of an export into an empty database restores the log; into the same one it adds nothing."""
    bring(ada, HEADER + row(1) + row(2))
    ada.run("log", "design", "T-9", "45m", "-m", "by hand")
    for what in ("entries", "tasks"):
        ada.run("export", what, "--format", form, "-o", f"{what}.{form}")
    assert "kept nothing, 5 there already" in ada.run("import", "tracker", f"entries.{form}").stderr
    (tmp_path / "other").mkdir()
    other = Person(tmp_path / "other")
    other.run("import", "tracker", f"tasks.{form}")
    other.run("import", "tracker", f"entries.{form}")

    def kept(person: Person) -> list[dict[str, Any]]:
        return sorted(
            ({**entry, "import_id": None} for entry in rows(person)),
            key=lambda entry: str(entry["id"]),
        )

    assert kept(other) == kept(ada)


def test_an_export_goes_to_stdout_alone(ada: Person) -> None:
    """CSV by default, JSON when asked; an empty log is a header, or an empty array."""
    assert ada.run("export", "--format", "json").stdout == "[]\n"
    bring(ada, HEADER + row(1))
    (entry,) = json.loads(ada.run("export", "--format", "json").stdout)
    (line,) = csv.DictReader(io.StringIO(ada.run("export").stdout))
    assert entry["task"] == line["task"] == "T-1"
    assert entry["started_at"] == line["started_at"] == "2026-03-02T09:00:00-05:00"


def test_an_export_that_fails_leaves_no_file(ada: Person) -> None:
    """A file appears when it is complete."""
    bring(ada, HEADER + row(1))
    refusal = ada.refused("export", "-o", "no/such/folder/x.csv")
    assert "x.csv" in refusal
    Path("taken").mkdir()
    ada.refused("export", "-o", "taken")
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
    """Ten tasks of each arm for each developer, finished."""
    lines = ["id,who,task,phase,begin,minutes,ai,done"]
    for person in people:
        for task in range(20):
            ai = task % 2
            lines.append(
                f"{person}{task},{person},T{task},design,2026-01-05 09:00,{30 + task},{ai},2026-01-05 09:30"
            )
    return "\n".join(lines) + "\n"


def test_moments_leave_in_groups_without_names(ada: Person) -> None:
    """Five developers or more a group, and no name anywhere; four are too few."""
    Path("m.toml").write_text(TEAM_MAP)
    bring(ada, team("PQRS"))
    assert ada.json("export", "moments") == []
    bring(ada, team("PQRST"))
    found = ada.json("export", "moments")
    assert [(row["arm"], row["developers"], row["n"]) for row in found] == [
        ("assistance", 5, 50),
        ("baseline", 5, 50),
    ]
    assert all("developer" not in row for row in found)
    assert not {*"PQRST"} & set(ada.run("export", "moments").stdout.replace("\n", ",").split(","))


def test_one_s_own_moments_are_one_s_own_to_see(ada: Person) -> None:
    """A log of the reader alone is not withheld from them."""
    Path("m.toml").write_text(TEAM_MAP)
    bring(ada, team("a").replace("a,", "ada,"))
    assert {row["developers"] for row in ada.json("export", "moments")} == {1}


PAGE = (Path(__file__).parents[3] / "docs" / "importing.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The examples in the page on importing."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_page_s_example_prints_what_it_says(ada: Person) -> None:
    """Every command of the worked example, run in its order."""
    log(blocks("csv")[0], "time.csv")
    Path("ours.toml").write_text(blocks("toml")[0])
    (session,) = blocks("console")
    for command, printed in re.findall(
        r"^\$ tracker (.*)\n((?:(?!\$).*\n)*)", session, flags=re.MULTILINE
    ):
        assert ada.run(*command.split(), code=None).output == printed


def test_the_page_s_maps_and_columns_are_those_there_are() -> None:
    """Each map is understood, and each of our columns and formats is explained."""
    assert [parse_map(text, "m.toml").source for text in blocks("toml")] == [
        "stopwatch",
        "trial",
        "board",
    ]
    rows = re.findall(r"^\| (`.*?`) \|", PAGE, flags=re.MULTILINE)
    told = {name.strip("` ") for row in rows for name in row.split(",")}
    formats = {field.name for field in dataclasses.fields(Formats)} - {"zone"} | {"timezone"}
    assert {*COLUMNS, *formats} <= told
