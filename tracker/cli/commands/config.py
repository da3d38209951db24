"""`config`: the settings: developer, team, zone, assistant, pattern of keys, and database."""

from __future__ import annotations

import click

from tracker.cli.command_names import ShortNamesGroup
from tracker.cli.context import Context
from tracker.cli.messages import print_line
from tracker.cli.options import format_option, pass_context
from tracker.cli.output import Format, show
from tracker.domain import urls
from tracker.domain.errors import NothingToDo
from tracker.domain.plain_text import readable
from tracker.local import settings

_COLUMNS = {"setting": "Setting", "from": "From", "value": "Value"}


@click.group("config", cls=ShortNamesGroup, invoke_without_command=True)
@format_option
@click.pass_context
def config_group(ctx: click.Context, format: Format) -> None:
    """Show or change the settings.

    They are developer, team, zone, assistant, task_pattern and database_url. task_pattern is a
    regular expression (RE2) with one group, which finds the key of a task in texts of an imported
    log, and in the git branch. The repositories in which `collect` looks are tables of the file
    (docs/privacy.md).

    \b
    $ tracker config set zone Europe/Berlin
    $ tracker config
    Setting    From                                   Value
    developer  /home/ada/.config/tracker/config.toml  ada
    """
    if ctx.invoked_subcommand is None:
        context = ctx.find_object(Context)
        assert context is not None  # noqa: S101 - the main group made it
        rows = [_row(context, key) for key in settings.TEXTS]
        show(rows, format, _COLUMNS, whole=("from", "value"))


@config_group.command("get")
@click.argument("setting", type=settings.check_key)
@pass_context
def get_setting(context: Context, setting: str) -> None:
    """Print one setting."""
    value = _row(context, setting)["value"]
    if value is None:
        raise NothingToDo(
            f"setting {setting} is not set: `tracker config set {setting} VALUE` sets it."
        )
    print_line(value)


@config_group.command("set")
@click.argument("setting", type=settings.check_key)
@click.argument("value", required=False)
@click.option("--unset", is_flag=True, help="Remove the setting from the file, as `unset` does.")
@pass_context
def set_setting(context: Context, setting: str, value: str | None, unset: bool) -> None:
    """Change one setting in the settings file.

    A database_url is a URL, or the path of an SQLite file.

    \b
    $ tracker config set team payments
    $ tracker config set database_url postgresql://db.example.org/tracker
    """
    if (value is None) != unset:
        raise click.UsageError("give a value, or --unset")
    _write(context, setting, None if value is None else _checked(context, setting, value))


@config_group.command("unset")
@click.argument("setting", type=settings.check_key)
@pass_context
def unset_setting(context: Context, setting: str) -> None:
    """Remove one setting from the settings file.

    \b
    $ tracker config unset team
    team is unset now
    """
    _write(context, setting, None)


def _checked(context: Context, setting: str, value: str) -> str:
    """Return a value that the program can use, a path of a database as a URL.

    Raises:
        BadValue: It cannot.
    """
    if setting == "task_pattern":
        from tracker.sources.user_map import key_matcher  # late: loads the matcher

        key_matcher(value)
    if setting == "database_url":
        return settings.typed_database_url(value, context.environ)
    return value


def _write(context: Context, setting: str, value: str | None) -> None:
    """Write a setting, and say what is in effect now."""
    settings.write_setting(context.settings_file, setting, value)
    context.say(
        f"{setting} is {urls.without_password(value)} now" if value else f"{setting} is unset now"
    )
    if context.environ.get(settings.ENVIRONMENT.get(setting, "")):
        context.warn(f"{settings.ENVIRONMENT[setting]} is set and takes precedence over the file.")


def _row(context: Context, key: str) -> dict[str, str | None]:
    """Return the value of a setting in effect, without passwords, and where it comes from."""
    value, origin = _value_and_origin(context, key)
    safe_value = readable(urls.without_password(value)) if value else None
    return {"setting": key, "value": safe_value, "from": readable(origin) if value else None}


def _value_and_origin(context: Context, key: str) -> tuple[str | None, str]:
    """Return the value of a setting, and the variable, the file or the machine that gives it."""
    variable = settings.ENVIRONMENT.get(key, "")
    if value := context.environ.get(variable):
        return value, variable
    if value := getattr(context.settings, key):
        return value, context.settings_file
    url = context.url  # before the name, of which a message may be printed: it may be refused
    defaults = {"developer": context.stated_name, "zone": context.zone.key, "database_url": url}
    return defaults.get(key), "this machine"
