"""The sources by name, each loaded when it is first used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from io import BufferedReader
from typing import Literal

from tracker.domain.errors import BadValue, NotFound
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.recognition import Beginning, Either, Header, Signature, read_start
from tracker.sources.table.file_kind import check_is_text, check_not_empty
from tracker.sources.table.json_text import is_json


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of foreign log."""

    module: str
    """The module in this package with its ``open_log(file, name, context)``."""
    summary: str
    """A description of the files that it reads, in one line."""
    map: Literal["required", "optional", "none"] = "optional"
    """Whether it takes a map from the user. An optional one holds [values] and [extract] only."""
    instructions: str = ""
    """How to get the file, for ``import SOURCE --help``: what to type or to click in the tool."""
    signature: Signature | None = None
    """How its files are recognised; None where they have nothing in common."""
    reads_xml: bool = False
    shipped_map: str | None = None
    """The file in ``maps/`` that says what the columns of its table are, for a table."""
    json_module: str | None = None
    """The module that reads what the tool's web interface gives, if its export is a table."""


SOURCES = {
    "csv": Source(
        "csv_log",
        "any log in CSV, one stretch of work a row, read by a map",
        map="required",
        instructions="Export the log as CSV, one row a stretch of work. docs/importing.md explains "
        "the map.",
    ),
    "tasks": Source(
        "task_list",
        "what is known of tasks: title, project, estimates, completion; by a map",
        map="required",
        instructions="Export the tasks as CSV, one row a task. docs/importing.md explains the map.",
    ),
    "tracker": Source(
        "tracker_export",
        "what `tracker export` wrote: entries, tasks or all",
        map="none",
        instructions="tracker export entries -o log.csv",
        signature=Header(("id", "developer", "task", "activity", "zone", "logged_at")),
    ),
    "bartib": Source(
        "bartib",
        "bartib's activity log, one line an activity",
        instructions="The file that the variable BARTIB_FILE names.",
        signature=Beginning(
            (
                r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2})?"
                r"( - [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2})?)? \|",
            )
        ),
    ),
    "klog": Source(
        "klog",
        "what `klog json` writes",
        instructions="klog json time.klg > klog.json",
        signature=Beginning((r'^\s*\{\s*"records"\s*:', r'"errors"|"should_total_mins"')),
    ),
    "org": Source(
        "org",
        "clock lines of Org mode, with headings, tags and Effort",
        instructions="The Org file itself, such as work.org.",
        signature=Beginning((r"^[ \t]*CLOCK:[ \t]*(\[|=>)",)),
    ),
    "processdash": Source(
        "processdash",
        "the time log of Process Dashboard (timelog.xml)",
        instructions="The file timelog.xml in the data folder of Process Dashboard "
        "(Tools, File, Save Backup makes a ZIP file with it).",
        signature=Beginning((r"<timeLogEntries[\s>/]",)),
        reads_xml=True,
    ),
    "timewarrior": Source(
        "timewarrior",
        "what `timew export` writes (JSON)",
        instructions="timew export > timew.json",
        signature=Beginning((r'^\s*\[\s*\{[^{}]*"start"\s*:\s*"[0-9]{8}T[0-9]{6}Z"',)),
    ),
    "toggl": Source(
        "shipped_map",
        "the detailed report of Toggl Track (CSV, or the JSON of its web interface)",
        instructions="Toggl Track: Reports, Detailed, choose the dates, Export, Download CSV; or "
        "`tracker pull toggl URL`.",
        signature=Either(
            (
                Header(("User", "Email", "Description", "Start date", "Start time", "Tags")),
                Beginning((r'"(workspace_id|row_number)"\s*:', r'"(duration|time_entries)"\s*:')),
            )
        ),
        shipped_map="toggl.toml",
        json_module="toggl_api",
    ),
    "jira": Source(
        "jira",
        "worklogs of Jira's web interface (JSON)",
        instructions="Save pages of rest/api/2/issue/KEY/worklog, or of a search with the field "
        "worklog; or `tracker pull jira URL`.",
        signature=Beginning(
            (
                r'"(timeSpentSeconds|worklogs|worklog|timeoriginalestimate)"\s*:',
                r'\A(?![\s\S]*"tempoWorklogId"\s*:)',
            )
        ),
    ),
    "gitlab": Source(
        "gitlab",
        "timelogs of GitLab's web interface (GraphQL, JSON)",
        instructions="Save the answers to a GraphQL query of timelogs (docs/importing.md has it); "
        "or `tracker pull gitlab URL`.",
        signature=Beginning((r'"(timeSpent|timelogs)"\s*:',)),
    ),
    "watson": Source(
        "watson",
        "Watson's file `frames`, or what `watson log --json` writes",
        instructions="The file `frames` in Watson's folder (~/.config/watson/frames), or:\n"
        "watson log --all --json > watson.json",
        signature=Beginning(
            (
                r'^\s*\[\s*(\[\s*[0-9]+(\.[0-9]+)?\s*,\s*[0-9]+(\.[0-9]+)?\s*,\s*"'
                r'|\{\s*"id"\s*:\s*"([0-9a-f]{32}|current)"\s*,\s*"project")',
            )
        ),
    ),
    "clockify": Source(
        "shipped_map",
        "the detailed report of Clockify (CSV)",
        instructions="Clockify: Reports, Detailed, choose the dates, Export, Save as CSV.",
        signature=Header(("Project", "Description", "User", "Start Date", "Start Time")),
        shipped_map="clockify.toml",
    ),
    "harvest": Source(
        "shipped_map",
        "the detailed time report of Harvest (CSV), English or German",
        instructions="Harvest: Reports, Detailed time, choose the dates, Export, CSV.",
        signature=Either(
            (
                Header(("Date", "Project", "Task", "Hours", "First Name", "Last Name")),
                Header(("Datum", "Projekt", "Aufgabe", "Stunden")),
            )
        ),
        shipped_map="harvest.toml",
    ),
    "kimai": Source(
        "shipped_map",
        "the timesheet of Kimai (CSV, English or German, or the JSON of its web interface)",
        instructions="Kimai: Timesheet (or All times), choose the dates, Export, CSV; or "
        "`tracker pull kimai URL`.",
        signature=Either(
            (
                Header(("Date", "Begin", "End", "Duration", "Project", "Activity")),
                Header(("Date", "From", "To", "Duration", "Project", "Activity")),
                Header(("Datum", "Von", "Bis", "Dauer", "Projekt", "Tätigkeit")),
                Beginning((r'"begin"\s*:\s*"[0-9T:-]+[+-][0-9]{4}"', r'"activity"\s*:')),
            )
        ),
        shipped_map="kimai.toml",
        json_module="kimai_api",
    ),
    "tempo": Source(
        "shipped_map",
        "the worklogs of Tempo for Jira (CSV)",
        instructions="Tempo: Reports, Logged time, choose the dates, Export, CSV; one row a "
        "worklog.",
        signature=Header(("Issue Key", "Hours", "Work date")),
        shipped_map="tempo.toml",
    ),
}
"""Every source, by its name in ``tracker import``."""


def source_of(kind: str) -> Source:
    """Return the source with this name.

    Raises:
        NotFound: There is none; the message names the nearest, else all.
    """
    if kind not in SOURCES:
        matches = get_close_matches(kind, SOURCES, n=1)
        advice = f"did you mean {matches[0]}?" if matches else f"give one of {', '.join(SOURCES)}."
        raise NotFound(f"source is {kind!r}: {advice}")
    return SOURCES[kind]


def open_log(kind: str, file: BufferedReader, name: str, context: ImportContext) -> ForeignLog:
    """Open a foreign log; its records are read as they are iterated over.

    Args:
        kind: One of SOURCES.
        file: The log as a binary stream.
        name: The log's name, for messages.
        context: What the import is given besides the log.

    Raises:
        NotFound: There is no such source.
        BadValue: The log cannot be read at all, is that of another source, or the map does not fit
            it.
    """
    source = source_of(kind)
    check_not_empty(file, name, _how_to_get(kind))
    _check_is_own(kind, file, name, has_map=context.map is not None)
    check_is_text(file, name, reads_xml=source.reads_xml)
    if source.json_module is not None and is_json(file):
        return _open_with(source.json_module, file, name, context)
    if source.shipped_map is not None:
        from tracker.sources.shipped_map import open_with_shipped_map

        return open_with_shipped_map(kind, source.shipped_map, file, name, context)
    return _open_with(source.module, file, name, context)


def _how_to_get(kind: str) -> str:
    if SOURCES[kind].map == "required":
        return "give a file whose first line names the columns"
    return f"`tracker import {kind} --help` says how to get the log"


def _open_with(
    module_name: str, file: BufferedReader, name: str, context: ImportContext
) -> ForeignLog:
    module = import_module(f"tracker.sources.{module_name}")
    log: ForeignLog = module.open_log(file, name, context)
    return log


def recognise(start: str) -> str | None:
    """Return the source that a file seems to belong to, by its first characters."""
    return next(
        (
            kind
            for kind, source in SOURCES.items()
            if source.signature and source.signature.matches(start)
        ),
        None,
    )


def _check_is_own(kind: str, file: BufferedReader, name: str, *, has_map: bool) -> None:
    """Raise BadValue for a file that another source reads.

    A source without a signature reads any table, if a map says how.
    """
    start, own = read_start(file), SOURCES[kind].signature
    if own and own.matches(start):
        return
    other = recognise(start)
    if other is None or other == kind:
        return
    is_table = _is_table(SOURCES[other].signature, start) or _OBJECTS.match(start)
    if own is None and has_map and is_table:
        return
    raise BadValue(
        f"{name} looks like an export of {other}, not of {kind}: `tracker import {other} FILE`."
    )


_OBJECTS = re.compile(r"\s*\[\s*\{")
"""The beginning of a JSON array of objects, which is a table to a map."""


def _is_table(signature: Signature | None, start: str) -> bool:
    """Return whether a signature recognises a text as a table."""
    forms = signature.forms if isinstance(signature, Either) else (signature,)
    return any(isinstance(form, Header) and form.matches(start) for form in forms)
