"""`completion`: the script with which a shell completes commands, options and activities."""

from __future__ import annotations

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> None:
    """Print the script that lets a shell complete commands, tasks, ids and other names.

    \b
    $ tracker completion bash >> ~/.bashrc
    $ tracker completion zsh >> ~/.zshrc
    $ tracker completion fish > ~/.config/fish/completions/tracker.fish
    """
    from click.shell_completion import get_completion_class  # late: for this command only

    completion_class = get_completion_class(shell)
    if completion_class is None:
        raise click.UsageError(f"click has no completion for {shell}")
    root = ctx.find_root().command
    click.echo(completion_class(root, {}, "tracker", "_TRACKER_COMPLETE").source())
