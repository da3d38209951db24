"""`help` and `version`."""

from __future__ import annotations

import click

from tracker import __version__
from tracker.cli.command_names import whole_name


@click.command("help")
@click.argument("command", nargs=-1)
@click.pass_context
def help_command(ctx: click.Context, command: tuple[str, ...]) -> None:
    """Show the help of a command, or the list of commands.

    \b
    $ tracker help log
    $ tracker help config set
    """
    assert ctx.parent is not None  # noqa: S101 - the main group made it
    target = ctx.parent
    for typed in command:
        group = target.command
        if not isinstance(group, click.Group):
            raise click.UsageError(f"{target.command_path} has no command {typed!r}", target)
        name = whole_name(target, typed, group.list_commands(target))
        subcommand = name and group.get_command(target, name)
        if not subcommand:
            raise click.UsageError(f"there is no command {typed!r}", target)
        target = type(ctx)(subcommand, info_name=name, parent=target)
    click.echo(target.get_help())


@click.command("version")
def version_command() -> None:
    """Show the version of the program."""
    click.echo(f"tracker {__version__}")
