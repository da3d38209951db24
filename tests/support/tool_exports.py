"""CSV exports as time trackers write them, made from one log."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple


class Work(NamedTuple):
    """One stretch of work."""

    developer: str
    task: str
    activity: str
    start: datetime
    minutes: int
    tag: str = ""
    note: str = "work"


HALF_YEAR = (datetime(2025, 12, 1, 9), datetime(2026, 6, 1, 9))
ROLLOUT = datetime(2026, 3, 1)
GAINS = {"Design": 1.5, "Testing": 1.4}
"""The true gains in output per hour from the rollout on."""


def half_a_year(seed: int = 7) -> tuple[list[Work], dict[str, float]]:
    """Return the log of eight people in six months, and the hours estimated for each task.

    From the rollout on, work takes 1 / gain of the time.
    """
    rng = random.Random(seed)
    log: list[Work] = []
    hours: dict[str, float] = {}
    for number in range(8):
        pace = rng.lognormvariate(0, 0.2)
        day, last = HALF_YEAR
        while day < last:
            start = day
            for activity, gain in GAINS.items() if day.weekday() < 5 else ():
                key = f"PAY-{len(log) + 1}"
                size = rng.lognormvariate(4.4, 0.5)
                minutes = size * pace * rng.lognormvariate(0, 0.3)
                minutes = max(5, round(minutes / (gain if day >= ROLLOUT else 1)))
                log.append(Work(f"dev{number + 1}", key, activity, start, minutes))
                hours[key] = round(size / 60, 2)
                start += timedelta(minutes=minutes + 10)
            day += timedelta(days=2)
    return log, hours


def table(rows: Iterable[Sequence[object]], delimiter: str = ",") -> str:
    """Return rows as delimited text, with the line ends of exports."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL).writerows(rows)
    return stream.getvalue()


def names(header: str) -> list[str]:
    """Return the columns of a header."""
    return header.split(",")


def end_of(work: Work) -> datetime:
    """Return when the work ended."""
    return work.start + timedelta(minutes=work.minutes)


def hms(minutes: int) -> str:
    """Return a duration such as ``01:30:00``."""
    return f"{minutes // 60:02}:{minutes % 60:02}:00"


def tags_of(work: Work) -> str:
    """Return the tags of an entry: the kind of work among others."""
    return ", ".join(filter(None, ["backend", work.activity, work.tag]))


def toggl(log: Iterable[Work], *, duration: Callable[[int], str] = hms) -> str:
    """Return the detailed report of Toggl Track: the key is in the description."""
    header = [
        "User",
        "Email",
        "Client",
        "Project",
        "Task",
        "Description",
        "Billable",
        "Start date",
        "Start time",
        "End date",
        "End time",
        "Duration",
        "Tags",
        "Amount (EUR)",
    ]
    rows = [
        (
            work.developer, f"{work.developer}@example.test", "", "Payments", "",
            f"{work.task} {work.note}", "No", *f"{work.start:%Y-%m-%d %H:%M:%S}".split(),
            *f"{end_of(work):%Y-%m-%d %H:%M:%S}".split(), duration(work.minutes), tags_of(work), "",
        )
        for work in log
    ]  # fmt: skip
    return "\ufeff" + table([header, *rows])


def clockify(
    log: Iterable[Work], *, day: str = "%d/%m/%Y", clock: str = "%I:%M:%S %p", task: str = "Task"
) -> str:
    """Return the detailed report of Clockify."""
    header = names(
        f"Project,Client,Description,{task},User,Group,Email,Tags,Billable,Start Date,Start Time,"
        "End Date,End Time,Duration (h),Duration (decimal)"
    )
    rows = [
        (
            "Payments", "", work.note, work.task, work.developer, "", "", tags_of(work), "No",
            f"{work.start:{day}}", f"{work.start:{clock}}", f"{end_of(work):{day}}",
            f"{end_of(work):{clock}}", hms(work.minutes), "0.00",
        )
        for work in log
    ]  # fmt: skip
    return table([header, *rows])


def harvest(log: Iterable[Work], *, day: str = "%Y-%m-%d", decimal: str = ".") -> str:
    """Return the detailed time report of Harvest: a day and hours."""
    header = [
        "Date",
        "Client",
        "Project",
        "Project Code",
        "Task",
        "Notes",
        "Hours",
        "Billable?",
        "Invoiced?",
        "First Name",
        "Last Name",
        "Department",
        "External Reference URL",
    ]
    rows = [
        (
            f"{work.start:{day}}", "Acme", "Payments", "", work.activity,
            f"{work.task} {work.note} {work.tag}", f"{work.minutes / 60:.2f}".replace(".", decimal),
            "No", "No", work.developer, "Lima", "", "",
        )
        for work in log
    ]  # fmt: skip
    return table([header, *rows], ";" if decimal == "," else ",")


def hours_and_minutes(minutes: int) -> str:
    """Return a duration such as ``01:30``."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def kimai(
    log: Iterable[Work],
    *,
    language: str = "en",
    duration: Callable[[int], str] = hours_and_minutes,
) -> str:
    """Return the timesheet of Kimai."""
    header = {
        "en": "Date,Begin,End,Duration,User,Customer,Project,Activity,Description,Tags",
        "from": "Date,From,To,Duration,User,Customer,Project,Activity,Description,Tags",
        "de": "Datum,Von,Bis,Dauer,Benutzer,Kunde,Projekt,Tätigkeit,Beschreibung,Schlagworte",
    }[language].split(",")
    rows = [
        (
            f"{work.start:%d.%m.%Y}" if language == "de" else f"{work.start:%Y-%m-%d}",
            f"{work.start:%H:%M}", f"{end_of(work):%H:%M}",
            duration(work.minutes),
            work.developer, "Acme", "Payments", work.activity, f"{work.task} {work.note}", work.tag,
        )
        for work in log
    ]  # fmt: skip
    return table([header, *rows], ";" if language == "de" else ",")


def tempo(log: Iterable[Work]) -> str:
    """Return the worklogs of Tempo."""
    header = [
        "Issue Key",
        "Issue summary",
        "Hours",
        "Work date",
        "Username",
        "Full name",
        "Period",
        "Activity Name",
        "Component",
        "Issue Type",
        "Work Description",
        "Billed Hours",
    ]
    rows = [
        (
            work.task, "Refunds", work.minutes / 60, f"{work.start:%Y-%m-%d %H:%M}", "u",
            work.developer, "0326", work.activity, "", "Story", f"{work.note} {work.tag}", 99,
        )
        for work in log
    ]  # fmt: skip
    return table([header, *rows])
