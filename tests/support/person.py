"""A developer at the command line: a home folder, a clock set by hand, and the real program."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple

from click.testing import CliRunner, Result

from tracker.cli import cli
from tracker.cli.context import Context

_ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

CTRL_C = "\x03"
"""What a terminal sends for Ctrl-C."""

PROGRAM = str(Path(sys.executable).with_name("tracker"))


def without_ids(text: str) -> str:
    """Return messages without the ends of ids, which are random."""
    return re.sub(r" \(id [0-9a-f]{6}\)|(?<=\(@[0-9]) [0-9a-f]{4,}(?=\))", "", text)


class Screen(NamedTuple):
    """What a program wrote to its terminal and to a pipe, and its exit code."""

    code: int
    text: str
    piped: str = ""

    @property
    def lines(self) -> list[str]:
        """The lines on the terminal, without escape sequences."""
        return _ESCAPE_SEQUENCE.sub("", self.text).splitlines()


class Person:
    """Ada, at noon of 10 June 2026 in Berlin, with an empty home folder.

    Args:
        home: Her home folder.
        environ: More environment variables.
    """

    def __init__(self, home: Path, **environ: str) -> None:
        self.home = home
        self.time = datetime(2026, 6, 10, 10, 0, tzinfo=UTC)
        self.environ = {
            "HOME": str(home),
            "TRACKER_DEVELOPER": "ada",
            "TZ": "Europe/Berlin",
            "PATH": os.environ["PATH"],
            **environ,
        }

    @property
    def data(self) -> Path:
        """The program's data folder."""
        return self.home / ".local" / "share" / "tracker"

    @property
    def settings_file(self) -> Path:
        return self.home / ".config" / "tracker" / "config.toml"

    def later(self, minutes: float) -> None:
        """Move the clock forward."""
        self.time += timedelta(minutes=minutes)

    def run(self, *arguments: str, code: int | None = 0) -> Result:
        """Run the program in this process and check its exit code (None: any)."""
        context = Context(self.environ, lambda: self.time, os.urandom)
        result = CliRunner().invoke(cli, arguments, obj=context, prog_name="tracker")
        is_bug = result.exception and not isinstance(result.exception, SystemExit)
        assert not is_bug, f"{arguments}: {result.exception!r}"
        assert code in (None, result.exit_code), f"{arguments}: {result.exit_code}\n{result.output}"
        return result

    def refused(self, *arguments: str) -> str:
        """Run a command that must be refused, and return its message: one line, on stderr only."""
        result = self.run(*arguments, code=1)
        assert result.stdout == ""
        assert result.stderr.startswith("tracker: ")
        assert result.stderr.count("\n") == 1
        return result.stderr.removeprefix("tracker: ").rstrip("\n")

    def json(self, *arguments: str) -> Any:
        """Run a command with ``--format json`` and return what it prints."""
        return json.loads(self.run(*arguments, "--format", "json").stdout)

    def process(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start the installed program in a process of its own, with the machine's clock."""
        defaults = {
            "env": self.environ,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
        }
        return subprocess.Popen([PROGRAM, *arguments], **(defaults | options))

    def terminal(
        self,
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        environ: Mapping[str, str] | None = None,
        encoding: str = "utf-8",
        pipe: Literal["stdout", "stderr"] | None = None,
        answer: tuple[str, str] | None = None,
    ) -> Screen:
        """Run the installed program in a pseudo-terminal, with the machine's clock, until it ends.

        Args:
            arguments: The command line.
            columns: The terminal's width.
            rows: The terminal's height.
            environ: More environment variables, such as ``NO_COLOR``, ``LANG`` or ``TERM``.
            encoding: The encoding in which the terminal shows the output.
            pipe: The stream that is a pipe instead of the terminal.
            answer: A text on the terminal, and what is typed when it appears; see ``CTRL_C``.
        """
        controller, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        defaults = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), terminal)
        if pipe:
            streams[pipe] = subprocess.PIPE
        with (
            subprocess.Popen(
                [PROGRAM, *arguments],
                env={**defaults, **self.environ, **(environ or {})},
                start_new_session=True,
                preexec_fn=lambda: fcntl.ioctl(terminal, termios.TIOCSCTTY, 0),
                **streams,
            ) as process,
            ThreadPoolExecutor(1) as executor,
        ):
            os.close(terminal)
            reader = getattr(process, pipe) if pipe else io.BytesIO()
            piped = executor.submit(reader.read)
            output = _read_terminal(controller, answer)
        os.close(controller)
        text = output.decode(encoding, errors="replace").replace("\r\n", "\n")
        return Screen(process.returncode, text, piped.result().decode(errors="replace"))


def _read_terminal(controller: int, answer: tuple[str, str] | None) -> bytes:
    """Return the output of a terminal until the last process that uses it has ended."""
    output = b""
    while True:
        try:
            block = os.read(controller, 65_536)
        except OSError:  # EIO: how Linux reports the end of a terminal
            return output
        if not block:
            return output
        output += block
        if answer and answer[0].encode() in output:
            os.write(controller, answer[1].encode())
            answer = None
