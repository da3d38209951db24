"""timewarrior and Watson are run to make logs, and their own sums are what is imported."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.person import Person

WATSON = str(Path(sys.executable).with_name("watson"))


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Ada in Berlin, in a folder of her own."""
    monkeypatch.chdir(tmp_path)
    person = Person(tmp_path)
    person.run("config", "set", "zone", "Europe/Berlin")
    return person


class Timewarrior:
    """The program `timew` with a database of its own."""

    def __init__(self, folder: Path) -> None:
        self._environ = {
            **os.environ,
            "TIMEWARRIORDB": str(folder / "timew"),
            "TZ": "Europe/Berlin",
            "LC_ALL": "C.UTF-8",
        }

    def run(self, *arguments: str) -> str:
        """Run a command; it answers every question with yes."""
        result = subprocess.run(
            ["timew", *arguments, ":yes"],
            env=self._environ,
            input="yes\n" * 3,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, (arguments, result.stdout, result.stderr)
        return result.stdout

    def seconds(self, *filters: str) -> int:
        """Return the sum that `timew summary` prints."""
        output = self.run("summary", "2025-01-01", "-", "2026-01-01", *filters)
        hours, minutes, seconds = map(int, re.findall(r"(\d+):(\d\d):(\d\d)", output)[-1])
        return 3600 * hours + 60 * minutes + seconds

    def export(self) -> str:
        """Write an export, and return the file's name."""
        Path("timew.json").write_text(self.run("export"))
        return "timew.json"


class Watson:
    """The program `watson` with a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "watson"
        self._environ = {
            **os.environ,
            "WATSON_DIR": str(self.folder),
            "TZ": "Europe/Berlin",
            "LC_ALL": "C.UTF-8",
        }

    def run(self, *arguments: str, **environ: str) -> str:
        """Run a command."""
        result = subprocess.run(
            [WATSON, *arguments],
            env={**self._environ, **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, (arguments, result.stdout, result.stderr)
        return result.stdout

    def add(self, start: str, stop: str, *words: str) -> str:
        """Add a frame; return the beginning of its id."""
        output = self.run("add", "--from", start, "--to", stop, *words)
        match = re.search(r"id: ([0-9a-f]+)", output)
        assert match, output
        return match[1]

    def seconds(self) -> float:
        """Return the sum that `watson report` prints."""
        total: float = json.loads(self.run("report", "--all", "--json"))["time"]
        return total

    def export(self) -> str:
        """Write a log with the running frame, and return the file's name."""
        Path("watson.json").write_text(self.run("log", "--all", "--json", "--current"))
        return "watson.json"


def seconds(person: Person, **values: str) -> int:
    """Return the seconds of the entries with these values."""
    rows = person.json("export", "entries")
    chosen = [row for row in rows if all(row[name] == value for name, value in values.items())]
    return round(sum(60 * row["minutes"] for row in chosen))


@pytest.mark.timewarrior
def test_the_sums_of_timewarrior_are_imported(ada: Person, tmp_path: Path) -> None:
    """Tags, annotations, edited and undone intervals, clock changes and a running timer."""
    timew = Timewarrior(tmp_path)
    timew.run("track", "2025-03-03T09:00", "-", "2025-03-03T10:30", "PAY-1", "design")
    timew.run("track", "2025-03-03T11:00", "-", "2025-03-03T11:20", "testing")
    timew.run("annotate", "@1", "flaky test of PAY-2 „ä“")
    timew.run("track", "2025-03-30T01:30", "-", "2025-03-30T04:00", "PAY-1", "design", "ai")
    timew.run("track", "2025-10-26T01:30", "-", "2025-10-26T03:30", "PAY-1", "testing")
    timew.run("track", "2025-11-03T23:10", "-", "2025-11-04T00:20", "PAY-2", "design")
    timew.run("track", "2025-11-05T09:00", "-", "2025-11-05T10:00", "PAY-9", "design")
    timew.run("undo")
    timew.run("modify", "end", "@1", "2025-11-04T00:40")
    assert timew.seconds() == (90 + 20 + 90 + 180 + 90) * 60

    Path("m.toml").write_text('[values.assisted]\nai = "yes"\n')
    output = ada.run("import", "timewarrior", timew.export(), "--map", "m.toml").stderr
    assert "unmapped" not in output
    assert seconds(ada) == timew.seconds()
    assert seconds(ada, task="PAY-1") == timew.seconds("PAY-1")
    assert seconds(ada, activity="design") == timew.seconds("design")
    assert seconds(ada, task="PAY-2", activity="testing", note="flaky test of PAY-2 „ä“") == 1200
    assert seconds(ada, assisted="yes") == timew.seconds("ai") == 90 * 60

    total = timew.seconds()
    timew.run("start", "2025-12-01T09:00", "PAY-3", "design")
    output = ada.run("import", "timewarrior", timew.export(), "--map", "m.toml").stderr
    assert "kept nothing" in output
    assert "still running, without an end: 1" in output
    assert seconds(ada) == total

    timew.run("stop", "2025-12-01T10:00")
    timew.run("untag", "@2", "design")
    timew.run("tag", "@2", "review")
    options = ("--map", "m.toml", "--update")
    output = ada.run("import", "timewarrior", timew.export(), *options).stderr
    assert "kept 1 entry, 1 updated" in output
    assert seconds(ada) == timew.seconds() == total + 3600
    assert seconds(ada, activity="review") == timew.seconds("review") == 90 * 60


def test_the_sums_of_watson_are_imported(ada: Person, tmp_path: Path) -> None:
    """Frames that were added over clock changes, removed, renamed and edited; a running one."""
    watson = Watson(tmp_path)
    watson.add("2025-03-03 09:00", "2025-03-03 10:30", "PAY-1", "+design")
    watson.add("2025-03-30 01:30", "2025-03-30 04:00", "PAY-1", "+testing", "+ai")
    watson.add("2025-10-26 01:30", "2025-10-26 03:30", "Shop", "+PAY-2", "+design")
    removed = watson.add("2025-11-03 09:00", "2025-11-03 10:00", "PAY-9", "+design")
    watson.run("remove", "--force", removed)
    edited = watson.add("2025-11-04 23:10", "2025-11-05 00:20", "PAY-3", "+design")
    Path("m.toml").write_text('[values.assisted]\nai = "yes"\n')

    frames = str(watson.folder / "frames")
    ada.run("import", "watson", frames, "--map", "m.toml")
    assert seconds(ada) == watson.seconds()
    assert seconds(ada, assisted="yes") == 90 * 60
    report = json.loads(watson.run("report", "--all", "--json"))
    sums = {project["name"]: project["time"] for project in report["projects"]}
    assert seconds(ada, task="PAY-1") == sums["PAY-1"]
    assert seconds(ada, task="PAY-2") == sums["Shop"]

    watson.run("start", "PAY-4", "+design")
    output = ada.run("import", "watson", watson.export(), "--map", "m.toml").stderr
    assert "kept nothing" in output
    assert "still running, without an end: 1" in output
    watson.run("cancel")

    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/00:20:00/00:40:00/; s/design/review/" "$1"\n')
    editor.chmod(0o755)
    watson.run("edit", edited, EDITOR=str(editor), VISUAL=str(editor))
    options = ("--map", "m.toml", "--update")
    assert "1 updated" in ada.run("import", "watson", watson.export(), *options).stderr
    assert seconds(ada) == watson.seconds()
    assert seconds(ada, activity="review") == 90 * 60
    output = ada.run("import", "watson", frames).stderr
    assert "kept nothing" in output
    assert "1 row is read otherwise than when it was imported, as with another map" in output


def test_the_csv_of_watson_is_refused(ada: Person, tmp_path: Path) -> None:
    """Its times have the offset of the day of the export, and do not say so."""
    watson = Watson(tmp_path)
    watson.add("2025-07-03 09:00", "2025-07-03 10:30", "PAY-1")
    Path("watson.csv").write_text(watson.run("log", "--all", "--csv"))
    message = ada.refused("import", "watson", "watson.csv")
    assert "shifted" in message
    assert "`watson log --json --all`" in message
    watson.run("start", "PAY-1")
    assert "the running frame" in ada.refused("import", "watson", str(watson.folder / "state"))
