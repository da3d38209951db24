"""Machines that are not used any more: from when on they keep no day from being covered."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.person import Person
from support.store_kit import open_test_database
from support.usage_team import MONDAY, Team, use

from tracker.local.usage_file import UsageFiles
from tracker.store.read.usage import covered_days


@pytest.fixture
def team(tmp_path: Path, database_url: str) -> Team:
    return Team(tmp_path, database_url)


def name_of(person: Person) -> str:
    """Return the beginning of a machine's name, as messages show it."""
    usage = UsageFiles(str(person.data)).read()
    assert usage is not None
    return usage.header.machine[:8]


@pytest.fixture
def sold(team: Team) -> Team:
    """The desktop collected until day 7 and was sold after day 9."""
    use(team.laptop, 0)
    use(team.desktop, 0)
    for day in (0, 7):
        team.collect(team.laptop, day)
        team.collect(team.desktop, day)
    for day, task in ((2, "PAY-2"), (8, "PAY-8"), (10, "PAY-10"), (42, "PAY-42")):
        team.entry(day, task)
    for day in (14, 36):
        team.collect(team.laptop, day)
    return team


def test_a_machine_that_is_not_used_any_more_is_retired(sold: Team) -> None:
    """It stays uncovered until the day of its last use, and does not count from then on."""
    unknown, drawn = ("unknown", None), ("no", "drawn")
    answers = {"PAY-2": drawn, "PAY-8": unknown, "PAY-10": unknown, "PAY-42": unknown}
    name = name_of(sold.desktop)
    use(sold.laptop, 10)
    message = sold.collect(sold.laptop, 38)
    assert f"`tracker collect --retire {name} DATE`" in message
    assert "has not collected since 2026-03-09" in message
    assert sold.answers() == answers
    result = sold.laptop.run("collect", "--retire", name, "2026-03-11")
    assert f"machine {name} does not count after 2026-03-11" in result.stderr
    assert "has not collected since" not in result.stderr
    assert sold.answers() == answers | {"PAY-10": drawn}
    sold.collect(sold.laptop, 45)
    assert sold.answers() == answers | {"PAY-10": drawn, "PAY-42": drawn}
    assert "no entry changes" in sold.collect(sold.laptop, 46)


def test_a_later_day_of_last_use_takes_its_place(sold: Team) -> None:
    """The days until then are uncovered again, for other machines, too."""
    name = name_of(sold.desktop)
    sold.laptop.run("collect", "--retire", name, "2026-03-10")
    third = sold.machine("third")
    use(third, 0)
    sold.collect(third, 37)

    def covered(day: int) -> bool:
        with open_test_database(sold.url) as database, database.reading() as connection:
            days = covered_days(connection, "ada")
        (machine,) = [machine for machine in days if machine.startswith(name)]
        return days[machine].get(MONDAY.toordinal() - 719_163 + day, False)

    assert [covered(day) for day in (2, 8, 9, 20)] == [True, False, True, True]
    sold.laptop.run("collect", "--retire", name, "2026-03-20")
    assert [covered(day) for day in (2, 8, 9, 18, 19, 20)] == [True, *[False] * 3, True, True]


def test_a_retired_machine_that_collects_again_counts_again(sold: Team) -> None:
    """Whoever uses it shows by that that it is used."""
    sold.laptop.run("collect", "--retire", name_of(sold.desktop), "2026-03-11")
    sold.collect(sold.desktop, 40)
    message = sold.collect(sold.laptop, 45)
    assert "does not count" not in message
    assert sold.answers()["PAY-42"] == ("unknown", None)


def test_a_retirement_can_be_previewed(sold: Team) -> None:
    """Nothing is kept of it."""
    name = name_of(sold.desktop)
    printed = sold.laptop.run("collect", "--dry-run", "--retire", name, "2026-03-11").stdout
    assert '"table": "usage_coverage"' in printed
    assert "PAY-42" not in sold.laptop.run("collect").stderr
    assert not UsageFiles(str(sold.laptop.data)).state().retired


@pytest.mark.parametrize(
    ("machine", "date", "reason"),
    [
        ("0f0f0f0f0", "2026-03-11", "no other machine has a name that begins with '0f0f0f0f0'"),
        ("", "2026-03-08", "its logs were read on 2026-03-09; give that day or a later one"),
        ("", "2026-04-09", "which is in the future: give the day of its last use"),
        ("own", "2026-03-11", "(read last on 2026-03-09)"),
    ],
)
def test_what_cannot_be_retired(sold: Team, machine: str, date: str, reason: str) -> None:
    """An unknown machine or this one, and days before its last run or in the future."""
    name = name_of(sold.laptop) if machine == "own" else machine
    result = sold.laptop.run("-q", "collect", "--retire", name, date, code=1)
    assert reason in result.stderr
