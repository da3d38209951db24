"""The timer's commands against Watson's, and against ``python -c "import click"``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.log import environ_for
from benchmarks.pairs import Pair, compare, run

RUNS = 25
AIMS = {"watson": "aim ≤ 0.7", "python -c 'import click'": "aim ≤ 1.3"}


def measure(folder: Path) -> Iterator[tuple[Pair, str]]:
    """Time ``start``, ``status`` and ``stop``, each in a state in which it has work to do."""
    environ = environ_for(folder)
    (folder / "watson").mkdir()
    (folder / "watson" / "config").write_text("[options]\nstop_on_start = true\n")
    tracker, watson = (str(Path(sys.executable).with_name(n)) for n in ("tracker", "watson"))

    def running() -> None:
        run([tracker, "-q", "start", "design", "T-1"], environ)
        run([watson, "start", "T-1"], environ)

    def idle() -> None:
        running()
        run([tracker, "-q", "cancel"], environ)
        run([watson, "cancel"], environ)

    for command, of_watson, before in (
        (["start", "design", "T-1"], ["start", "T-1"], idle),
        (["status"], ["status"], running),
        (["stop"], ["stop"], running),
    ):
        references = ([watson, *of_watson], [sys.executable, "-c", "import click"])
        for (name, aim), reference in zip(AIMS.items(), references, strict=True):
            yield (
                compare(
                    f"tracker {command[0]} / {name}",
                    [tracker, *command],
                    reference,
                    environ=environ,
                    runs=RUNS,
                    before=before,
                ),
                aim,
            )
