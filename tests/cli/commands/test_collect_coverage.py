"""Days of coverage: where silence means that no assistant was used, and where it means nothing."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from support.person import Person
from support.store_kit import open_test_database
from support.usage_logs import claude_line, claude_prompts, codex_meta, codex_prompt, write_lines

from tracker.store.schema import work_items

SETTINGS = '[[repositories]]\nproject = "pay"\ndirectories = ["~/src/pay"]\n'
MONDAY = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


class Team:
    """Ada's machines, which share a database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.laptop, self.desktop = self.machine("laptop"), self.machine("desktop")

    def machine(self, name: str) -> Person:
        person = Person(self.folder / name, TRACKER_DATABASE_URL=self.url)
        person.settings_file.parent.mkdir(parents=True)
        person.settings_file.write_text(SETTINGS)
        person.time = MONDAY
        return person

    def entry(self, day: int, task: str, arm: str | None = "baseline") -> None:
        """Log an hour from 9:00 Berlin time, of which nobody says whether it was assisted."""
        date = f"{MONDAY + timedelta(days=day):%Y-%m-%d}"
        person, time = self.laptop, self.laptop.time
        person.time = MONDAY + timedelta(days=day)
        person.run("log", "design", task, "--from", f"{date} 09:00", "--to", f"{date} 10:00")
        person.time = time
        with open_test_database(self.url) as database, database.writing() as connection:
            row = {"developer": "ada", "task": task, "activity": "design", "assigned": arm}
            connection.execute(insert(work_items).values(**row, assigned_epoch=0))

    def collect(self, person: Person, day: int) -> str:
        """Collect in the evening of a day."""
        person.time = MONDAY + timedelta(days=day)
        return person.run("collect").stderr

    def answers(self) -> dict[str, tuple[str, str | None]]:
        entries = self.laptop.json("entries", "-n", "999")
        return {entry["task"]: (entry["assisted"], entry["basis"]) for entry in entries}


def use(person: Person, *days: float, branch: str = "PAY-9", **fields: object) -> None:
    """Write a session with a prompt at noon of each day."""
    at = [(MONDAY.timestamp() - 6 * 3600 + day * 86_400, branch) for day in days]
    claude_prompts(person.home, at, cwd=str(person.home / "src/pay"), **fields)


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
    """A machine that appears later takes back what was told without it; two watched ones do."""
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
    """What one machine tells, the other neither repeats nor takes back."""
    team.entry(1, "PAY-1", arm=None)
    team.laptop.run("task", "PAY-1", "--project", "pay")
    use(team.laptop, 0)
    use(team.desktop, 1 - 0.16, branch="PAY-1")
    team.collect(team.laptop, 7)
    assert "1 entry inferred: yes" in team.collect(team.desktop, 7)
    assert "no entry changes" in team.collect(team.laptop, 8)
    assert team.answers() == {"PAY-1": ("yes", "usage")}


def test_what_one_machine_cannot_place_keeps_the_other_from_no(team: Team) -> None:
    """A prompt on another branch: this machine tells nothing, and that day is open for all."""
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
    """As where the other machine told it before this one saw the entry."""
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
