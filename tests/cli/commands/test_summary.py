"""`summary`, `tasks` and `task`: one's own hours, by day and against the estimates."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.person import Person


@pytest.fixture
def ada(database_url: str, tmp_path: Path) -> Person:
    """Ada with work on three days and a running timer, on SQLite and on PostgreSQL."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    ada.run("estimate", "design", "PAY-1", "2h")
    ada.later(1)
    ada.run("log", "design", "PAY-1", "2h", "--from", "2026-06-08 9:00")
    ada.run("log", "testing", "WEB-2", "--from", "2026-06-08 23:00", "--to", "2026-06-09 1:00")
    ada.run("log", "testing", "WEB-2", "1h", "--from", "2026-06-01 9:00")
    ada.run("task", "PAY-1", "--project", "pay", "--title", "Refunds")
    ada.run("start", "design", "PAY-1", "--at", "11:01")
    return ada


@pytest.mark.parametrize(
    ("options", "by", "expected"),
    [
        ([], "day", {"2026-06-08": 180, "2026-06-09": 60, "2026-06-10": 60}),
        (["--week"], "day", {"2026-06-08": 180, "2026-06-09": 60, "2026-06-10": 60}),
        (["--month", "--by", "week"], "week", {"2026-W23": 60, "2026-W24": 300}),
        (["--month", "--by", "month"], "month", {"2026-06": 360}),
        (["--month", "--by", "task"], "task", {"PAY-1": 180, "WEB-2": 180}),
        (["--by", "project"], "project", {"pay": 180, None: 120}),
        (["--by", "activity", "--to", "yesterday"], "activity", {"design": 120, "testing": 120}),
        (["--to", "2026-06-08"], "day", {"2026-06-08": 180}),
    ],
)
def test_hours_are_summed_up(
    ada: Person, options: list[str], by: str, expected: dict[str, int]
) -> None:
    """The running timer is included, and an entry over midnight counts for both days."""
    sums: dict[str, float] = {}
    for row in ada.json("summary", *options):
        sums[row[by]] = sums.get(row[by], 0) + row["minutes"]
    if options == ["--to", "2026-06-08"]:
        assert sums.pop("2026-06-01", None) is None  # a week of days, both included
    assert sums == expected


def test_rows_of_tasks_begin_with_the_largest(ada: Person) -> None:
    """Days stand in their order, everything else by hours; each row has a bar."""
    lines = ada.run("summary", "--by", "project").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["Project", "pay", "—", "Total"]
    assert [line.count("█") for line in lines] == [0, 20, 13, 0]


def test_one_period_is_given(ada: Person) -> None:
    """`--week` and `--from` contradict each other."""
    assert "give one of a day, --from" in ada.run("summary", "--week", "--month", code=2).stderr


def test_a_timer_over_a_clock_change_counts_its_hours(tmp_path: Path) -> None:
    """The night of 29 March 2026 is an hour short: from 23:00 to 4:00 it is four hours."""
    ada = Person(tmp_path)
    ada.time = datetime(2026, 3, 29, 2, tzinfo=UTC)  # 4:00 in Berlin
    ada.run("start", "design", "PAY-1", "--at", "2026-03-28 23:00")
    minutes = [row["minutes"] for row in ada.json("summary")]
    assert minutes == [60, 180]


def test_gaps_and_overlaps_are_listed(tmp_path: Path) -> None:
    """Gaps within a day from five minutes on, and every overlap; nothing between days."""
    ada = Person(tmp_path)
    for start, end, task in (
        ("yesterday 8:00", "yesterday 9:00", "A-1"),
        ("8:00", "10:00", "A-2"),
        ("9:30", "9:45", "A-3"),
        ("10:00", "10:30", "A-4"),
        ("10:33", "11:00", "A-5"),
        ("11:20", "11:30", "A-6"),
    ):
        ada.run("log", "design", task, "--from", start, "--to", end)
    rows = ada.json("summary", "--gaps")
    assert [(row["kind"], row["from"], row["to"], row["minutes"]) for row in rows] == [
        ("overlap", "09:30", "09:45", 15),
        ("gap", "11:00", "11:20", 20),
    ]
    assert rows[0]["between"] == "design A-2 and design A-3"
    assert "no gaps" in ada.run("summary", "--gaps", "--to", "2020-01-01").stderr


def test_tasks_have_hours_against_their_estimates(ada: Person) -> None:
    """The last worked on comes first; a share is of the estimate that counts."""
    rows = ada.json("tasks")
    assert [(row["task"], row["minutes"], row["estimate_minutes"]) for row in rows] == [
        ("WEB-2", 180, None),
        ("PAY-1", 120, 120),
    ]
    ada.run("estimate", "coding", "PAY-9", "4h")
    ada.later(60)
    ada.run("log", "coding", "PAY-9", "1h")
    for line in ("tasks", "task PAY-9"):
        assert "1h 00m 4h 00m 25 %" in " ".join(ada.run(*line.split()).stdout.split())
    assert ada.json("task", "PAY-9")[1]["minutes"] == 60
    assert [row["task"] for row in ada.json("tasks", "--project", "pay")] == ["PAY-1"]


def test_open_tasks_say_why_and_are_closed_together(ada: Person) -> None:
    """An item is open for 30 days after its last entry, unless it is marked; one undo reopens."""
    ada.run("cancel")
    ada.run("log", "review", "OLD-1", "5m", "--from", "2026-05-01 9:00")
    states = {row["task"]: row["state"] for row in ada.json("tasks")}
    assert states == {
        "PAY-1": "open: 28 d left",
        "WEB-2": "open: 29 d left",
        "OLD-1": "complete",
    }
    assert {row["task"] for row in ada.json("tasks", "--open")} == {"PAY-1", "WEB-2"}
    refusal = ada.run("tasks", "--open", "--done", code=1).stderr
    assert "2 work items would be marked complete: give --yes" in refusal
    assert "done: 2 work items" in ada.run("tasks", "--open", "--done", "--yes").stderr
    assert ada.json("tasks", "--open") == []
    ada.run("undo")
    assert len(ada.json("tasks", "--open")) == 2


def test_the_state_of_a_task_is_whole_in_80_columns(tmp_path: Path) -> None:
    """However long the key of a task is."""
    ada = Person(tmp_path)
    ada.time = datetime.now(UTC) - timedelta(hours=1)
    ada.run("log", "design", "LONG-PROJECT-NAME-123456", "5m")
    ada.run("estimate", "testing", "LONG-PROJECT-NAME-9", "40h")
    ada.run("task", "LONG-PROJECT-NAME-9", "--done")
    screen = ada.terminal("tasks")
    assert screen.lines[1].endswith("open: 30 d left")
    assert f"done {datetime.now(UTC):%Y-}" in screen.text


def test_closing_tasks_is_confirmed_in_a_terminal(tmp_path: Path) -> None:
    """Nothing is marked if the answer is no."""
    ada = Person(tmp_path)
    ada.time = datetime.now(UTC) - timedelta(hours=1)
    ada.run("log", "design", "PAY-1", "5m")
    screen = ada.terminal("tasks", "--open", "--done", answer=("[y/N]", "n\n"))
    assert "nothing was marked" in screen.text
    assert ada.json("tasks", "--open")[0]["open"] is True
    ada.terminal("tasks", "--open", "--done", answer=("[y/N]", "y\n"))
    assert ada.json("tasks", "--open") == []


def test_times_are_in_the_zone_of_the_reader(tmp_path: Path) -> None:
    """The entry's own zone is named where its clock shows another time."""
    ada = Person(tmp_path)
    ada.run("log", "design", "PAY-1", "5m", "--from", "9:00")
    line = Person(tmp_path, TZ="Asia/Kolkata").run("entries").stdout.splitlines()[1]
    assert re.match(r"@1 \w{4}  2026-06-10 12:30 \(09:00 Europe/Berlin\)  5m", line)
    line = Person(tmp_path, TZ="Europe/Paris").run("entries").stdout.splitlines()[1]
    assert re.match(r"@1 \w{4}  2026-06-10 09:00  5m", line)


@pytest.mark.parametrize("word", ["week", "month", "today"])
def test_a_span_of_days_may_be_a_word(ada: Person, word: str) -> None:
    """As the option of that name, beside other options."""
    ada.run("log", "design", "PAY-12", "1h", "--from", "2026-06-01 9:00")
    ada.run("log", "design", "PAY-12", "2h", "--from", "2026-06-08 9:00")
    ada.run("log", "design", "PAY-12", "30m")
    expected = ada.run("summary", f"--{word}", "--by", "week").stdout
    assert ada.run("summary", word, "--by", "week").stdout == expected
    assert ada.run("summary", "--by", "week", word).stdout == expected
    ada.run("summary", word, "--yesterday", code=2)
