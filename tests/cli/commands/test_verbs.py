"""What a person types most: ids, times and durations in words, short names, the editor."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.person import Person

from tracker import __version__

UNREACHABLE = "postgresql://ada:geheim@127.0.0.1:1/log"


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path)


@pytest.fixture
def stored(database_url: str, tmp_path: Path) -> Person:
    """Ada with three entries, on SQLite and on PostgreSQL."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    ada.run("log", "design", "PAY-1", "30m", "--from", "yesterday 9:00")
    ada.run("log", "review", "PAY-2", "30m", "--from", "8:00", "--ai", "--assistant", "Spark")
    ada.run("log", "testing", "PAY-3", "30m", "--from", "10:00")
    return ada


def test_entries_are_named_by_their_place(stored: Person) -> None:
    """@1 is the entry that started last; all commands with an ID take it, and several at once."""
    assert stored.run("edit", "@3", "--task", "PAY-7").stderr.startswith("edited design PAY-7:")
    assert "started review PAY-2" in stored.run("continue", "@2").stderr
    assert stored.json("status")["assistant"] == "Spark"
    stored.run("cancel")
    stored.run("delete", "@1", "@3")
    assert [entry["task"] for entry in stored.json("entries")] == ["PAY-2"]
    stored.run("undo")
    assert len(stored.json("entries")) == 3


@pytest.mark.parametrize(
    ("options", "start", "end", "minutes", "interruption"),
    [
        (["--to", "11:00"], "10:00", "11:00", 50, 10),
        (["--from", "9:00", "--to", "noon"], "09:00", "12:00", 170, 10),
        (["--from", "9:00"], "09:00", "09:40", 30, 10),
        (["--to", "11:00", "--duration", "20"], "10:30", "11:00", 20, 10),
        (["--from", "9:00", "--to", "11:00", "--duration", "1h 30m"], "09:00", "11:00", 90, 30),
        (["--duration", "1h30"], "10:00", "11:40", 90, 10),
    ],
)
def test_times_of_an_entry_are_edited(
    ada: Person, options: list[str], start: str, end: str, minutes: int, interruption: int
) -> None:
    """Start, end and effort agree with each other and with the interruptions."""
    ada.run("log", "design", "PAY-12", "30m", "--from", "10:00", "--to", "10:40")
    ada.run("edit", "@1", *options)
    (entry,) = ada.json("entries")
    assert entry["started_at"][11:16] == start
    assert entry["ended_at"][11:16] == end
    assert (entry["minutes"], entry["interruption_minutes"]) == (minutes, interruption)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--to", "10:05"], "the interruptions of 10m leave no effort: give --duration too"),
        (["--to", "9:00"], "would end at 2026-06-10 09:00, not after its start"),
        (["--to", "13:00"], "give a start and an effort that have passed"),
        (
            ["--from", "9:00", "--to", "10:00", "--duration", "2h"],
            "duration is more than the time from 2026-06-10 09:00 to 2026-06-10 10:00",
        ),
    ],
)
def test_times_that_contradict_each_other_are_refused(
    ada: Person, options: list[str], message: str
) -> None:
    """The entry stays as it was."""
    ada.run("log", "design", "PAY-12", "30m", "--from", "10:00", "--to", "10:40")
    before = ada.json("entries")
    assert message in ada.refused("edit", "@1", *options)
    assert ada.json("entries") == before


def editor(ada: Person, script: str) -> None:
    """Give Ada an editor: a Python script that changes ``text``."""
    path = ada.home / "editor"
    path.write_text(
        "#!/usr/bin/env python3\nimport pathlib, sys\nfile = pathlib.Path(sys.argv[1])\n"
        f"text = file.read_text()\n{script}\nfile.write_text(text)\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    ada.environ["EDITOR"] = str(path)


def drafts(ada: Person) -> list[Path]:
    folder = ada.data / "drafts"
    return sorted(folder.iterdir()) if folder.exists() else []


def test_an_entry_is_edited_in_the_editor(stored: Person) -> None:
    """What is saved replaces the entry; one undo restores it, and no draft is left."""
    before = stored.json("entries")
    editor(
        stored,
        "text = text.replace('10:00', '9:15').replace('\"PAY-3\"', '\"PAY-30\"')"
        ".replace('note = \"\"', 'note = \"größer\"').replace('\"unknown\"', '\"no\"')",
    )
    stored.run("edit", "@1")
    entry = stored.json("entries")[0]
    assert (entry["task"], entry["note"], entry["minutes"]) == ("PAY-30", "größer", 75)
    assert (entry["assisted"], entry["basis"]) == ("no", "flag")
    assert drafts(stored) == []
    stored.run("undo")
    assert stored.json("entries") == before


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("text = text.replace('\"testing\"', '\"tseting\"')", "did you mean testing?"),
        ("text = text.replace('10:00', '25:00')", "hours go from 0 to 23"),
        ("text = text + 'x = 1'", "key is 'x': an entry has activity, task, from,"),
        ("text = text + 'x = '", "not valid TOML"),
        ("text = text.replace('\"30m\"', '30')", "duration is 30: write it in quotation marks"),
        ("text = text.replace('\"unknown\"', '\"maybe\"')", "write yes, no or unknown"),
    ],
)
def test_a_draft_with_an_error_is_kept(ada: Person, script: str, message: str) -> None:
    """The message names the file; the next `edit` opens it again, and a right text is stored."""
    ada.run("log", "testing", "PAY-3", "30m", "--from", "10:00")
    before = ada.json("entries")
    editor(ada, f"{script}\ntext = text.replace('note = \"\"', 'note = \"typed\"')")
    refusal = ada.refused("edit", "@1")
    (draft,) = drafts(ada)
    assert message in refusal
    assert f"your text is kept in {draft}" in refusal
    assert ada.json("entries") == before
    editor(ada, "text = 'note = \"mended\"\\n' if 'typed' in text else ''")
    assert "your draft is opened again" in ada.run("edit", "@1").stderr
    assert ada.json("entries")[0]["note"] == "mended"
    assert drafts(ada) == []


def test_a_time_alone_in_a_draft_is_of_the_entrys_day(ada: Person) -> None:
    """As with `edit --from`: an entry of yesterday stays there."""
    ada.run("log", "testing", "PAY-3", "yesterday 10:00-11:00")
    editor(ada, "text = text.replace('2026-06-09 10:00', '9:30')")
    ada.run("edit", "@1")
    (entry,) = ada.json("entries")
    assert (entry["started_at"], entry["minutes"]) == ("2026-06-09T09:30:00+02:00", 90)


@pytest.mark.parametrize(
    ("script", "code", "message"),
    [
        ("", 0, "nothing changed in testing PAY-3"),
        ("text = ''", 1, "the draft is empty"),
        ("sys.exit(3)", 1, "ended with the code 3. Nothing was changed.\n"),
        ("file.unlink(); sys.exit()", 1, "the draft is empty"),
        (
            "import os; os.kill(os.getpid(), 9)",
            1,
            "was stopped by signal 9. Nothing was changed.\n",
        ),
    ],
)
def test_an_editor_that_changes_nothing(ada: Person, script: str, code: int, message: str) -> None:
    """It is said so, and nothing is stored."""
    ada.run("log", "testing", "PAY-3", "30m", "--from", "10:00")
    before = ada.json("entries")
    editor(ada, script)
    assert message in ada.run("edit", "@1", code=code).stderr
    assert ada.json("entries") == before
    assert drafts(ada) == []


def test_a_draft_of_an_editor_that_was_killed_is_kept(ada: Person) -> None:
    """With what it had saved; the next `edit` opens it again."""
    ada.run("log", "testing", "PAY-3", "30m", "--from", "10:00")
    change = "text = text.replace('note = \"\"', 'note = \"typed\"')"
    editor(ada, f"{change}\nfile.write_text(text)\nimport os; os.kill(os.getpid(), 15)")
    assert "was stopped by signal 15. Nothing was changed; your text is kept" in (
        ada.refused("edit", "@1")
    )
    editor(ada, "")
    ada.run("edit", "@1")
    assert ada.json("entries")[0]["note"] == "typed"
    assert drafts(ada) == []


def test_an_editor_that_does_not_start_is_named(ada: Person) -> None:
    """The entry stays as it is."""
    ada.run("log", "testing", "PAY-3", "30m")
    ada.environ["EDITOR"] = "/no/such/editor -w"
    assert "EDITOR is '/no/such/editor -w', which does not start" in ada.refused("edit", "@1")


def test_the_repeated_hour_has_its_offset_in_the_draft(ada: Person) -> None:
    """02:30 came twice that night: unchanged it stays the second one."""
    ada.time = datetime(2026, 10, 25, 8, tzinfo=UTC)
    ada.run("log", "testing", "PAY-3", "10m", "--from", "2026-10-25 02:30+01:00")
    editor(
        ada,
        "assert 'from = \"2026-10-25 02:30:00+01:00\"' in text, text\n"
        "text = text.replace('02:40:00+01:00', '02:50:00+01:00')",
    )
    ada.run("edit", "@1")
    (entry,) = ada.json("entries")
    assert (entry["started_at"], entry["minutes"]) == ("2026-10-25T02:30:00+01:00", 20)


def test_a_pause_may_be_told_later(ada: Person) -> None:
    """`pause --at` and `resume --at` take times before now; the pause is an interruption."""
    ada.run("start", "design", "PAY-12", "--at", "9:00")
    assert ada.run("pause", "--at", "10am").stderr.startswith("paused design PAY-12 after 1h 00m")
    assert "before the last start, pause or resume" in ada.refused("resume", "--at", "9:30")
    assert ada.run("resume", "--at", "10:30").stderr == "resumed design PAY-12 after 1h 00m\n"
    ada.run("stop", "--at", "-30m")
    (entry,) = ada.json("entries")
    assert (entry["minutes"], entry["interruption_minutes"]) == (120, 30)


@pytest.mark.parametrize(
    ("line", "start", "minutes"),
    [
        ("log design PAY-1 1h 30m", "10T10:30", 90),
        ("log design PAY-1 90", "10T10:30", 90),
        ("log design PAY-1 2 hours 5 minutes", "10T09:55", 125),
        ("log design PAY-1 --from yesterday 14:00 --to yesterday 16:30", "09T14:00", 150),
        ("log design PAY-1 --from 2 days ago 10:00 1h 15m -m x", "08T10:00", 75),
        ("log design PAY-1 1h30 --from monday 10am", "08T10:00", 90),
        ("l design PAY-1 --to noon 45", "10T11:15", 45),
        ("lo design 12 45", "10T11:15", 45),
    ],
)
def test_durations_and_times_need_no_quotation_marks(
    ada: Person, line: str, start: str, minutes: int
) -> None:
    """Their words are joined; `log` may be cut short."""
    ada.run(*line.split())
    (entry,) = ada.json("entries", "--from", "2026-06-01")
    assert entry["started_at"][8:16] == start
    assert entry["minutes"] == minutes
    assert entry["note"] in (None, "x")


def test_a_note_is_no_duration(ada: Person) -> None:
    """Only values of durations and times are joined."""
    ada.run("log", "design", "1h", "-m", "1h", "30m")
    (entry,) = ada.json("entries")
    assert (entry["task"], entry["note"], entry["minutes"]) == ("1h", "1h", 30)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("st", "'st' may be start, stop or status: give more of it; see `tracker --help`"),
        ("config x", "there is no command 'x'; see `tracker config --help`"),
        ("-", "there is no command '-'; see `tracker --help`"),
        ("db -- --x", "there is no command '--x'; see `tracker db --help`"),
        ("help -", "there is no command '-'; see `tracker --help`"),
        ("strat design PAY-1", "'strat': did you mean start? See `tracker --help`"),
    ],
)
def test_an_ambiguous_or_unknown_name_is_refused(ada: Person, line: str, message: str) -> None:
    """The message names the commands that may be meant."""
    assert message in ada.run(*line.split(), code=2).stderr


def test_names_of_commands_may_be_cut_short(ada: Person) -> None:
    """Also those within a group, and before options."""
    ada.run("star", "design", "PAY-1")
    assert "design PAY-1" in ada.run("statu").stdout
    ada.run("conf", "s", "team", "web")
    assert ada.run("config", "g", "team").stdout == "web\n"


def test_help_and_version(ada: Person) -> None:
    """`help` shows what `--help` shows, also of a command in a group or cut short."""
    assert ada.run("help").stdout == ada.run("--help").stdout
    assert ada.run("help", "conf", "set").stdout == ada.run("config", "set", "--help").stdout
    assert "there is no command 'nonsense'" in ada.run("help", "nonsense", code=2).stderr
    assert "has no command 'x'" in ada.run("help", "log", "x", code=2).stderr
    assert ada.run("version").stdout == f"tracker {__version__}\n"


def test_without_a_command_it_says_what_is_going_on(stored: Person) -> None:
    """The timer, today's hours with the running timer, and what to do next."""
    lines = stored.run().stdout.splitlines()
    assert lines[:2] == ["no timer runs", "today: 1h 00m"]
    stored.run("start", "design", "PAY-9", "--at", "11:15")
    lines = stored.run().stdout.splitlines()
    assert lines[:2] == [
        "design PAY-9: 45m since 2026-06-10 11:15",
        "today: 1h 45m, the running timer included",
    ]
    assert lines[2].startswith("next: `tracker stop`")
    stored.run("stop")
    assert "`tracker continue` goes on with design PAY-9" in stored.run().stdout


def test_without_a_command_a_running_timer_counts_from_midnight(ada: Person) -> None:
    """What it ran yesterday is not of today."""
    ada.run("start", "design", "PAY-9", "--at", "yesterday 23:00")
    ada.run("log", "design", "PAY-1", "5m")
    assert ada.run().stdout.splitlines()[1] == "today: 12h 05m, the running timer included"


def test_without_a_command_and_a_log_no_file_is_made(ada: Person) -> None:
    """A newcomer learns how to begin."""
    assert "next: `tracker start design TASK` starts the timer" in ada.run().stdout
    assert not (ada.data / "tracker.db").exists()


def test_without_a_database_it_says_what_waits(tmp_path: Path) -> None:
    """It exits with 0, and no password is shown."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=UNREACHABLE)
    ada.run("log", "design", "PAY-1", "5m")
    result = ada.run()
    assert "waiting for the database: 1 record" in result.stdout
    assert "cannot be reached" in result.stderr
    assert "geheim" not in result.output


def test_the_last_import_is_named_by_its_place(ada: Person) -> None:
    """`import --undo @2` takes back the one before the last."""
    (ada.home / "map.toml").write_text(
        'source = "x"\n[columns]\ntask = "task"\nactivity = "activity"\n'
        'started_at = "begin"\nminutes = "minutes"\n'
    )
    for number in (1, 2):
        path = ada.home / f"{number}.csv"
        path.write_text(
            "task,activity,begin,minutes\n"
            f"PAY-{number},design,2026-06-0{number}T09:00:00+02:00,30\n"
        )
        ada.later(1)
        ada.run("import", "csv", str(path), "--map", str(ada.home / "map.toml"))
    assert "has 2 to take back" in ada.refused("import", "--undo", "@3")
    assert "1.csv (x): 1 entry" in ada.run("import", "--undo", "@2").stderr
