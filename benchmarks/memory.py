"""Peak memory of `tracker import` for every source: 200,000 entries against 20,000."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.log import environ_for
from benchmarks.long_logs import FORMS, Form
from benchmarks.pairs import Figure, run

ENTRIES = (20_000, 200_000)
AIM = "aim ≤ 500 bytes an entry"


def measure(folder: Path) -> Iterator[tuple[Figure, str]]:
    """Import a short and a long log of each source into new SQLite files."""
    for name, form in FORMS.items():
        yield figure(name, [peak_megabytes(form, folder, entries) for entries in ENTRIES]), AIM


def figure(name: str, peaks: list[float]) -> Figure:
    """Return the row of a source: both peaks, and the memory that an entry takes."""
    growth = (peaks[1] - peaks[0]) * 2**20 / (ENTRIES[1] - ENTRIES[0])
    sizes = " and ".join(f"{entries:,}" for entries in ENTRIES)
    value = f"{peaks[0]:.0f} and {peaks[1]:.0f} MB, {growth:.0f} bytes an entry"
    return Figure(f"import {name}, {sizes} entries", value)


def peak_megabytes(form: Form, folder: Path, entries: int) -> float:
    """Return the peak memory of the program while it imports a log into a new SQLite file."""
    log, database, map_ = folder / "log", folder / "log.db", folder / "map.toml"
    with log.open("w", encoding="utf-8", newline="") as file:
        file.writelines(form.pieces(entries))
    command = [
        str(Path(sys.executable).with_name("tracker")),
        "-q",
        "--db",
        f"sqlite:///{database}",
    ]
    command += ["import", form.source, str(log), *form.options]
    if form.map is not None:
        map_.write_text(form.map, encoding="utf-8")
        command += ["--map", str(map_)]
    environ = environ_for(folder) | {"TRACKER_DEVELOPER": "ann"}
    peak = run(command, environ).peak_megabytes
    for path in folder.glob("log*"):
        path.unlink()
    assert peak is not None
    return peak
