"""Wrong usage: one line that says what is wrong and names the help, and exit code 2."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support.person import Person

from tracker.cli import cli


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path)


def command_paths(command: click.Command = cli, path: str = "") -> Iterator[str]:
    """Yield the words of every command and group, the program's own first."""
    yield path
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            subcommand = command.get_command(ctx, name)
            assert subcommand
            yield from command_paths(subcommand, f"{path} {name}".strip())


PATHS = [path for path in command_paths() if path != "mark"]
"""All of them but `mark`, which never fails the hook that calls it."""


def usage_error(ada: Person, line: str) -> str:
    """Run wrong usage and return its message: one line, on stderr only."""
    result = ada.run(*line.split(), code=2)
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("Error: ").rstrip("\n")


@pytest.mark.parametrize("path", PATHS)
def test_an_unknown_option_is_refused_in_one_line(ada: Person, path: str) -> None:
    """Every command and group names the option and its own help."""
    program = f"tracker {path}".strip()
    message = usage_error(ada, f"{path} --xyzzy")
    assert message == f"No such option '--xyzzy'; see `{program} --help`"


@pytest.mark.parametrize("path", PATHS[1:])
@pytest.mark.parametrize(
    ("option", "example"),
    [("--db=x", "tracker --db URL"), ("-q", "tracker -q"), ("--config", "tracker --config FILE")],
)
def test_an_option_of_the_program_after_a_command_is_told_its_place(
    ada: Person, path: str, option: str, example: str
) -> None:
    """The message shows the command line that works."""
    name = option.partition("=")[0]
    place = f"{name} goes before the command: `{example} {path}`; see `tracker --help`"
    assert usage_error(ada, f"{path} {option}") == place


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("xyzzy", "there is no command 'xyzzy'; see `tracker --help`"),
        ("strat", "there is no command 'strat': did you mean start? See `tracker --help`"),
        ("db sttus", "there is no command 'sttus': did you mean status? See `tracker db --help`"),
        ("-q -v status", "give -q or -v, not both; see `tracker --help`"),
        ("log", "Missing argument 'ACTIVITY'; see `tracker log --help`"),
        (
            "completion",
            "Missing argument '{bash|zsh|fish}'. Choose from: bash, zsh, fish; "
            "see `tracker completion --help`",
        ),
        ("version now", "Got unexpected extra argument (now); see `tracker version --help`"),
        ("log design --from", "Option '--from' requires an argument; see `tracker log --help`"),
        ("summary --week=3", "Option '--week' does not take a value; see `tracker summary --help`"),
        (
            "check --format xml",
            "Invalid value for '--format': 'xml' is not one of 'text', 'json', 'csv'; "
            "see `tracker check --help`",
        ),
        (
            "summary --bye task",
            "No such option '--bye'. Did you mean '--by'? See `tracker summary --help`",
        ),
        ("db --db x", "--db goes before the command: `tracker --db URL db`; see `tracker --help`"),
        (
            "rollout Spark --on 2026-03-02 --developer ada --team web",
            "give --developer or --team, not both; see `tracker rollout --help`",
        ),
    ],
)
def test_wrong_usage_says_what_is_wrong(ada: Person, line: str, message: str) -> None:
    """Commands, arguments, choices, and options of click's own parser."""
    assert usage_error(ada, line) == message


def test_wrong_usage_fits_a_terminal(ada: Person) -> None:
    """The one line is broken between words."""
    screen = ada.terminal("check", "--format", "xml", columns=60)
    assert screen.code == 2
    assert screen.lines[0].startswith("Error: Invalid value for '--format'")
    assert all(len(line) <= 60 for line in screen.lines)


@pytest.mark.parametrize("option", ["-e", "--estimate"])
@pytest.mark.parametrize("command", ["task PAY-1", "tasks", "edit", "log design PAY-1 5m"])
def test_an_estimate_where_none_is_made_names_the_command(
    ada: Person, command: str, option: str
) -> None:
    """The command has the form that works."""
    message = usage_error(ada, f"{command} {option} 3h")
    assert (
        f"No such option '{option}': an estimate is made by `tracker estimate ACTIVITY" in message
    )


def test_an_estimate_without_one_of_its_names_is_told_which(ada: Person) -> None:
    """With the command that is meant, also with a duration of two words."""
    command = "say which activity: `tracker estimate ACTIVITY PAY-15 3h`"
    assert command in usage_error(ada, "estimate PAY-15 3h")
    assert command in usage_error(ada, "estimate PAY-15 3h --ai 2h")
    assert "ACTIVITY PAY-15 1h 30m`" in usage_error(ada, "estimate PAY-15 1h 30m")
    assert "say which task: `tracker estimate design TASK 3h`" in (
        usage_error(ada, "estimate design 3h")
    )
    assert "Missing argument" in usage_error(ada, "estimate design PAY-15")
    ada.run("estimate", "design", "15", "3h")


def test_a_note_on_a_pause_names_the_command(ada: Person) -> None:
    """`edit` gives a running timer a note."""
    assert "`tracker edit -m NOTE` gives the running timer a note" in usage_error(ada, "pause -m x")
