"""A progress bar on stderr, where a terminal can show one."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

import click

from tracker.cli.context import Context
from tracker.cli.streams import is_styled, shows_unicode

ShowProgress = Callable[[int | None, int | None], None]
"""Takes how much is done, and how much there is to do; None for what is not known."""


@contextlib.contextmanager
def progress_bar(context: Context, label: str) -> Iterator[ShowProgress | None]:
    """Show a progress bar while the block runs; yield what updates it, or None without a bar.

    Args:
        context: The program's context.
        label: What is in progress.
    """
    quiet = click.get_current_context().find_root().params["quiet"]
    if quiet or not is_styled(sys.stderr, context.environ):
        yield None
        return
    from rich.console import Console  # late: it takes as long to import as click
    from rich.progress import Progress

    class AsciiConsole(Console):
        """A console for a terminal that shows ASCII only."""

        encoding = "ascii"

    unicode = shows_unicode(sys.stderr, context.environ)
    console = Console(file=sys.stderr) if unicode else AsciiConsole(file=sys.stderr)
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda completed, total: bar.update(task, completed=completed, total=total)
