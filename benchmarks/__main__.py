"""`python -m benchmarks [--json] [starting|keystrokes|importing|checking …]`: ratios and counts.

With ``--json`` each result is a line of JSON; the first names the machine. `scaling`, which takes
many minutes, runs only where it is named.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import platform
import sqlite3
import sys
import tempfile
from pathlib import Path

NAMES = (
    *("starting", "keystrokes", "importing", "memory", "checking", "growth", "moments", "page"),
    *("browsing", "teams"),
)


def main() -> None:
    """Run the benchmarks named on the command line, or all of them."""
    arguments = sys.argv[1:]
    as_json = "--json" in arguments
    machine = {
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    print(json.dumps(machine) if as_json else ", ".join(f"{k} {v}" for k, v in machine.items()))
    for name in [argument for argument in arguments if argument != "--json"] or NAMES:
        with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
            for result, aim in importlib.import_module(f"benchmarks.{name}").measure(Path(folder)):
                row = {"benchmark": name, **dataclasses.asdict(result), "aim": aim}
                line = json.dumps(row, ensure_ascii=False) if as_json else result.line(aim)
                print(line, flush=True)


if __name__ == "__main__":
    main()
