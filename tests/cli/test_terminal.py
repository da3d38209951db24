"""Every command in a terminal: narrow and wide, plain and in colour, in ASCII and in UTF-8."""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from rich.cells import cell_len
from support.person import CTRL_C, PROGRAM, Person, Screen

from tracker.cli import cli

ASCII = {"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""The C locale as it is without Python's own remedies: stdout is ASCII, and so are file names."""

GERMAN_IN_INDIA = {"LANG": "de_DE.UTF-8", "PYTHONUTF8": "1", "TZ": "Asia/Kolkata"}
FOR_PROGRAMS = ("--format json", "--format csv", "completion", "--suggest", "export")
"""Outputs whose lines are as long as they are."""

TASKS = ("PAY-12", "Größe-1", "設計-7", "חיפוש-3", "👨‍👩‍👧-2", "e\u0301te\u0301-5")
NOTE = "größer als geplant – siehe 議事録 und 👍🏽, " * 4
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
timezone = "Europe/Berlin"
"""
HEADER = "id,who,issue,summary,phase,begin,end,minutes\n"
LONG_LOG_ROWS = 60_000


class Case(NamedTuple):
    """A command line, its exit code, and what is done before."""

    line: str
    code: int = 0
    before: tuple[str, ...] = ()

    @property
    def arguments(self) -> list[str]:
        return self.line.split()


CASES = {
    "start": [Case("start design PAY-12 --ai --estimate 3h")],
    "stop": [Case("stop", before=("start design PAY-12",))],
    "pause": [
        Case("pause", before=("start design PAY-12",)),
        Case("pause --at 2026-01-05", code=1, before=("start design PAY-12",)),
    ],
    "resume": [Case("resume", before=("start design PAY-12", "pause"))],
    "cancel": [Case("cancel", before=("start design PAY-12",))],
    "status": [Case("status", code=1), Case("status", before=("start design PAY-12",))],
    "continue": [
        Case("continue", before=("start design PAY-12", "stop")),
        Case("continue @9"),
        Case("continue PAY-12"),
        Case("continue @99", code=1),
    ],
    "log": [Case("log testing PAY-9 45m"), Case("log testing PAY-9 45m yesterday 0:50", code=1)],
    "entries": [
        Case("entries"),
        Case("entries --format json"),
        Case("entries --format csv"),
        Case("entries --overlaps"),
        Case("entries yesterday"),
    ],
    "summary": [
        Case("summary"),
        Case("summary --to 2020-01-01"),
        Case("summary --month --by task"),
        Case("summary --gaps"),
        Case("summary --yesterday"),
    ],
    "edit": [
        Case("edit {id} --duration 5m"),
        Case("edit @3 --from 1:00 --to 2:00"),
        Case("edit --task PAY-13", before=("start design PAY-12 --estimate 3h",)),
        Case("edit --task PAY-13", code=1),
    ],
    "delete": [Case("delete {id}"), Case("delete @2 @3")],
    "undo": [Case("undo")],
    "redo": [Case("redo", before=("undo",))],
    "outbox": [Case("outbox")],
    "outbox list": [Case("outbox list")],
    "outbox move": [Case("outbox move --yes", code=1)],
    "import": [
        Case("import csv clock.csv --map clock.toml"),
        Case("import csv wrong.csv --map clock.toml", code=1),
        Case("import csv wrong.csv --map clock.toml --on-error skip"),
        Case("import csv clock.csv --suggest"),
        Case("import --list"),
        Case("import --undo", before=("import csv clock.csv --map clock.toml",)),
    ],
    "pull": [
        Case("pull jira http://localhost:9", code=1),
        Case("pull kimai http://kimai.example.org", code=1),
    ],
    "export": [
        Case("export"),
        Case("export tasks --format json"),
        Case("export -o out.csv"),
        Case("export all"),
    ],
    "estimate": [Case("estimate design PAY-13 3h --ai 2h")],
    "assign": [Case("assign design PAY-14", before=("estimate design PAY-14 3h",))],
    "task": [
        Case("task PAY-12"),
        Case("task PAY-12 --done"),
        Case("task PAY-12 --reopen", before=("task PAY-12 --done",)),
        Case("task NO-1", code=1),
    ],
    "tasks": [Case("tasks"), Case("tasks --open --done --yes"), Case("tasks --project X")],
    "rename task": [Case("rename task PAY-12 PAY-99"), Case("rename task NO-1 PAY-99", code=1)],
    "rename developer": [
        Case("rename developer ada ada@example.org"),
        Case("rename developer bob ada", code=1),
    ],
    "rename activity": [Case("rename activity testing review")],
    "team": [Case("team"), Case("team --mine --format json"), Case("team --team X", code=1)],
    "rollout": [Case("rollout --list"), Case("rollout Helper --on 2026-03-02")],
    "activities": [Case("activities")],
    "activities add": [Case("activities add deployment")],
    "collect": [
        Case("collect --list"),
        Case("collect --dry-run"),
        Case("collect --forget", code=1),
        Case("collect --retire 0 2026-01-01", code=1),
    ],
    "mark": [Case("mark")],
    "hooks install": [Case("hooks install", code=1)],
    "hooks remove": [Case("hooks remove", code=1)],
    "hooks schedule": [Case("hooks schedule --for systemd")],
    "proposals": [Case("proposals", before=("collect",)), Case("proposals", code=1)],
    "proposals accept": [Case("proposals accept 0 1h", code=1, before=("collect",))],
    "proposals drop": [Case("proposals drop 0", code=1, before=("collect",))],
    "check": [Case("check --require supported", code=3)],
    "report": [Case("report -o page.html")],
    "plan": [Case("plan")],
    "calibrate": [Case("calibrate", code=1)],
    "simulate": [Case("simulate --studies 1", code=1)],
    "claims": [Case("claims")],
    "claims add": [Case("claims add vendor --activity design --gain 30% --source offer")],
    "claims remove": [Case("claims remove own")],
    "demo": [Case("demo -o demo")],
    "config": [Case("config")],
    "config get": [Case("config get zone")],
    "config set": [
        Case("config set team payments"),
        Case("config set database_url foo", code=1),
    ],
    "config unset": [Case("config unset team", before=("config set team payments",))],
    "db status": [Case("db status")],
    "db upgrade": [Case("db upgrade")],
    "db downgrade": [Case("db downgrade no-such-revision", code=1)],
    "db backup": [Case("db backup copy.db")],
    "db rebuild": [Case("db rebuild")],
    "db doctor": [Case("db doctor")],
    "completion": [Case("completion bash")],
    "help": [Case("help"), Case("help config set"), Case(""), Case("st", code=2)],
    "version": [Case("version")],
}
"""Command lines of every command."""

ALL_CASES = [case for cases in CASES.values() for case in cases]

LISTS = (
    *(
        "entries",
        "summary",
        "tasks",
        "import --list",
        "task PAY-12",
        "rollout --list",
        "activities",
    ),
    *("check", "team", "plan", "claims", "config", "db status", "db doctor"),
)
"""The commands that print a table, and a text in paragraphs."""


def commands(group: click.Group, prefix: str = "") -> Iterator[str]:
    """Yield the names of the commands that can be called, with those of their groups."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix}{name} ")
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield f"{prefix}{name}"


@pytest.fixture(scope="session")
def prepared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a log in many scripts, a log to import, and claims and a rollout of one's own."""
    home = tmp_path_factory.mktemp("home")
    ada = Person(home)
    ada.time = datetime.now(UTC) - timedelta(days=10)
    ada.run("activities", "add", "größe 設計")
    for number in range(40):
        ada.later(300)
        task = f"{TASKS[number % len(TASKS)]}-{number}" if number > 5 else TASKS[number]
        activity = ("design", "testing", "größe 設計")[number % 3]
        flags = ("--ai", "--assistant", "Spark Ü 3.5") if number % 2 else ("--no-ai",)
        ada.run("log", activity, task, f"{20 + number}m", *flags, "-m", NOTE)
    ada.run("task", "PAY-12", "--title", NOTE, "--project", "Zahlungen 支払い")
    ada.run("rollout", "Spark Ü 3.5", "--on", "2026-03-02", "--team", "größte Mannschaft 組")
    claim = ("--activity", "design", "--gain", "30%", "--source", "«Angebot» – ≥ 30 %")
    ada.run("claims", "add", "own", *claim)
    row = "{0},ada,PAY-{0},größer 設計,design,2026-03-02 09:00,2026-03-02 10:00,{1}\n"
    (home / "clock.toml").write_text(MAP, encoding="utf-8")
    rows = [row.format(number, 60) for number in range(3)]
    (home / "clock.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    (home / "wrong.csv").write_text(HEADER + rows[0] + row.format(7, "größer"), encoding="utf-8")
    return home


@pytest.fixture
def ada(prepared_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Ada in a copy of the prepared home, which is also the current folder."""
    home = tmp_path / "home"
    shutil.copytree(prepared_home, home)
    monkeypatch.chdir(home)
    return Person(home)


@pytest.fixture
def case(request: pytest.FixtureRequest, ada: Person) -> Case:
    """A case after what is done before it, with the id of an entry."""
    case: Case = request.param
    ada.time = datetime.now(UTC) - timedelta(minutes=5)
    for line in case.before:
        ada.later(1)
        ada.run(*line.split())
    if "{id}" not in case.line:
        return case
    id_ = ada.json("entries", "-n", "1")[0]["id"]
    return case._replace(line=case.line.format(id=id_))


all_cases = pytest.mark.parametrize(
    "case", ALL_CASES, ids=lambda case: case.line.replace(" ", "_"), indirect=True
)


def check_screen(screen: Screen, case: Case) -> None:
    """Check the exit code, and that the interpreter printed nothing of its own."""
    output = screen.text + screen.piped
    assert screen.code == case.code, output
    for words in ("Traceback", "Exception ignored", "Error in sys", "UnicodeEncodeError"):
        assert words not in output


def check_width(screen: Screen, case: Case, columns: int) -> None:
    """Check that no line is wider than the terminal, but for what programs read."""
    if not any(words in case.line for words in FOR_PROGRAMS):
        assert wide_lines(plain_lines(screen), columns) == []


def wide_lines(lines: list[str], columns: int) -> list[str]:
    """Return the lines that are wider than a terminal, but for a path that stands alone."""
    wide = [line for line in lines if cell_len(line) > columns]
    return [line for line in wide if len(line.split()) > 1 or "/" not in line]


def plain_lines(screen: Screen) -> list[str]:
    """Return the lines without escape sequences; of a bar that is drawn again, the last state."""
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.text)
    return [line.rpartition("\r")[2] for line in text.split("\n")]


def groups_and_commands(group: click.Group, name: str = "tracker") -> Iterator[click.Context]:
    """Yield a context for a group and for each of its commands, at all depths."""
    context = click.Context(group, info_name=name, terminal_width=78)
    yield context
    for key in group.list_commands(context):
        command = group.get_command(context, key)
        if isinstance(command, click.Group):
            yield from groups_and_commands(command, f"{name} {key}")
        elif command is not None:
            yield click.Context(command, info_name=f"{name} {key}", terminal_width=78)


@pytest.mark.parametrize("context", [*groups_and_commands(cli)], ids=lambda c: c.info_name)
def test_help_at_80_columns_shows_examples_as_they_are(context: click.Context) -> None:
    """No example is broken or loses its columns, and no sentence of a list of commands is cut."""
    shown = [line.strip() for line in context.get_help().splitlines()]
    cut = [line for line in shown if line.endswith("...") and not line.startswith("Usage: ")]
    assert cut == []
    _, *examples = (context.command.help or "").split("\b\n")
    for example in examples:
        for line in example.split("\n\n")[0].splitlines():
            assert line.strip() in shown


def test_every_command_has_a_case() -> None:
    """A new command needs a command line in CASES, to be run in a terminal."""
    assert set(CASES) == set(commands(cli))


@all_cases
def test_every_command_runs_in_a_narrow_plain_terminal_without_utf8(
    ada: Person, case: Case
) -> None:
    """At 60 columns in the C locale with NO_COLOR the output is ASCII without escape sequences."""
    screen = ada.terminal(*case.arguments, columns=60, environ={**ASCII, "NO_COLOR": "1"})
    check_screen(screen, case)
    check_width(screen, case, 60)
    assert screen.text.isascii()
    assert "\x1b" not in screen.text


@all_cases
def test_every_command_runs_in_a_colour_terminal(ada: Person, case: Case) -> None:
    """At 80 columns in colour, in German and in another zone, no character is replaced."""
    screen = ada.terminal(*case.arguments, environ=GERMAN_IN_INDIA)
    check_screen(screen, case)
    check_width(screen, case, 80)
    assert "\N{REPLACEMENT CHARACTER}" not in screen.text


@pytest.mark.parametrize(("line", "columns"), [*((line, 60) for line in LISTS), ("claims", 80)])
def test_lists_fit_the_terminal(ada: Person, line: str, columns: int) -> None:
    """No line of a list is wider than the terminal, also while stderr is a pipe."""
    screen = ada.terminal(*line.split(), columns=columns, pipe="stderr")
    check_screen(screen, Case(line))
    assert screen.lines
    assert wide_lines(screen.lines, columns) == []


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("line", ["config", "db status", "config get database_url"])
def test_the_path_of_the_database_is_whole(ada: Person, line: str, columns: int) -> None:
    """It can be copied from the terminal; a password in a URL is masked all the same."""
    home = ada.home.with_name("x" * 100)
    ada.home.rename(home)
    screen = ada.terminal(*line.split(), columns=columns, environ={"HOME": str(home)})
    assert f"sqlite:///{home}/.local/share/tracker/tracker.db" in screen.lines
    url = f"postgresql://ada:s3cret@{'h' * 60}.example.org/tracker"
    screen = ada.terminal("config", columns=columns, environ={"TRACKER_DATABASE_URL": url})
    assert url.replace("s3cret", "***") in screen.lines


@pytest.mark.parametrize("line", ["import --list", "db doctor"])
def test_lists_that_say_what_to_do_are_not_cut(ada: Person, line: str) -> None:
    """A long text is broken between words."""
    lines = ada.terminal(*line.split(), columns=60).lines
    assert not [text for text in lines if "…" in text]
    wide = ada.terminal(*line.split(), columns=200).lines
    assert " ".join(lines).split() == " ".join(wide).split()


@pytest.mark.parametrize("line", ["entries", "summary", "tasks", "claims", "", "help log"])
def test_a_wide_dumb_terminal_is_used(ada: Person, line: str) -> None:
    """At 200 columns without escape sequences."""
    screen = ada.terminal(*line.split(), columns=200, environ={"TERM": "dumb"})
    check_width(screen, Case(line), 200)
    assert "\x1b" not in screen.text


def test_lists_in_a_pipe_are_not_wrapped(ada: Person) -> None:
    """With stdout a pipe each entry is one line with its whole note, whatever stderr is."""
    screen = ada.terminal("entries", columns=60, pipe="stdout")
    lines = screen.piped.splitlines()
    assert len(lines) == 1 + 20
    assert all(NOTE.strip() in line for line in lines[1:])
    assert "\x1b" not in screen.piped


def test_ids_and_numbers_are_whole_in_a_narrow_terminal(ada: Person) -> None:
    """Each id, start and effort of `entries` is in one piece at 60 columns."""
    entries = ada.json("entries", "-n", "30")
    text = ada.terminal("entries", "-n", "30", columns=60).text
    for place, entry in enumerate(entries, start=1):
        name = f"@{place}" if place <= 20 else ""
        # Four digits of an id, or more where two ids end alike.
        assert re.search(rf"\n{name:4}[0-9a-f]*{entry['id'][-4:]} ", text)
        assert entry["started_at"][:16].replace("T", " ") in text
        assert f"{entry['minutes']:.0f}m" in text


@pytest.mark.parametrize("line", ["entries", "import csv clock.csv --map clock.toml"])
@pytest.mark.parametrize(
    "environ", [{"TERM": "dumb"}, {"NO_COLOR": "1"}, {"TERM": "dumb", "FORCE_COLOR": "1"}]
)
def test_no_escape_sequences_where_they_are_unwanted(
    ada: Person, line: str, environ: dict[str, str]
) -> None:
    """TERM=dumb and NO_COLOR turn off all escape sequences."""
    assert "\x1b" not in ada.terminal(*line.split(), environ=environ).text


@pytest.mark.parametrize("line", ["entries", "claims"])
def test_a_terminal_with_colour_gets_it(ada: Person, line: str) -> None:
    """The heading is bold."""
    assert "\x1b[1m" in ada.terminal(*line.split()).text


@pytest.mark.parametrize("line", ["entries", "claims", "log design PAY-1 5m"])
def test_a_latin_1_terminal_keeps_its_letters(ada: Person, line: str) -> None:
    """What Latin-1 has is printed, other signs have a plain form, and nothing fails."""
    screen = ada.terminal(
        *line.split(), environ={"PYTHONIOENCODING": "latin-1"}, encoding="latin-1"
    )
    check_screen(screen, Case(line))
    assert not any("\x80" <= character < "\xa0" for character in screen.text)
    if line == "entries":
        assert "größer als geplant - siehe" in screen.text


@pytest.mark.parametrize("environ", [ASCII, {"PYTHONIOENCODING": "latin-1"}])
@pytest.mark.parametrize("format_", ["json", "csv"])
def test_programs_get_every_letter(ada: Person, environ: dict[str, str], format_: str) -> None:
    """JSON and CSV in a pipe are UTF-8 in every locale."""
    screen = ada.terminal("entries", "--format", format_, environ=environ, pipe="stdout")
    assert NOTE.strip() in screen.piped


def test_arguments_that_the_locale_cannot_read_are_refused(ada: Person) -> None:
    """A task in UTF-8 in the C locale is refused in one line, and nothing is stored under it."""
    screen = ada.terminal("log", "design", "Größe", "5m", environ=ASCII)
    check_screen(screen, Case("", code=1))
    message = " ".join(screen.text.split())
    assert message.startswith("tracker: text is 'Gr??e': this locale cannot read it; use one in")


def test_a_file_name_that_the_locale_cannot_read_is_imported(ada: Person) -> None:
    """In the C locale a log with letters beyond ASCII in its name is imported and undone."""
    shutil.copy("clock.csv", "größe.csv")
    for line in ("import csv größe.csv --map clock.toml", "import --undo"):
        screen = ada.terminal(*line.split(), environ={**ASCII, "NO_COLOR": "1"})
        check_screen(screen, Case(line))
        assert screen.text.isascii()


@pytest.mark.parametrize("line", ["entries", "db status", "-v log design PAY-1 5m", "db backup c"])
def test_a_home_that_the_locale_cannot_read_is_used(ada: Person, line: str) -> None:
    """In the C locale a home folder with letters beyond ASCII in its name works as any other."""
    home = ada.home.with_name("hö設me")
    ada.home.rename(home)
    environ = {**ASCII, "NO_COLOR": "1", "HOME": str(home)}
    screen = ada.terminal(*line.split(), environ=environ)
    check_screen(screen, Case(line))
    assert screen.text.isascii()


@pytest.mark.parametrize("line", ["--help", "entries --help", "nonsense"])
def test_help_and_wrong_usage_are_ascii_without_utf8(ada: Person, line: str) -> None:
    """Also what click itself prints has the encoding of the terminal."""
    screen = ada.terminal(*line.split(), columns=60, environ=ASCII)
    check_screen(screen, Case(line, code=2 if line == "nonsense" else 0))
    assert screen.text.isascii()


def write_long_log() -> None:
    """Write a log that takes seconds to import."""
    row = "{0},ada,PAY-{0},title,design,2026-03-02 09:00,2026-03-02 10:00,60\n"
    rows = (row.format(number) for number in range(LONG_LOG_ROWS))
    Path("long.csv").write_text(HEADER + "".join(rows), encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "environ", "sign"),
    [((), {}, "importing"), (("-v",), {"NO_COLOR": "1"}, "database:")],
    ids=["bar", "plain"],
)
def test_ctrl_c_ends_an_import(
    ada: Person, options: tuple[str, ...], environ: dict[str, str], sign: str
) -> None:
    """It prints one line, exits with 130, restores the cursor, and nothing is stored."""
    write_long_log()
    with contextlib.closing(sqlite3.connect(ada.data / "tracker.db")) as connection:
        before = connection.execute("SELECT count(*) FROM entries").fetchone()
        line = (*options, "import", "csv", "long.csv", "--map", "clock.toml")
        screen = ada.terminal(*line, environ=environ, answer=(sign, CTRL_C))
        assert connection.execute("SELECT count(*) FROM entries").fetchone() == before
    check_screen(screen, Case("", code=130))
    assert screen.lines[-1] == "tracker: interrupted: nothing of long.csv is kept."
    assert screen.text.count("\x1b[?25l") == screen.text.count("\x1b[?25h")


@pytest.mark.parametrize("line", ["check", "report -o page.html"])
def test_ctrl_c_ends_any_command(ada: Person, line: str) -> None:
    """It prints no error, exits with 130 and leaves no part of a file."""
    screen = ada.terminal("-v", *line.split(), answer=("database:", CTRL_C))
    check_screen(screen, Case(line, code=130))
    assert screen.lines[-1] == "^C"
    assert not list(ada.home.glob("*page.html*"))


@pytest.mark.parametrize("line", ["-q claims", "entries -n 40", "export", "--help"])
def test_a_closed_pipe_is_silent(ada: Person, line: str) -> None:
    """`tracker COMMAND | head -c 1` prints nothing on the terminal."""
    command = f"{PROGRAM} {line} | head -c 1 >/dev/null"
    result = subprocess.run(["sh", "-c", command], env=ada.environ, capture_output=True, text=True)
    assert result.stderr == ""
