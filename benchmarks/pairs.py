"""Two commands timed in turn, A B A B …, as whole processes: the ratio holds when the machine's speed drifts."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process: seconds by the wall, peak memory in MB (None where it was not looked at)."""

    seconds: float
    peak_megabytes: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """Something counted, not timed."""

    name: str
    value: str

    def line(self, aim: str = "") -> str:
        """One row of the table that `make bench` prints."""
        return f"{self.name:<58}   {self.value}   {aim}"


@dataclass(frozen=True, slots=True)
class Pair:
    """The medians of a command and of what it is held against."""

    name: str
    ratio: float
    """Median of the ratios, pair by pair."""
    low: float
    high: float
    ours: Run
    other: Run

    def line(self, aim: str = "") -> str:
        """One row of the table that `make bench` prints."""
        found = f"{self.name:<58} × {self.ratio:5.2f}  ({self.low:.2f} to {self.high:.2f})"
        if self.ours.peak_megabytes and self.other.peak_megabytes:
            found += f"   peak {self.ours.peak_megabytes:4.0f} MB against {self.other.peak_megabytes:4.0f} MB"
        return f"{found}   {aim}"


def run(command: Sequence[str], environ: Mapping[str, str]) -> Run:
    """Run a command to its end, its output thrown away; it must succeed."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env=dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(
            f"{' '.join(command)} exited {process.returncode}: {said.decode(errors='replace')[-2000:]}"
        )
    return Run(seconds, usage.ru_maxrss / 1024)


def compare(
    name: str,
    ours: Sequence[str],
    other: Sequence[str],
    *,
    environ: Mapping[str, str] = os.environ,
    runs: int = 5,
    before: Callable[[], None] = lambda: None,
) -> Pair:
    """Time ``ours`` and ``other`` in turn after one warm-up of each; ``before`` makes every run alike."""
    pairs = []
    for count in range(runs + 1):
        before()
        first = run(ours, environ)
        second = run(other, environ)
        if count:
            pairs.append((first, second))
    return paired(name, pairs)


def paired(name: str, pairs: Sequence[tuple[Run, Run]]) -> Pair:
    """The medians of runs made in turn."""
    ratios = [a.seconds / b.seconds for a, b in pairs]
    return Pair(
        name,
        statistics.median(ratios),
        min(ratios),
        max(ratios),
        _median([a for a, _ in pairs]),
        _median([b for _, b in pairs]),
    )


def _median(runs: list[Run]) -> Run:
    peaks = [run.peak_megabytes for run in runs if run.peak_megabytes is not None]
    return Run(
        statistics.median(run.seconds for run in runs), statistics.median(peaks) if peaks else None
    )
