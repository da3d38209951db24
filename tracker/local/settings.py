"""The settings: a small TOML file in the platform's own place, and the environment, which goes before it.

On the timer's path: a TOML reader loads only where there is a file, platformdirs only where the platform is no Linux.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import NamedTuple

from tracker.domain import names, times, urls
from tracker.domain.errors import BadValue, NotFound
from tracker.local.atomic_files import atomic_write


class Settings(NamedTuple):
    """What a person has set, None where they have not."""

    developer: str | None = None
    """Whose log this is."""
    team: str | None = None
    """The team that new entries are of."""
    zone: str | None = None
    """The zone that clock times are of."""
    assistant: str | None = None
    """The assistant that --ai means."""
    database_url: str | None = None
    """The database of one's own."""


ENVIRONMENT = {
    "developer": "TRACKER_DEVELOPER",
    "database_url": "TRACKER_DATABASE_URL",
}
"""Settings that the environment can make; it goes before the file."""


def settings_file(environ: Mapping[str, str]) -> str:
    """Where the settings lie unless --config says otherwise."""
    return environ.get("TRACKER_CONFIG") or os.path.join(
        _own_place(environ, "config"), "config.toml"
    )


def data_folder(environ: Mapping[str, str]) -> str:
    """Where the timer, the outbox and the SQLite file lie."""
    return _own_place(environ, "data")


def database_url(environ: Mapping[str, str], found: Settings) -> str:
    """The URL of the person's own database; it may hold a password."""
    return (
        environ.get(ENVIRONMENT["database_url"])
        or found.database_url
        or default_database_url(environ)
    )


def default_database_url(environ: Mapping[str, str]) -> str:
    """The URL of the database on one's own machine, which counts where nothing else is said."""
    return f"sqlite:///{os.path.join(data_folder(environ), 'tracker.db')}"


def configured_developer(environ: Mapping[str, str], found: Settings) -> str | None:
    """Whose log this is, where the person has said it."""
    return environ.get(ENVIRONMENT["developer"]) or found.developer


def login_name(environ: Mapping[str, str]) -> str | None:
    """Whose log this is where they have not; None where the system does not know either."""
    name = environ.get("LOGNAME") or environ.get("USER")
    if name:
        return name
    import pwd  # late: only where the environment does not say

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return None


def _own_place(environ: Mapping[str, str], kind: str) -> str:
    """The platform's place for ``config`` or ``data`` of this program."""
    if sys.platform != "linux":
        import platformdirs  # late: it costs a third of what click costs, and Linux's rule is two lines

        return (
            platformdirs.user_config_dir("tracker")
            if kind == "config"
            else platformdirs.user_data_dir("tracker")
        )
    home = environ.get("HOME") or os.path.expanduser("~")
    usual = (
        os.path.join(home, ".config") if kind == "config" else os.path.join(home, ".local", "share")
    )
    return os.path.join(environ.get(f"XDG_{kind.upper()}_HOME") or usual, "tracker")


def read(path: str, *, must_exist: bool) -> Settings:
    """The settings in a file; none are made where there is no file, unless it must exist."""
    if not os.path.exists(path):
        if must_exist:
            raise NotFound(f"settings file is {path}: there is none; `config set` makes it.")
        return Settings()
    import tomllib  # late: it compiles a page of patterns

    try:
        with open(path, "rb") as file:
            found = tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as damage:
        raise BadValue(f"{path} is no TOML ({damage}): mend it, or move it away.") from None
    for key, value in found.items():
        _check(key, value, path)
    return Settings(**found)


def write(path: str, key: str, value: str | None) -> None:
    """Set one setting (None: unset) and leave the rest of the file, its comments too, as it is."""
    import tomlkit  # late: only to write
    from tomlkit.exceptions import TOMLKitError

    if value is not None:
        _check(key, value, path)
        if key == "database_url":
            urls.check_password(value)
    try:
        with open(path, encoding="utf-8") as file:
            content = tomlkit.load(file)
    except FileNotFoundError:
        content = tomlkit.document()
    except (TOMLKitError, UnicodeDecodeError) as damage:
        raise BadValue(f"{path} is no TOML ({damage}): mend it, or move it away.") from None
    content.pop(key, None) if value is None else content.update({key: value})
    atomic_write(os.path.realpath(path), tomlkit.dumps(content))


def check_key(key: str) -> str:
    """The setting's name itself if there is one of it; else BadValue with the nearest."""
    if key in Settings._fields:
        return key
    from difflib import get_close_matches  # late: for a refusal only

    near = get_close_matches(key, Settings._fields, n=1)
    raise BadValue(
        f"setting is {key!r}: "
        + (f"did you mean {near[0]}?" if near else f"there are {_listed()}.")
    )


def _listed() -> str:
    return ", ".join(Settings._fields)


def _check(key: str, value: object, path: str) -> None:
    try:
        check_key(key)
    except BadValue as refusal:
        raise BadValue(f"{path}: {refusal}") from None
    if not isinstance(value, str) or not value.strip() or names.fault(value):
        shown = urls.without_password(value) if isinstance(value, str) else value
        raise BadValue(f"setting {key} is {shown!r}: give a text of one line.")
    if key == "zone":
        times.zone(value)
