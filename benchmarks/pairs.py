"""Times two commands in turn, as processes: A B A B …

The ratio stays comparable when the speed of the machine changes during the run.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process: wall-clock seconds, and what else was measured."""

    seconds: float
    peak_megabytes: float | None = None
    """None where it is not known, see :func:`run`."""
    cpu_seconds: float | None = None
    """User and system time."""

    @property
    def peak(self) -> str:
        """The peak as a text."""
        if self.peak_megabytes is None:
            return "below that of the benchmark itself"
        return f"{self.peak_megabytes:.0f} MB"


@dataclass(frozen=True, slots=True)
class Figure:
    """A size or count."""

    name: str
    value: str

    def line(self, aim: str = "") -> str:
        """Return the row that `make bench` prints."""
        return f"{self.name:<58}   {self.value}   {aim}"


@dataclass(frozen=True, slots=True)
class Pair:
    """A command compared with a reference command: medians of several runs."""

    name: str
    ratio: float
    """Median of the ratios of runs made one after the other."""
    low: float
    high: float
    measured: Run
    reference: Run
    cpu_ratio: float | None = None
    """Median of the ratios of CPU seconds."""

    def line(self, aim: str = "") -> str:
        """Return the row that `make bench` prints."""
        text = f"{self.name:<58} × {self.ratio:5.2f}  ({self.low:.2f} to {self.high:.2f})"
        if self.cpu_ratio and self.measured.cpu_seconds and self.reference.cpu_seconds:
            seconds = f"{self.measured.cpu_seconds:.2f} s against {self.reference.cpu_seconds:.2f}"
            text += f"   CPU × {self.cpu_ratio:.2f}, {seconds} s"
        if self.measured.peak_megabytes and self.reference.peak_megabytes:
            peaks = (self.measured.peak_megabytes, self.reference.peak_megabytes)
            text += f"   peak {peaks[0]:4.0f} MB against {peaks[1]:4.0f} MB"
        return f"{text}   {aim}"


def run(command: Sequence[str], environ: Mapping[str, str]) -> Run:
    """Run a command to its end and discard its output.

    The system counts the memory of the process that starts a command as the command's, so a peak
    that is no higher than that of the running process is not known.

    Raises:
        RuntimeError: The command failed; the message ends with what it wrote to stderr.

    """
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env=dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(
            f"{' '.join(command)} exited {process.returncode}:"
            f" {errors.decode(errors='replace')[-2000:]}"
        )
    is_known = usage.ru_maxrss > resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak = usage.ru_maxrss / 1024 if is_known else None
    return Run(seconds, peak, usage.ru_utime + usage.ru_stime)


def compare(
    name: str,
    command: Sequence[str],
    reference: Sequence[str],
    *,
    environ: Mapping[str, str] = os.environ,
    runs: int = 5,
    before: Callable[[], None] = lambda: None,
) -> Pair:
    """Time ``command`` and ``reference`` in turn, after one warm-up of each.

    Args:
        name: What is compared, for the printed row.
        command: The command that is measured.
        reference: The command that it is compared with.
        environ: The environment of both.
        runs: Number of timed runs of each.
        before: Called before each pair of runs, to restore the same state.

    """
    pairs = []
    for count in range(runs + 1):
        before()
        first = run(command, environ)
        second = run(reference, environ)
        if count:
            pairs.append((first, second))
    return summarise(name, pairs)


def summarise(name: str, pairs: Sequence[tuple[Run, Run]]) -> Pair:
    """Return the medians of pairs of runs made in turn."""
    ratios = [a.seconds / b.seconds for a, b in pairs]
    cpu_ratios = [
        a.cpu_seconds / b.cpu_seconds for a, b in pairs if a.cpu_seconds and b.cpu_seconds
    ]
    return Pair(
        name,
        statistics.median(ratios),
        min(ratios),
        max(ratios),
        _median([a for a, _ in pairs]),
        _median([b for _, b in pairs]),
        statistics.median(cpu_ratios) if cpu_ratios else None,
    )


def _median(runs: list[Run]) -> Run:
    peaks = [run.peak_megabytes for run in runs if run.peak_megabytes is not None]
    cpu_seconds = [run.cpu_seconds for run in runs if run.cpu_seconds is not None]
    return Run(
        statistics.median(run.seconds for run in runs),
        statistics.median(peaks) if peaks else None,
        statistics.median(cpu_seconds) if cpu_seconds else None,
    )
