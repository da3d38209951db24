"""Work on the database with a time limit: a command for which a person waits does not wait longer.

A call into a driver or into the system's resolver cannot be interrupted. So the work is done in a
thread, which is left alone when its time is over, and ends with the program.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread, local

from tracker.cli.messages import print_message

_thread = local()


def is_limited() -> bool:
    """Return whether the caller runs under a time limit."""
    return hasattr(_thread, "lines")


def echo(line: str) -> None:
    """Print a line to stderr. Under a time limit it appears when the work or its time ends."""
    if is_limited():
        _thread.lines.append(line)
    else:
        print_message(line)


def run(work: Callable[[], None], seconds: float) -> bool:
    """Run work, and return whether it ended in time.

    Raises:
        BaseException: What the work raised.
    """
    lines: list[str] = []
    errors: list[BaseException] = []

    def collect() -> None:
        _thread.lines = lines
        try:
            work()
        except BaseException as error:
            errors.append(error)

    worker = Thread(target=collect, daemon=True)
    worker.start()
    worker.join(seconds)
    is_done = not worker.is_alive()
    for line in lines:
        print_message(line)
    if is_done and errors:
        raise errors[0]
    return is_done
