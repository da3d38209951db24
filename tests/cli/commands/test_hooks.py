"""`hooks`: what is installed keeps what is there, and goes away again."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from support.person import Person
from support.usage_logs import new_repository, run_git

from tracker.cli import hook_files

SETTINGS = '[[repositories]]\nproject = "pay"\ndirectories = ["~/src/pay"]\n'


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    """Ada, with a repository in her settings."""
    person = Person(tmp_path)
    person.settings_file.parent.mkdir(parents=True)
    person.settings_file.write_text(SETTINGS)
    new_repository(tmp_path / "src" / "pay")
    return person


def hook(person: Person) -> Path:
    return person.home / "src" / "pay" / ".git" / "hooks" / "post-commit"


def test_the_hook_is_made_and_removed(ada: Person) -> None:
    """Executable, once however often it is installed, and gone after `remove`."""
    for _ in range(2):
        ada.run("hooks", "install")
    text = hook(ada).read_text()
    assert text.startswith("#!/bin/sh\n")
    assert text.count("mark --git-commit") == 1
    assert os.access(hook(ada), os.X_OK)
    ada.run("hooks", "remove")
    assert not hook(ada).exists()
    assert "no hook of tracker is here" in ada.refused("hooks", "remove")


@pytest.mark.parametrize(
    "own",
    [
        b"#!/usr/bin/env bash\necho own > own.txt\nexit 0\n",
        b"#!/bin/sh -e\necho own > own.txt",
        b"#!/bin/sh\n# \xff\x0c gr\xc3\xb6\xc3\x9fer\r\necho own > own.txt\n\n",
    ],
    ids=["bash", "options, no line end", "bytes"],
)
def test_a_hook_that_is_there_stays(ada: Person, own: bytes) -> None:
    """Its lines run after the call, and come back byte by byte."""
    hook(ada).parent.mkdir(exist_ok=True)
    hook(ada).write_bytes(own)
    hook(ada).chmod(0o750)
    for _ in range(2):
        ada.run("hooks", "install")
    run_git(ada.home / "src" / "pay", "commit", "-q", "--allow-empty", "-m", "x")
    assert (ada.home / "src" / "pay" / "own.txt").read_text() == "own\n"
    ada.run("hooks", "remove")
    assert hook(ada).read_bytes() == own
    assert hook(ada).stat().st_mode & 0o777 == 0o750 | 0o111


def test_a_hook_that_git_does_not_run_stays_off(ada: Person) -> None:
    """Installing another one would switch it on."""
    hook(ada).parent.mkdir(exist_ok=True)
    hook(ada).write_text("#!/bin/sh\nrm -r everything\n")
    hook(ada).chmod(0o644)
    assert "is not executable, so git does not run it" in ada.refused("hooks", "install")
    assert hook(ada).stat().st_mode & 0o777 == 0o644


def test_a_hook_of_another_language_is_refused(ada: Person) -> None:
    """The message says what to call from it."""
    hook(ada).parent.mkdir(exist_ok=True)
    hook(ada).write_text("#!/usr/bin/perl\nprint 1;\n")
    assert "is not a shell script: call" in ada.refused("hooks", "install")
    assert hook(ada).read_text() == "#!/usr/bin/perl\nprint 1;\n"


def test_hooks_in_another_folder(ada: Person) -> None:
    """Where the settings of git say they are."""
    run_git(ada.home / "src" / "pay", "config", "core.hooksPath", "tools/hooks")
    ada.run("hooks", "install")
    assert (ada.home / "src" / "pay" / "tools" / "hooks" / "post-commit").exists()


def test_the_hook_of_claude_code(ada: Person) -> None:
    """Other settings and hooks stay; twice is once; `remove` takes ours only."""
    path = ada.home / ".claude" / "settings.json"
    path.parent.mkdir()
    own = {"hooks": [{"type": "command", "command": "notify"}]}
    content = {"model": "größer", "hooks": {"UserPromptSubmit": [own], "Stop": []}}
    path.write_text(json.dumps(content))
    for _ in range(2):
        ada.run("hooks", "install", "--claude-code")
    settings = json.loads(path.read_text())
    groups = settings["hooks"]["UserPromptSubmit"]
    assert settings["model"] == "größer"
    assert groups[0] == own
    assert len(groups) == 2
    command = groups[1]["hooks"][0]["command"]
    result = subprocess.run(command, shell=True, env=ada.environ, input=b"{}", cwd=ada.home)
    assert result.returncode == 0
    ada.run("hooks", "remove")
    assert json.loads(path.read_text()) == content


def test_a_program_in_a_folder_with_blanks(tmp_path: Path) -> None:
    """Its call is quoted, and found again."""
    path = tmp_path / "settings.json"
    for _ in range(2):
        hook_files.add_to_claude(path, "/opt/my tools/tracker")
    (group,) = json.loads(path.read_text())["hooks"]["UserPromptSubmit"]
    assert group["hooks"][0]["command"].startswith("'/opt/my tools/tracker' mark")
    assert hook_files.remove_from_claude(path)
    assert json.loads(path.read_text()) == {}


@pytest.mark.parametrize("content", ["{", "[]", '{"hooks": 1}'])
def test_damaged_settings_are_refused(ada: Person, content: str) -> None:
    """And not replaced."""
    path = ada.home / ".claude" / "settings.json"
    path.parent.mkdir()
    path.write_text(content)
    assert "is not valid JSON" in ada.run("hooks", "install", "--claude-code", code=1).stderr
    assert path.read_text() == content


@pytest.mark.parametrize("scheduler", ["systemd", "cron", "launchd"])
def test_lines_for_a_scheduler(ada: Person, scheduler: str) -> None:
    """They call the installed program every week."""
    text = ada.run("hooks", "schedule", "--for", scheduler).stdout
    assert "tracker" in text
    assert "collect" in text
    assert {"systemd": "OnCalendar=weekly", "cron": "0 12 * * 1", "launchd": "604800"}[
        scheduler
    ] in text
    assert ada.run("hooks", "schedule").stdout


def test_a_scheduler_needs_the_variables_of_the_shell(ada: Person) -> None:
    """The names are printed, not the values: an address may hold a password."""
    del ada.environ["TRACKER_DEVELOPER"]
    assert "set " not in ada.run("hooks", "schedule", "--for", "cron").stdout
    ada.environ |= {"TRACKER_DATABASE_URL": f"sqlite:///{ada.home}/s3cret.db", "CODEX_HOME": "/x"}
    for scheduler in ("systemd", "cron", "launchd"):
        text = ada.run("hooks", "schedule", "--for", scheduler).stdout
        assert "set TRACKER_DATABASE_URL, CODEX_HOME there, too" in text.replace("\n", " ")
        assert "s3cret" not in text


def test_without_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to do."""
    monkeypatch.chdir(tmp_path)
    assert "no repository is here" in Person(tmp_path).refused("hooks", "install")
