"""Synthetic logs of any length, in the format of every source."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

ENTRIES_OF_A_TASK = 10
MINUTES = 14
"""The effort of every entry; one begins every quarter of an hour."""

MAP = """
source = "long"
[columns]
key = "id"
developer = "who"
task = "issue"
title = "summary"
activity = "phase"
started_at = "begin"
ended_at = "end"
estimate_minutes = "estimate"
[formats]
timezone = "UTC"
"""
TASK_MAP = """
source = "long"
[columns]
task = "issue"
title = "summary"
estimate_minutes = "estimate"
[formats]
timezone = "UTC"
"""
HEADER = "id,who,issue,summary,phase,begin,end,estimate\n"


@dataclass(frozen=True, slots=True)
class Work:
    """One of the entries of a log."""

    number: int

    @property
    def start(self) -> datetime:
        return datetime(2010, 1, 31, tzinfo=UTC) + timedelta(minutes=15 * self.number)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=MINUTES)

    @property
    def task(self) -> str:
        return f"PAY-{self.number // ENTRIES_OF_A_TASK}"

    @property
    def developer(self) -> str:
        return f"dev{self.number % 8}"

    @property
    def uuid(self) -> str:
        return f"01890000-0000-7000-8000-{self.number:012x}"


@dataclass(frozen=True, slots=True)
class Form:
    """The format of a tool's log."""

    source: str
    row: Callable[[Work], str]
    head: str = ""
    separator: str = "\n"
    tail: str = "\n"
    map: str | None = None
    options: tuple[str, ...] = ()
    rows_of_a_page: int | None = None
    """The number of rows between a head and its tail, for logs saved page by page."""

    def pieces(self, entries: int) -> Iterator[str]:
        """Yield the text of a log of a number of entries."""
        yield self.head
        for number in range(entries):
            if self.rows_of_a_page and number and number % self.rows_of_a_page == 0:
                yield self.tail + self.head
            elif number:
                yield self.separator
            yield self.row(Work(number))
        yield self.tail


def _array(source: str, row: Callable[[Work], str]) -> Form:
    """Return the format of a JSON array with an item for each entry."""
    return Form(source, row, head="[\n", separator=",\n", tail="\n]\n")


def _mapped(work: Work) -> str:
    return (
        f"{work.number},{work.developer},{work.task},Refunds,design,"
        f"{work.start:%Y-%m-%d %H:%M},{work.end:%Y-%m-%d %H:%M},90"
    )


def _exported(work: Work) -> dict[str, object]:
    return {
        "id": work.uuid,
        "developer": work.developer,
        "task": work.task,
        "activity": "design",
        "started_at": work.start.isoformat(),
        "zone": "UTC",
        "minutes": MINUTES,
        "logged_at": work.end.isoformat(),
        "title": "Refunds",
        "estimate_minutes": 90,
    }


def _gitlab(work: Work) -> str:
    issue = work.number // ENTRIES_OF_A_TASK
    return json.dumps(
        {
            "id": f"gid://gitlab/Timelog/{work.number}",
            "timeSpent": 60 * MINUTES,
            "spentAt": f"{work.start:%Y-%m-%dT%H:%M:%SZ}",
            "summary": None,
            "user": {"username": work.developer, "name": work.developer},
            "project": {"fullPath": "pay/web"},
            "issue": {
                "id": f"gid://gitlab/Issue/{issue}",
                "iid": str(issue),
                "title": "Refunds",
                "webUrl": f"https://gitlab.example.org/pay/web/-/issues/{issue}",
                "timeEstimate": 7200,
                "labels": {"nodes": [{"title": "design"}]},
            },
            "mergeRequest": None,
        }
    )


def _jira(work: Work) -> str:
    worklog = {
        "id": str(work.number),
        "author": {"accountId": work.developer, "displayName": work.developer},
        "started": f"{work.start:%Y-%m-%dT%H:%M:%S}.000+0000",
        "timeSpentSeconds": 60 * MINUTES,
        "created": f"{work.end:%Y-%m-%dT%H:%M:%S}.000+0000",
    }
    fields = {
        "summary": "Refunds",
        "labels": ["design"],
        "timeoriginalestimate": 5400,
        "worklog": {"startAt": 0, "maxResults": 20, "total": 1, "worklogs": [worklog]},
    }
    return json.dumps({"id": str(work.number), "key": f"PAY-{work.number}", "fields": fields})


def _kimai_api(work: Work) -> str:
    return json.dumps(
        {
            "activity": {"id": 1, "name": "design"},
            "user": {"id": 5, "username": work.developer},
            "id": work.number,
            "begin": f"{work.start:%Y-%m-%dT%H:%M:%S}+0000",
            "end": f"{work.end:%Y-%m-%dT%H:%M:%S}+0000",
            "duration": 60 * MINUTES,
            "tags": [],
            "description": f"{work.task} thinking",
        }
    )


def _toggl_api(work: Work) -> str:
    return json.dumps(
        {
            "id": work.number,
            "workspace_id": 7,
            "start": work.start.isoformat(),
            "stop": work.end.isoformat(),
            "duration": 60 * MINUTES,
            "tags": ["design"],
            "description": f"{work.task} thinking",
        }
    )


def _timewarrior(work: Work) -> str:
    times = f'"start":"{work.start:%Y%m%dT%H%M%SZ}","end":"{work.end:%Y%m%dT%H%M%SZ}"'
    return f'{{"id":{work.number + 1},{times},"tags":["{work.task}","design"]}}'


def _klog(work: Work) -> str:
    start = work.start.hour * 60 + work.start.minute
    entry = {
        "type": "range",
        "summary": f"{work.task} #design",
        "tags": ["#design"],
        "total_mins": MINUTES,
        "start_mins": start,
        "end_mins": start + MINUTES,
    }
    return json.dumps({"date": f"{work.start:%Y-%m-%d}", "summary": "", "entries": [entry]})


def _watson(work: Work) -> str:
    return json.dumps(
        {
            "id": f"{work.number:032x}",
            "project": work.task,
            "start": work.start.isoformat(),
            "stop": work.end.isoformat(),
            "tags": ["design"],
        }
    )


def _watson_frame(work: Work) -> str:
    times = [int(moment.timestamp()) for moment in (work.start, work.end)]
    return json.dumps([*times, work.task, f"{work.number:032x}", ["design"], times[1]])


_UTC = ("--tz", "UTC")
_CLOCKIFY = (
    "Project,Client,Description,Task,User,Group,Email,Tags,Billable,Start Date,Start Time,"
    "End Date,End Time,Duration (h),Duration (decimal)\n"
)
_HARVEST = (
    "Date,Client,Project,Project Code,Task,Notes,Hours,Billable?,Invoiced?,First Name,Last Name,"
    "Department,External Reference URL\n"
)
_TEMPO = (
    "Issue Key,Issue summary,Hours,Work date,Username,Full name,Period,Activity Name,Component,"
    "Issue Type,Work Description,Billed Hours\n"
)
_TOGGL = (
    "User,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time,"
    "Duration,Tags,Amount (EUR)\n"
)
_GITLAB_HEAD = (
    '{"data": {"group": {"timelogs": {"pageInfo": {"hasNextPage": false, "endCursor": "x"}, '
    '"nodes": [\n'
)

FORMS = {
    "csv": Form("csv", _mapped, HEADER, map=MAP),
    "csv without ids": Form("csv", _mapped, HEADER, map=MAP.replace('key = "id"\n', "")),
    "tasks": Form(
        "tasks",
        lambda work: f"PAY-{work.number},Refunds,90",
        "issue,summary,estimate\n",
        map=TASK_MAP,
    ),
    "tracker": Form(
        "tracker",
        lambda work: ",".join(map(str, _exported(work).values())),
        ",".join(_exported(Work(0))) + "\n",
    ),
    "tracker, JSON": _array("tracker", lambda work: json.dumps(_exported(work))),
    "bartib": Form(
        "bartib",
        lambda work: (
            f"{work.start:%Y-%m-%d %H:%M} - {work.end:%Y-%m-%d %H:%M} | design | {work.task}"
        ),
        options=_UTC,
    ),
    "klog": Form("klog", _klog, '{"records": [\n', ",\n", '\n], "errors": null}\n', options=_UTC),
    "org": Form(
        "org",
        lambda work: (
            f"* TODO {work.task} :design:\n:LOGBOOK:\n"
            f"CLOCK: [{work.start:%Y-%m-%d %a %H:%M}]--[{work.end:%Y-%m-%d %a %H:%M}] =>  0:14\n"
            ":END:"
        ),
        options=_UTC,
    ),
    "processdash": Form(
        "processdash",
        lambda work: (
            f'<time id="{work.number + 1}" path="/{work.task}/design" '
            f'start="@{int(work.start.timestamp())}000" delta="{MINUTES}" />'
        ),
        "<?xml version='1.0' encoding='UTF-8' ?>\n<timeLogEntries>\n",
        tail="\n</timeLogEntries>\n",
    ),
    "timewarrior": _array("timewarrior", _timewarrior),
    "toggl": Form(
        "toggl",
        lambda work: (
            f"{work.developer},a@example.test,,Payments,,{work.task} work,No,"
            f"{work.start:%Y-%m-%d,%H:%M:%S},{work.end:%Y-%m-%d,%H:%M:%S},00:14:00,design,"
        ),
        _TOGGL,
        options=_UTC,
    ),
    "toggl, JSON": _array("toggl", _toggl_api),
    "jira": Form(
        "jira",
        _jira,
        '{"startAt": 0, "total": 9, "issues": [\n',
        ",\n",
        "\n]}\n",
        rows_of_a_page=100,
    ),
    "gitlab": Form("gitlab", _gitlab, _GITLAB_HEAD, ",\n", "\n]}}}}\n", rows_of_a_page=100),
    "watson": _array("watson", _watson),
    "watson, frames": _array("watson", _watson_frame),
    "clockify": Form(
        "clockify",
        lambda work: (
            f"Payments,,work,{work.task},{work.developer},,,design,No,"
            f"{work.start:%d/%m/%Y,%I:%M:%S %p},{work.end:%d/%m/%Y,%I:%M:%S %p},00:14:00,0.00"
        ),
        _CLOCKIFY,
        options=_UTC,
    ),
    "harvest": Form(
        "harvest",
        lambda work: (
            f"{work.start:%Y-%m-%d},Acme,Payments,,design,{work.task} work,0.25,No,No,"
            f"{work.developer},Lima,,"
        ),
        _HARVEST,
        options=_UTC,
    ),
    "kimai": Form(
        "kimai",
        lambda work: (
            f"{work.start:%Y-%m-%d,%H:%M},{work.end:%H:%M},00:14,{work.developer},Acme,Payments,"
            f"design,{work.task} work,"
        ),
        "Date,Begin,End,Duration,User,Customer,Project,Activity,Description,Tags\n",
        options=_UTC,
    ),
    "kimai, JSON": _array("kimai", _kimai_api),
    "tempo": Form(
        "tempo",
        lambda work: (
            f"{work.task},Refunds,0.25,{work.start:%Y-%m-%d %H:%M},u,{work.developer},0326,design,"
            ",Story,work,99"
        ),
        _TEMPO,
        options=_UTC,
    ),
}
"""A form for each source, two where it reads two."""
