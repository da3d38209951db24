"""Characters and commands that a developer's typical day takes in tracker and in other programs.

The same ten tasks are typed into a shell in a pseudo-terminal, for tracker, timewarrior and Watson.
Every character counts, including Enter, and every command. The mistake that task 7 undoes is typed
as well, but not counted. There is no aim for time.

`python -m benchmarks keystrokes` types the day into the programs that are installed and prints the
sums; `python -m benchmarks.keystrokes` prints what is typed for each task.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.pairs import Figure

TASKS = (
    "start the morning's design task, estimated",
    "switch to testing after an interruption",
    "pause for lunch",
    "continue the earlier task",
    "log a forgotten half hour afterwards",
    "correct a wrong start time",
    "undo a slip",
    "see today's hours",
    "finish a task, with its estimate",
    "stop for the day",
)
AIMS = {"characters": 210, "commands": 10}
SLIP_TASK = 6
"""The index of the task that undoes a mistake."""

_COLUMNS, _ROWS = 80, 24
_PROMPT = "\N{LOWER ONE EIGHTH BLOCK}$ "
_SECONDS = 60
"""Seconds that the shell may take for a command."""


@dataclass(frozen=True)
class Day:
    """The command lines of a program for each of the ten tasks.

    Args:
        command: The name of the program.
        lines: The lines of each task.
        slip: The line that is typed by mistake, before the task that undoes it.
        log_command: The command that prints the log as JSON, for a check of the day's work.
        setup: The lines that are typed once, before the first day.
    """

    command: str
    lines: tuple[tuple[str, ...], ...]
    slip: str
    log_command: str
    setup: tuple[str, ...] = ()

    @property
    def characters(self) -> tuple[int, ...]:
        """The characters of each task, with one for each Enter."""
        return tuple(sum(len(line) + 1 for line in lines) for lines in self.lines)

    @property
    def commands(self) -> tuple[int, ...]:
        """The commands of each task."""
        return tuple(len(lines) for lines in self.lines)


DAYS = (
    Day(
        "tracker",
        (
            ("tracker start des PAY-12 -e 3h",),
            ("tracker start test PAY-9",),
            ("tracker pause",),
            ("tracker cont @1",),
            ("tracker log test PAY-7 13-13:30",),
            ("tracker edit @2 14:35-",),
            ("tracker undo",),
            ("tracker sum",),
            ("tracker task PAY-12 --done",),
            ("tracker stop",),
        ),
        slip="tracker start test PAY-77",
        log_command="tracker entries --format json",
    ),
    Day(
        "timew",
        (
            ("timew start PAY-12 design est3h",),
            ("timew start PAY-9 testing",),
            ("timew stop",),
            ("timew cont @2",),
            ("timew track 13:00 - 13:30 PAY-7 testing",),
            ("timew modify start @3 14:35",),
            ("timew undo",),
            ("timew day",),
            ("timew tag @1 done",),
            ("timew stop",),
        ),
        slip="timew start PAY-77 testing",
        log_command="timew export",
        setup=("yes | timew >/dev/null",),
    ),
    Day(
        "watson",
        (
            ("watson start PAY-12 +design +est3h",),
            ("watson start PAY-9 +testing",),
            ("watson stop",),
            ("watson restart -2",),
            ("watson add -f 13:00 -t 13:30 PAY-7 +testing",),
            ("watson remove -f -3", "watson add -f 14:35 -t 15:00 PAY-12 +design +est3h"),
            ("watson cancel", "watson restart"),
            ("watson report -dcG",),
            (),
            ("watson stop",),
        ),
        slip="watson start PAY-77 +testing",
        log_command="watson log -j",
        setup=(
            "watson config options.stop_on_start true",
            "watson config options.stop_on_restart true",
        ),
    ),
)
"""Watson cannot mark a task as finished; a start is corrected in an editor or by a new entry."""


class Terminal:
    """A shell in a pseudo-terminal, into which commands are typed.

    Args:
        home: The home folder; the shell starts there.
        environ: The environment variables.
    """

    def __init__(self, home: Path, environ: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()

        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        self._shell = subprocess.Popen(
            ["bash", "--norc", "--noprofile", "-i"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=home,
            env={**environ, "PS1": _PROMPT},
            start_new_session=True,
        )
        os.close(slave)
        self._read()

    def type(self, line: str) -> str:
        """Type a line and Enter; return the output up to the next prompt."""
        os.write(self._master, f"{line}\r".encode())
        return self._read()

    def close(self) -> None:
        """End the shell."""
        os.write(self._master, b"exit\r")
        self._shell.wait(_SECONDS)
        os.close(self._master)

    def _read(self) -> str:
        end, text = time.monotonic() + _SECONDS, ""
        while not text.endswith(_PROMPT):
            ready, _, _ = select.select([self._master], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise TimeoutError(f"no prompt after {_SECONDS} s: {text!r}")
            text += os.read(self._master, 65_536).decode(errors="replace")
        return text.removesuffix(_PROMPT)


def local_afternoon(now: datetime) -> str:
    """Return a zone in which it is between 15:00 and 16:00 now, so that all times are today."""
    hours = 15 - now.astimezone(UTC).hour
    hours -= 24 if hours > 14 else 0
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


def _path() -> str:
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))


def type_day(day: Day, home: Path) -> tuple[list[tuple[str, str]], list[object]]:
    """Type a day in a new home folder.

    Returns:
        Each line typed with its output, and the program's log in JSON.
    """
    home.mkdir(parents=True)
    zone = local_afternoon(datetime.now(UTC))
    environ = {"HOME": str(home), "PATH": _path(), "TERM": "xterm", "TZ": zone, "LANG": "C.UTF-8"}
    terminal = Terminal(home, environ)
    screens = []
    try:
        for line in day.setup:
            terminal.type(line)
        for place, lines in enumerate(day.lines):
            for line in (day.slip, *lines) if place == SLIP_TASK else lines:
                time.sleep(1.1)  # entries of the same second would be out of order
                screens.append((line, terminal.type(line)))
        terminal.type(f"{day.log_command} > log.json")
    finally:
        terminal.close()
    return screens, json.loads((home / "log.json").read_text())


def measure(folder: Path) -> Iterator[tuple[Figure, str]]:
    """Type the day into each program that is installed; yield its characters and commands."""
    for day in DAYS:
        if shutil.which(day.command, path=_path()) is None:
            continue
        type_day(day, folder / day.command)
        for name, counts in (("characters", day.characters), ("commands", day.commands)):
            yield (
                Figure(f"{day.command}: {name} of ten tasks", str(sum(counts))),
                f"aim ≤ {AIMS[name]}" if day.command == "tracker" else "",
            )


def main() -> None:
    """Print the lines, characters and commands of each task."""
    for place, task in enumerate(TASKS):
        print(f"{place + 1:>2}. {task}")
        for day in DAYS:
            lines = " ⏎ ".join(day.lines[place]) or "—"
            print(f"    {day.characters[place]:>4}  {day.commands[place]}  {lines}")
    for day in DAYS:
        sums = f"{sum(day.characters)} characters, {sum(day.commands)} commands"
        print(f"{day.command}: {sums}")


if __name__ == "__main__":
    main()
