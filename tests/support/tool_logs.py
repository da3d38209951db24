"""Logs of other tools as texts: the same two sessions of work in the format of each tool."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import quoteattr


@dataclass(frozen=True)
class Work:
    """A session of work that every tool can record; times are in Berlin, in winter."""

    key: int = 1
    started: str = "2026-03-02T09:00"
    minutes: int = 90
    task: str = "PAY-1"
    tag: str = "design"
    is_running: bool = False

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(self.started)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.minutes)

    @property
    def start_utc(self) -> datetime:
        """The start in UTC; Berlin is an hour ahead in winter."""
        return (self.start - timedelta(hours=1)).replace(tzinfo=UTC)

    @property
    def end_utc(self) -> datetime:
        return self.start_utc + timedelta(minutes=self.minutes)


def timewarrior(works: Sequence[Work]) -> str:
    """Return what ``timew export`` writes."""

    def interval(number: int, work: Work) -> dict[str, object]:
        end = {} if work.is_running else {"end": f"{work.end_utc:%Y%m%dT%H%M%SZ}"}
        tags = sorted([work.task, work.tag])
        start = f"{work.start_utc:%Y%m%dT%H%M%SZ}"
        return {"id": len(works) - number, "start": start, **end, "tags": tags}

    lines = [json.dumps(interval(number, work)) for number, work in enumerate(works)]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def watson(works: Sequence[Work]) -> str:
    """Return what ``watson log --json --current`` writes."""
    frames = [
        {
            "id": "current" if work.is_running else f"{work.key:032x}",
            "project": work.task,
            "start": work.start_utc.isoformat(),
            "stop": work.end_utc.isoformat(),
            "tags": [work.tag],
        }
        for work in works
    ]
    return json.dumps(frames, indent=4)


def watson_frames(works: Sequence[Work]) -> str:
    """Return Watson's file ``frames``, in which no frame is running."""
    frames = [
        [
            int(work.start_utc.timestamp()),
            int(work.end_utc.timestamp()),
            work.task,
            f"{work.key:032x}",
            [work.tag],
            1_780_000_000,
        ]
        for work in works
        if not work.is_running
    ]
    return json.dumps(frames, indent=1)


def klog(works: Sequence[Work]) -> str:
    """Return what ``klog json`` writes."""

    def entry(work: Work) -> dict[str, object]:
        start = work.start.hour * 60 + work.start.minute
        end = {} if work.is_running else {"end_mins": start + work.minutes}
        return {
            "type": "open_range" if work.is_running else "range",
            "summary": f"{work.task} #{work.tag}",
            "tags": [f"#{work.tag}"],
            "total_mins": 0 if work.is_running else work.minutes,
            "start_mins": start,
            **end,
        }

    records = [
        {"date": f"{work.start:%Y-%m-%d}", "summary": "", "tags": [], "entries": [entry(work)]}
        for work in works
    ]
    return json.dumps({"records": records, "errors": None})


def bartib(works: Sequence[Work]) -> str:
    """Return bartib's log."""
    return "".join(
        f"{work.start:%Y-%m-%d %H:%M}"
        + ("" if work.is_running else f" - {work.end:%Y-%m-%d %H:%M}")
        + f" | {work.tag} | {work.task}\n"
        for work in works
    )


def org(works: Sequence[Work]) -> str:
    """Return an Org file with a heading a session."""

    def stamp(moment: datetime) -> str:
        return f"[{moment:%Y-%m-%d} Mo {moment:%H:%M}]"

    return "".join(
        f"* TODO {work.task} :{work.tag}:\n:LOGBOOK:\nCLOCK: {stamp(work.start)}"
        + (
            "\n"
            if work.is_running
            else f"--{stamp(work.end)} => {work.minutes // 60:2}:{work.minutes % 60:02}\n"
        )
        + ":END:\n"
        for work in works
    )


def processdash(works: Sequence[Work]) -> str:
    """Return ``timelog.xml``, in which nothing is running."""
    lines = [
        f"  <time id={quoteattr(str(work.key))} path={quoteattr(f'/{work.task}/{work.tag}')} "
        f'start="@{int(work.start_utc.timestamp())}000" delta="{work.minutes}" />\n'
        for work in works
        if not work.is_running
    ]
    head = "<?xml version='1.0' encoding='UTF-8' ?>\n"
    return f"{head}<timeLogEntries>\n{''.join(lines)}</timeLogEntries>\n"


_ISSUES_OF_A_PAGE = 100


def jira(works: Sequence[Work]) -> str:
    """Return the pages of a search in Jira, with the worklogs of each issue."""

    def issue(work: Work) -> dict[str, object]:
        worklog = {
            "id": str(work.key),
            "issueId": f"1000{work.key}",
            "author": {"accountId": "a", "displayName": "ada", "accountType": "atlassian"},
            "started": f"{work.start_utc:%Y-%m-%dT%H:%M:%S}.000+0000",
            "timeSpentSeconds": 60 * work.minutes,
            "created": f"{work.end_utc:%Y-%m-%dT%H:%M:%S}.000+0000",
        }
        fields = {
            "summary": "Refunds",
            "issuetype": {"name": "Story"},
            "labels": [work.tag],
            "worklog": {"startAt": 0, "maxResults": 20, "total": 1, "worklogs": [worklog]},
        }
        return {"id": f"1000{work.key}", "fields": fields, "key": work.task}

    starts = range(0, len(works), _ISSUES_OF_A_PAGE) or [0]
    pages = (
        {
            "startAt": start,
            "total": len(works),
            "issues": [issue(work) for work in works[start : start + _ISSUES_OF_A_PAGE]],
        }
        for start in starts
    )
    return "\n".join(json.dumps(page, indent=1) for page in pages)


def kimai(works: Sequence[Work]) -> str:
    """Return what Kimai's web interface gives with ``full=true``."""
    sheets = [
        {
            "activity": {"id": 1, "name": work.tag},
            "user": {"id": 5, "username": "ada", "alias": None},
            "id": work.key,
            "begin": f"{work.start:%Y-%m-%dT%H:%M:%S}+0100",
            "end": None if work.is_running else f"{work.end:%Y-%m-%dT%H:%M:%S}+0100",
            "duration": 0 if work.is_running else 60 * work.minutes,
            "break": 0,
            "tags": [],
            "description": f"{work.task} thinking",
        }
        for work in works
    ]
    return json.dumps(sheets, indent=1)


def toggl(works: Sequence[Work]) -> str:
    """Return what Toggl's web interface gives of one's own entries."""
    entries = [
        {
            "id": work.key,
            "workspace_id": 7,
            "start": f"{work.start:%Y-%m-%dT%H:%M:%S}+01:00",
            "stop": None if work.is_running else work.end_utc.isoformat(),
            "duration": -1_772_000_000 if work.is_running else 60 * work.minutes,
            "tags": [work.tag],
            "description": f"{work.task} thinking",
        }
        for work in works
    ]
    return json.dumps(entries, indent=1)


@dataclass(frozen=True)
class Tool:
    """A named source, and how its tool writes a log."""

    source: str
    write: Callable[[Sequence[Work]], str]
    has_naive_times: bool = False
    has_ids: bool = False
    can_run: bool = True
    """Whether its log can hold a session that is still running."""
    names_developer: bool = False
    """Whether its log says who worked."""


TOOLS = {
    "bartib": Tool("bartib", bartib, has_naive_times=True),
    "jira": Tool("jira", jira, has_ids=True, can_run=False, names_developer=True),
    "kimai-api": Tool("kimai", kimai, has_ids=True, names_developer=True),
    "toggl-api": Tool("toggl", toggl, has_ids=True),
    "klog": Tool("klog", klog, has_naive_times=True),
    "org": Tool("org", org, has_naive_times=True),
    "processdash": Tool("processdash", processdash, has_ids=True, can_run=False),
    "timewarrior": Tool("timewarrior", timewarrior),
    "watson": Tool("watson", watson, has_ids=True),
    "watson-frames": Tool("watson", watson_frames, has_ids=True, can_run=False),
}
"""The tools whose logs are not tables, by a name for the tests."""

FIRST = Work()
SECOND = Work(key=2, started="2026-03-02T13:00", minutes=30, task="PAY-2", tag="testing")
RUNNING = Work(key=3, started="2026-03-03T09:00", task="PAY-1", is_running=True)


def renamed(work: Work) -> Work:
    """Return a session after its tag was edited."""
    return replace(work, tag="review")
