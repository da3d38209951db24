"""`estimate`, `assign`, `task`, `rollout`, `activities` and `config`."""

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


def stored_rows(ada: Person, table: Any, *columns: str) -> Sequence[Any]:
    """Return columns of all rows of a table."""
    engine = create_engine(f"sqlite:///{ada.data / 'tracker.db'}")
    with engine.connect() as connection:
        return [
            tuple(row) for row in connection.execute(select(*(table.c[name] for name in columns)))
        ]


def test_an_estimate_is_stored_for_the_work_item(ada: Person) -> None:
    """Of two estimates made before the work, the later one counts."""
    assert (
        ada.run("estimate", "design", "PAY-12", "2h").stderr == "estimated design PAY-12: 2h 00m\n"
    )
    ada.later(1)
    stderr = ada.run("estimate", "design", "PAY-12", "3h", "--ai", "1.5h").stderr
    assert stderr == "estimated design PAY-12: 3h 00m, with assistance 1h 30m\n"
    assert stored_rows(
        ada, work_items, "developer", "task", "activity", "estimate_minutes", "estimate_ai_minutes"
    ) == [("ada", "PAY-12", "design", 180, 90)]


def test_an_estimate_after_the_work_began_does_not_count(ada: Person) -> None:
    """A warning says so, and the estimate made before the first entry still counts."""
    ada.run("estimate", "design", "PAY-12", "2h")
    ada.later(60)
    ada.run("log", "design", "PAY-12", "30m")
    ada.later(1)
    assert "does not count" in ada.run("estimate", "design", "PAY-12", "30m").stderr
    assert stored_rows(ada, work_items, "estimate_minutes") == [(120,)]


LATE = (
    "the estimate of design PAY-12 was made after the work began: it does not count. Next time, "
    "`tracker start design KEY --estimate 1h30m` makes it in time."
)


@pytest.mark.parametrize("state", ["running", "paused", "stopped", "stored", "none"])
def test_a_late_estimate_is_told_in_every_state_of_the_work(ada: Person, state: str) -> None:
    """In the same words, once, whether the work is in the database yet or not."""
    if state != "none":
        ada.run("start", "design", "PAY-12")
        ada.later(0.1)
    for command in {"paused": ["pause"], "stopped": ["stop"], "stored": ["stop", "entries"]}.get(
        state, []
    ):
        ada.run(command)
    stderr = ada.run("estimate", "design", "PAY-12", "1h30m").stderr
    assert stderr.count(LATE) == (state != "none")
    assert ada.run("estimate", "testing", "PAY-12", "1h30m").stderr.count("does not count") == 0


LINES = {
    "log": ["log design PAY-12 30m --from 9:00"],
    "start and stop": ["start design PAY-12 --at 9:00", "stop", "entries"],
    "edit of the start": ["log design PAY-12 1m", "edit @1 9:00-"],
    "edit of the task": ["log design PAY-9 9:00-9:30", "edit @2 --task PAY-12"],
}


@pytest.mark.parametrize("command", LINES)
def test_work_that_began_before_its_estimate_is_told(
    database_url: str, tmp_path: Path, command: str
) -> None:
    """Whatever command says so afterwards; work after the estimate is no reason."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    ada.run("estimate", "design", "PAY-12", "1h30m")
    ada.later(30)
    assert "does not count" not in ada.run("log", "design", "PAY-12", "30m").stderr
    ada.later(30)
    *lines, last = LINES[command]
    for line in lines:
        assert "does not count" not in ada.run(*line.split()).stderr
    assert ada.run(*last.split()).stderr.count(LATE) == 1
    assert LATE not in ada.run("edit", "@2", "--without", "1m").stderr


def test_an_edited_timer_that_began_before_its_estimate_is_told(ada: Person) -> None:
    """At once, with and without a change of the task before."""
    ada.run("start", "design", "PAY-12", "--estimate", "1h30m")
    ada.later(10)
    assert "does not count" not in ada.run("edit", "--note", "draft").stderr
    assert "does not count" not in ada.run("edit", "12:05-").stderr
    assert LATE in ada.run("edit", "11:50-").stderr
    assert "the estimate of 1h 30m is now of design PAY-9" in (
        ada.run("edit", "--task", "PAY-9").stderr
    )
    ada.run("undo")
    ada.run("undo")
    assert LATE.replace("PAY-12", "PAY-9") in ada.run("edit", "11:50-", "--task", "PAY-9").stderr


@pytest.mark.parametrize("is_running", [False, True])
def test_an_estimate_that_does_not_count_is_marked(ada: Person, is_running: bool) -> None:
    """In `task` and `tasks`, as text, JSON and CSV; a share of it is not shown."""
    ada.run("estimate", "design", "PAY-12", "3h")
    ada.run("estimate", "testing", "PAY-12", "2h")
    if is_running:
        ada.run("start", "design", "PAY-12", "--at", "9:00")
    else:
        ada.run("log", "design", "PAY-12", "9:00-10:00")
    ada.later(1)
    ada.run("log", "testing", "PAY-12", "1m")
    for command in (("task", "PAY-12"), ("tasks",)):
        lines = [line.split() for line in ada.run(*command).stdout.splitlines()]
        (design,) = (line for line in lines if "design" in line)
        (testing,) = (line for line in lines if "testing" in line)
        assert "late" in design
        assert "%" not in design
        assert "late" not in testing
        assert "%" in testing
        late = {row["activity"]: row["estimate_late"] for row in ada.json(*command)}
        late.pop(None, None)
        assert late == {"design": True, "testing": False}
        assert "estimate_late" in ada.run(*command, "--format", "csv").stdout.splitlines()[0]
    included = ", timer included" if is_running else ""
    words = f"of 3h 00m estimated too late{included}; testing"
    assert words in ada.run("task", "PAY-12", "--done").stderr


def test_an_estimate_without_the_database_waits(ada: Person) -> None:
    """It waits in the outbox like an entry."""
    obstacle = ada.data / "tracker.db"
    obstacle.mkdir(parents=True)
    assert "waits in the outbox" in ada.run("estimate", "design", "PAY-12", "2h").stderr
    obstacle.rmdir()
    ada.run("entries")
    assert stored_rows(ada, work_items, "estimate_minutes") == [(120,)]


def test_waiting_entries_are_stored_before_waiting_estimates(ada: Person) -> None:
    """An estimate made after its work began is late, though it went into the outbox first."""
    obstacle = ada.data / "tracker.db"
    obstacle.mkdir(parents=True)
    ada.run("estimate", "design", "PAY-12", "2h")
    ada.later(1)
    ada.run("log", "design", "PAY-12", "30m", "--from", "9:00")
    obstacle.rmdir()
    assert "the estimate of design PAY-12 was made after the work" in ada.run("entries").stderr
    assert stored_rows(ada, work_items, "estimate_minutes") == []


def test_the_arm_is_drawn_once_and_after_the_estimate(ada: Person) -> None:
    """Only the arm goes to stdout, for scripts."""
    assert "tracker estimate design PAY-12" in ada.refused("assign", "design", "PAY-12")
    ada.run("estimate", "design", "PAY-12", "2h")
    result = ada.run("assign", "design", "PAY-12")
    assert result.stdout in ("baseline\n", "assistance\n")
    assert ("--ai" if result.stdout == "assistance\n" else "--no-ai") in result.stderr
    assert "drawn already" in ada.refused("assign", "design", "PAY-12")
    assert stored_rows(ada, work_items, "assigned") == [(result.stdout.strip(),)]


def test_both_arms_are_drawn(ada: Person) -> None:
    """Twenty draws have both arms (except in two of a million runs)."""
    arms = set()
    for number in range(20):
        ada.run("estimate", "design", f"T-{number}", "2h")
        arms.add(ada.run("-q", "assign", "design", f"T-{number}").output)
    assert arms == {"baseline\n", "assistance\n"}


def test_title_project_and_completion_are_stored(ada: Person) -> None:
    """A task is completed as a whole now, or in one activity at an earlier instant."""
    ada.run("task", "PAY-12", "--title", "Refunds </script>", "--project", "payments")
    assert ada.run("task", "PAY-12", "--done").stderr == "done: PAY-12, at 2026-06-10 12:00\n"
    ada.run("task", "PAY-12", "--done", "yesterday 17:00", "--activity", "design")
    assert stored_rows(ada, tasks, "task", "title", "project", "completed_epoch") == [
        ("PAY-12", "Refunds </script>", "payments", 1781085600)
    ]
    assert stored_rows(ada, work_items, "developer", "activity", "completed_epoch") == [
        ("ada", "design", 1781017200)
    ]


def test_a_done_task_is_opened_again(ada: Person) -> None:
    """With all own work items, or one activity alone; one `undo` closes what was closed."""
    ada.run("log", "design", "PAY-12", "5m")
    ada.run("log", "testing", "PAY-12", "5m")
    ada.later(1)
    ada.run("task", "PAY-12", "--done", "--activity", "design")
    ada.run("task", "PAY-12", "--done", "--activity", "testing")

    def closed() -> list[str]:
        items = ada.json("task", "PAY-12")
        return [item["activity"] or "all" for item in items if item["completed_at"]]

    message = ada.run("task", "PAY-12", "--reopen", "--activity", "design").stderr
    assert message == "open again: design of PAY-12\n"
    assert closed() == ["testing"]
    ada.run("task", "PAY-12", "--done")
    assert "PAY-12 is done as a whole: leave --activity out" in (
        ada.refused("task", "PAY-12", "--reopen", "--activity", "testing")
    )
    assert ada.run("task", "PAY-12", "--reopen").stderr == "open again: PAY-12\n"
    assert closed() == []
    assert "is done since" not in ada.run("log", "design", "PAY-12", "1m").stderr
    ada.run("undo")
    assert "undone: reopen of PAY-12; reopen of testing PAY-12" in ada.run("undo").stderr
    assert closed() == ["all", "testing"]
    ada.run("redo")
    assert closed() == []
    assert ada.refused("task", "PAY-12", "--reopen") == "PAY-12 is not done."
    assert "there is none in the log" in ada.refused("task", "PAY-99", "--reopen")
    assert (
        "give --reopen without --done"
        in ada.run("task", "PAY-12", "--reopen", "--done", code=2).stderr
    )


def test_a_task_is_shown_with_the_own_work_items_only(ada: Person) -> None:
    """The first row is the task; other developers' estimates are not shown."""
    ada.run("task", "PAY-12", "--title", "Refunds", "--project", "payments", "--done")
    ada.run("estimate", "design", "PAY-12", "3h", "--ai", "2h")
    ada.environ["TRACKER_DEVELOPER"] = "bob"
    ada.run("estimate", "testing", "PAY-12", "7h")
    ada.environ["TRACKER_DEVELOPER"] = "ada"
    task, item = ada.json("task", "PAY-12")
    assert (task["title"], task["project"], task["activity"]) == ("Refunds", "payments", None)
    assert task["completed_at"] == "2026-06-10T12:00:00+02:00"
    assert (item["activity"], item["estimate_minutes"], item["estimate_ai_minutes"]) == (
        "design",
        180,
        120,
    )
    text = ada.run("task", "PAY-12").stdout
    assert "Refunds" in text
    assert "3h 00m" in text
    assert "7h 00m" not in text
    assert len(ada.run("task", "PAY-12", "--format", "csv").stdout.splitlines()) == 3


def test_an_unknown_task_is_neither_shown_nor_completed(ada: Person) -> None:
    """A task exists if it has an entry or a running timer."""
    for arguments in (["--done"], []):
        assert "there is none in the log" in ada.refused("task", "NOSUCH", *arguments)
    assert stored_rows(ada, tasks, "task") == []
    ada.run("log", "design", "PAY-12", "5m")
    ada.run("start", "design", "PAY-13")
    assert "done: PAY-12" in ada.run("task", "PAY-12", "--done").stderr
    assert "done: PAY-13" in ada.run("task", "PAY-13", "--done").stderr


def test_done_tells_the_hours_against_the_estimates(ada: Person) -> None:
    """Each activity that was estimated; and a timer that still runs on the task is told."""
    ada.run("start", "design", "PAY-12", "-e", "3h")
    ada.later(90)
    ada.run("start", "testing", "PAY-12")
    ada.later(10)
    stderr = ada.run("task", "PAY-12", "--done").stderr
    assert "done: PAY-12, at 2026-06-10 13:40; design 1h 30m of 3h 00m estimated\n" in stderr
    assert "the timer of testing PAY-12 still runs; `tracker stop` stops it." in stderr
    stderr = ada.run("task", "PAY-12", "--done", "--activity", "design").stderr
    assert stderr.startswith("done: design of PAY-12, at 2026-06-10 13:40; design 1h 30m of")
    assert "still runs" not in stderr


def test_done_counts_the_running_timer(ada: Person) -> None:
    """Also where nothing was finished before."""
    ada.run("start", "design", "PAY-12", "-e", "3h")
    ada.later(90)
    words = "; design 1h 30m of 3h 00m estimated, timer included\n"
    assert words in ada.run("task", "PAY-12", "--done").stderr
    ada.run("stop")
    ada.run("continue")
    ada.later(30)
    words = "; design 2h 00m of 3h 00m estimated, timer included\n"
    assert words in ada.run("task", "PAY-12", "--done").stderr


def test_invalid_options_of_task_are_refused(ada: Person) -> None:
    """`--activity` needs `--done`; a completion cannot lie in the future."""
    assert (
        "--activity goes with --done"
        in ada.run("task", "X", "--title", "t", "--activity", "design", code=2).stderr
    )
    assert "give a time that has passed" in ada.refused("task", "PAY-12", "--done", "23:00")


def test_rollouts_are_recorded_corrected_and_removed(ada: Person) -> None:
    """A rollout is a team's, a developer's or everybody's; another date corrects it."""
    ada.run("config", "set", "team", "payments")
    ada.run("log", "design", "PAY-12", "5m")
    stderr = ada.run("rollout", "Spark 3", "--on", "2026-03-02", "--team", "payments").stderr
    assert stderr == "Spark 3: team payments has it from 2026-03-02 on\n"
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
    assert (date_to_day(date(2027, 1, 1)),) in stored_rows(ada, rollouts, "day")


def test_a_rollout_that_splits_no_work_is_recorded_with_a_warning(ada: Person) -> None:
    """The warning is for a developer or team without entries, or a day in the future."""
    stderr = ada.run("rollout", "Spark 3", "--on", "2026-03-02", "--team", "paymnets").stderr
    assert "nobody in the log is of team paymnets" in stderr
    stderr = ada.run("rollout", "Spark 3", "--on", "2026-06-11", "--developer", "bob").stderr
    assert "nobody in the log is bob" in stderr
    assert "2026-06-11 lies in the future" in stderr
    assert "tracker:" not in ada.run("rollout", "Spark 3", "--on", "2026-06-10").stderr
    assert len(ada.json("rollout", "--list")) == 3


def test_a_rollout_needs_an_assistant_and_a_day(ada: Person) -> None:
    """Missing and contradicting options are wrong usage; an impossible day is refused."""
    for arguments in (
        ["Spark"],
        [],
        ["--on", "2026-03-02"],
        ["Spark", "--on", "2026-03-02", "--remove"],
    ):
        assert "give an assistant" in ada.run("rollout", *arguments, code=2).stderr
    result = ada.run(
        "rollout", "Spark", "--on", "2026-03-02", "--team", "t", "--developer", "d", code=2
    )
    assert "not both" in result.stderr
    assert "there is no such day" in ada.refused("rollout", "Spark", "--on", "2026-02-30")
    assert "no rollouts" in ada.run("rollout", "--list").stderr


def test_an_added_activity_can_be_used_at_once(ada: Person) -> None:
    """Also by `start`, which does not open the database."""
    assert [row["activity"] for row in ada.json("activities")] == list(ACTIVITIES)
    ada.refused("start", "deployment", "PAY-12")
    ada.run("activities", "add", "deployment")
    ada.run("start", "deployment", "PAY-12")
    assert ada.json("activities")[-1] == {"activity": "deployment"}
    assert "known already" in ada.refused("activities", "add", "deployment")
    assert "in small letters, 'deploy'" in ada.refused("activities", "add", "Deploy")


def test_settings_are_set_listed_and_unset(ada: Person) -> None:
    """The list says where each comes from; the file keeps its comments."""
    ada.settings_file.parent.mkdir(parents=True)
    ada.settings_file.write_text('# of our own\nteam = "payments"  # since May\n')
    ada.run("config", "set", "zone", "America/New_York")
    assert (
        ada.settings_file.read_text()
        == '# of our own\nteam = "payments"  # since May\nzone = "America/New_York"\n'
    )
    rows = {row["setting"]: (row["value"], row["from"]) for row in ada.json("config")}
    assert rows["developer"] == ("ada", "TRACKER_DEVELOPER")
    assert rows["team"] == ("payments", str(ada.settings_file))
    assert rows["assistant"] == (None, None)
    assert rows["database_url"] == (f"sqlite:///{ada.data / 'tracker.db'}", "this machine")
    assert ada.run("config", "get", "zone").stdout == "America/New_York\n"
    ada.run("log", "design", "PAY-12", "--from", "4:00", "--to", "5:00")
    (entry,) = ada.json("entries")
    assert (entry["started_at"], entry["team"]) == ("2026-06-10T04:00:00-04:00", "payments")
    ada.run("config", "set", "zone", "--unset")
    assert ada.run("config", "get", "zone").stdout == "Europe/Berlin\n"
    assert "is not set" in ada.refused("config", "get", "assistant")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["set", "zone", "Berlin"], "did you mean Europe/Berlin?"),
        (["set", "tema", "x"], "did you mean team?"),
        (["get", "colour"], "developer, team, zone, assistant, task_pattern, database_url"),
        (["set", "team", " "], "give a text of one line"),
        (["set", "team", "a\nb"], "give a text of one line"),
        (["set", "task_pattern", "#[0-9]+"], "setting task_pattern is '#[0-9]+': it has 0 groups"),
        (["set", "task_pattern", "(a)(b)"], "it has 2 groups"),
        (["set", "task_pattern", "(a"], "missing ): (a"),
        (["set", "task_pattern", "(?=a)(b)"], "without look-around"),
    ],
)
def test_an_invalid_setting_is_refused(ada: Person, arguments: list[str], message: str) -> None:
    """Nothing is written."""
    assert message in ada.refused("config", *arguments)
    assert not ada.settings_file.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("tema = 'x'", "did you mean team?"),
        ("team = 3", "setting team is 3: give a text of one line"),
        ("zone = 'Berlin'", "did you mean Europe/Berlin?"),
        ("team = ", "is not valid TOML"),
        ("[team]\nname = 'x'", "give a text of one line"),
    ],
)
def test_an_invalid_settings_file_is_refused(ada: Person, content: str, message: str) -> None:
    """Every command prints one line about it."""
    ada.settings_file.parent.mkdir(parents=True)
    ada.settings_file.write_text(content)
    assert message in ada.refused("start", "design", "PAY-12")


def test_the_environment_takes_precedence_over_the_file(ada: Person) -> None:
    """`config set` warns if the environment hides the new value."""
    assert "takes precedence over the file" in ada.run("config", "set", "developer", "eve").stderr
    assert ada.run("config", "get", "developer").stdout == "ada\n"
    del ada.environ["TRACKER_DEVELOPER"]
    assert ada.run("config", "get", "developer").stdout == "eve\n"


def test_another_settings_file_can_be_named(ada: Person) -> None:
    """--config or TRACKER_CONFIG name it; --config needs an existing file except to set."""
    path = str(ada.home / "other.toml")
    assert "there is none" in ada.refused("--config", path, "config", "get", "team")
    ada.run("--config", path, "config", "set", "team", "search")
    assert ada.run("--config", path, "config", "get", "team").stdout == "search\n"
    ada.environ["TRACKER_CONFIG"] = path
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
    """Neither `config set` nor a list of settings in any format prints one."""
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
    """In a URL written by hand, everything up to the last @ counts as password."""
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
def test_no_part_of_a_password_is_printed_as_a_host(ada: Person, command: list[str]) -> None:
    """A URL with an @ in its password is refused before any connection; entries wait."""
    ada.environ["TRACKER_DATABASE_URL"] = "postgresql://ada:ge@heim@localhost:1/log"
    result = ada.run(*command, code=None)
    assert "has an @ in its password: write @ as %40" in result.stderr
    assert "heim" not in result.output
    if command[0] == "log":
        assert "waits in the outbox" in result.stderr


@pytest.mark.parametrize("password", ["ge/heim", "ge@heim"])
def test_an_unescaped_password_is_refused(ada: Person, password: str) -> None:
    """The message says how to escape it; escaped it is accepted."""
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
    ("url", "other_url", "same"),
    [
        ("postgresql://ada:x@db/log", "postgresql+psycopg://bob@DB:5432/log?sslmode=require", True),
        ("postgresql:///log?host=db", "postgresql://db/log", True),
        ("postgresql://db/log", "postgresql://db:5433/log", False),
        ("postgresql://db/log", "postgresql://db/other", False),
        ("sqlite:///log.db", f"sqlite:///{Path.cwd()}/log.db", True),
        ("sqlite:////tmp/log.db", "sqlite:////tmp/other.db", False),
    ],
)
def test_urls_of_one_database_have_one_target(url: str, other_url: str, same: bool) -> None:
    """Driver, credentials and spelling do not matter."""
    assert (urls.database_identity(url) == urls.database_identity(other_url)) is same


def test_the_login_name_is_announced_once(ada: Person) -> None:
    """Without a configured developer, the login name is announced at first use and on change."""
    del ada.environ["TRACKER_DEVELOPER"]
    ada.environ["LOGNAME"] = "lovelace"
    assert (
        "logged under your login name, 'lovelace'"
        in ada.run("log", "design", "PAY-12", "5m").stderr
    )
    assert "lovelace" not in ada.run("log", "design", "PAY-12", "5m").stderr
    ada.environ["LOGNAME"] = "countess"
    assert "logged under your login name, 'countess'" in ada.run("entries").stderr
