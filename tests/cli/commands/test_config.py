"""Settings: every value is checked when it is set; a database is not lost or made by a slip."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.person import Person


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("foo", "give a URL such as postgresql://host/name, or the path of a file"),
        ("mysql://host/name", "it begins with sqlite:/// or postgresql://"),
        ("postgres://host/name", "it begins with sqlite:/// or postgresql://"),
        ("/no/such/folder/log.db", "there is no folder /no/such/folder; make it, or correct"),
        ("sqlite:////no/such/folder/log.db", "there is no folder /no/such/folder"),
    ],
)
def test_a_database_that_cannot_be_is_refused(ada: Person, value: str, message: str) -> None:
    """The settings stay as they were."""
    assert message in ada.refused("config", "set", "database_url", value)
    assert not ada.settings_file.exists()


@pytest.mark.parametrize("value", ["~/log.db", "{home}/log.db", "sqlite:///{home}/log.db"])
def test_a_path_is_taken_for_a_url(ada: Person, value: str) -> None:
    """As a setting, and with --db."""
    text = value.format(home=ada.home)
    ada.run("config", "set", "database_url", text)
    assert ada.run("config", "get", "database_url").stdout == f"sqlite:///{ada.home}/log.db\n"
    ada.run("log", "design", "PAY-1", "5m")
    assert (ada.home / "log.db").exists()
    ada.run("config", "unset", "database_url")
    assert ada.json("entries") == []
    assert len(ada.json("--db", text, "entries")) == 1


def test_settings_are_unset(ada: Person) -> None:
    """What is not set is refused."""
    ada.run("config", "set", "team", "web")
    assert ada.run("config", "unset", "team").stderr == "team is unset now\n"
    assert "setting team is not in" in ada.refused("config", "unset", "team")
    assert "did you mean team?" in ada.refused("config", "unset", "taem")


def test_a_slip_in_a_folder_makes_no_empty_log(ada: Person) -> None:
    """Reading is refused; what is logged waits in the outbox."""
    ada.environ["TRACKER_DATABASE_URL"] = f"sqlite:///{ada.home}/lgos/log.db"
    assert "and neither is its folder" in ada.refused("entries")
    assert "waits in the outbox" in ada.run("log", "design", "PAY-1", "5m").stderr
    assert not (ada.home / "lgos").exists()


def test_a_database_that_is_gone_is_told(ada: Person) -> None:
    """Once it held entries; the warning comes once."""
    assert "is gone" not in ada.run("log", "design", "PAY-1", "5m").stderr
    ada.run("entries")
    ada.later(1)
    for file in ada.data.glob("tracker.db*"):
        file.unlink()
    assert "tracker.db held entries before and is gone" in ada.run("summary").stderr
    assert "is gone" not in ada.run("entries").stderr


@pytest.mark.parametrize(
    ("setting", "value"), [("zone", "Europe/Berln"), ("developer", ""), ("database_url", "foo")]
)
def test_a_wrong_value_in_the_file_is_named_and_removed(
    ada: Person, setting: str, value: str
) -> None:
    """The message names the file, and `config unset` works nevertheless."""
    ada.environ.pop("TRACKER_DEVELOPER")
    ada.environ["LOGNAME"] = "ada"
    ada.settings_file.parent.mkdir(parents=True, exist_ok=True)
    ada.settings_file.write_text(f'{setting} = "{value}"\n')
    for command in (["log", "design", "PAY-1", "5m"], ["config"]):
        refusal = ada.refused(*command)
        assert refusal.startswith(f"{ada.settings_file}: ")
        assert f"{setting} is '{value}'" in refusal
    assert ada.run("config", "unset", setting).stderr == f"{setting} is unset now\n"
    ada.run("log", "design", "PAY-1", "5m")


@pytest.mark.parametrize(
    ("variable", "value"),
    [("TRACKER_DATABASE_URL", "foo"), ("TRACKER_DEVELOPER", " "), ("TZ", "Europe/Berln")],
)
def test_a_wrong_value_in_the_environment_is_named(ada: Person, variable: str, value: str) -> None:
    """A message names the variable."""
    ada.environ[variable] = value
    assert ada.refused("log", "design", "PAY-1", "5m").startswith(variable)


def test_a_database_that_the_option_makes_is_told(ada: Person) -> None:
    """A slip in the name of a file would make a new, empty log."""
    command = ("--db", str(ada.home / "tracker.bd.db"), "entries")
    assert "tracker.bd.db is new: an empty log is created there" in ada.run(*command).stderr
    assert "is new" not in ada.run(*command).stderr
