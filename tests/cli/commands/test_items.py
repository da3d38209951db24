"""What is known of the work: estimates, the drawn arm, tasks, rollouts, activities, settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select
from support.person import Person

from tracker.domain import urls
from tracker.domain.records import ACTIVITIES
from tracker.domain.times import date_to_day
from tracker.store.schema import rollouts, tasks, work_items


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path)


def kept(ada: Person, table: Any, *columns: str) -> Sequence[Any]:
    """What stands in a table, of some columns."""
    engine = create_engine(f"sqlite:///{ada.data / 'tracker.db'}")
    with engine.connect() as connection:
        return [
            tuple(row) for row in connection.execute(select(*(table.c[name] for name in columns)))
        ]


def test_an_estimate_is_kept_for_the_work_item(ada: Person) -> None:
    """Without and with assistance; said again before the work, the later one counts."""
    assert (
        ada.run("estimate", "design", "PAY-12", "2h").stderr == "estimated design PAY-12: 2h 00m\n"
    )
    ada.later(1)
    said = ada.run("estimate", "design", "PAY-12", "3h", "--ai", "1.5h").stderr
    assert said == "estimated design PAY-12: 3h 00m, with assistance 1h 30m\n"
    assert kept(
        ada, work_items, "developer", "task", "activity", "estimate_minutes", "estimate_ai_minutes"
    ) == [("ada", "PAY-12", "design", 180, 90)]


def test_an_estimate_after_the_work_began_is_told_to_be_late(ada: Person) -> None:
    """The one before the first entry stands."""
    ada.run("estimate", "design", "PAY-12", "2h")
    ada.later(60)
    ada.run("log", "design", "PAY-12", "30m")
    ada.later(1)
    assert "does not count" in ada.run("estimate", "design", "PAY-12", "30m").stderr
    assert kept(ada, work_items, "estimate_minutes") == [(120,)]


def test_an_estimate_without_the_database_waits(ada: Person) -> None:
    """It is as safe as an entry."""
    in_the_way = ada.data / "tracker.db"
    in_the_way.mkdir(parents=True)
    assert "waits in the outbox" in ada.run("estimate", "design", "PAY-12", "2h").stderr
    in_the_way.rmdir()
    ada.run("entries")
    assert kept(ada, work_items, "estimate_minutes") == [(120,)]


def test_the_arm_is_drawn_after_the_estimate_and_once(ada: Person) -> None:
    """The arm alone goes to stdout, for scripts."""
    assert "tracker estimate design PAY-12" in ada.refused("assign", "design", "PAY-12")
    ada.run("estimate", "design", "PAY-12", "2h")
    drawn = ada.run("assign", "design", "PAY-12")
    assert drawn.stdout in ("baseline\n", "assistance\n")
    assert ("--ai" if drawn.stdout == "assistance\n" else "--no-ai") in drawn.stderr
    assert "drawn already" in ada.refused("assign", "design", "PAY-12")
    assert kept(ada, work_items, "assigned") == [(drawn.stdout.strip(),)]


def test_both_arms_are_drawn(ada: Person) -> None:
    """Of twenty coins neither side gets all (but for two in a million runs)."""
    drawn = set()
    for number in range(20):
        ada.run("estimate", "design", f"T-{number}", "2h")
        drawn.add(ada.run("-q", "assign", "design", f"T-{number}").output)
    assert drawn == {"baseline\n", "assistance\n"}


def test_what_is_known_of_a_task(ada: Person) -> None:
    """Title and project; done as a whole, now; done of one activity, at an instant."""
    ada.run("task", "PAY-12", "--title", "Refunds </script>", "--project", "payments")
    assert ada.run("task", "PAY-12", "--done").stderr == "done: PAY-12, at 2026-06-10 12:00\n"
    ada.run("task", "PAY-12", "--done", "yesterday 17:00", "--activity", "design")
    assert kept(ada, tasks, "task", "title", "project", "completed_epoch") == [
        ("PAY-12", "Refunds </script>", "payments", 1781085600)
    ]
    assert kept(ada, work_items, "developer", "activity", "completed_epoch") == [
        ("ada", "design", 1781017200)
    ]


def test_a_task_is_shown(ada: Person) -> None:
    """As a whole, then one's own part in it: nobody else's estimates."""
    ada.run("task", "PAY-12", "--title", "Refunds", "--project", "payments", "--done")
    ada.run("estimate", "design", "PAY-12", "3h", "--ai", "2h")
    ada.environ["TRACKER_DEVELOPER"] = "bob"
    ada.run("estimate", "testing", "PAY-12", "7h")
    ada.environ["TRACKER_DEVELOPER"] = "ada"
    whole, part = ada.json("task", "PAY-12")
    assert (whole["title"], whole["project"], whole["activity"]) == ("Refunds", "payments", None)
    assert whole["completed_at"] == "2026-06-10T12:00:00+02:00"
    assert (part["activity"], part["estimate_minutes"], part["estimate_ai_minutes"]) == (
        "design",
        180,
        120,
    )
    text = ada.run("task", "PAY-12").stdout
    assert "Refunds" in text
    assert "3h 00m" in text
    assert "7h 00m" not in text
    assert len(ada.run("task", "PAY-12", "--format", "csv").stdout.splitlines()) == 3


def test_a_task_that_is_not_there_is_not_made_by_a_slip(ada: Person) -> None:
    """Neither shown nor done; one that has an entry, or whose timer runs, is there."""
    for arguments in (["--done"], []):
        assert "there is none in the log" in ada.refused("task", "NOSUCH", *arguments)
    assert kept(ada, tasks, "task") == []
    ada.run("log", "design", "PAY-12", "5m")
    ada.run("start", "design", "PAY-13")
    assert "done: PAY-12" in ada.run("task", "PAY-12", "--done").stderr
    assert "done: PAY-13" in ada.run("task", "PAY-13", "--done").stderr


def test_a_task_needs_what_can_be(ada: Person) -> None:
    """Wrong usage, and a completion in the future."""
    assert (
        "--activity goes with --done"
        in ada.run("task", "X", "--title", "t", "--activity", "design", code=2).stderr
    )
    assert "give a time that has passed" in ada.refused("task", "PAY-12", "--done", "23:00")


def test_rollouts_are_recorded_corrected_and_removed(ada: Person) -> None:
    """To a team, to a developer, to everybody; again with another date corrects."""
    ada.run("config", "set", "team", "payments")
    ada.run("log", "design", "PAY-12", "5m")
    said = ada.run("rollout", "Spark 3", "--on", "2026-03-02", "--team", "payments").stderr
    assert said == "Spark 3: team payments has it from 2026-03-02 on\n"
    ada.run("rollout", "Spark 3", "--on", "2026-04-01", "--developer", "bob")
    ada.run("rollout", "Spark 4", "--on", "2027-01-01")
    assert (
        "not from 2026-03-02"
        in ada.run("rollout", "Spark 3", "--on", "2026-03-09", "--team", "payments").stderr
    )
    assert ada.json("rollout", "--list") == [
        {"assistant": "Spark 3", "day": "2026-03-09", "developer": None, "team": "payments"},
        {"assistant": "Spark 3", "day": "2026-04-01", "developer": "bob", "team": None},
        {"assistant": "Spark 4", "day": "2027-01-01", "developer": None, "team": None},
    ]
    assert (
        ada.run("rollout", "Spark 4", "--remove").stderr
        == "removed: everybody has Spark 4 from 2027-01-01 on\n"
    )
    assert "no rollout of Spark 4" in ada.refused("rollout", "Spark 4", "--remove")
    ada.run("undo")
    assert (date_to_day(date(2027, 1, 1)),) in kept(ada, rollouts, "day")


def test_a_rollout_that_says_nothing_yet_is_pointed_out(ada: Person) -> None:
    """Of nobody in the log, or of a day that is still to come; it is recorded all the same."""
    said = ada.run("rollout", "Spark 3", "--on", "2026-03-02", "--team", "paymnets").stderr
    assert "nobody in the log is of team paymnets" in said
    said = ada.run("rollout", "Spark 3", "--on", "2026-06-11", "--developer", "bob").stderr
    assert "nobody in the log is bob" in said
    assert "2026-06-11 lies ahead" in said
    assert "tracker:" not in ada.run("rollout", "Spark 3", "--on", "2026-06-10").stderr
    assert len(ada.json("rollout", "--list")) == 3


def test_a_rollout_needs_an_assistant_and_a_day(ada: Person) -> None:
    """Wrong usage is exit code 2; a day that is none is refused."""
    for arguments in (
        ["Spark"],
        [],
        ["--on", "2026-03-02"],
        ["Spark", "--on", "2026-03-02", "--remove"],
    ):
        assert "give an assistant" in ada.run("rollout", *arguments, code=2).stderr
    both = ada.run(
        "rollout", "Spark", "--on", "2026-03-02", "--team", "t", "--developer", "d", code=2
    )
    assert "not both" in both.stderr
    assert "there is no such day" in ada.refused("rollout", "Spark", "--on", "2026-02-30")
    assert "no rollouts" in ada.run("rollout", "--list").stderr


def test_a_new_activity_can_be_logged_at_once(ada: Person) -> None:
    """Also by `start`, which does not ask the database."""
    assert [row["activity"] for row in ada.json("activities")] == list(ACTIVITIES)
    ada.refused("start", "deployment", "PAY-12")
    ada.run("activities", "add", "deployment")
    ada.run("start", "deployment", "PAY-12")
    assert ada.json("activities")[-1] == {"activity": "deployment"}
    assert "known already" in ada.refused("activities", "add", "deployment")
    assert "in small letters, 'deploy'" in ada.refused("activities", "add", "Deploy")


def test_settings_are_made_shown_and_unset(ada: Person) -> None:
    """Where each comes from is shown; the file keeps its comments."""
    ada.settings_file.parent.mkdir(parents=True)
    ada.settings_file.write_text('# of our own\nteam = "payments"  # since May\n')
    ada.run("config", "set", "zone", "America/New_York")
    assert (
        ada.settings_file.read_text()
        == '# of our own\nteam = "payments"  # since May\nzone = "America/New_York"\n'
    )
    shown = {row["setting"]: (row["value"], row["from"]) for row in ada.json("config")}
    assert shown["developer"] == ("ada", "TRACKER_DEVELOPER")
    assert shown["team"] == ("payments", str(ada.settings_file))
    assert shown["assistant"] == (None, None)
    assert shown["database_url"] == (f"sqlite:///{ada.data / 'tracker.db'}", "this machine")
    assert ada.run("config", "get", "zone").stdout == "America/New_York\n"
    ada.run("log", "design", "PAY-12", "--from", "4:00", "--to", "5:00")
    (entry,) = ada.json("entries")
    assert (entry["started_at"], entry["team"]) == ("2026-06-10T04:00:00-04:00", "payments")
    ada.run("config", "set", "zone", "--unset")
    assert ada.run("config", "get", "zone").stdout == "Europe/Berlin\n"
    assert "is not made" in ada.refused("config", "get", "assistant")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["set", "zone", "Berlin"], "did you mean Europe/Berlin?"),
        (["set", "tema", "x"], "did you mean team?"),
        (["get", "colour"], "there are developer, team, zone, assistant, database_url"),
        (["set", "team", " "], "give a text of one line"),
        (["set", "team", "a\nb"], "give a text of one line"),
    ],
)
def test_wrong_settings_are_refused(ada: Person, arguments: list[str], said: str) -> None:
    """Nothing is written."""
    assert said in ada.refused("config", *arguments)
    assert not ada.settings_file.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("tema = 'x'", "did you mean team?"),
        ("team = 3", "setting team is 3: give a text of one line"),
        ("zone = 'Berlin'", "did you mean Europe/Berlin?"),
        ("team = ", "is no TOML"),
        ("[team]\nname = 'x'", "give a text of one line"),
    ],
)
def test_a_wrong_settings_file_is_refused_in_one_line(ada: Person, content: str, said: str) -> None:
    """By every command, with the file's name where it is the file that is wrong."""
    ada.settings_file.parent.mkdir(parents=True)
    ada.settings_file.write_text(content)
    assert said in ada.refused("start", "design", "PAY-12")


def test_the_environment_goes_before_the_file(ada: Person) -> None:
    """And setting the file says so."""
    assert "goes before the file" in ada.run("config", "set", "developer", "eve").stderr
    assert ada.run("config", "get", "developer").stdout == "ada\n"
    del ada.environ["TRACKER_DEVELOPER"]
    assert ada.run("config", "get", "developer").stdout == "eve\n"


def test_another_settings_file_can_be_named(ada: Person) -> None:
    """By option or by environment; one that is named has to be there, unless it is being made."""
    mine = str(ada.home / "mine.toml")
    assert "there is none" in ada.refused("--config", mine, "config", "get", "team")
    ada.run("--config", mine, "config", "set", "team", "search")
    assert ada.run("--config", mine, "config", "get", "team").stdout == "search\n"
    ada.environ["TRACKER_CONFIG"] = mine
    assert ada.run("config", "get", "team").stdout == "search\n"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:geheim@db.example/log",
        "postgresql://:geheim@db.example/log",
        "postgresql://ada@db.example/log?password=geheim&sslmode=require",
        "postgresql://ada@db.example/log?sslmode=require&sslpassword=geheim",
    ],
)
def test_passwords_are_never_shown(ada: Person, url: str) -> None:
    """Neither when they are set nor when settings are listed, in any form."""
    outputs = [
        ada.run("config", "set", "database_url", url).output,
        ada.run("config", "get", "database_url").output,
    ]
    outputs += [ada.run("config", "--format", form).output for form in ("text", "json", "csv")]
    ada.environ["TRACKER_DATABASE_URL"] = url
    outputs.append(ada.run("config").output)
    assert all("db.example" in output and "geheim" not in output for output in outputs)


@pytest.mark.parametrize(
    "password", ["ge/heim", "ge@heim", "g@e/heim", "ge:heim", "?password=heim", "a&b@heim"]
)
def test_an_unescaped_password_is_not_shown_either(ada: Person, password: str) -> None:
    """Wherever a URL was set by hand: all up to the last @ is the password."""
    ada.environ["TRACKER_DATABASE_URL"] = f"postgresql://ada:{password}@db.example:1/log"
    assert "heim" not in ada.run("config").output
    del ada.environ["TRACKER_DATABASE_URL"]
    assert (
        "heim"
        not in ada.run("--db", f"postgresql://ada:{password}@db.example:1/log", "config").output
    )


@pytest.mark.parametrize(
    "command", [["entries"], ["db", "doctor"], ["log", "design", "PAY-12", "5m"]]
)
def test_a_part_of_a_password_is_not_told_as_a_host(ada: Person, command: list[str]) -> None:
    """The URL is refused before anybody looks for that host; what is logged waits."""
    ada.environ["TRACKER_DATABASE_URL"] = "postgresql://ada:ge@heim@localhost:1/log"
    result = ada.run(*command, code=None)
    assert "has an @ in its password: write @ as %40" in result.stderr
    assert "heim" not in result.output
    if command[0] == "log":
        assert "waits in the outbox" in result.stderr


@pytest.mark.parametrize("password", ["ge/heim", "ge@heim"])
def test_an_unescaped_password_is_refused(ada: Person, password: str) -> None:
    """With the way to write it, and without printing it; escaped it is taken."""
    refusal = ada.refused(
        "config", "set", "database_url", f"postgresql://ada:{password}@localhost:1/db"
    )
    assert "write @ as %40 and / as %2F" in refusal
    assert "heim" not in refusal
    assert (
        ":***@localhost:1/db"
        in ada.run("config", "set", "database_url", "postgresql://u:a%2Fb@localhost:1/db").stderr
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("postgresql://ada:x@db/log", "postgresql+psycopg://bob@DB:5432/log?sslmode=require", True),
        ("postgresql:///log?host=db", "postgresql://db/log", True),
        ("postgresql://db/log", "postgresql://db:5433/log", False),
        ("postgresql://db/log", "postgresql://db/other", False),
        ("sqlite:///log.db", f"sqlite:///{Path.cwd()}/log.db", True),
        ("sqlite:////tmp/log.db", "sqlite:////tmp/other.db", False),
    ],
)
def test_a_url_is_told_by_what_it_names(one: str, other: str, same: bool) -> None:
    """Not by its driver, its credentials or the way it is written."""
    assert (urls.target(one) == urls.target(other)) is same


def test_the_login_name_is_introduced_once(ada: Person) -> None:
    """Where nobody chose a name it is the login's, which is said the first time, and again if it is another."""
    del ada.environ["TRACKER_DEVELOPER"]
    ada.environ["LOGNAME"] = "lovelace"
    assert "You are 'lovelace' here" in ada.run("log", "design", "PAY-12", "5m").stderr
    assert "lovelace" not in ada.run("log", "design", "PAY-12", "5m").stderr
    ada.environ["LOGNAME"] = "countess"
    assert "You are 'countess' here" in ada.run("entries").stderr
