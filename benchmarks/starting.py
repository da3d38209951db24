"""The timer's commands against ``python -c "import click"``: they load nothing heavier."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.log import environ_for
from benchmarks.pairs import Pair, compare, run

RUNS = 25
AIM = "aim ≤ 1.3"


def measure(folder: Path) -> Iterator[tuple[Pair, str]]:
    """Time ``start``, ``status`` and ``stop``, each in a state in which it has work to do."""
    environ = environ_for(folder)
    tracker = str(Path(sys.executable).with_name("tracker"))
    click = [sys.executable, "-c", "import click"]

    def running() -> None:
        run([tracker, "-q", "start", "design", "T-1"], environ)

    def idle() -> None:
        running()
        run([tracker, "-q", "cancel"], environ)

    for command, before in (
        (["start", "design", "T-1"], idle),
        (["status"], running),
        (["stop"], running),
    ):
        name = f"tracker {command[0]} / python -c 'import click'"
        yield (
            compare(name, [tracker, *command], click, environ=environ, runs=RUNS, before=before),
            AIM,
        )
