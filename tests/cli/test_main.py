"""The program as a whole: exit codes, error messages, closed and full streams, completion."""

from __future__ import annotations

import json
import os
import resource
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


def run_raising(
    ada: Person, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> tuple[int, str]:
    """Return the exit code and stderr of a command that raises ``error``."""

    def raise_error(self: Context) -> None:
        raise error

    monkeypatch.setattr(Context, "database", raise_error)
    result = ada.run("entries", code=None)
    return result.exit_code, result.stderr


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (BadValue("x is y: do z."), 1, "tracker: x is y: do z.\n"),
        (RequirementNotMet("another verdict"), 3, "tracker: another verdict\n"),
        (click.UsageError("not so"), 2, "Error: not so; see `tracker entries --help`\n"),
        (
            OSError(28, "No space left on device", "/data/f"),
            1,
            "free some space on its disk, then run the command again.\n",
        ),
        (
            PermissionError(13, "Permission denied", "/data/f"),
            1,
            "change the permissions of the file and its folder, or name another file.\n",
        ),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(32, "Broken pipe"), 1, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_every_error_has_its_exit_code_and_message(
    ada: Person, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, message: str
) -> None:
    """Exit codes: refusal 1, usage 2, unmet requirement 3, interrupt 130; never a traceback."""
    exit_code, stderr = run_raising(ada, monkeypatch, error)
    assert exit_code == code
    assert message in stderr
    assert message or not stderr.strip()


def test_a_bug_shows_its_traceback(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any other exception is a bug and is not caught."""
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        run_raising(ada, monkeypatch, ZeroDivisionError())


def test_an_interrupt_prints_nothing(ada: Person) -> None:
    """After Ctrl-C the program exits with 130 and without a traceback."""
    code = """
import os, signal, time
import tracker.cli
from tracker.cli.context import Context

def interrupt(self):
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)

Context.database = interrupt
tracker.cli.main()
"""
    result = subprocess.run(
        [sys.executable, "-c", code, "entries"], env=ada.environ, capture_output=True, text=True
    )
    assert (result.returncode, result.stdout, result.stderr.strip()) == (130, "", "")


def test_an_interrupt_while_modules_load_prints_nothing(ada: Person) -> None:
    """Ctrl-C right after the start exits with 130 and without a traceback."""
    code = """
import os, runpy, signal, sys

class Interrupter:
    def find_spec(self, name, path=None, target=None):
        if name == "tracker.cli.context":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupter())
runpy.run_module("tracker", run_name="__main__")
"""
    result = subprocess.run(
        [sys.executable, "-c", code], env=ada.environ, capture_output=True, text=True
    )
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "")


def test_a_closed_pipe_prints_nothing(ada: Person) -> None:
    """`tracker entries | head -1` prints no error when `head` ends first."""
    assert ada.process("log", "design", "PAY-12", "5m", "-m", "x" * 10_000).wait() == 0
    process = ada.process("entries")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait() in (1, -signal.SIGPIPE)


@pytest.mark.parametrize("command", ["entries", "status", "--help", "check"])
@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_changes_nothing_but_the_output(
    ada: Person, command: str, redirection: str
) -> None:
    """A command with closed streams has the same exit code, and no traceback."""
    line = f"exec {PROGRAM} {command} {redirection}"
    result = subprocess.run(["sh", "-c", line], env=ada.environ, capture_output=True, text=True)
    assert result.returncode in (0, 1)
    assert "Traceback" not in result.stderr
    assert result.returncode == ada.run(command, code=None).exit_code


def test_letters_that_the_encoding_lacks_are_replaced(ada: Person) -> None:
    """A list shows them as ``?``; an export, which is always UTF-8, keeps them."""
    assert ada.process("log", "design", "Größe", "5m").wait() == 0
    ada.environ["PYTHONIOENCODING"] = "ascii"
    process = ada.process("entries")
    assert "Gr??e" in process.communicate()[0]
    assert process.returncode == 0
    assert "Größe" in ada.process("export", encoding="utf-8").communicate()[0]


def test_an_output_that_cannot_grow_is_an_error(ada: Person, tmp_path: Path) -> None:
    """If stdout cannot be written, one line on stderr says so and the exit code is 1."""

    def forbid_growth() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    with (tmp_path / "output.txt").open("w") as file:
        process = ada.process("status", stdout=file, preexec_fn=forbid_growth)
        stderr = process.communicate()[1]
    assert process.returncode == 1
    assert stderr == "tracker: the output or a temporary file could not be used (File too large).\n"


def test_the_version_is_the_packages(ada: Person) -> None:
    """`--version` prints the package's version."""
    assert ada.run("--version").stdout == f"tracker {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(ada: Person, name: str) -> None:
    """The first words of a command's help are also in the list of commands."""
    help_text = ada.run(name, "--help").stdout
    assert help_text.startswith(f"Usage: tracker {name}")
    first_words = help_text.split("\n\n")[1].split()[:3]
    line = next(
        line for line in ada.run("--help").stdout.splitlines() if line.split()[:1] == [name]
    )
    assert line.split()[1:4] == first_words


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_call_the_program(ada: Person, shell: str) -> None:
    """`completion` prints a script for bash, zsh and fish, and refuses other shells."""
    assert "_TRACKER_COMPLETE" in ada.run("completion", shell).stdout
    assert ada.run("completion", "tcsh", code=2).stdout == ""


def test_verbose_prints_the_database_and_what_was_stored(ada: Person) -> None:
    """-v prints the database's URL and how many records came from the outbox."""
    ada.run("start", "design", "PAY-12")
    ada.run("stop")
    stderr = ada.run("-v", "entries").stderr
    assert f"database: sqlite:///{ada.data / 'tracker.db'}" in stderr
    assert "stored from the outbox: entries 1, estimates 0" in stderr


def test_files_are_in_the_platforms_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Linux the folders are those of platformdirs, though platformdirs is not imported."""
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


def test_a_table_in_a_pipe_has_no_escape_sequences(ada: Person) -> None:
    """Without a terminal, a table has neither colours nor bold type."""
    ada.run("log", "design", "PAY-12", "5m")
    assert "\x1b[" not in ada.run("entries").stdout


def test_json_is_alone_on_stdout(ada: Person) -> None:
    """Messages go to stderr."""
    del ada.environ["TRACKER_DEVELOPER"]
    ada.environ["LOGNAME"] = "lovelace"
    result = ada.run("-v", "entries", "--format", "json")
    assert json.loads(result.stdout) == []
    assert "lovelace" in result.stderr


def test_the_group_is_a_click_group(ada: Person) -> None:
    """Tools for click, such as completion and the generator of docs, can list the commands."""
    assert isinstance(cli, click.Group)
    assert cli.list_commands(click.Context(cli)) == list(COMMANDS)
