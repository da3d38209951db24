"""Entries that are possible but unlikely: import, `db doctor`, `check` and page agree on them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from support.person import Person

from tracker.store.write import entry_totals

MAP = """
source = "clock"
[columns]
developer = "who"
task = "issue"
activity = "phase"
started_at = "begin"
ended_at = "end"
minutes = "minutes"
estimate_minutes = "estimate"
assisted = "ai"
[formats]
timezone = "Europe/Berlin"
"""
HEADER = "who,issue,phase,begin,end,minutes,estimate,ai\n"


@pytest.fixture(params=["sqlite", "postgres"])
def ada(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Ada in a folder of her own, with a map in it, on either database."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.toml").write_text(MAP)
    url = f"sqlite:///{tmp_path / 'log.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    return Person(tmp_path, TRACKER_DATABASE_URL=url)


def rows(count: int, *, minutes: str = "60", estimate: str = "", end: str = "10:00") -> str:
    """Return days of work by two people, half of it assisted."""
    days = [date(2026, 1, 1) + timedelta(number) for number in range(count)]
    return "".join(
        f"{who},T-{day:%j},design,{day} 09:00,{day} {end},{minutes},{estimate},"
        f"{'yes' if day.day % 2 else 'no'}\n"
        for who in ("ann", "bob")
        for day in days
    )


def import_rows(ada: Person, lines: str, *options: str) -> str:
    """Import a log, and return what is told about it."""
    Path("log.csv").write_text(HEADER + lines)
    return ada.run("import", "csv", "log.csv", "--map", "m.toml", *options).stderr


def threat(ada: Person, code: str) -> str:
    """Return the message of a threat to the comparison of design."""
    (result,) = ada.json("check", "--activity", "design", "--design", "self-selected")["results"]
    return "".join(threat["message"] for threat in result["threats"] if threat["code"] == code)


LONG = "ann,T-90,design,2026-02-20 09:00,2026-02-23 09:00,900,,yes\n"
SHORT = "ann,T-91,design,2026-02-24 09:00,2026-02-24 09:30,45,,no\n"
LONE = "bob,T-92,design,2016-02-24 09:00,2016-02-24 10:00,60,,yes\n"


def test_implausible_times_are_counted_everywhere(ada: Person) -> None:
    """Import, dry run, doctor and check name the same entries in the same words."""
    phrases = [
        "1 entry longer than 12 hours",
        "1 entry with over 24 hours from start to end",
        "1 entry with more effort than the time from start to end",
        "1 entry more than 2 years away from all others",
    ]
    lines = rows(40) + LONG + SHORT + LONE
    dry_run = import_rows(ada, lines, "--dry-run")
    messages = import_rows(ada, lines)
    doctor = ada.run("db", "doctor").stdout
    assert "ids " not in dry_run  # nothing is stored under them
    for phrase in phrases:
        assert f"warning: {phrase}: correct the log before you import it" in dry_run
        assert f"warning: {phrase} (ids " in messages
        assert f"{phrase} (" in doctor
    assert "all plausible" not in doctor
    message = threat(ada, "implausible-entries")
    assert all(phrase in message for phrase in phrases[1:])
    ada.run("report", "-o", "page.html")
    page = Path("page.html").read_text()
    assert "entries with over 24 hours from start to end" in page


def test_a_plausible_log_is_imported_without_a_warning(ada: Person) -> None:
    """Neither import nor doctor finds anything."""
    assert "warning" not in import_rows(ada, rows(40, estimate="90"))
    assert "all plausible" in ada.run("db", "doctor").stdout
    assert threat(ada, "implausible-entries") == threat(ada, "units") == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"minutes": "1", "end": "10:00"}, "have 1/60 of the effort that their start and end"),
        ({"minutes": "2400", "end": "09:40"}, "have 60 times the effort that their start and end"),
        ({"estimate": "1"}, "estimates are typically 1/60 of the effort"),
        ({"estimate": "4000"}, "estimates are typically 67 times the effort"),
    ],
)
def test_a_unit_that_is_not_minutes_is_named(
    ada: Person, options: dict[str, str], message: str
) -> None:
    """A factor near 60 is named by import, doctor and check."""
    assert message in import_rows(ada, rows(40, **options))
    assert message in ada.run("db", "doctor").stdout
    fragment = message.replace("estimates", "").replace("have ", "").strip()
    assert fragment in threat(ada, "units")


def test_a_dry_run_names_no_command_that_undoes_another_import(ada: Person) -> None:
    """Only an import that stored something tells how to take it back."""
    import_rows(ada, rows(20))
    wrong = rows(40, minutes="1").replace("design", "dezign").replace("2026-01-", "2025-01-")
    assert "import --undo" not in import_rows(ada, wrong, "--dry-run")
    assert import_rows(ada, wrong).count("import --undo") == 2
    assert "import --undo" not in import_rows(ada, wrong)  # nothing of it is new


def test_quiet_imports_tell_warnings_only(ada: Person) -> None:
    """-q keeps a wrong unit, and leaves out what was kept."""
    Path("log.csv").write_text(HEADER + rows(40, minutes="1"))
    messages = ada.run("-q", "import", "csv", "log.csv", "--map", "m.toml").stderr
    assert "their minutes are probably hours" in messages
    assert "kept" not in messages


def test_hours_on_days_without_times_are_named(ada: Person) -> None:
    """Without a span, a typical entry of 2.5 minutes raises the question."""
    text_map = MAP.replace('started_at = "begin"\nended_at = "end"', 'date = "begin"')
    Path("m.toml").write_text(text_map + 'date = "%Y-%m-%d %H:%M"\n')
    messages = import_rows(ada, rows(40, minutes="2.5"))
    assert "a typical entry from clock has 2.5 minutes: check that they are not hours" in messages


def test_an_entry_stored_in_the_future_decides_nothing(ada: Person) -> None:
    """It is left out of the verdict and counted; "now" is not its end."""
    import_rows(ada, rows(40))
    before = ada.json("check", "--activity", "design", "--design", "self-selected")
    engine = create_engine(ada.environ["TRACKER_DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO entries (developer, id, task, activity, started_epoch, ended_epoch,"
                " zone, seconds, interruption_seconds, local_day, local_month, assisted, basis,"
                " logged_epoch) SELECT developer, '01900000-0000-7000-8000-000000000001', 'T-99',"
                " activity, 2903000000, 2903100000, zone, 60000, 0, 33599, 1103, assisted, basis,"
                " logged_epoch FROM entries WHERE task = 'T-001' AND developer = 'ann'"
            )
        )
        entry_totals.rebuild(connection)
    engine.dispose()
    after = ada.json("check", "--activity", "design", "--design", "self-selected")
    assert after["now"] == before["now"]
    assert after["last_day"] == before["last_day"]
    assert after["results"][0]["time_ratio"] == before["results"][0]["time_ratio"]
    assert after["results"][0]["items"] == before["results"][0]["items"]
    assert "1 entry in the future, left out" in threat(ada, "implausible-entries")
    assert "1 entry in the future (000001)" in ada.run("db", "doctor").stdout
    assert "01900000-0000-7000-8000-000000000001" in ada.run("export", "entries").stdout


def test_now_is_never_after_the_clock(ada: Person) -> None:
    """A later --now is refused: it would turn unfinished work into finished work."""
    import_rows(ada, rows(40))
    message = ada.refused("check", "--activity", "design", "--now", "2026-12-01 12:00")
    assert message.startswith("--now lies in the future")
