"""Imported logs of every kind that a page has to show, with the questions to judge."""

from __future__ import annotations

import csv
import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from support.person import Person
from support.store_kit import NOW_EPOCH, open_test_database

from tracker import demo
from tracker.analysis.assessment import assess
from tracker.claims import catalogue
from tracker.domain.question import Question
from tracker.domain.records import ACTIVITIES, Claim, Selection
from tracker.domain.synthetic import SOURCE
from tracker.evidence.assessment import Assessment

if TYPE_CHECKING:
    from support.real_log import RealLog

Row = dict[str, str]

DEVELOPERS = {
    f"{team.lower()}-{number}": (team, day.isoformat())
    for team, day in demo.WAVES
    for number in range(1, demo.DEVELOPERS_PER_TEAM + 1)
}
"""The demo's developers: team, and the day of its rollout."""
TEN = (
    *("design", "testing", "coding", "review", "debugging"),
    *("documentation", "deployment", "requirements", "meeting", "migration of old data"),
)
CLAIMED = 8
HOSTILE = {
    "design": "عيب التصميم",
    "testing": "测试与质量保证",
    "coding": "</script><img src=x onerror=\"document.title='owned'\">",
    "review": "$\\alpha$ %{x} {{ 7*7 }} &lt;br&gt;",
}
HOSTILE_TEAMS = {"Birch": "צוות הארז", "Cedar": "杉の木チーム", "Dogwood": "<b>Dogwood</b>"}
ASSISTANT = "Helper 1.0"
PLACEBO_DAYS = {"22": "2012-10-01", "57": "2012-12-03", "61": "2013-02-04", "31": "2013-04-01"}
"""Team of the real log → the day of a rollout that did not take place."""


@dataclass(frozen=True)
class ReportLog:
    """A log, and the question to judge by it."""

    person: Person
    question: Question

    def url(self) -> str:
        """Return the URL of its database."""
        return f"sqlite:///{self.person.data / 'tracker.db'}"

    def assessment(self) -> Assessment:
        """Judge the claims, with the data of every chart."""
        with open_test_database(self.url()) as database:
            return assess(database, self.question, generated_epoch=NOW_EPOCH, for_page=True)


def demo_log(folder: Path) -> ReportLog:
    """The demo's log: a staggered rollout, with known true gains."""
    return _import_rows(folder, demo_rows(), rollouts=_by_team(), source=SOURCE)


def supported(folder: Path) -> ReportLog:
    """A log in which the claim about design holds."""
    rows = _divide_minutes(demo_rows(), lambda row: row["phase"] == "design" and _is_late(row), 1.8)
    return _import_rows(folder, rows, rollouts=_by_team())


def slower(folder: Path) -> ReportLog:
    """A log in which design and testing take longer with assistance."""
    rows = _divide_minutes(demo_rows(), lambda row: not _is_late(row), 2.2)
    return _import_rows(folder, rows, rollouts=_by_team())


def cannot_tell(folder: Path) -> ReportLog:
    """A log that ends three weeks after the one rollout."""
    rows = [row for row in demo_rows() if "2025-05-01" < row["begun"] < "2025-08-04"]
    return _import_rows(folder, rows, rollouts=[("2025-07-14",)])


def six_entries(folder: Path) -> ReportLog:
    """Six entries of one developer."""
    rows = [row for row in demo_rows() if row["phase"] in ("design", "testing")][:6]
    return _import_rows(folder, rows, rollouts=[(rows[3]["begun"][:10],)])


def one_developer(folder: Path) -> ReportLog:
    """A log of one developer."""
    rows = [row for row in demo_rows() if row["who"] == "birch-1"]
    return _import_rows(folder, rows, rollouts=_by_team()[:1])


def ten_activities(folder: Path) -> ReportLog:
    """The demo's tasks spread over ten activities, of which eight have a claim."""
    numbers = {task: n for n, task in enumerate(dict.fromkeys(r["issue"] for r in demo_rows()))}
    rows = [row | {"phase": TEN[numbers[row["issue"]] % len(TEN)]} for row in demo_rows()]
    claims = tuple(_claim(activity) for activity in TEN[:CLAIMED])
    question = Question(claims=claims, activities=TEN)
    return _import_rows(folder, rows, rollouts=_by_team(), question=question)


def drawn_arms(folder: Path) -> ReportLog:
    """A log in which the arm of each task was drawn."""
    rng = Random(1)
    rows = [row for row in demo_rows() if row["begun"] < "2025-07-14"]
    items = dict.fromkeys((row["who"], row["issue"], row["phase"]) for row in rows)
    arms = {item: rng.choice(("baseline", "assistance")) for item in items}
    drawn = [row | {"arm": arms[row["who"], row["issue"], row["phase"]]} for row in rows]
    drawn = [row | {"ai": "yes" if row["arm"] == "assistance" else "no"} for row in drawn]
    return _import_rows(folder, _divide_minutes(drawn, lambda row: row["ai"] == "yes", 1.35))


def hostile_names(folder: Path) -> ReportLog:
    """The demo's log with names that are markup, Arabic, Hebrew, Chinese and Japanese."""
    rows = [
        row | {"phase": HOSTILE[row["phase"]], "team": HOSTILE_TEAMS[row["team"]]}
        for row in demo_rows()
    ]
    sources = ("הצעה של הספק", "供应商的报价", "<script>alert(1)</script>")
    claims = tuple(
        Claim(f"claim-{n}", name, 0.5, "efficiency_gain", "at_least", source)
        for n, (name, source) in enumerate(zip(HOSTILE.values(), sources, strict=False))
    )
    rollouts = [(day, "--team", HOSTILE_TEAMS[team]) for day, _, team in _by_team()]
    question = Question(claims=claims, activities=tuple(claim.activity for claim in claims))
    return _import_rows(
        folder, rows, rollouts=rollouts, question=question, assistant="עוזר <i>1.0</i>"
    )


def real_team(folder: Path, log: RealLog) -> ReportLog:
    """One team of the real log, with a rollout that did not take place."""
    person = log.copy_to(folder / "home")
    person.run("rollout", "placebo", "--on", "2015-03-05", "--team", "149")
    selection = Selection(team="149")
    question = Question(
        claims=catalogue.default_claims(), selection=selection, design="before-after"
    )
    return ReportLog(person, question)


def real_teams(folder: Path, log: RealLog) -> ReportLog:
    """The whole real log, with rollouts for four teams that did not take place."""
    person = log.copy_to(folder / "home")
    for team, day in PLACEBO_DAYS.items():
        person.run("rollout", "placebo", "--on", day, "--team", team)
    return ReportLog(person, Question(claims=catalogue.default_claims()))


MADE_UP: dict[str, Callable[[Path], ReportLog]] = {
    "demo": demo_log,
    "supported": supported,
    "slower": slower,
    "cannot tell": cannot_tell,
    "six entries": six_entries,
    "one developer": one_developer,
    "ten activities": ten_activities,
    "drawn arms": drawn_arms,
    "hostile names": hostile_names,
}
"""The made-up logs by name."""
REAL: dict[str, Callable[[Path, RealLog], ReportLog]] = {
    "one real team": real_team,
    "four real teams": real_teams,
}
"""The logs that are made from the real one by name."""


@functools.cache
def demo_rows() -> tuple[Row, ...]:
    """Return the rows of the demo's log."""
    return tuple(demo.log(np.random.default_rng(1)))


def _by_team() -> list[tuple[str, ...]]:
    """Return the arguments of the demo's rollouts."""
    return [(day.isoformat(), "--team", team) for team, day in demo.WAVES]


def _claim(activity: str) -> Claim:
    return Claim(f"offer-{activity}", activity, 0.4, "efficiency_gain", "at_least", "an offer")


def _is_late(row: Row) -> bool:
    """Return whether a row begins after its team's rollout."""
    return row["begun"] >= DEVELOPERS[row["who"]][1]


def _divide_minutes(
    rows: Iterable[Row], condition: Callable[[Row], bool], factor: float
) -> Iterator[Row]:
    """Yield the rows, with the minutes of those that meet a condition divided by a factor."""
    for row in rows:
        minutes = float(row["minutes"])
        yield row | {"minutes": f"{minutes / factor:.2f}"} if condition(row) else row


def _import_rows(
    folder: Path,
    rows: Iterable[Row],
    *,
    rollouts: Iterable[tuple[str, ...]] = (),
    question: Question | None = None,
    assistant: str = ASSISTANT,
    source: str = "team-log",
) -> ReportLog:
    """Import rows in the demo's columns, and record rollouts: a day and options each."""
    rows = list(rows)
    person = Person(folder / "home")
    log, column_map = folder / "log.csv", folder / "map.toml"
    with log.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    arm = 'assigned = "arm"\n' if "arm" in rows[0] else ""
    text = demo.MAP.replace("[formats]", f"{arm}[formats]").replace(SOURCE, source)
    column_map.write_text(text, encoding="utf-8")
    for activity in sorted({row["phase"] for row in rows} - set(ACTIVITIES)):
        person.run("activities", "add", activity)
    person.run("import", "csv", str(log), "--map", str(column_map))
    for day, *options in rollouts:
        person.run("rollout", assistant, "--on", day, *options)
    return ReportLog(person, question or Question(claims=catalogue.default_claims()))
