"""Parse → call → print. The commands load when they are called: `tracker start` must not wait for `tracker check`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Any, NoReturn

import click

from tracker import __version__
from tracker.cli.context import Context
from tracker.domain.errors import TrackerError

SECTIONS = {
    "Timer": {
        "start": "tracker.cli.commands.timer:start",
        "stop": "tracker.cli.commands.timer:stop",
        "pause": "tracker.cli.commands.timer:pause",
        "resume": "tracker.cli.commands.timer:resume",
        "cancel": "tracker.cli.commands.timer:cancel",
        "status": "tracker.cli.commands.timer:status",
        "continue": "tracker.cli.commands.timer:continue_",
    },
    "Log": {
        "log": "tracker.cli.commands.entries:log",
        "entries": "tracker.cli.commands.entries:entries",
        "summary": "tracker.cli.commands.entries:summary",
        "edit": "tracker.cli.commands.edit:edit",
        "delete": "tracker.cli.commands.edit:delete",
        "undo": "tracker.cli.commands.edit:undo",
        "import": "tracker.cli.commands.imports:import_",
        "export": "tracker.cli.commands.imports:export",
    },
    "What is known of the work": {
        "estimate": "tracker.cli.commands.items:estimate",
        "assign": "tracker.cli.commands.items:assign",
        "task": "tracker.cli.commands.items:task",
        "rollout": "tracker.cli.commands.team:rollout",
        "activities": "tracker.cli.commands.team:activities",
    },
    "Evidence": {
        "check": "tracker.cli.commands.evidence:check",
        "report": "tracker.cli.commands.report:report",
        "plan": "tracker.cli.commands.evidence:plan",
        "claims": "tracker.cli.commands.evidence:claims",
        "demo": "tracker.cli.commands.report:demo",
    },
    "Care": {
        "config": "tracker.cli.commands.config:config",
        "db": "tracker.cli.commands.db:db",
        "completion": "tracker.cli.commands.completion:completion",
    },
}
"""Where each command lies, by the heading that `--help` shows it under."""

COMMANDS = {name: place for section in SECTIONS.values() for name, place in section.items()}


class LazyGroup(click.Group):
    """A group that loads a command's module when the command is asked for, and words every refusal in one place."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the headings."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name; UsageError with the nearest name where there is none."""
        if cmd_name not in COMMANDS:
            if not cmd_name.startswith("-") and not ctx.resilient_parsing:
                ctx.fail(f"there is no command {cmd_name!r}{_nearest(cmd_name)}")
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands under their headings, each with its first sentence."""
        for heading, section in SECTIONS.items():
            found = [(name, self.get_command(ctx, name)) for name in section]
            with formatter.section(heading):
                formatter.write_dl(
                    [
                        (name, command.get_short_help_str(limit=200))
                        for name, command in found
                        if command
                    ]
                )

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run a command line and exit: 0 done, 1 refused in one line, 2 wrong usage, 3 a requirement not met."""
        extra["standalone_mode"] = False  # so that refusals come here
        try:
            code = super().main(args, prog_name or "tracker", **extra)
            sys.stdout.flush()
        except TrackerError as refusal:
            code = _refuse(str(refusal), refusal.exit_code)
        except click.ClickException as wrong:
            wrong.show()
            code = wrong.exit_code
        except click.Abort:
            code = 130
        except OSError as error:
            code = 1 if isinstance(error, BrokenPipeError) else _refuse(_system_refusal(error), 1)
            _let_go_of_output()
        sys.exit(code if isinstance(code, int) else 0)


def main() -> NoReturn:
    """The program `tracker`."""
    _make_streams_usable()
    cli.main()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--db", metavar="URL", help="The database, instead of one's own.")
@click.option("--config", metavar="FILE", help="The settings, instead of those in the usual place.")
@click.option("-q", "--quiet", is_flag=True, help="No messages; warnings and refusals still come.")
@click.option("-v", "--verbose", is_flag=True, help="More messages.")
@click.version_option(__version__, "--version", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, db: str | None, config: str | None, quiet: bool, verbose: bool) -> None:
    """Log working time, and learn whether an AI assistant made design and testing more efficient.

    \b
    tracker start design PAY-12     begin; `tracker stop` makes the entry
    tracker log testing PAY-9 45m   or write it down afterwards
    tracker import csv FILE         or bring the log that is kept already
    tracker check                   what it says of the published claims
    """
    if quiet and verbose:
        raise click.UsageError("give -q or -v, not both")
    if ctx.obj is None:  # tests bring their own clock and environment
        ctx.obj = Context.of_this_process()
    context: Context = ctx.obj
    context.choose(url=db, config=config, loudness=verbose - quiet)
    ctx.call_on_close(context.close)


def _make_streams_usable() -> None:
    """Let what was closed (``>&-``) swallow what is printed, and print what the encoding lacks as ``?``."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - open as long as the program
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="replace")


def _nearest(name: str) -> str:
    from difflib import get_close_matches  # late: for a refusal only

    near = get_close_matches(name, COMMANDS, n=1)
    return f": did you mean {near[0]}?" if near else "; `tracker --help` lists them."


def _refuse(text: str, code: int) -> int:
    click.echo(f"tracker: {text}", err=True)
    return code


def _let_go_of_output() -> None:
    """Where the output takes no more, keep the interpreter from trying again at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _system_refusal(error: OSError) -> str:
    """What the system refused, on which file, and what to do instead."""
    import errno  # late: for a refusal only

    what = f"{error.filename or 'the output'} could not be used ({error.strerror or error})"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{what}: make room on its disk, then do it again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{what}: make the file and its folder yours, or name another place."
    return f"{what}."
