"""The program as a whole: its exit codes, its refusals, what it does when the output goes away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from support.person import PROGRAM, Person

from tracker import __version__
from tracker.cli import COMMANDS, cli
from tracker.cli.context import Context
from tracker.domain.errors import BadValue, RequirementNotMet
from tracker.local import settings


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path)


def raising(ada: Person, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> tuple[int, str]:
    """The exit code and stderr of a command that raises ``error``."""

    def failing(self: Context) -> None:
        raise error

    monkeypatch.setattr(Context, "database", failing)
    result = ada.run("entries", code=None)
    return result.exit_code, result.stderr


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (BadValue("x is y: do z."), 1, "tracker: x is y: do z.\n"),
        (RequirementNotMet("another verdict"), 3, "tracker: another verdict\n"),
        (click.UsageError("not so"), 2, "Error: not so\n"),
        (
            OSError(28, "No space left on device", "/data/f"),
            1,
            "make room on its disk, then do it again.\n",
        ),
        (
            PermissionError(13, "Permission denied", "/data/f"),
            1,
            "make the file and its folder yours, or name another",
        ),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(32, "Broken pipe"), 1, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_every_failure_has_its_code_and_its_line(
    ada: Person, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    """Refused 1, usage 2, requirement 3, interrupted 130; no traceback for what a person or a disk can do."""
    got, stderr = raising(ada, monkeypatch, error)
    assert got == code
    assert said in stderr
    assert said or not stderr.strip()


def test_a_fault_of_the_program_is_not_hidden(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything else is a bug, and shows its traceback."""
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        raising(ada, monkeypatch, ZeroDivisionError())


def test_an_interrupt_is_quiet(ada: Person) -> None:
    """Ctrl-C in the real program: 130, and no traceback."""
    code = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    wrapped = "import tracker.cli.commands.timer as t\nfrom tracker.cli.context import Context\nfrom tracker.cli import main\n"
    wrapped += f"def interrupted(self):\n    {code}\n    import time; time.sleep(5)\nContext.database = interrupted\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", wrapped, "entries"], env=ada.environ, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "")


def test_a_reader_that_goes_away_is_no_failure_worth_a_word(ada: Person) -> None:
    """`tracker entries | head -1`."""
    assert ada.process("log", "design", "PAY-12", "5m", "-m", "x" * 10_000).wait() == 0
    listing = ada.process("entries")
    assert listing.stdout is not None
    listing.stdout.close()
    assert listing.stderr is not None
    assert listing.stderr.read() == ""
    assert listing.wait() in (1, -signal.SIGPIPE)


@pytest.mark.parametrize("command", ["entries", "status", "--help", "check"])
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_is_no_fault(ada: Person, command: str, closed: str) -> None:
    """What is printed to it is not printed, and that is all."""
    line = f"exec {PROGRAM} {command} {closed}"
    done = subprocess.run(["sh", "-c", line], env=ada.environ, capture_output=True, text=True)
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr
    assert done.returncode == ada.run(command, code=None).exit_code


def test_letters_that_the_terminal_lacks_are_replaced(ada: Person) -> None:
    """The list comes all the same; an export loses none of them."""
    assert ada.process("log", "design", "Größe", "5m").wait() == 0
    ada.environ["PYTHONIOENCODING"] = "ascii"
    listed = ada.process("entries")
    assert "Gr??e" in listed.communicate()[0]
    assert listed.returncode == 0
    assert "Größe" in ada.process("export", encoding="utf-8").communicate()[0]


def test_an_output_that_is_full_is_one_line(ada: Person) -> None:
    """A list that could not be written is not taken for one that was."""
    with Path("/dev/full").open("w") as full:
        status = ada.process("status", stdout=full)
    said = status.communicate()[1]
    assert status.returncode == 1
    assert (
        said
        == "tracker: the output could not be used (No space left on device): make room on its disk, then do it again.\n"
    )


def test_commands_that_are_not_there(ada: Person) -> None:
    """Usage, with the nearest name; without any command the help is shown."""
    assert "did you mean start?" in ada.run("strat", code=2).stderr
    assert "`tracker --help` lists them" in ada.run("xyzzy", code=2).stderr
    assert "No such option" in ada.run("--frobnicate", "entries", code=2).stderr
    assert "not both" in ada.run("-q", "-v", "status", code=2).stderr


def test_the_version_is_the_packages(ada: Person) -> None:
    """Said once, in the package."""
    assert ada.run("--version").stdout == f"tracker {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_says_what_it_does(ada: Person, name: str) -> None:
    """In the list of all commands, and at length by itself."""
    help_of_one = ada.run(name, "--help").stdout
    assert help_of_one.startswith(f"Usage: tracker {name}")
    first_words = help_of_one.split("\n\n")[1].split()[:3]
    line = next(
        line for line in ada.run("--help").stdout.splitlines() if line.split()[:1] == [name]
    )
    assert line.split()[1:4] == first_words


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_call_the_program(ada: Person, shell: str) -> None:
    """Each shell gets a script that asks the program."""
    assert "_TRACKER_COMPLETE" in ada.run("completion", shell).stdout
    assert ada.run("completion", "tcsh", code=2).stdout == ""


def test_completion_knows_commands_and_activities(ada: Person) -> None:
    """What the script asks, the program answers: also with activities of one's own."""
    assert ada.process("activities", "add", "deployment").wait() == 0
    for words, answer in {
        "tracker sta": {"start", "status"},
        "tracker start de": {"design", "deployment"},
    }.items():
        asked = {
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
            "_TRACKER_COMPLETE": "bash_complete",
        }
        done = subprocess.run([PROGRAM], env=ada.environ | asked, capture_output=True, text=True)
        assert {line.split(",")[1] for line in done.stdout.split()} == answer


def test_verbose_names_the_database_without_its_password(ada: Person) -> None:
    """-v says more."""
    ada.run("start", "design", "PAY-12")
    ada.run("stop")
    said = ada.run("-v", "entries").stderr
    assert f"database: sqlite:///{ada.data / 'tracker.db'}" in said
    assert "taken in from the outbox: entries 1, estimates 0" in said


def test_files_lie_in_the_platforms_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule for Linux, kept short here, is platformdirs' own."""
    import platformdirs

    monkeypatch.setenv("HOME", str(tmp_path))
    for variables in (
        {},
        {"XDG_DATA_HOME": str(tmp_path / "d"), "XDG_CONFIG_HOME": str(tmp_path / "c")},
    ):
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert settings.data_folder(os.environ) == platformdirs.user_data_dir("tracker")
        assert (
            settings.settings_file(os.environ)
            == f"{platformdirs.user_config_dir('tracker')}/config.toml"
        )


def test_through_a_pipe_a_table_is_plain(ada: Person) -> None:
    """No colours, no bold: what is printed can be read by another program."""
    ada.run("log", "design", "PAY-12", "5m")
    assert "\x1b[" not in ada.run("entries").stdout


def test_json_stands_alone_on_stdout(ada: Person) -> None:
    """Whatever else is to be said goes to stderr."""
    del ada.environ["TRACKER_DEVELOPER"]
    ada.environ["LOGNAME"] = "lovelace"
    result = ada.run("-v", "entries", "--format", "json")
    assert json.loads(result.stdout) == []
    assert "lovelace" in result.stderr


def test_the_group_is_a_click_command(ada: Person) -> None:
    """So that tools that know click, such as completion and the docs, know it."""
    assert isinstance(cli, click.Group)
    assert cli.list_commands(click.Context(cli)) == list(COMMANDS)
