"""Days of coverage: where silence means that no assistant was used, and where it means nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from support.store_kit import open_test_database
from support.usage_logs import claude_line, claude_prompts, codex_meta, codex_prompt, write_lines
from support.usage_team import MONDAY, Team, use

from tracker.local.usage_file import UsageFiles
from tracker.store.schema import work_items


@pytest.fixture
def team(tmp_path: Path, database_url: str) -> Team:
    return Team(tmp_path, database_url)


def test_no_needs_a_drawn_baseline_in_whole_days_of_coverage(team: Team) -> None:
    """Work without a drawn arm, in the other arm, or on the running day stays unknown."""
    use(team.laptop, -1)
    for day, task, arm in [
        (1, "PAY-1", "baseline"),
        (2, "PAY-2", None),
        (3, "PAY-3", "assistance"),
    ]:
        team.entry(day, task, arm)
    team.entry(7, "PAY-4")
    use(team.laptop, 7)  # on the running day itself, outside the entry
    team.collect(team.laptop, 0)
    team.collect(team.laptop, 7)
    unknown = ("unknown", None)
    answers = team.answers()
    assert answers == {
        "PAY-1": ("no", "drawn"),
        "PAY-2": unknown,
        "PAY-3": unknown,
        "PAY-4": unknown,
    }
    team.collect(team.laptop, 8)
    assert team.answers() == answers | {"PAY-4": ("no", "drawn")}


@pytest.mark.parametrize("branch", ["PAY-9", "PAY-1"])
def test_any_mark_inside_keeps_from_no(team: Team, branch: str) -> None:
    """Also one on another branch."""
    team.entry(1, "PAY-1")
    use(team.laptop, 1 - 0.16, branch=branch)  # in the entry
    use(team.laptop, 0)
    team.collect(team.laptop, 0)
    team.collect(team.laptop, 7)
    team.laptop.run("task", "PAY-1", "--project", "pay")
    team.collect(team.laptop, 8)
    assert team.answers()["PAY-1"] == (("yes", "usage") if branch == "PAY-1" else ("unknown", None))


def test_before_the_first_run_only_days_with_lines_are_covered(team: Team) -> None:
    """Earlier transcripts may have been deleted."""
    for day, task in ((1, "PAY-1"), (2, "PAY-2")):
        team.entry(day, task)
    use(team.laptop, 1, 5)
    team.collect(team.laptop, 7)
    assert team.answers() == {"PAY-1": ("no", "drawn"), "PAY-2": ("unknown", None)}


def test_a_deleted_month_is_not_covered(team: Team) -> None:
    """Transcripts are kept for 30 days: a gap of more between two runs has no coverage."""
    use(team.laptop, 0)
    team.collect(team.laptop, 0)
    team.entry(10, "PAY-1")
    team.collect(team.laptop, 40)
    assert team.answers() == {"PAY-1": ("unknown", None)}


def test_a_home_that_vanished_is_not_covered(team: Team) -> None:
    """Somebody deleted all transcripts between two runs."""
    use(team.laptop, 0)
    team.collect(team.laptop, 0)
    (team.laptop.home / ".claude").rename(team.laptop.home / "moved")
    team.entry(2, "PAY-1")
    team.collect(team.laptop, 7)
    assert team.answers() == {"PAY-1": ("unknown", None)}


def test_a_home_that_is_not_read_any_more_is_not_covered(team: Team, tmp_path: Path) -> None:
    """Such as that of another account, read once: nobody knows what was done there since."""
    use(team.laptop, 0)
    other = tmp_path / "other"
    claude_prompts(other, [(MONDAY.timestamp() - 60, "PAY-9")])
    team.laptop.run("collect", "--home", str(team.laptop.home), "--home", str(other))
    team.entry(2, "PAY-1")
    team.collect(team.laptop, 7)
    assert team.answers() == {"PAY-1": ("unknown", None)}
    homes = ("--home", str(team.laptop.home), "--home", str(other))
    team.laptop.run("collect", *homes)
    assert team.answers() == {"PAY-1": ("no", "drawn")}


def test_every_machine_must_be_covered(team: Team) -> None:
    """A machine that appears later takes back what was inferred without it."""
    use(team.laptop, 0)
    use(team.desktop, 0)
    team.collect(team.laptop, 0)
    team.entry(2, "PAY-1")
    team.entry(12, "PAY-2")
    team.collect(team.laptop, 7)
    assert team.answers()["PAY-1"] == ("no", "drawn")
    team.collect(team.desktop, 8)
    team.collect(team.laptop, 14)
    team.collect(team.desktop, 15)
    team.collect(team.laptop, 16)
    assert team.answers() == {"PAY-1": ("unknown", None), "PAY-2": ("no", "drawn")}


def test_a_prompt_on_another_machine_counts(team: Team) -> None:
    """What one machine infers, the other neither repeats nor takes back."""
    team.entry(1, "PAY-1", arm=None)
    team.laptop.run("task", "PAY-1", "--project", "pay")
    use(team.laptop, 0)
    use(team.desktop, 1 - 0.16, branch="PAY-1")
    team.collect(team.laptop, 7)
    assert "1 entry inferred: yes" in team.collect(team.desktop, 7)
    assert "no entry changes" in team.collect(team.laptop, 8)
    assert team.answers() == {"PAY-1": ("yes", "usage")}


def test_what_one_machine_cannot_place_keeps_the_other_from_no(team: Team) -> None:
    """A prompt on another branch: neither machine may infer from silence on that day."""
    use(team.laptop, 0)
    use(team.desktop, 0)
    for person in (team.laptop, team.desktop):
        team.collect(person, 0)
    team.entry(2, "PAY-1")
    team.entry(3, "PAY-2")
    use(team.laptop, 2 - 0.16, branch="main")
    for person in (team.laptop, team.desktop, team.laptop):
        team.collect(person, 7)
    assert team.answers() == {"PAY-1": ("unknown", None), "PAY-2": ("no", "drawn")}


def test_a_machine_without_a_covered_day_keeps_the_others_from_no(team: Team) -> None:
    """Nobody knows what was done there."""
    use(team.laptop, 0)
    use(team.desktop, 0, type="hologram")
    for day in (0, 7):
        team.collect(team.desktop, day)
        team.collect(team.laptop, day)
        team.entry(day + 1, f"PAY-{day}")
    assert team.answers() == {"PAY-0": ("unknown", None), "PAY-7": ("unknown", None)}
    team.desktop.run("collect", "--forget")
    team.collect(team.laptop, 10)
    assert set(team.answers().values()) == {("no", "drawn")}


def test_a_no_from_elsewhere_gives_way_to_any_mark(team: Team) -> None:
    """As where the other machine inferred it before this one saw the entry."""
    use(team.laptop, 0)
    use(team.desktop, 0)
    for day in (0, 7):
        team.collect(team.laptop, day)
        team.collect(team.desktop, day)
    team.entry(2, "PAY-1")
    team.collect(team.desktop, 8)
    assert team.answers() == {"PAY-1": ("no", "drawn")}
    use(team.laptop, 2 - 0.16, branch="main")
    team.collect(team.laptop, 8)
    assert team.answers() == {"PAY-1": ("unknown", None)}


def test_days_with_unread_lines_are_not_covered(team: Team) -> None:
    """A version that the reader does not know may have prompts that it does not see."""
    use(team.laptop, 0)
    team.collect(team.laptop, 0)
    team.entry(2, "PAY-1")
    team.entry(4, "PAY-2")
    use(team.laptop, 2, type="hologram", version="9.0.0")
    for path in (team.laptop.home / ".claude").rglob("*.jsonl"):
        if "hologram" in path.read_text():
            at = MONDAY.timestamp() + 2 * 86_400
            os.utime(path, (at, at))
    assert "1 line not understood (version 9.0.0)" in team.collect(team.laptop, 7)
    assert team.answers() == {"PAY-1": ("unknown", None), "PAY-2": ("no", "drawn")}


def test_all_assistants_with_a_log_must_be_covered(team: Team) -> None:
    """One that writes no transcripts leaves its days open, whatever the other says."""
    use(team.laptop, 0)
    at = MONDAY.timestamp()
    rollout = team.laptop.home / ".codex" / "sessions" / "rollout-1.jsonl"
    write_lines(rollout, [codex_meta(at), *codex_prompt(at)])
    team.collect(team.laptop, 0)
    team.entry(2, "PAY-1")
    write_lines(team.laptop.home / ".claude" / "settings.json", [{"cleanupPeriodDays": 0}])
    team.collect(team.laptop, 7)
    assert team.answers() == {"PAY-1": ("unknown", None)}


def test_the_hour_of_a_clock_change(team: Team) -> None:
    """Instants are compared, so the doubled hour of the night of 29 March does not matter."""
    person = team.laptop
    person.time = datetime(2026, 3, 30, 18, 0, tzinfo=UTC)
    night = ("2026-03-29 01:30", "2026-03-29 03:30")  # one hour, by the clock two
    person.run("log", "design", "PAY-1", "--from", night[0], "--to", night[1])
    person.run("task", "PAY-1", "--project", "pay")
    inside = datetime(2026, 3, 29, 1, 15, tzinfo=UTC).timestamp()  # 03:15 in Berlin
    outside = datetime(2026, 3, 29, 1, 45, tzinfo=UTC).timestamp()  # 03:45
    lines = [
        claude_line(at, str(at), gitBranch="PAY-1", cwd=str(person.home / "src/pay"))
        for at in (inside, outside)
    ]
    write_lines(person.home / ".claude" / "projects" / "p" / "s.jsonl", lines[1:])
    person.run("collect")
    assert team.answers() == {"PAY-1": ("unknown", None)}
    write_lines(person.home / ".claude" / "projects" / "p" / "s.jsonl", lines)
    person.run("collect")
    assert team.answers() == {"PAY-1": ("yes", "usage")}


def test_what_a_drawn_arm_filled_in_gives_way_to_prompts(team: Team) -> None:
    """Work drawn without assistance and logged so, in which an assistant was used."""
    with open_test_database(team.url) as database, database.writing() as connection:
        row = {"developer": "ada", "task": "PAY-1", "activity": "design", "assigned": "baseline"}
        connection.execute(insert(work_items).values(**row, assigned_epoch=0))
    team.laptop.time = MONDAY + timedelta(days=1)
    start, end = "2026-03-03 09:00", "2026-03-03 10:00"
    team.laptop.run("log", "design", "PAY-1", "--from", start, "--to", end)
    assert team.answers()["PAY-1"] == ("no", "drawn")
    team.laptop.run("task", "PAY-1", "--project", "pay")
    use(team.laptop, 1 - 0.16, branch="PAY-1")
    team.collect(team.laptop, 2)
    assert team.answers()["PAY-1"] == ("yes", "usage")
    with open_test_database(team.url) as database, database.writing() as connection:
        connection.execute(update(work_items).values(assigned="assistance"))
    team.collect(team.laptop, 3)
    assert team.answers()["PAY-1"] == ("yes", "usage")


def test_an_assistant_that_is_not_used_any_more_is_retired(team: Team) -> None:
    """Its log is gone, so nobody knows of the days between its last run and its last use."""
    use(team.laptop, 0)
    rollout = team.laptop.home / ".codex" / "sessions" / "rollout-1.jsonl"
    write_lines(rollout, [codex_meta(MONDAY.timestamp()), *codex_prompt(MONDAY.timestamp())])
    for day in (0, 3):
        team.collect(team.laptop, day)
    shutil.rmtree(team.laptop.home / ".codex")
    for day in (4, 8):
        team.entry(day, f"PAY-{day}")
    message = team.collect(team.laptop, 10)
    assert "Codex CLI: its log was read last on 2026-03-05 and is gone" in message
    unknown, drawn = ("unknown", None), ("no", "drawn")
    assert team.answers() == {"PAY-4": unknown, "PAY-8": unknown}
    assert (
        "give a day that has come"
        in team.laptop.run("-q", "collect", "--retire", "codex", "2026-03-04", code=1).stderr
    )
    message = team.laptop.run("collect", "--retire", "codex", "2026-03-07").stderr
    assert "Codex CLI does not count after 2026-03-07" in message
    assert "is gone" not in message
    assert team.answers() == {"PAY-4": unknown, "PAY-8": drawn}
    team.entry(12, "PAY-12")
    team.collect(team.laptop, 14)
    assert team.answers()["PAY-12"] == drawn
    write_lines(rollout, [codex_meta(MONDAY.timestamp(), type="hologram")])
    assert "does not count" not in team.collect(team.laptop, 15)
    assert not UsageFiles(str(team.laptop.data)).state().retired


def test_cursor_can_be_retired(team: Team) -> None:
    """Its database stays where it was; a later commit in it shows that it is used again."""
    use(team.laptop, 0)
    path = team.laptop.home / ".cursor" / "ai-tracking" / "ai-code-tracking.db"
    path.parent.mkdir(parents=True)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE scored_commits (commitHash, scoredAt, tabLinesAdded)")
    connection.commit()
    team.collect(team.laptop, 0)
    for day in (2, 4):
        team.entry(day, f"PAY-{day}")
    assert "Cursor: its log holds no prompts" in team.collect(team.laptop, 6)
    assert set(team.answers().values()) == {("unknown", None)}
    team.laptop.run("collect", "--retire", "cursor", "2026-03-05")
    team.collect(team.laptop, 7)
    answers = {"PAY-2": ("unknown", None), "PAY-4": ("unknown", None)}
    assert team.answers() == answers  # the runs before the statement covered nothing
    team.entry(8, "PAY-8")
    assert "Cursor does not count after 2026-03-05" in team.collect(team.laptop, 10)
    assert team.answers() == answers | {"PAY-8": ("no", "drawn")}
    at = int((MONDAY.timestamp() + 9 * 86_400) * 1000)
    connection.execute("INSERT INTO scored_commits VALUES ('a', ?, 3)", (at,))
    connection.commit()
    connection.close()
    assert "Cursor does not count" not in team.collect(team.laptop, 11)
    assert team.answers()["PAY-8"] == ("unknown", None)


def test_an_old_line_does_not_show_that_its_day_is_whole(team: Team) -> None:
    """A long session is kept, while others of its first days are deleted after 30 days."""
    team.entry(1, "PAY-1")
    team.entry(31, "PAY-31")
    use(team.laptop, 1, 31, 40)
    team.collect(team.laptop, 41)
    assert team.answers() == {"PAY-1": ("unknown", None), "PAY-31": ("no", "drawn")}


def test_days_that_have_not_come_are_not_covered(team: Team) -> None:
    """A clock in the future is refused."""
    use(team.laptop, -1)
    assert "which is in the future" in team.laptop.refused("collect", "--now", "2026-04-01 09:00")


def test_turns_in_copilots_database_keep_from_no(team: Team) -> None:
    """Its files of that session are gone; who wrote the turn is not known."""
    team.entry(2, "PAY-1")
    team.entry(3, "PAY-2")
    use(team.laptop, 0)
    folder = team.laptop.home / ".copilot"
    (folder / "session-state").mkdir(parents=True)
    connection = sqlite3.connect(folder / "session-store.db")
    connection.execute("CREATE TABLE turns (session_id, turn_index, user_message, timestamp)")
    connection.execute("INSERT INTO turns VALUES ('s', 0, 'x', '2026-03-04 08:30:00')")
    connection.commit()
    connection.close()
    team.collect(team.laptop, 0)
    team.collect(team.laptop, 7)
    assert team.answers() == {"PAY-1": ("unknown", None), "PAY-2": ("no", "drawn")}
