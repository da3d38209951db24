"""The ways from an export to a verdict on the page about importing, as they are typed."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from support.person import Person
from support.tool_exports import GAINS, Work, clockify, half_a_year, harvest, kimai, tempo, toggl

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")
OTHER_TOOLS = re.compile(r"## Logs of other tools\n.*?(?=\n## )", flags=re.DOTALL)
"""The section whose sessions tests/docs/test_importing_tools.py runs."""
SESSIONS = re.findall(r"```shell-session\n(.*?)```", OTHER_TOOLS.sub("", PAGE), flags=re.DOTALL)
EXPORTS: dict[str, Callable[[Iterable[Work]], str]] = {
    "time.csv": toggl,
    "clockify.csv": clockify,
    "harvest.csv": harvest,
    "kimai.csv": kimai,
    "tempo.csv": tempo,
}


@pytest.fixture
def lead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """The lead of the team in a folder with its exports, in an empty home."""
    monkeypatch.chdir(tmp_path)
    log, hours = half_a_year()
    for name, write in EXPORTS.items():
        Path(name).write_text(write(log), encoding="utf-8")
    with Path("estimates.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("Issue key", "Estimated hours"), *hours.items()])
    return Person(tmp_path, TRACKER_DEVELOPER="lead")


@pytest.mark.parametrize("number", range(len(SESSIONS)))
def test_the_commands_of_the_page_lead_to_a_verdict(lead: Person, number: int) -> None:
    """Each session needs at most five commands; the intervals of its verdicts hold the truth."""
    commands = re.findall(r"^\$ tracker (.*)$", SESSIONS[number], flags=re.MULTILINE)
    assert len(commands) <= 5
    assert commands[-1] == "check"
    for command in commands:
        output = lead.run(*command.split()).output
    results = {row["activity"]: row for row in lead.json("check")["results"]}
    for activity, gain in GAINS.items():
        result = results[activity.lower()]
        interval = result["efficiency_gain"]
        assert re.search(rf"^{activity.lower()} .*(plausible|cannot tell)$", output, re.MULTILINE)
        assert sum(result["items"].values()) > 400
        assert interval["low"] < gain - 1 < interval["high"]


def test_every_source_of_the_page_has_its_way() -> None:
    """Each export that is a table is imported by one of the sessions."""
    imported = re.findall(r"^\$ tracker import (\w+) ", "".join(SESSIONS), flags=re.MULTILINE)
    assert {"toggl", "clockify", "harvest", "kimai", "tempo"} <= set(imported)


def test_the_first_way_says_what_to_do_next(lead: Person) -> None:
    """Each import ends with the next command and what it will be able to say."""
    commands = re.findall(r"^\$ tracker (.*)$", SESSIONS[0], flags=re.MULTILINE)
    outputs = [lead.run(*command.split()).output for command in commands[:3]]
    number = f"{len(half_a_year()[0]):,}"
    assert (
        f"next: {number} work items, no rollout yet: `tracker rollout NAME --on DATE`"
        in (outputs[0])
    )
    assert "no estimates" in outputs[0]
    assert "`tracker import tasks estimates.csv --map estimates.toml --dry-run`" in outputs[1]
    assert "no estimates" not in outputs[2]
    lead.run(*commands[3].split())
    outputs = [lead.run("import", "toggl", "time.csv", "--tz", "Europe/Berlin").output]
    assert "kept nothing" in outputs[0]
