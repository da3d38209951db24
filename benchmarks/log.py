"""The real log that the benchmarks read, unpacked into a temporary folder."""

from __future__ import annotations

import lzma
import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CESAW = ROOT.parent / "shared" / "data" / "cesaw"
MAP = ROOT / "tests" / "support" / "maps" / "cesaw.toml"
TASKS_MAP = ROOT / "tests" / "support" / "maps" / "cesaw-tasks.toml"


def real_log(folder: Path) -> tuple[Path, Path]:
    """Return the time log and the task list as CSV files in ``folder``, unpacked there."""
    log, tasks = (CESAW / f"CESAW_{kind}_fact.csv.xz" for kind in ("time", "task"))
    return _unpack(log, folder), _unpack(tasks, folder)


def _unpack(packed: Path, folder: Path) -> Path:
    path = folder / packed.stem
    if not path.exists():
        with lzma.open(packed) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)
    return path


def environ_for(folder: Path) -> dict[str, str]:
    """Return an environment whose home, data and configuration are in ``folder``.

    Modules are compiled once, as in an installed program, whatever the caller's environment says.
    """
    environ = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("TRACKER_") and key != "PYTHONDONTWRITEBYTECODE"
    }
    return {
        **environ,
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
