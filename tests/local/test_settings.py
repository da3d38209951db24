"""The folders of the settings and the data."""

from __future__ import annotations

import os
import pwd
import sys

import pytest

from tracker.local import settings

HOME = {"HOME": "/home/ada"}


@pytest.mark.parametrize(
    ("platform", "config_folder", "data_folder"),
    [
        ("linux", "/home/ada/.config/tracker", "/home/ada/.local/share/tracker"),
        ("freebsd14", "/home/ada/.config/tracker", "/home/ada/.local/share/tracker"),
        (
            "darwin",
            "/home/ada/Library/Application Support/tracker",
            "/home/ada/Library/Application Support/tracker",
        ),
    ],
)
def test_each_platform_has_its_default_folders(
    monkeypatch: pytest.MonkeyPatch, platform: str, config_folder: str, data_folder: str
) -> None:
    """Files are where the platform expects them, and where earlier versions put them."""
    monkeypatch.setattr(sys, "platform", platform)
    assert settings.settings_file(HOME) == f"{config_folder}/config.toml"
    assert settings.data_folder(HOME) == data_folder
    assert settings.default_database_url(HOME) == f"sqlite:///{data_folder}/tracker.db"


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_xdg_variables_replace_the_default_folders(
    monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    """Each of the two variables moves one folder; an empty one has no effect."""
    monkeypatch.setattr(sys, "platform", platform)
    environ = {**HOME, "XDG_DATA_HOME": "/data", "XDG_CONFIG_HOME": ""}
    assert settings.data_folder(environ) == "/data/tracker"
    assert settings.settings_file(environ) == settings.settings_file(HOME)
    environ = {**HOME, "XDG_CONFIG_HOME": "/config"}
    assert settings.settings_file(environ) == "/config/tracker/config.toml"
    assert settings.data_folder(environ) == settings.data_folder(HOME)


def test_without_home_the_user_database_names_the_home_folder() -> None:
    """A process without HOME, such as a service, uses the folder of its user."""
    assert settings.data_folder({}).startswith(os.path.expanduser("~"))  # noqa: PTH111


def test_a_variable_names_the_settings_file() -> None:
    """TRACKER_CONFIG takes precedence over the folder."""
    assert settings.settings_file({**HOME, "TRACKER_CONFIG": "/etc/t.toml"}) == "/etc/t.toml"


def test_no_test_reaches_the_log_of_the_user() -> None:
    """The tests' process has a home folder of its own, and so has each program it starts."""
    home = pwd.getpwuid(os.getuid()).pw_dir
    for environ in ({}, dict(os.environ)):
        assert not settings.data_folder(environ).startswith(f"{home}/")
        assert f"{home}/" not in settings.default_database_url(environ)
