"""The way out for messages: what a person reads on stderr, and single lines on stdout.

A message may quote an option, the name of a file or a column, or a driver's error. Here each is
made safe to print, so that no command has to. ``tracker.cli.output`` does the same for tables.
"""

from __future__ import annotations

import io
import os
import sys

import click

from tracker.cli import streams
from tracker.cli.wrapping import fit
from tracker.domain import printing


def print_message(text: str) -> None:
    """Print a message to stderr: one line, which is broken between words on a terminal."""
    width = streams.terminal_width(sys.stderr, os.environ)
    click.echo("\n".join(fit(printing.message(text), width)), err=True)


def print_line(text: str) -> None:
    """Print a line for a person to stdout, broken between words on a terminal."""
    width = streams.terminal_width(sys.stdout, os.environ)
    click.echo("\n".join(fit(printing.printable(text), width)))


class FittingFormatter(click.HelpFormatter):
    """The help in lines that fit the terminal, the examples too, which click leaves as they are."""

    def getvalue(self) -> str:
        """Return the text. Examples may have the two columns that click leaves free, too."""
        lines = super().getvalue().split("\n")
        return "\n".join(part for line in lines for part in fit(line, self.width + 2))


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
