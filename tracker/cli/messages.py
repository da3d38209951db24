"""The way out for messages: what a person reads on stderr, and single lines on stdout.

A message may quote an option, the name of a file or a column, or a driver's error. Here each is
made safe to print, so that no command has to. ``tracker.cli.output`` does the same for tables.
"""

from __future__ import annotations

import os
import sys
from types import TracebackType

import click

from tracker.cli import streams
from tracker.cli.wrapping import fit
from tracker.domain import printing
from tracker.domain.errors import NotFound, TrackerError


def print_message(text: str) -> None:
    """Print a message to stderr: one line, which is broken between words on a terminal."""
    width = streams.terminal_width(sys.stderr, os.environ)
    click.echo("\n".join(fit(printing.message(text), width)), err=True)


def print_line(text: str) -> None:
    """Print a line for a person to stdout, broken between words on a terminal."""
    width = streams.terminal_width(sys.stdout, os.environ)
    click.echo("\n".join(fit(printing.printable(text), width)))


_ESTIMATE = "an estimate is made by `tracker estimate ACTIVITY TASK 3h`, before the work begins"
_NOTE = "`tracker edit -m NOTE` gives the running timer a note"
_IN_PLACE_OF = {
    **dict.fromkeys(
        ("task", "tasks", "edit", "log", "continue"), dict.fromkeys(("-e", "--estimate"), _ESTIMATE)
    ),
    **dict.fromkeys(("pause", "resume"), dict.fromkeys(("-m", "--note"), _NOTE)),
}
"""What to type in place of options that people expect, by the command that does not have them."""


class FittingFormatter(click.HelpFormatter):
    """The help in lines that fit the terminal, the examples too, which click leaves as they are."""

    def getvalue(self) -> str:
        """Return the text. Examples may have the two columns that click leaves free, too."""
        lines = super().getvalue().split("\n")
        return "\n".join(part for line in lines for part in fit(line, self.width + 2))


class ErrorContext(click.Context):
    """A context that names its command in the usage errors of click's parser, too."""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> bool | None:
        """Note this context in an error that has none, and a refusal in the run of the program.

        What is not found may wait for another database, which the program says all the same.
        """
        if isinstance(exc_value, click.UsageError) and exc_value.ctx is None:
            exc_value.ctx = self
        session = self.find_root().obj
        errors = (click.ClickException, TrackerError, OSError)
        if session and isinstance(exc_value, errors) and not isinstance(exc_value, NotFound):
            session.is_refused = True
        return super().__exit__(exc_type, exc_value, tb)


def print_click_error(error: click.ClickException) -> None:
    """Print an error of the command line to stderr in one line that names the command's help.

    A group without a command prints its help instead.
    """
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    reason, ctx = error.format_message(), None
    if isinstance(error, click.UsageError):
        reason, ctx = _misplaced_option(error) or (_in_place_of(error) or reason, error.ctx)
    reason = " ".join(reason.split())
    if ctx:
        end = " See" if reason.endswith(("?", "?)")) else "; see"
        reason = f"{reason.removesuffix('.')}{end} `{ctx.command_path} --help`"
    print_message(f"Error: {reason}")


def _in_place_of(error: click.UsageError) -> str | None:
    """Return what to type in place of an option that another command has; None for others."""
    if not isinstance(error, click.NoSuchOption) or not error.ctx:
        return None
    advice = _IN_PLACE_OF.get(error.ctx.command.name or "", {}).get(error.option_name)
    return advice and f"No such option '{error.option_name}': {advice}"


def _misplaced_option(error: click.UsageError) -> tuple[str, click.Context] | None:
    """Return where an option of the program goes that follows a command, and the program."""
    if not isinstance(error, click.NoSuchOption) or not error.ctx or not error.ctx.parent:
        return None
    name, program = error.option_name, error.ctx.find_root()
    for option in program.command.params:
        if isinstance(option, click.Option) and name in option.opts:
            value = "" if option.is_flag else f" {option.make_metavar(program)}"
            command = error.ctx.command_path.removeprefix(f"{program.command_path} ")
            example = f"{program.command_path} {name}{value} {command}"
            return f"{name} goes before the command: `{example}`", program
    return None
