"""The command line. A command parses its arguments, calls the other packages and prints the result.

A command's module is imported when the command is called: `tracker start` must not wait for the
libraries of `tracker check`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from tracker import __version__
from tracker.cli.command_names import whole_name, write_commands
from tracker.cli.context import Context
from tracker.cli.messages import ErrorContext, FittingFormatter, print_click_error, print_message
from tracker.cli.streams import prepare_streams
from tracker.domain.errors import Interrupted, TrackerError

SECTIONS = {
    "Timer": {
        "start": "tracker.cli.commands.timer:start",
        "stop": "tracker.cli.commands.timer:stop",
        "pause": "tracker.cli.commands.timer:pause",
        "resume": "tracker.cli.commands.timer:resume",
        "cancel": "tracker.cli.commands.timer:cancel",
        "status": "tracker.cli.commands.timer:status",
        "continue": "tracker.cli.commands.continuing:continue_command",
    },
    "Entries": {
        "log": "tracker.cli.commands.entries:log",
        "entries": "tracker.cli.commands.entries:entries_command",
        "summary": "tracker.cli.commands.summary:summary_command",
        "edit": "tracker.cli.commands.edit:edit_command",
        "delete": "tracker.cli.commands.edit:delete",
        "undo": "tracker.cli.commands.undo:undo_command",
        "redo": "tracker.cli.commands.undo:redo_command",
        "import": "tracker.cli.commands.imports:import_command",
        "pull": "tracker.cli.commands.pull:pull_command",
        "export": "tracker.cli.commands.imports:export",
    },
    "Tasks and team": {
        "estimate": "tracker.cli.commands.items:estimate",
        "assign": "tracker.cli.commands.items:assign",
        "task": "tracker.cli.commands.items:task",
        "tasks": "tracker.cli.commands.tasks:tasks_command",
        "rename": "tracker.cli.commands.rename:rename_group",
        "team": "tracker.cli.commands.team_sums:team_command",
        "rollout": "tracker.cli.commands.team:rollout",
        "activities": "tracker.cli.commands.team:activities",
    },
    "Use of assistants": {
        "collect": "tracker.cli.commands.collect:collect_command",
        "proposals": "tracker.cli.commands.proposals:proposals_group",
        "mark": "tracker.cli.commands.hooks:mark_command",
        "hooks": "tracker.cli.commands.hooks:hooks_group",
    },
    "Evidence": {
        "check": "tracker.cli.commands.evidence:check",
        "report": "tracker.cli.commands.report:report_command",
        "plan": "tracker.cli.commands.planning:plan_command",
        "simulate": "tracker.cli.commands.simulate:simulate_command",
        "calibrate": "tracker.cli.commands.calibrate:calibrate_command",
        "claims": "tracker.cli.commands.evidence:claims",
        "demo": "tracker.cli.commands.report:demo_command",
    },
    "Setup": {
        "config": "tracker.cli.commands.config:config_group",
        "db": "tracker.cli.commands.db:db_group",
        "outbox": "tracker.cli.commands.outbox:outbox_group",
        "completion": "tracker.cli.commands.completion:completion_command",
        "help": "tracker.cli.commands.help:help_command",
        "version": "tracker.cli.commands.help:version_command",
    },
}
"""Module and attribute of each command, under the heading that `--help` shows."""

click.Context.formatter_class = FittingFormatter
click.Command.context_class = ErrorContext

COMMANDS = {name: target for section in SECTIONS.values() for name, target in section.items()}
"""Module and attribute of each command by its name."""


class LazyGroup(click.Group):
    """A group that imports a command's module on first use and prints every error in one place."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order of the headings."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a whole name; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the name, the command and its arguments.

        The name may be a beginning that no other command has. Words of a time or a duration among
        the arguments are joined.

        Raises:
            click.UsageError: There is no such command, or more than one begins like that.
        """
        name = whole_name(ctx, args[0], COMMANDS)
        command = name and self.get_command(ctx, name)
        if not command:
            return None, None, args[1:]
        from tracker.cli.options import join_words  # late: the command has imported it

        return name, command, join_words(command, args[1:])

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under their headings, each with the first sentence of its help."""
        for heading, section in SECTIONS.items():
            commands = [(name, self.get_command(ctx, name)) for name in section]
            with formatter.section(heading):
                write_commands(formatter, commands)

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run a command line and exit.

        The exit code is 0 for success, 1 for an error reported in one line, 2 for wrong usage, 3
        where ``--require`` is not met and 130 after Ctrl-C.
        """
        extra["standalone_mode"] = False  # click would otherwise print the errors itself
        try:
            code = super().main(args, prog_name or "tracker", **extra)
            sys.stdout.flush()
        except TrackerError as error:
            if isinstance(error, Interrupted) and sys.stderr.isatty():
                click.echo(err=True)  # ends the line in which the terminal shows ^C
            code = _print_error(str(error), error.exit_code)
        except click.ClickException as error:
            print_click_error(error)
            code = error.exit_code
        except click.Abort:
            code = 130
        except OSError as error:
            is_broken_pipe = isinstance(error, BrokenPipeError)
            code = 1 if is_broken_pipe else _print_error(_os_error_message(error), 1)
            _discard_output()
        sys.exit(code if isinstance(code, int) else 0)


def main() -> NoReturn:
    """Run the program `tracker`."""
    prepare_streams()
    cli.main()


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--db", metavar="URL", help="The database to use instead of your own.")
@click.option("--config", metavar="FILE", help="The settings file to use instead of the usual one.")
@click.option("-q", "--quiet", is_flag=True, help="Print warnings and errors only.")
@click.option("-v", "--verbose", is_flag=True, help="Print more messages.")
@click.version_option(__version__, "--version", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, db: str | None, config: str | None, quiet: bool, verbose: bool) -> None:
    """Log working time, and learn whether an AI assistant made design and testing more efficient.

    \b
    tracker start design PAY-12    start the timer; `tracker stop` makes the entry
    tracker log testing PAY-9 45m  log finished work
    tracker import csv FILE        import a log that you already keep
    tracker check                  judge the published claims by the log

    Without a command it shows the timer, today's hours, what waits, and what to do next. A command
    or an activity may be cut short as long as no other begins like that.
    """
    if quiet and verbose:
        raise click.UsageError("give -q or -v, not both")
    if ctx.obj is None:  # tests pass a context with their own clock and environment
        ctx.obj = Context.from_process()
    context: Context = ctx.obj
    context.apply_options(url=db, config=config, verbosity=verbose - quiet)
    ctx.call_on_close(context.close)
    ctx.call_on_close(context.print_last_warnings)  # the last one is called first
    if ctx.invoked_subcommand != "outbox":
        ctx.call_on_close(context.warn_of_waiting)
    if ctx.invoked_subcommand is None:
        from tracker.cli.commands.overview import show_overview  # late: it is a command of its own

        show_overview(context)


def _print_error(message: str, code: int) -> int:
    """Print an error to stderr and return its exit code."""
    print_message(f"tracker: {message}")
    return code


def _discard_output() -> None:
    """Point a stdout that cannot be flushed at the null device, so that Python exits quietly."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _os_error_message(error: OSError) -> str:
    """Return a message: what the system refused, on which file, and what to do."""
    import errno  # late: for an error only

    reason = error.strerror or error
    file = error.filename or "the output or a temporary file"
    message = f"{file} could not be used ({reason})"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{message}: free some space on its disk, then run the command again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"{message}: change the permissions of the file and its folder, or name another file."
        )
    return f"{message}."
