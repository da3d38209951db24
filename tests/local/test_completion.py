"""What the Tab key offers: in every shell, from files alone, at once."""

from __future__ import annotations

import os
import pty
import resource
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.person import PROGRAM, Person

CLAIM = ("--activity", "design", "--gain", "30%", "--source", "offer")
MAX_RATIO = 1.2
"""The time of a completion, in times of `import click`."""


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    """Ada with names of every kind."""
    ada = Person(tmp_path)
    ada.run("activities", "add", "größe 1")
    ada.run("config", "set", "team", "payments")
    ada.run("log", "design", "PAY-12", "5m", "--ai", "--assistant", "Spark Desk")
    ada.run("log", "testing", "Übung-3", "5m", "--from", "9:00")
    ada.run("task", "PAY-12", "--project", "web")
    ada.run("claims", "add", "vendor", *CLAIM)
    ada.run("entries")
    return ada


def asked(line: str, shell: str = "bash") -> dict[str, str]:
    """Return the variables with which a shell's script asks for the last word of a line."""
    words = line.split(" ")
    position = words[-1] if shell == "fish" else str(len(words) - 1)
    return {"COMP_WORDS": line, "COMP_CWORD": position, "_TRACKER_COMPLETE": f"{shell}_complete"}


def offered(ada: Person, line: str, environ: Mapping[str, str] = {}) -> set[str]:
    variables = {**ada.environ, **asked(line), **environ}
    result = subprocess.run([PROGRAM], env=variables, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")
    return {line.partition(",")[2] for line in result.stdout.splitlines()}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("tracker sta", {"start", "status"}),
        ("tracker config ", {"get", "set", "unset"}),
        ("tracker start de", {"design"}),
        ("tracker start gr", {"'größe 1'"}),
        ("tracker star design pay", {"PAY-12"}),
        ("tracker log design PAY-12 -m x --assistant S", {"'Spark Desk'"}),
        ("tracker delete @1 ", {"@1", "@2"}),
        ("tracker continue @", {"@1", "@2"}),
        ("tracker continue pay", {"PAY-12"}),
        ("tracker summary y", {"yesterday"}),
        ("tracker edit @1 --te", {"--team"}),
        ("tracker edit @1 --team ", {"payments"}),
        ("tracker tasks --project ", {"web"}),
        ("tracker claims remove v", {"vendor"}),
        ("tracker check metr-2026-", {"metr-2026-new"}),
        ("tracker config get t", {"team", "task_pattern"}),
        ("tracker import tog", {"toggl"}),
        ("tracker summary --by p", {"project"}),
        ("tracker -q --config x.toml st", {"start", "stop", "status"}),
        ("tracker stop ", set()),
        ("tracker import csv x", {"x"}),  # a file: the shell completes it
        ("tracker 'start de", set()),
        ("tracker help sum", {"summary"}),
    ],
)
def test_words_are_completed(ada: Person, line: str, words: set[str]) -> None:
    """Commands, options, and names from the caches; a name with a blank is quoted."""
    assert offered(ada, line) == words


def test_every_shell_gets_its_form(ada: Person) -> None:
    """zsh takes three lines for a word, fish a tab before the description."""
    for shell, expected in (
        ("zsh", "plain\n@1\ndesign PAY-12\nplain\n@2\ntesting Übung-3\n"),
        ("fish", "plain,@1\tdesign PAY-12\nplain,@2\ttesting Übung-3\n"),
    ):
        variables = {**ada.environ, **asked("tracker edit ", shell)}
        result = subprocess.run([PROGRAM], env=variables, capture_output=True, text=True)
        assert result.stdout == expected


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("edit @2\t", "edit @2 "),
        ("delete @1 @2\t", "delete @1 @2 "),
        ("edit @1 --te\t", "edit @1 --team "),
        ("start design PAY\t", "start design PAY-12 "),
    ],
)
def test_the_tab_key_completes_in_a_shell(ada: Person, typed: str, line: str) -> None:
    """Bash itself takes the @ of @2 for a word of its own, but replaces both."""
    controller, terminal = pty.openpty()
    environ = {**ada.environ, "TERM": "dumb", "PS1": "$ "}
    environ["PATH"] = f"{Path(PROGRAM).parent}:{environ['PATH']}"
    with subprocess.Popen(
        ["bash", "--norc", "-i"],
        **dict.fromkeys(("stdin", "stdout", "stderr"), terminal),
        env=environ,
        start_new_session=True,
    ) as process:
        os.close(terminal)
        os.write(controller, b"source <(tracker completion bash); echo ready$((1+1))\n")
        read_until(controller, "ready2")
        os.write(controller, f"tracker {typed}".encode())
        shown = read_until(controller, f"tracker {line}")
        process.kill()
    os.close(controller)
    assert f"tracker {line}" in shown


def read_until(controller: int, text: str) -> str:
    """Return what a terminal shows up to a text, or within some seconds."""
    shown, end = "", time.monotonic() + 20
    while text not in shown and time.monotonic() < end:
        if select.select([controller], [], [], 0.1)[0]:
            shown += os.read(controller, 65_536).decode(errors="replace")
    return shown


def test_a_key_that_was_remarked_on_is_not_offered(ada: Person) -> None:
    """It was a slip, unless it is in the log."""
    assert "is new; did you mean PAY-12" in ada.run("start", "design", "pay-12").stderr
    ada.run("edit", "--task", "PAY-12")
    assert offered(ada, "tracker log design pay") == {"PAY-12"}


def test_bash_completes_with_the_script(ada: Person) -> None:
    """The function of the script fills in the words, as the Tab key does."""
    script = (
        f'source <("{PROGRAM}" completion bash); COMP_WORDS=(tracker log testing P); COMP_CWORD=3; '
        f'_tracker_completion "{PROGRAM}"; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    result = subprocess.run(["bash", "-c", script], env=ada.environ, capture_output=True, text=True)
    assert result.stdout.splitlines() == ["PAY-12"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"entry": [1]}', '{"entry": "x"}'])
def test_a_damaged_cache_offers_nothing(ada: Person, text: str) -> None:
    """The next command that opens the database writes it anew."""
    (ada.data / "completion.json").write_text(text)
    assert offered(ada, "tracker edit ") == set()
    ada.run("entries")
    assert offered(ada, "tracker edit ") == {"@1", "@2"}


def test_settings_with_an_error_do_not_matter(ada: Person) -> None:
    """Commands report them; the Tab key offers what it can."""
    ada.settings_file.write_text("nonsense")
    assert offered(ada, "tracker star design pay") == {"PAY-12"}


def test_a_home_without_files_offers_commands(tmp_path: Path) -> None:
    """Before the first command there is no cache, and none is made for names."""
    ada = Person(tmp_path)
    assert offered(ada, "tracker sto") == {"stop"}
    assert offered(ada, "tracker edit ") == set()


def test_completion_takes_hardly_longer_than_click(ada: Person) -> None:
    """In processor time, the least of several runs: the machine may be busy."""
    click = least_seconds([sys.executable, "-c", "import click"], ada.environ)
    variables = {**ada.environ, **asked("tracker start design PA")}
    completion = least_seconds([sys.executable, "-m", "tracker"], variables)
    assert completion <= MAX_RATIO * click


def least_seconds(command: list[str], environ: Mapping[str, str]) -> float:
    """Return the least processor time of ten runs of a command."""
    times = []
    for _ in range(10):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)
