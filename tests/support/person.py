"""A person at the command line, for tests: a home of their own, a clock that is set by hand, the real program."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner, Result

from tracker.cli import cli
from tracker.cli.context import Context

PROGRAM = str(Path(sys.executable).with_name("tracker"))


class Screen(NamedTuple):
    """What a program wrote to its terminal (stdout and stderr as one), and its exit code."""

    code: int
    text: str


class Person:
    """Ada, at noon of 10 June 2026 in Berlin, with an empty home."""

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
        """Where the program keeps their files."""
        return self.home / ".local" / "share" / "tracker"

    @property
    def settings_file(self) -> Path:
        return self.home / ".config" / "tracker" / "config.toml"

    def later(self, minutes: float) -> None:
        """Let the clock go on."""
        self.time += timedelta(minutes=minutes)

    def run(self, *arguments: str, code: int | None = 0) -> Result:
        """Run the program in this process, and see that it ends as it should."""
        context = Context(self.environ, lambda: self.time, os.urandom)
        result = CliRunner().invoke(cli, arguments, obj=context, prog_name="tracker")
        unexpected = result.exception and not isinstance(result.exception, SystemExit)
        assert not unexpected, f"{arguments}: {result.exception!r}"
        assert code in (None, result.exit_code), f"{arguments}: {result.exit_code}\n{result.output}"
        return result

    def refused(self, *arguments: str) -> str:
        """Run what is to be refused: one line on stderr, nothing on stdout; the line."""
        result = self.run(*arguments, code=1)
        assert result.stdout == ""
        assert result.stderr.startswith("tracker: ")
        assert result.stderr.count("\n") == 1
        return result.stderr.removeprefix("tracker: ").rstrip("\n")

    def json(self, *arguments: str) -> Any:
        """What the program prints as JSON, and nothing but JSON."""
        return json.loads(self.run(*arguments, "--format", "json").stdout)

    def process(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Run the program as its users do, in a process of its own, by the machine's clock."""
        given = {
            "env": self.environ,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
            **options,
        }
        return subprocess.Popen([PROGRAM, *arguments], **given)

    def terminal(self, *arguments: str, columns: int = 80, **environ: str) -> Screen:
        """Run the program in a pseudo-terminal, by the machine's clock, until it ends."""
        controller, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environ = {"TERM": "xterm-256color", "LANG": "C.UTF-8", **self.environ, **environ}
        with subprocess.Popen(
            [PROGRAM, *arguments],
            env=environ,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            close_fds=True,
        ) as process:
            os.close(terminal)
            text = (
                b"".join(_read_terminal(controller)).decode(errors="replace").replace("\r\n", "\n")
            )
        os.close(controller)
        return Screen(process.returncode, text)


def _read_terminal(controller: int) -> Iterator[bytes]:
    """The output of a terminal until the last process that holds it has ended."""
    while True:
        try:
            block = os.read(controller, 65_536)
        except OSError:  # EIO: how Linux reports the end of a terminal
            return
        if not block:
            return
        yield block
