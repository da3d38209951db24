"""`python -m benchmarks [starting|importing|memory|checking|page|browsing …]`: times as ratios."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

NAMES = ("starting", "importing", "memory", "checking", "page", "browsing")


def main() -> None:
    """Run the benchmarks named on the command line, or all of them."""
    for name in sys.argv[1:] or NAMES:
        with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
            for pair, aim in importlib.import_module(f"benchmarks.{name}").measure(Path(folder)):
                print(pair.line(aim), flush=True)


if __name__ == "__main__":
    main()
