"""`team`: what an import tells, at any time, without what fewer than five developers did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.person import Person

MAP = """
source = "clock"
[columns]
key = "id"
developer = "who"
team = "team"
task = "issue"
project = "project"
activity = "phase"
started_at = "begin"
minutes = "minutes"
assisted = "ai"
estimate_minutes = "estimate"
[formats]
timezone = "Europe/Berlin"
[values.assisted]
"1" = "yes"
"0" = "no"
"""
SIX = ("ada", "bob", "cat", "dan", "eve", "fay")


def row(who: str, month: str, minutes: int = 60, **fields: str) -> dict[str, str]:
    """Return an entry on the 5th of a month."""
    return {
        "who": who,
        "team": "pay",
        "issue": f"{who}-{month}",
        "project": "web",
        "phase": "design",
        "begin": f"{month}-05 09:00",
        "minutes": str(minutes),
        "ai": "0",
        "estimate": "60",
        **fields,
    }


def person_with(url: str, home: Path, rows: list[dict[str, str]]) -> Person:
    """Return a reader who has no entry, with a database of these rows; it is June 2026."""
    reader = Person(home, TRACKER_DATABASE_URL=url, TRACKER_DEVELOPER="zoe")
    (home / "m.toml").write_text(MAP)
    lines = [",".join(["id", *rows[0]])]
    lines += [",".join([str(number), *entry.values()]) for number, entry in enumerate(rows)]
    (home / "log.csv").write_text("\n".join(lines) + "\n")
    reader.run("import", "csv", str(home / "log.csv"), "--map", str(home / "m.toml"))
    return reader


def months(content: Any) -> dict[str, float]:
    """Return the minutes by month."""
    return {
        f"{group['first_month']}..{group['last_month']}": group["minutes"]
        for group in content["months"]
    }


def months_and_two() -> list[dict[str, str]]:
    """Return three months of six developers, one of two in between, and the running month."""
    rows = [row(who, month) for month in ("2026-01", "2026-02", "2026-04") for who in SIX]
    rows += [row(who, "2026-03", 30) for who in SIX[:2]]
    return [*rows, row("ada", "2026-06", 7)]


def test_six_developers(database_url: str, tmp_path: Path) -> None:
    """A month of two developers is shown with the next; the rest is of five or more, too."""
    zoe = person_with(database_url, tmp_path, months_and_two())
    content = zoe.json("team")
    assert (content["people"], content["these_developers_only"]) == (6, False)
    assert (content["first_day"], content["last_day"]) == ("2026-01-05", "2026-06-05")
    assert content["minutes"] == 18 * 60 + 2 * 30 + 7
    # The running month is the work of one: it is with the last whole group, which is left out.
    assert months(content) == {"2026-01..2026-01": 360, "2026-02..2026-02": 360}
    assert content["minutes_in_no_group"] == 6 * 60 + 2 * 30 + 7
    assert (content["work_items"], content["work_items_estimated"]) == (21, 21)
    assert content["limits"] is None


def test_a_month_of_two_is_merged_with_the_next(database_url: str, tmp_path: Path) -> None:
    """As the partition does."""
    rows = [*months_and_two(), *(row(who, "2026-06", 10) for who in SIX[1:])]
    content = person_with(database_url, tmp_path, rows).json("team")
    assert months(content) == {
        "2026-01..2026-01": 360,
        "2026-02..2026-02": 360,
        "2026-03..2026-04": 420,
    }
    assert content["minutes_in_no_group"] == 57


def test_four_developers_see_everything(database_url: str, tmp_path: Path) -> None:
    """The whole of a small log is shown, as `check` does, and no part of it."""
    zoe = person_with(database_url, tmp_path, [row(who, "2026-06") for who in SIX[:4]])
    lines = zoe.run("team").stdout.splitlines()
    assert lines[0] == "4 people (these developers only), 2026-06-05 to 2026-06-05, 4h 00m"
    assert months(zoe.json("team")) == {"2026-06..2026-06": 240}
    assert "withheld" in zoe.refused("team", "--team", "pay")


def test_filters_take_whole_cells(database_url: str, tmp_path: Path) -> None:
    """The limits are printed; groups of months add up to the hours; the running month is out."""
    rows = [*months_and_two(), *(row(who, "2026-06", 10) for who in SIX[1:])]
    rows += [row(f"x{who}", "2026-02", 20, team="ops") for who in SIX]
    zoe = person_with(database_url, tmp_path, rows)
    content = zoe.json("team", "--team", "pay", "--from", "2026-01-15")
    assert months(content) == {"2026-02..2026-02": 360, "2026-03..2026-04": 420}
    assert content["minutes"] == 780
    assert content["minutes_in_no_group"] == 0
    assert content["estimates"] is None
    assert "team pay" in content["limits"]
    assert "limits used: team pay" in zoe.run("team", "--team", "pay").stdout
    whole = zoe.json("team")
    assert months(whole)["2026-02..2026-02"] == 480
    assert "withheld" in zoe.refused("team", "--from", "2026-06-01")
    assert "withheld" in zoe.refused("team", "--from", "2026-03-01", "--to", "2026-03-31")


def test_work_over_the_end_of_a_month_counts_where_it_began(
    database_url: str, tmp_path: Path
) -> None:
    """So that a month consists of whole cells; what it takes in the running month is the rest."""
    rows = [row(who, "2026-04") for who in SIX]
    rows += [row(who, month, 10, issue=f"{who}-2026-04") for who in SIX for month in ("2026-05",)]
    rows += [row(who, "2026-06", 5, issue=f"{who}-2026-04") for who in SIX]
    content = person_with(database_url, tmp_path, rows).json("team")
    assert months(content) == {"2026-04..2026-04": 420}
    assert content["minutes_in_no_group"] == 30


def test_activities_and_answers_of_few_are_merged(tmp_path: Path, database_url: str) -> None:
    """Until five developers stand behind each group."""
    rows = [row(who, "2026-04", phase=phase) for who in SIX for phase in ("design", "coding")]
    rows += [row("ada", "2026-04", 90, phase="review", ai="1")]
    rows += [row(who, "2026-04", 20, phase="testing", ai="") for who in SIX]
    content = person_with(database_url, tmp_path, rows).json("team")
    assert content["activities"] == [
        {"activities": ["review", "coding"], "minutes": 450},
        {"activities": ["design"], "minutes": 360},
        {"activities": ["testing"], "minutes": 120},
    ]
    assert content["assisted"] == [
        {"answers": ["yes", "no"], "minutes": 810},
        {"answers": ["unknown"], "minutes": 120},
    ]


def test_own_work_is_not_limited(database_url: str, tmp_path: Path) -> None:
    """`--mine` may be filtered freely."""
    person_with(database_url, tmp_path, months_and_two())
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url, TRACKER_DEVELOPER="ada")
    content = ada.json("team", "--mine", "--from", "2026-03-01")
    assert (content["people"], content["own_log"]) == (1, True)
    assert months(content) == {
        "2026-03..2026-03": 30,
        "2026-04..2026-04": 60,
        "2026-06..2026-06": 7,
    }


def test_text_and_csv(tmp_path: Path) -> None:
    """The same figures in every format."""
    zoe = person_with(f"sqlite:///{tmp_path / 'log.db'}", tmp_path, months_and_two())
    text = zoe.run("team").stdout
    assert text.splitlines()[:3] == [
        "6 people, 2026-01-05 to 2026-06-05, 19 h",
        "hours: 100 % without",
        "estimates: 21 of 21 work items (100 %) have one from before the work",
    ]
    assert "in no group yet  7h 07m" in text
    assert max(map(len, text.splitlines())) <= 80
    lines = zoe.run("team", "--format", "csv").stdout.splitlines()
    assert lines[0] == "figure,of,value"
    assert "minutes,2026-01,360.0" in lines
    assert "months" not in json.dumps(lines)


def test_an_empty_log_is_told(tmp_path: Path) -> None:
    """In one line."""
    assert "there is no entry" in Person(tmp_path).refused("team")
