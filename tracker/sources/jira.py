"""``import jira``: worklogs as Jira's REST interface gives them.

Read are pages of ``issue/KEY/worklog``, results of a search with the worklogs embedded in
``fields.worklog``, single issues and single worklogs, in an array or one after another. Jira embeds
20 worklogs at most: what is missing is counted. A worklog names its issue by ``issueId`` alone; its
key is known if the issue is in the file too, as it is after ``tracker pull jira``.

Source: the schemas Worklog, PageOfWorklogs and IssueBean of Jira Cloud's versions 2 and 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader
from typing import Any

from tracker.sources import json_values
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.jira_issues import Issues
from tracker.sources.sessions import Session, SessionFormat, open_sessions
from tracker.sources.table.cells import BadCell, SkipRow
from tracker.sources.table.json_text import JsonReader
from tracker.sources.table.map_values import Patterns, matching_value
from tracker.sources.user_map import Words

INCOMPLETE = (
    "worklogs that the file lacks: a search gives 20 of an issue, and issue/KEY/worklog 5,000 a "
    "page: fetch the further pages, or use `tracker pull jira URL`"
)
"""A note, with the number of worklogs."""
WITHOUT_KEY = "rows whose task is the number of the issue: the file does not have its key"
"""A note, with the number of rows."""
NAMESAKES = "rows of a second account with the same display name: both are one developer"
"""The same."""
BY_APP = "written by an app, not a person (name it in [values.developer] if it is one)"
"""Why a worklog is skipped: Tempo and others book as an app."""

_FORMAT = SessionFormat("jira", ("comment", "summary"), place="worklog")
_EXPECTED = "what Jira's interface gives: pages with worklogs, or issues with fields.worklog"


@dataclass(frozen=True, slots=True)
class _Worklog:
    content: Mapping[str, Any]
    issue: Mapping[str, Any]


def open_log(file: BufferedReader, name: str, context: ImportContext) -> ForeignLog:
    """Open an answer of Jira.

    Raises:
        BadValue: The file is something else.
    """
    text = JsonReader(file, name, "item")
    notes: Counter[str] = Counter()
    people = context.map.values.get("developer", ()) if context.map else ()
    reader = _Reader(notes, people)
    worklogs = enumerate(_worklogs(text, name, notes), 1)
    return open_sessions(_FORMAT, worklogs, reader.session, context, notes)


def _worklogs(text: JsonReader, name: str, notes: Counter[str]) -> Iterator[_Worklog]:
    """Yield the worklogs of a text, each with its issue."""
    issues = Issues()
    for document in json_values.read_documents(text):
        for item in document if isinstance(document, list) else [document]:
            try:
                yield from _worklogs_of(item, issues)
            except (BadCell, TypeError):
                raise json_values.not_an_answer(name, text.number, item, _EXPECTED) from None
    if missing := issues.missing_worklogs():
        notes[INCOMPLETE] += missing


def _worklogs_of(item: object, issues: Issues) -> Iterator[_Worklog]:
    """Yield the worklogs of a page, a search result, an issue or a worklog.

    Raises:
        BadCell, TypeError: It is something else.
    """
    content = _object(item)
    if "issues" in content:
        for issue in json_values.items(content, "issues"):
            yield from _embedded(_object(issue), issues)
    elif "worklogs" in content:
        worklogs = [_object(worklog) for worklog in json_values.items(content, "worklogs")]
        issues.add_page(_id(worklogs[0], "issueId") if worklogs else "", content)
        for worklog in worklogs:
            yield _with_issue(worklog, issues)
    elif "fields" in content:
        yield from _embedded(content, issues)
    elif {"timeSpentSeconds", "started"} & content.keys():
        yield _with_issue(content, issues)
    else:
        raise TypeError


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _embedded(issue: Mapping[str, Any], issues: Issues) -> Iterator[_Worklog]:
    """Yield the worklogs that stand with their issue; count those that do not."""
    fields = json_values.part(issue, "fields")
    slim = {"key": issue.get("key"), "fields": {k: v for k, v in fields.items() if k in _FIELDS}}
    id_ = _id(issue, "id")
    if id_:
        issues.add(id_, slim)
    page = json_values.part(fields, "worklog")
    issues.add_page(id_, page)
    for worklog in json_values.items(page, "worklogs"):
        yield _Worklog(_object(worklog), slim)


def _with_issue(worklog: Mapping[str, Any], issues: Issues) -> _Worklog:
    """Return a worklog with the issue that stands in it, or with the one that it names."""
    own = worklog.get("issue")
    if isinstance(own, dict):
        return _Worklog(worklog, own)
    return _Worklog(worklog, issues.named(_id(worklog, "issueId")))


def _id(value: Mapping[str, Any], key: str) -> str:
    """Return the id under a key; "" where there is none, or something that is not an id."""
    id_ = value.get(key)
    return str(id_) if isinstance(id_, str | int) else ""


_FIELDS = frozenset(
    {"summary", "issuetype", "labels", "components", "project"}
    | {"timeoriginalestimate", "resolutiondate"}
)
"""The fields of an issue that are kept while its worklogs are read."""


class _Reader:
    """Reads worklogs.

    Args:
        notes: The remarks of the import.
        people: What the user's map says about developers.
    """

    def __init__(self, notes: Counter[str], people: Patterns) -> None:
        self._notes = notes
        self._people = people
        self._accounts: dict[str, str] = {}
        """Display name → the first account with it."""

    def session(self, worklog: _Worklog) -> Session:
        """Return the session of a worklog.

        Raises:
            BadCell: A field is missing or of the wrong kind.
            SkipRow: An app wrote it.
        """
        content, issue = worklog.content, worklog.issue
        fields = json_values.part(issue, "fields")
        developer = self._author(content)
        key, number = json_values.text(issue, "key"), json_values.text(content, "issueId")
        if key is None:
            self._notes[WITHOUT_KEY] += 1
        comment = _plain_text(content.get("comment"))
        kind = json_values.text(json_values.part(fields, "issuetype"), "name")
        labels = [*json_values.texts(fields, "labels"), *_names(fields, "components")]
        estimate = json_values.optional_seconds(fields, "timeoriginalestimate")
        project = json_values.part(fields, "project")
        started = json_values.instant(content, "started")
        effort = json_values.seconds(content, "timeSpentSeconds")
        summary = json_values.text(fields, "summary")
        return Session(
            content=json_values.canonical(
                developer=developer,
                started=started.timestamp(),
                seconds=effort,
                comment=comment,
                task=key or number,
                kind=kind,
                labels=labels,
            ),
            started=started,
            seconds=effort,
            words=Words(
                task=key or number,
                activity=kind,
                texts={"comment": comment, "summary": summary},
                tags=labels,
            ),
            key=json_values.text(content, "id"),
            developer=developer,
            note=comment,
            logged=json_values.optional_instant(content, "created"),
            project=json_values.text(project, "name") or json_values.text(project, "key"),
            title=summary,
            estimate_minutes=estimate / 60 if estimate else None,
            completed=json_values.optional_instant(fields, "resolutiondate"),
        )

    def _author(self, worklog: Mapping[str, Any]) -> str:
        """Return the name of a worklog's author.

        Raises:
            BadCell: It has none.
            SkipRow: It is an app, and the user's map does not name it.
        """
        author = json_values.part(worklog, "author")
        names = (json_values.text(author, key) for key in ("displayName", "name", "emailAddress"))
        account = json_values.text(author, "accountId") or json_values.text(author, "key") or ""
        name = next(filter(None, names), account)
        if not name:
            raise BadCell("author", "it is missing: the account may have been deleted")
        if author.get("accountType") == "app" and matching_value(self._people, name) is None:
            raise SkipRow(BY_APP)
        if self._accounts.setdefault(name, account) != account:
            self._notes[NAMESAKES] += 1
        return name


def _names(fields: Mapping[str, Any], key: str) -> list[str]:
    """Return the names of the objects in a list."""
    listed = (
        json_values.text(item, "name") if isinstance(item, dict) else None
        for item in json_values.items(fields, key)
    )
    return [name for name in listed if name]


def _plain_text(comment: Any) -> str | None:
    """Return a comment: the text of version 2, or the texts in the document of version 3.

    Each paragraph of a document is a line.
    """
    if comment is None or isinstance(comment, str):
        return comment or None
    lines: list[str] = [""]
    waiting = [comment]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += reversed(node)
        elif isinstance(node, dict):
            if isinstance(node.get("text"), str):
                lines[-1] += node["text"]
            if node.get("type") in ("paragraph", "heading", "hardBreak", "codeBlock", "listItem"):
                lines.append("")
            waiting.append(node.get("content"))
    return "\n".join(filter(None, lines)) or None
