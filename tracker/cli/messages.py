"""The way out for messages: what a person reads on stderr, and single lines on stdout.

A message may quote an option, the name of a file or a column, or a driver's error. Here each is
made safe to print, so that no command has to. ``tracker.cli.output`` does the same for tables.
"""

from __future__ import annotations

import io

import click

from tracker.domain import printing


def print_message(text: str) -> None:
    """Print a message to stderr, in one line."""
    click.echo(printing.message(text), err=True)


def print_line(text: str) -> None:
    """Print a line for a person to stdout."""
    click.echo(printing.printable(text))


def print_click_error(error: click.ClickException) -> None:
    """Print an error of the command line to stderr, with the usage of the command."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    text = io.StringIO()
    error.show(text)
    usage, label, reason = text.getvalue().partition("Error: ")
    for line in usage.splitlines():
        print_message(line)
    print_message(label + " ".join(line.strip() for line in reason.strip().split("\n")))
