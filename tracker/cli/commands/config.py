"""`config`: whose log this is, of which team, in which zone, and where it rests."""

from __future__ import annotations

import click

from tracker.cli.context import Context
from tracker.cli.options import format_option, pass_context
from tracker.cli.output import Form, show
from tracker.domain import urls
from tracker.domain.errors import NothingToDo
from tracker.local import settings

_COLUMNS = {"setting": "Setting", "value": "Value", "from": "From"}


@click.group(invoke_without_command=True)
@format_option
@click.pass_context
def config(ctx: click.Context, format: Form) -> None:
    """Show or change the settings.

    They are developer, team, zone, assistant and database_url.

    \b
    $ tracker config set zone Europe/Berlin
    $ tracker config
    Setting    Value          From
    developer  ada            /home/ada/.config/tracker/config.toml
    """
    if ctx.invoked_subcommand is None:
        context = ctx.find_object(Context)
        assert context is not None  # noqa: S101 - the group made it
        show([_row(context, key) for key in settings.Settings._fields], format, _COLUMNS)


@config.command("get")
@click.argument("setting", type=settings.check_key)
@pass_context
def get(context: Context, setting: str) -> None:
    """Print one setting."""
    value = _row(context, setting)["value"]
    if value is None:
        raise NothingToDo(
            f"setting {setting} is not made: `tracker config set {setting} VALUE` makes it."
        )
    click.echo(value)


@config.command("set")
@click.argument("setting", type=settings.check_key)
@click.argument("value", required=False)
@click.option("--unset", is_flag=True, help="Take the setting out of the file.")
@pass_context
def set_(context: Context, setting: str, value: str | None, unset: bool) -> None:
    """Make one setting, in the settings file.

    \b
    $ tracker config set team payments
    $ tracker config set team --unset
    """
    if (value is None) != unset:
        raise click.UsageError("give a value, or --unset")
    settings.write(context.settings_file, setting, value)
    context.say(
        f"{setting} is {urls.without_password(value)} now" if value else f"{setting} is unset now"
    )
    if context.environ.get(settings.ENVIRONMENT.get(setting, "")):
        context.warn(f"{settings.ENVIRONMENT[setting]} is set and goes before the file.")


def _row(context: Context, key: str) -> dict[str, str | None]:
    """One setting as it counts, and where it comes from."""
    variable = settings.ENVIRONMENT.get(key, "")
    if variable and context.environ.get(variable):
        return {
            "setting": key,
            "value": urls.without_password(context.environ[variable]),
            "from": variable,
        }
    if value := getattr(context.settings, key):
        return {
            "setting": key,
            "value": urls.without_password(value),
            "from": context.settings_file,
        }
    url = urls.without_password(context.url)
    usual = {"developer": context.developer, "zone": context.zone.key, "database_url": url}.get(key)
    return {"setting": key, "value": usual, "from": "this machine" if usual else None}
