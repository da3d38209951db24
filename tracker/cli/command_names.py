"""Names of commands as they are typed: whole, or cut short."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import click


class ShortNamesGroup(click.Group):
    """A group whose commands may be cut short, as in `tracker config s zone UTC`."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, each with the first sentence of its help."""
        with formatter.section("Commands"):
            write_commands(formatter, self.commands.items())

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the name, the command and its arguments."""
        name = whole_name(ctx, args[0], self.commands)
        return name, self.commands.get(name or ""), args[1:]


def write_commands(
    formatter: click.HelpFormatter, commands: Iterable[tuple[str, click.Command | None]]
) -> None:
    """Write commands with the first sentence of the help of each, whole."""
    formatter.write_dl(
        [(name, command.get_short_help_str(limit=200)) for name, command in commands if command]
    )


def whole_name(ctx: click.Context, typed: str, names: Collection[str]) -> str | None:
    """Return the name of the command that was typed; None during completion, if it is none.

    Raises:
        click.UsageError: There is no such command, or more than one begins like that.
    """
    if typed in names:
        return typed
    matches = [name for name in names if typed and name.startswith(typed)]
    if len(matches) == 1:
        return matches[0]
    if ctx.resilient_parsing:
        return None
    if matches:
        choices = f"{', '.join(matches[:-1])} or {matches[-1]}"
        raise click.UsageError(f"{typed!r} may be {choices}: give more of it", ctx)
    from difflib import get_close_matches  # late: for an error only

    close = get_close_matches(typed, names, n=1)
    hint = f": did you mean {close[0]}?" if close else ""
    raise click.UsageError(f"there is no command {typed!r}{hint}", ctx)
