"""The user's settings, from environment variables and a TOML file, and the folders of the files.

An environment variable takes precedence over the file. The timer's commands load this module, so it
imports a TOML parser only if there is a file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from tracker.domain import names, times, urls
from tracker.domain.errors import BadValue, NotFound, NothingToDo
from tracker.domain.printing import quote
from tracker.domain.toml_text import parse_toml
from tracker.local.atomic_files import atomic_write
from tracker.local.folders import user_folder


class Repository(NamedTuple):
    """A repository: which folders and which URL belong to a project."""

    project: str
    directories: tuple[str, ...] = ()
    """Shell patterns of its folders; ``~`` is the home folder, and ``*`` matches no ``/``."""
    remote: str | None = None
    """Its URL."""


class Settings(NamedTuple):
    """The settings in the file; None where one is not set."""

    developer: str | None = None
    """The developer whose log this is."""
    team: str | None = None
    """The team of new entries."""
    zone: str | None = None
    """The time zone in which clock times are read and printed."""
    assistant: str | None = None
    """The assistant of entries logged with --ai."""
    task_pattern: str | None = None
    """The pattern of a task's key in a text, with one group; None is that of PAY-12."""
    database_url: str | None = None
    """The URL of the database."""
    repositories: tuple[Repository, ...] = ()
    """The repositories in which assistants' use is read: the tables ``[[repositories]]``."""


TEXTS = tuple(name for name in Settings._fields if name != "repositories")
"""The settings that are one text, which `config set` can change."""

ENVIRONMENT = {
    "developer": "TRACKER_DEVELOPER",
    "database_url": "TRACKER_DATABASE_URL",
}
"""The environment variables that take precedence over a setting in the file."""


_POSTGRES = ("postgresql://", "postgresql+psycopg://")
_FILE_ENDINGS = (".db", ".sqlite", ".sqlite3")
"""The endings of a database's path that has no folder."""


def settings_file(environ: Mapping[str, str]) -> str:
    """Return the path of the settings file, unless the option --config names another."""
    return environ.get("TRACKER_CONFIG") or os.path.join(
        user_folder(environ, "config"), "config.toml"
    )


def data_folder(environ: Mapping[str, str]) -> str:
    """Return the folder of the timer, the outbox and the SQLite file."""
    return user_folder(environ, "data")


def database_url(environ: Mapping[str, str], settings: Settings) -> str:
    """Return the URL of the user's database, which may contain a password."""
    return (
        environ.get(ENVIRONMENT["database_url"])
        or settings.database_url
        or default_database_url(environ)
    )


def typed_database_url(text: str, environ: Mapping[str, str], label: str = "database_url") -> str:
    """Return the URL that a person means: a URL as it is, the path of a file as that of SQLite.

    Args:
        text: The URL, or a path with a / or with an ending such as ``.db``.
        environ: The environment variables, for ``~``.
        label: Where the text was typed, for messages.

    Raises:
        BadValue: It is neither, or the folder of the file does not exist.

    """
    if "://" not in text:
        if "/" not in text and not text.endswith(_FILE_ENDINGS):
            raise BadValue(
                f"{label} is {quote(text)}: give a URL such as postgresql://host/name, or the "
                "path of a file, such as ~/log.db."
            )
        if text.startswith("~/"):
            text = os.path.join(environ.get("HOME", "~"), text[2:])
        text = urls.sqlite_url(os.path.abspath(text))
    path = urls.sqlite_path(text)
    if path is None and not text.startswith(_POSTGRES):
        raise BadValue(
            f"{label} is {quote(urls.without_password(text))}: it begins with sqlite:/// or "
            "postgresql://."
        )
    if path is not None and not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        raise BadValue(
            f"{label} is {quote(urls.without_password(text))}: there is no folder "
            f"{os.path.dirname(os.path.abspath(path))}; make it, or correct the path."
        )
    return text


def default_database_url(environ: Mapping[str, str]) -> str:
    """Return the URL of the SQLite file that is used if no database is configured."""
    return urls.sqlite_url(os.path.join(data_folder(environ), "tracker.db"))


def configured_developer(environ: Mapping[str, str], settings: Settings) -> str | None:
    """Return the configured developer, or None."""
    return environ.get(ENVIRONMENT["developer"]) or settings.developer


def login_name(environ: Mapping[str, str]) -> str | None:
    """Return the login name, which identifies a developer who configured none.

    None if neither the environment nor the system knows it.
    """
    name = environ.get("LOGNAME") or environ.get("USER")
    if name:
        return name
    import pwd  # late: only if the environment does not have it

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return None


def read_settings(path: str, *, must_exist: bool) -> Settings:
    """Return the settings in a file.

    Args:
        path: The file. If it is missing, no setting is set.
        must_exist: Refuse a missing file.

    Raises:
        NotFound: The file is missing and must exist.
        BadValue: The file is not TOML, or a setting or its value is not valid.

    """
    if not os.path.exists(path):
        if must_exist:
            raise NotFound(f"settings file is {path}: there is none; `config set` makes it.")
        return Settings()
    try:
        with open(path, encoding="utf-8") as file:
            values = parse_toml(file.read())
    except ValueError as error:
        raise BadValue(_not_toml_message(path, error)) from None
    repositories = _repositories(values.pop("repositories", []), path)
    try:
        for key, value in values.items():
            _check(key, value)
    except BadValue as error:
        raise BadValue(f"{path}: {error}") from None
    return Settings(**values, repositories=repositories)


def write_setting(path: str, key: str, value: str | None) -> None:
    """Change one setting in a file and keep the rest of it, including comments.

    Args:
        path: The file, which is created if it is missing.
        key: The setting.
        value: The new value; None removes the setting.

    Raises:
        BadValue: The file is not TOML, or the setting or its value is not valid.
        NothingToDo: The setting to remove is not in the file.
        OSError: The disk cannot store the file.

    """
    import tomlkit  # late: only to write
    from tomlkit.exceptions import TOMLKitError

    if value is not None:
        _check(key, value)
        if key == "database_url":
            urls.check_password(value)
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        parse_toml(text)  # its limits hold for the other parser too
        content = tomlkit.parse(text)
    except FileNotFoundError:
        content = tomlkit.document()
    except (TOMLKitError, ValueError) as error:
        raise BadValue(_not_toml_message(path, error)) from None
    if value is not None:
        content[key] = value
    elif key not in content:
        raise NothingToDo(f"setting {key} is not in {path}.")
    else:
        del content[key]
    atomic_write(os.path.realpath(path), tomlkit.dumps(content))


def check_key(key: str) -> str:
    """Return the name of a setting if it exists.

    Raises:
        BadValue: It does not exist. The message suggests the most similar name.

    """
    if key in TEXTS:
        return key
    from difflib import get_close_matches  # late: only for a refusal

    suggestions = get_close_matches(key, TEXTS, n=1)
    if suggestions:
        raise BadValue(f"setting is {quote(key)}: did you mean {suggestions[0]}?")
    raise BadValue(f"setting is {quote(key)}: choose one of {', '.join(TEXTS)}.")


def _not_toml_message(path: str, error: Exception) -> str:
    return f"{path} is not valid TOML ({error}): correct it or move it away."


def _check(key: str, value: object) -> None:
    """Raise BadValue if a setting does not exist or its value is not valid."""
    check_key(key)
    if not isinstance(value, str) or not value.strip() or names.fault(value):
        shown = urls.without_password(value) if isinstance(value, str) else value
        raise BadValue(f"setting {key} is {quote(shown)}: give a text of one line.")
    if key == "zone":
        times.zone(value)


def _repositories(tables: Any, path: str) -> tuple[Repository, ...]:
    """Return the repositories of a settings file.

    Raises:
        BadValue: A table is not valid.

    """
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise BadValue(f"{path}: repositories is not a list of tables: write [[repositories]].")
    return tuple(_repository(table, path) for table in tables)


def _repository(table: dict[str, Any], path: str) -> Repository:
    place = f"{path}: [[repositories]]"
    if unknown := sorted(set(table) - set(Repository._fields)):
        raise BadValue(
            f"{place} has {quote(unknown[0])}: give project, directories and remote only."
        )
    directories = table.get("directories", [])
    if isinstance(directories, str) or not isinstance(directories, list):
        raise BadValue(f"{place} has directories {quote(directories)}: give a list of patterns.")
    texts = [table.get("project"), *directories]
    texts += [table["remote"]] if "remote" in table else []
    for text in texts:
        if not isinstance(text, str) or not text.strip() or names.fault(text):
            raise BadValue(f"{place} has {quote(text)}: give texts of one line, and a project.")
    for pattern in directories:
        if not pattern.startswith(("/", "~/")):
            raise BadValue(f"{place} has directory {quote(pattern)}: begin it with / or ~/.")
    if not directories and "remote" not in table:
        raise BadValue(
            f"{place} of {quote(table['project'])} is empty: give directories or remote."
        )
    project = names.normalise_name(table["project"].strip())
    return Repository(project, tuple(directories), table.get("remote"))
