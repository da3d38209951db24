"""Half a year of made-up work with known truth: what `collect` infers of it, rightly or wrongly.

Six developers, one of them with two machines; one deletes a month of transcripts, one has a week of
an unknown version; the clock changes on 29 March. A third of the tasks is drawn into an arm.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from support.person import Person
from support.store_kit import entry_id, open_test_database, table_rows
from support.usage_logs import claude_answer, claude_line, write_lines

from tracker.domain.records import Entry, Task, WorkItem
from tracker.store.write.imports import import_records

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = datetime(2026, 1, 5, tzinfo=BERLIN)
WEEKS = 26
DEVELOPERS = ("ann", "bea", "cem", "dan", "eva", "fay")
TWO_MACHINES, DELETED, UNKNOWN_VERSION = "ann", "bea", "cem"
AWAY = range(12, 18)  # weeks without a run: of those that end by then, some transcripts are gone
DELETED_WEEKS = range(11, 14)
UNKNOWN_WEEK = 9
EFFECT = 0.6  # minutes with assistance over minutes without
SETTINGS = '[[repositories]]\nproject = "pay"\ndirectories = ["~/src/pay"]\n'
UNTRACED = 0.03  # uses in a browser, which leave no log


class Work(NamedTuple):
    """An entry, and the truth about it."""

    entry: Entry
    item: WorkItem
    used: bool
    traced: bool


def works(developer: str, rng: Random) -> Iterator[Work]:
    """Yield three entries for each working day, each a task of its own."""
    for day in range(WEEKS * 7):
        date = FIRST + timedelta(days=day)
        if date.weekday() > 4 and (date.month, date.day) != (3, 29):
            continue
        for hour in (9, 11, 14):
            yield work(developer, date.replace(hour=hour), rng)


def work(developer: str, start: datetime, rng: Random) -> Work:
    task = f"PAY-{rng.randrange(10**9)}"
    arm = rng.choice(("baseline", "assistance", None, None, None, None))
    probability = {"baseline": 0.05, "assistance": 0.9, None: 0.5}[arm]
    used = rng.random() < probability
    estimate = rng.uniform(30, 90)
    minutes = min(estimate * rng.lognormvariate(0, 0.15) * (EFFECT if used else 1), 118)
    epoch, seconds = int(start.timestamp()), int(minutes * 60)
    is_flagged = arm is None and rng.random() < 0.2
    entry = Entry(
        entry_id(rng.randrange(2**40)),
        developer,
        task,
        "design",
        epoch,
        "Europe/Berlin",
        seconds,
        start.toordinal() - 719_163,
        epoch + seconds,
        ended_epoch=epoch + seconds,
        assisted=("yes" if used else "no") if is_flagged else "unknown",
        basis="flag" if is_flagged else None,
    )
    item = WorkItem(
        developer,
        task,
        "design",
        estimate_minutes=estimate,
        completed_epoch=epoch + seconds,
        assigned=arm,
        assigned_epoch=epoch - 60 if arm else None,
    )
    return Work(entry, item, used, rng.random() >= UNTRACED)


def log_lines(work: Work, home: Path, rng: Random) -> Iterator[dict[str, Any]]:
    """Yield what Claude Code writes about a time of work: prompts, answers, and other lines."""
    entry = work.entry
    place = {"cwd": str(home / "src" / "pay"), "gitBranch": f"feature/{entry.task.lower()}-x"}

    def line(second: int, **fields: Any) -> dict[str, Any]:
        return claude_line(entry.started_epoch + second, f"{entry.id} {second} {fields}", **fields)

    if work.used and work.traced:
        if rng.random() < 0.1:
            place["gitBranch"] = "main"  # two of three
        for _ in range(rng.randrange(1, 6)):
            second = rng.randrange(entry.seconds)
            yield line(second, **place)
            yield claude_answer(entry.started_epoch + second + 1, "Edit", file_path="/x")
    elif rng.random() < 0.2:  # an agent still runs: nothing that a person wrote
        yield line(60, **place, isSidechain=True)
        yield line(61, **place, toolUseResult={"x": 1})
        text = {"role": "user", "content": "<task-notification>done</task-notification>"}
        yield line(62, **place, message=text)
    if rng.random() < 0.1:  # after the entry, before the next
        yield line(entry.seconds + 30, **place)
    if not work.used and work.item.assigned is None and rng.random() < 0.1:  # another repository
        yield line(90, **(place | {"cwd": "/elsewhere"}))


class HalfYear(NamedTuple):
    """The truth by the ids of entries, and the database after all runs."""

    truth: dict[str, Work]
    url: str
    person: Person


@pytest.fixture(scope="module")
def half_year(tmp_path_factory: pytest.TempPathFactory) -> HalfYear:
    """Every machine collects every second week, and deletes what is older than 30 days."""
    folder, rng = tmp_path_factory.mktemp("half-year"), Random(7)
    url = f"sqlite:///{folder / 'log.db'}"
    truth: dict[str, Work] = {}
    machines: list[Person] = []
    for developer in DEVELOPERS:
        names = ("laptop", "desktop") if developer == TWO_MACHINES else ("laptop",)
        own = [machine(folder / developer / name, developer, url) for name in names]
        own_works = list(works(developer, rng))
        truth |= {work.entry.id: work for work in own_works}
        lines: dict[tuple[int, int], list[Any]] = {}
        for work in own_works:
            where, week = rng.randrange(len(own)), week_of(work.entry.started_epoch)
            content = lines.setdefault((where, week), [])
            for line in log_lines(work, own[where].home, rng):
                if developer == UNKNOWN_VERSION and week == UNKNOWN_WEEK:
                    line |= {"type": "hologram", "version": "9.0.0"}
                content.append(line)
        for (where, week), content in lines.items():
            path = own[where].home / ".claude" / "projects" / "p" / f"{week:02}.jsonl"
            write_lines(path, content)
            ended = (FIRST + timedelta(weeks=week, days=5)).timestamp()
            os.utime(path, (ended, ended))
        machines += own
    tasks = [Task(work.entry.task, project="pay") for work in truth.values()]
    records = [r for work in truth.values() for r in (work.entry, work.item)]
    with open_test_database(url) as database:
        now_epoch = int((FIRST + timedelta(weeks=WEEKS + 1)).timestamp())
        import_records(database, [*records, *tasks], source="test", file="-", now_epoch=now_epoch)
    for week in range(0, WEEKS + 2, 2):
        for person in machines:
            person.time = (FIRST + timedelta(weeks=week, days=1)).astimezone(UTC)
            is_away = person.environ["TRACKER_DEVELOPER"] == DELETED and week in AWAY
            delete_old(person, week)
            if not is_away:
                person.run("-q", "collect")
    return HalfYear(truth, url, machines[0])


def machine(home: Path, developer: str, url: str) -> Person:
    person = Person(home, TRACKER_DATABASE_URL=url, TRACKER_DEVELOPER=developer)
    person.settings_file.parent.mkdir(parents=True)
    person.settings_file.write_text(SETTINGS)
    return person


def week_of(epoch: int) -> int:
    return (datetime.fromtimestamp(epoch, BERLIN) - FIRST).days // 7


def delete_old(person: Person, week: int) -> None:
    """Delete the transcripts of weeks that ended over 30 days ago, as the assistant does."""
    for path in (person.home / ".claude" / "projects" / "p").glob("*.jsonl"):
        if (week - int(path.stem)) * 7 + 1 - 5 > 30:
            path.unlink()


def test_no_yes_and_no_no_is_wrong_but_for_what_leaves_no_trace(half_year: HalfYear) -> None:
    """0 wrong yes, 0 no from silence; most uses that a log shows are found, the rest is unknown."""
    with open_test_database(half_year.url) as database:
        rows = table_rows(database, "entries")["entries"]
    outcomes: Counter[str] = Counter()
    for row in rows:
        work = half_year.truth[row["id"]]
        if row["basis"] == "flag":
            outcomes["flag"] += 1
            continue
        kind = "used" if work.used else "not used"
        trace = ", no trace" if work.used and not work.traced else ""
        outcomes[f"{kind}{trace}: {row['assisted']}"] += 1
    total = sum(outcomes.values()) - outcomes["flag"]
    assert outcomes["not used: yes"] == 0
    assert outcomes["used: no"] == 0
    traced = sum(n for kind, n in outcomes.items() if kind.startswith("used: "))
    assert outcomes["used: yes"] > 0.75 * traced
    assert outcomes["not used: no"] > 150
    wrong = outcomes["used, no trace: no"]
    assert wrong < 0.005 * total
    assert sum(n for kind, n in outcomes.items() if kind.endswith("unknown")) < 0.65 * total


def test_noes_are_of_drawn_baselines_on_covered_days(half_year: HalfYear) -> None:
    """None in the deleted weeks, nor in the week of the unknown version."""
    with open_test_database(half_year.url) as database:
        rows = table_rows(database, "entries")["entries"]
    noes = [row for row in rows if row["assisted"] == "no" and row["basis"] == "drawn"]
    assert {half_year.truth[row["id"]].item.assigned for row in noes} == {"baseline"}
    weeks = Counter((row["developer"], week_of(row["started_epoch"])) for row in noes)
    assert {name for name, _ in weeks} == set(DEVELOPERS)
    assert not [week for week in DELETED_WEEKS if weeks[DELETED, week]]
    assert not weeks[UNKNOWN_VERSION, UNKNOWN_WEEK]


def test_the_verdict_with_and_without_usage_logs(half_year: HalfYear) -> None:
    """Yeses by usage need noes to be compared with; the curve has the point without them."""
    half_year.person.time = (FIRST + timedelta(weeks=WEEKS + 8)).astimezone(UTC)
    output = half_year.person.json("check", "--activity", "design", "--design", "self-selected")
    result = output["results"][0]
    (without,) = [
        point
        for point in result["sensitivity"]
        if point["name"] == "without answers from usage logs"
    ]
    assert math.isclose(result["time_ratio"]["estimate"], EFFECT, rel_tol=0.05)
    assert math.isclose(without["time_ratio"]["estimate"], EFFECT, rel_tol=0.1)
    assert result["items"]["assistance"] > 500
    width = result["time_ratio"]["high"] - result["time_ratio"]["low"]
    assert width < without["time_ratio"]["high"] - without["time_ratio"]["low"]
    drawn = half_year.person.json("check", "--activity", "design")["results"][0]
    (threat,) = [t for t in drawn["threats"] if t["code"] == "arms-not-followed"]
    assert drawn["study_design"] == "randomised"
    assert threat["message"].startswith("Of the drawn work items")
