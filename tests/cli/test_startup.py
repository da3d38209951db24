"""What must feel instant loads click and the standard library, and of that only what starts quickly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.person import Person

HEAVY = {
    "sqlalchemy", "alembic", "pandas", "numpy", "scipy", "plotly", "rich", "jinja2", "tomlkit", "platformdirs",
    "psycopg", "sqlite3", "tomllib", "difflib", "subprocess", "logging", "tempfile", "pathlib", "dataclasses", "random",
    "tracker.domain.records", "tracker.store", "tracker.evidence", "tracker.report", "tracker.sources", "tracker.analysis",
}  # fmt: skip

RUN = """
import sys
from tracker.cli import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


def modules(person: Person, *arguments: str) -> set[str]:
    """The modules that a command has loaded in its own process; without site's, which load for every program."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments], env=person.environ, capture_output=True, text=True
    )
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split()) - set(bare.stdout.split())


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
def test_the_timers_verbs_load_nothing_heavy(tmp_path: Path, command: list[str]) -> None:
    """With a timer running, so that each verb does its real work."""
    person = Person(tmp_path)
    assert person.process("start", "design", "PAY-12").wait() == 0
    loaded = modules(person, *command)
    assert {"click", "tracker.local.timer"} <= loaded
    assert not loaded & HEAVY


def test_resume_and_continue_load_nothing_heavy(tmp_path: Path) -> None:
    """The two verbs that need a timer that was interrupted or stopped."""
    person = Person(tmp_path)
    for before in (["start", "design", "PAY-12"], ["pause"]):
        assert person.process(*before).wait() == 0
    assert not modules(person, "resume") & HEAVY
    assert person.process("stop").wait() == 0
    assert not modules(person, "continue") & HEAVY


def test_logging_loads_neither_pandas_nor_plotly(tmp_path: Path) -> None:
    """A line in the log needs the database, and none of what evidence and the page need."""
    loaded = modules(Person(tmp_path), "log", "design", "PAY-12", "45m")
    assert "sqlalchemy" in loaded
    assert not loaded & {
        "pandas",
        "numpy",
        "scipy",
        "plotly",
        "jinja2",
        "rich",
        "tracker.evidence",
        "tracker.report",
    }


def test_help_of_the_group_loads_nothing_heavy(tmp_path: Path) -> None:
    """All commands are listed with their help, though none of what they work with is loaded."""
    loaded = modules(Person(tmp_path), "--help")
    assert "tracker.cli.commands.entries" in loaded
    assert not loaded & {
        "sqlalchemy",
        "alembic",
        "pandas",
        "numpy",
        "scipy",
        "plotly",
        "rich",
        "jinja2",
        "tomlkit",
    }
