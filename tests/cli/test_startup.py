"""Commands that must start at once import click and light parts of the standard library only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.person import Person

HEAVY = {
    *("sqlalchemy", "alembic", "pandas", "numpy", "scipy", "plotly", "rich", "jinja2", "tomlkit"),
    *("platformdirs", "psycopg", "sqlite3", "tomllib", "difflib", "subprocess", "logging"),
    *("tempfile", "pathlib", "dataclasses", "random"),
    *("tracker.domain.records", "tracker.store", "tracker.evidence", "tracker.report"),
    *("tracker.sources", "tracker.analysis"),
}

ADDED_TO_CLICK = {
    *("json", "json.decoder", "json.encoder", "json.scanner", "_json"),  # the timer's files
    *("zoneinfo", "zoneinfo._common", "zoneinfo._tzpath", "_zoneinfo", "struct", "_struct"),
    *("sysconfig", "fcntl", "locale", "_locale", "pwd"),
}
"""What the timer's commands import besides click, what click imports, and tracker's own modules."""

RUN = """
import sys
from tracker.cli import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


def imported_modules(person: Person, *arguments: str) -> set[str]:
    """Return the modules that a command imports, without those that every Python program does."""
    result = subprocess.run(
        [sys.executable, "-c", RUN, *arguments], env=person.environ, capture_output=True, text=True
    )
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    return set(result.stderr.splitlines()[-1].split()) - set(bare.stdout.split())


@pytest.mark.parametrize(
    "command",
    [
        ["start", "testing", "PAY-9", "--ai", "--estimate", "3h", "--at", "0m ago"],
        ["stop"],
        ["pause"],
        ["status"],
        ["status", "--format", "json"],
        ["cancel"],
    ],
    ids=" ".join,
)
def test_the_timers_commands_import_nothing_heavy(tmp_path: Path, command: list[str]) -> None:
    """The commands are light also when there is a running timer to work on."""
    person = Person(tmp_path)
    assert person.process("start", "design", "PAY-12").wait() == 0
    modules = imported_modules(person, *command)
    assert {"click", "tracker.local.timer_file"} <= modules
    assert not modules & HEAVY
    program = "import click, sys; print(*sys.modules)"
    of_click = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    others = {name for name in modules if name.split(".")[0] not in ("tracker", "click")}
    platform_data = {name for name in others if name.startswith("_sysconfigdata")}
    assert others - set(of_click.stdout.split()) - platform_data <= ADDED_TO_CLICK


def test_the_program_does_not_search_its_modules_for_garbage(tmp_path: Path) -> None:
    """They are exempt from collections when they are loaded, and again when the program ends."""
    code = (
        "import gc, sys; from tracker import __main__ as program, cli\n"
        "cli.main = lambda: print(gc.isenabled(), gc.get_freeze_count() > 0)\n"
        "program.main(); gc.collect(); print(len(gc.get_objects()) < 1_000)"
    )
    environ = Person(tmp_path).environ
    result = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True)
    assert result.stdout.split() == [b"True"] * 3, result.stderr


def test_resume_and_continue_import_nothing_heavy(tmp_path: Path) -> None:
    """`resume` is light with a paused timer, `continue` with a stopped one."""
    person = Person(tmp_path)
    for command in (["start", "design", "PAY-12"], ["pause"]):
        assert person.process(*command).wait() == 0
    assert not imported_modules(person, "resume") & HEAVY
    assert person.process("stop").wait() == 0
    assert not imported_modules(person, "continue") & HEAVY


def test_undo_of_what_waits_imports_nothing_heavy(tmp_path: Path) -> None:
    """The undo of `stop` uses local files only, like `stop`."""
    person = Person(tmp_path)
    for command in (["start", "design", "PAY-12"], ["stop"]):
        assert person.process(*command).wait() == 0
    assert not imported_modules(person, "undo") & HEAVY


@pytest.mark.parametrize("command", ["log design PAY-12 45m", "tasks", "rollout --list", "claims"])
def test_commands_without_figures_import_neither_pandas_nor_plotly(
    tmp_path: Path, command: str
) -> None:
    """They import what the database needs, and nothing for evidence or the page."""
    modules = imported_modules(Person(tmp_path), *command.split())
    assert "sqlalchemy" in modules
    assert not modules & {
        *("pandas", "numpy", "scipy", "plotly", "jinja2"),
        *("tracker.evidence", "tracker.report"),
    }


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    """`--help` imports the modules of all commands, but not the libraries that they use."""
    modules = imported_modules(Person(tmp_path), "--help")
    assert "tracker.cli.commands.entries" in modules
    assert not modules & {
        *("sqlalchemy", "alembic", "pandas", "numpy", "scipy", "plotly", "rich", "jinja2"),
        "tomlkit",
    }


def test_check_imports_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    """On SQLite it loads neither SciPy's statistics nor PostgreSQL's dialect, nor what draws."""
    person = Person(tmp_path)
    assert person.process("log", "design", "PAY-12", "45m").wait() == 0
    modules = imported_modules(person, "check", "--format", "json")
    assert {"pandas", "sqlalchemy", "scipy.special"} <= modules
    assert not modules & {
        *("scipy.stats", "scipy.optimize", "scipy.linalg", "scipy.sparse", "scipy.spatial"),
        *("sqlalchemy.dialects.postgresql", "sqlalchemy.orm", "psycopg", "alembic"),
        *("plotly", "jinja2", "rich", "tomlkit"),
        *("tracker.sources", "tracker.report.page", "tracker.report.charts"),
    }


def test_the_page_imports_plotlys_script_and_not_its_figures(tmp_path: Path) -> None:
    """`report` takes figures as data; Plotly's classes, slow to import, are for notebooks."""
    person = Person(tmp_path)
    assert person.process("log", "design", "PAY-12", "45m").wait() == 0
    modules = imported_modules(person, "report", "-o", str(tmp_path / "page.html"))
    assert "jinja2" in modules
    assert not modules & {"plotly.graph_objs", "plotly.basedatatypes", "narwhals"}
