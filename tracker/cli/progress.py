"""The progress bar of a long calculation."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

import click

from tracker.cli.context import Context
from tracker.cli.streams import is_styled


@contextlib.contextmanager
def progress_bar(context: Context, description: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show a progress bar on stderr, if it is a terminal that can show one.

    Yields:
        What takes the number of steps that are done, and of all; None where no bar is shown.

    """
    quiet = click.get_current_context().find_root().params["quiet"]
    if quiet or not is_styled(sys.stderr, context.environ):
        yield None
        return
    from rich.console import Console  # late: it takes as long to import as click
    from rich.progress import Progress

    with Progress(console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(description, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
