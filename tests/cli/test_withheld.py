"""Disclosure control at the command line: one refusal, one form of withheld results, limits."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from support.person import Person

import tracker
from tracker.domain.disclosure import WITHHELD_FILTER, WITHHELD_RESULT
from tracker.domain.errors import NothingToDo

MAP = """
source = "team"
[columns]
key = "id"
developer = "who"
team = "squad"
task = "task"
project = "project"
activity = "phase"
started_at = "begin"
minutes = "minutes"
assisted = "ai"
completed_at = "done"
[formats]
timezone = "UTC"
[values.assisted]
"1" = "yes"
"0" = "no"
"""


def team_log(people: str, project: str, month: int, phase: str = "design") -> list[str]:
    """Return the rows of ten completed tasks of each arm for each developer."""
    return [
        f"{person}{phase}{project}{month}-{n},{person},elm,{project}{month}-{n},{project},{phase},"
        f"2026-{month:02d}-{n + 1:02d} 09:00,{30 + 7 * n % 23},{n % 2},"
        f"2026-{month:02d}-{n + 1:02d} 12:00"
        for person in people
        for n in range(20)
    ]


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Ada, who has no entries, beside a team of nine with projects of five and of four."""
    monkeypatch.chdir(tmp_path)
    person = Person(tmp_path)
    rows = [
        *(row for month in (3, 4) for row in team_log("abcde", "web", month)),
        *team_log("fghi", "api", 4),
        *team_log("a", "web", 3, "spike"),
    ]
    Path("m.toml").write_text(MAP)
    Path("log.csv").write_text(
        "\n".join(["id,who,squad,task,project,phase,begin,minutes,ai,done", *rows]) + "\n"
    )
    person.run("import", "csv", "log.csv", "--map", "m.toml")
    return person


SMALL = (["--project", "api"], ["--team", "oak"], ["--from", "2026-06-01"], ["--to", "2026-03-20"])
"""Filters of four people, of nobody, of the running month, of a part of a month."""


@pytest.mark.parametrize("filters", SMALL)
def test_every_command_refuses_a_small_part_alike(ada: Person, filters: list[str]) -> None:
    """Whatever the format, four people and nobody are the same line and exit code 1."""
    for command in (["check"], *([name, "iflytek-2024-design"] for name in ("plan", "simulate"))):
        for output in ("text", "json", "csv"):
            assert ada.refused(*command, *filters, "--format", output) == WITHHELD_FILTER
    assert ada.refused("report", *filters, "-o", "page.html") == WITHHELD_FILTER
    assert not Path("page.html").exists()


def test_a_notebook_refuses_a_small_part_alike(ada: Person) -> None:
    """Frames, verdicts and plans of four people are the refusal of the command line."""
    url = f"sqlite:///{ada.data / 'tracker.db'}"
    with tracker.open(url, reader="ada", clock=lambda: ada.time) as log:
        for method in (log.entries, log.work_items, log.moments, log.assess, log.plan):
            with pytest.raises(NothingToDo) as raised:
                method(project="api")
            assert str(raised.value) == WITHHELD_FILTER


def test_every_surface_prints_the_limits_used(ada: Person) -> None:
    """Text, JSON, CSV, plan, page and frames say which whole cells were taken."""
    filters = ("--team", "elm", "--from", "2026-03-15")
    line = (
        "limits used: team elm, projects api + web, begun 2026-04, as of "
        "2026-04-20 (whole groups of at least 5 developers, without the running month)"
    )
    assert line in " ".join(ada.run("check", *filters).stdout.split())
    assessment = ada.json("check", *filters)
    assert assessment["limits"] == {
        "cells": 1,
        "teams": ["elm"],
        "projects": ["api", "web"],
        "first_month": "2026-04",
        "last_month": "2026-04",
        "now": assessment["now"],
    }
    assert assessment["filters"]["from"] == "2026-03-15"
    assert (assessment["first_day"], assessment["entries"]) == ("2026-04-01", 180)
    (row, _) = csv.DictReader(io.StringIO(ada.run("check", *filters, "--format", "csv").stdout))
    assert line == f"limits used: {row['limits']}"
    assert line in " ".join(ada.run("plan", *filters).stdout.split())
    assert {row["limits"] for row in ada.json("plan", *filters)} == {line.partition(": ")[2]}
    ada.run("report", *filters, "-o", "page.html")
    assert line.partition(": ")[2] in Path("page.html").read_text()
    url = f"sqlite:///{ada.data / 'tracker.db'}"
    with tracker.open(url, reader="ada", clock=lambda: ada.time) as log:
        for frame in (log.entries(team="elm"), log.work_items(team="elm"), log.moments(team="elm")):
            assert frame.attrs["limits"].startswith("team elm, projects api + web, begun 2026-03")
        assert log.entries().attrs["limits"] == ""


def test_no_limits_are_printed_without_filters(ada: Person) -> None:
    """The whole log is covered as it is, with the running month."""
    ada.run("log", "design", "T-1", "20m")
    assert "limits used" not in ada.run("check").stdout
    assessment = ada.json("check")
    assert (assessment["limits"], assessment["last_day"]) == (None, "2026-06-10")
    assert {row["limits"] for row in ada.json("plan")} == {None}


def test_a_withheld_result_has_no_figures(ada: Person) -> None:
    """An activity of one developer has None, not 0, and the same words in every format."""
    arguments = ("--activity", "spike", "--design", "self-selected")
    result = ada.json("check", *arguments)["results"][-1]
    assert result["activity"] == "spike"
    assert result["items"] == {"baseline": None, "assistance": None}
    assert (result["developers"], result["time_ratio"], result["se"]) == (None, None, None)
    assert [(threat["code"], threat["message"]) for threat in result["threats"]] == [
        ("withheld", WITHHELD_RESULT)
    ]
    text = ada.run("check", *arguments).stdout
    assert WITHHELD_RESULT in " ".join(text.split())
    assert "0 + 0 tasks" not in text
    assert "0 developers" not in text
    *_, row = csv.DictReader(io.StringIO(ada.run("check", *arguments, "--format", "csv").stdout))
    assert {row[name] for name in ("items_baseline", "items_assistance", "developers")} == {""}
    ada.run("activities", "add", "spike")
    ada.run("claims", "add", "v", "--activity", "spike", "--gain", "30%", "--source", "offer")
    (plan,) = ada.json("plan", "v", "--design", "self-selected")
    assert plan["reason"] == WITHHELD_RESULT
    assert {plan[name] for name in ("items", "items_in_all", "developers", "spread")} == {None}
    ada.run("report", *arguments, "-o", "page.html")
    page = Path("page.html").read_text()
    assert WITHHELD_RESULT in page
    assert "0 + 0 tasks" not in page
    url = f"sqlite:///{ada.data / 'tracker.db'}"
    with tracker.open(url, reader="ada", clock=lambda: ada.time) as log:
        for method in (log.work_items, log.moments):
            with pytest.raises(NothingToDo) as raised:
                method(activities="spike", design="self-selected")
            assert str(raised.value) == WITHHELD_RESULT
            frame = method(activities=["spike", "design"], design="self-selected")
            assert frame.attrs["withheld"] == ["spike"]
            assert set(frame["activity"]) == {"design"}
    assert "spike" not in ada.run("export", "moments").stdout


def test_exported_moments_are_those_of_ended_months(ada: Person) -> None:
    """One more item of today changes no export; a line says until when it goes."""
    before = ada.run("export", "moments")
    assert "limits used: the whole log, as of 2026-05-31;" in before.stderr
    ada.run("log", "design", "web4-1", "33m", "--ai")
    ada.run("task", "web4-1", "--done")
    assert ada.run("export", "moments").stdout == before.stdout
    assert len(before.stdout.splitlines()) > 1


def test_your_own_work_is_filtered_as_you_ask(ada: Person) -> None:
    """--mine takes any limits, and says nothing of cells."""
    ada.environ["TRACKER_DEVELOPER"] = "f"
    assessment = ada.json("check", "--mine", "--project", "api", "--from", "2026-04-10")
    assert (assessment["entries"], assessment["limits"]) == (11, None)
    assert ada.refused("check", "--project", "api") == WITHHELD_FILTER
    assert json.loads(ada.run("check", "--format", "json").stdout)["entries"] == 300


def test_two_names_of_one_person_are_one_developer(ada: Person) -> None:
    """Of a verdict too; a group that has fewer than five people then is left out."""
    whole, part = ("check", "--activity", "design"), ("check", "--to", "2026-04-01")
    assert ada.json(*whole)["results"][0]["developers"] == 9
    assert ada.json(*part)["limits"]["cells"] == 1
    person_a = Person(ada.home, **{**ada.environ, "TRACKER_DEVELOPER": "a"})
    person_a.run("rename", "developer", "b", "a", "--merge", "--yes")
    assert ada.json(*whole)["results"][0]["developers"] == 8
    assert ada.refused(*part) == WITHHELD_FILTER
    person_a.run("undo")
    assert ada.json(*whole)["results"][0]["developers"] == 9
    assert ada.json(*part)["limits"]["cells"] == 1
