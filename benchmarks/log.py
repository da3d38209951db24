"""The real log that the benchmarks read: unpacked once into a folder of their own."""

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
    """The time log and the tasks as CSV files in ``folder``."""
    return _unpack(CESAW / "CESAW_time_fact.csv.xz", folder), _unpack(
        CESAW / "CESAW_task_fact.csv.xz", folder
    )


def _unpack(packed: Path, folder: Path) -> Path:
    path = folder / packed.stem
    if not path.exists():
        with lzma.open(packed) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)
    return path


def environ_for(folder: Path) -> dict[str, str]:
    """An environment whose home, data and configuration lie in ``folder``."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("TRACKER_")}
    return {
        **environ,
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
