"""``import gitlab``: timelogs as GitLab's GraphQL interface gives them.

Read are answers to a query of ``timelogs``, one or several, and lists of timelogs. A timelog's
seconds are signed. ``/remove_time_spent`` writes minus the total of the whole item under whoever
called it, and so takes back the rows of others too; ``/spend -1h`` takes back a person's own. Both
are netted (:mod:`tracker.sources.netted_timelogs`).

Source: the type Timelog of GitLab's GraphQL reference, and ``TimeTrackable``.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from io import BufferedReader
from typing import Any

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.sources import json_values
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.netted_timelogs import Netted, Timelogs
from tracker.sources.sessions import Session, SessionFormat, open_sessions
from tracker.sources.table.cells import BadCell, SkipRow
from tracker.sources.table.json_text import JsonReader
from tracker.sources.user_map import Words

MORE_PAGES = "further page that the file lacks: its last answer has hasNextPage true"
"""A note."""
CORRECTION = "a correction: subtracted from earlier rows"
TAKEN_BACK = "taken back by a later correction"
"""Why a timelog is skipped."""

_FORMAT = SessionFormat("gitlab", ("title", "summary", "note"), place="timelog")
_EXPECTED = "the answer to a GraphQL query of timelogs, each with timeSpent"
_DAYS_ALONE = (time(0), time(12))
"""Times that GitLab gives work of which only the day is known."""
_NUMBER = re.compile(r"[0-9]{1,18}\Z")


def open_log(file: BufferedReader, name: str, context: ImportContext) -> ForeignLog:
    """Open an answer of GitLab.

    Raises:
        BadValue: The file is something else.
    """
    text = JsonReader(file, name, "item")
    notes: Counter[str] = Counter()
    has_zone = bool(
        context.zone or context.default_zone or (context.map and context.map.formats.zone)
    )

    def parse(record: tuple[Mapping[str, Any], Netted]) -> Session:
        return _session(record, has_zone=has_zone)

    return open_sessions(_FORMAT, _netted(text, name, notes), parse, context, notes)


def _netted(
    text: JsonReader, name: str, notes: Counter[str]
) -> Iterator[tuple[int, tuple[Mapping[str, Any], Netted]]]:
    """Yield each timelog once, with what corrections leave of it.

    A correction may stand anywhere after or before the rows that it corrects. So the timelogs go
    through a temporary file, and a few numbers of each stay in memory.

    Raises:
        BadValue: A timelog is nested too deeply.
    """
    timelogs = Timelogs()
    with tempfile.TemporaryFile() as file:
        for timelog in _timelogs(text, name, notes):
            try:
                encoded = json.dumps(timelog).encode()
                is_new = timelogs.add(
                    _key_of(timelog), _item_of(timelog), _user_of(timelog), timelog
                )
            except RecursionError:
                raise BadValue(
                    f"{name} holds a timelog that is nested too deeply: correct it."
                ) from None
            if is_new:
                file.write(encoded + b"\n")
        results = timelogs.net()
        file.seek(0)
        for place, (line, netted) in enumerate(zip(file, results, strict=True), 1):
            yield place, (json.loads(line), netted)


def _timelogs(text: JsonReader, name: str, notes: Counter[str]) -> Iterator[dict[str, Any]]:
    """Yield the timelogs of a text, wherever they stand in its answers.

    Raises:
        BadValue: An answer holds errors, or neither a timelog nor an empty list of them.
    """
    has_more = False
    for document in json_values.read_documents(text):
        if isinstance(document, dict) and document.get("errors"):
            raise BadValue(
                f"{name} holds errors in place of timelogs ({quote(document['errors'])}): "
                "correct the query."
            )
        found_any = False
        for value in _objects(document):
            if "timeSpent" in value:
                found_any = True
                yield value
            elif "hasNextPage" in value:
                found_any = True
                has_more = bool(value["hasNextPage"])
            elif value.get("nodes") == [] or value.get("edges") == []:
                found_any = True
        if not found_any and document != []:
            raise json_values.not_an_answer(name, text.number, document, _EXPECTED)
    if has_more:
        notes[MORE_PAGES] += 1


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects in a document, in their order, but not those in a timelog."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += reversed(value)
        elif isinstance(value, dict):
            yield value
            if "timeSpent" not in value:
                waiting += reversed(value.values())


def _key_of(timelog: Mapping[str, Any]) -> int | None:
    """Return the number in a timelog's id, by which they are ordered; None where it has none."""
    match = _NUMBER.search(str(timelog.get("id")))
    return int(match[0]) if match else None


def _item_of(timelog: Mapping[str, Any]) -> str:
    """Return the identity of the issue or merge request of a timelog."""
    for kind in ("issue", "mergeRequest"):
        item = timelog.get(kind)
        if isinstance(item, dict):
            place_in_project = (timelog.get("project"), item.get("iid"))
            return f"{kind} {item.get('id') or item.get('webUrl') or place_in_project}"
    return ""


def _user_of(timelog: Mapping[str, Any]) -> str:
    user = timelog.get("user")
    return str(user.get("username") or user.get("name")) if isinstance(user, dict) else ""


def _reference(timelog: Mapping[str, Any], kind: str) -> str:
    """Return an item as GitLab writes it: ``group/project#12``, or with ! for a merge request.

    Raises:
        BadCell: A field is of the wrong kind.
    """
    item = json_values.part(timelog, kind)
    path = json_values.text(json_values.part(timelog, "project"), "fullPath")
    if path is None:
        url = json_values.text(item, "webUrl") or ""
        match = re.match(r"https?://[^/]+/(.+?)/-/", url)
        path = match[1] if match else ""
    mark = "#" if kind == "issue" else "!"
    return f"{path}{mark}{json_values.text(item, 'iid') or ''}"


def _session(record: tuple[Mapping[str, Any], Netted], *, has_zone: bool) -> Session:
    """Return the session of a timelog.

    Args:
        record: The timelog, and what corrections leave of it.
        has_zone: Whether the import has a zone, in which a day alone can be placed.

    Raises:
        BadCell: A field is missing or of the wrong kind, or it subtracts more than there is.
        SkipRow: It is a correction, or was taken back by one.
    """
    timelog, netted = record
    spent = json_values.seconds(timelog, "timeSpent")
    user = json_values.part(timelog, "user")
    developer = json_values.text(user, "username") or json_values.text(user, "name")
    if developer is None:
        raise BadCell("user", "it is missing: the account may have been deleted")
    _check_netted(spent, netted)
    kind = "issue" if timelog.get("issue") is not None else "mergeRequest"
    item = json_values.part(timelog, kind)
    if not item:
        raise BadCell("issue", "neither an issue nor a merge request: ask for them in the query")
    title, summary = json_values.text(item, "title"), json_values.text(timelog, "summary")
    note = json_values.text(json_values.part(timelog, "note"), "body")
    estimate = json_values.optional_seconds(item, "timeEstimate")
    labels = _labels(item)
    moment = _moment(timelog, has_zone=has_zone)
    task = _reference(timelog, kind)
    return Session(
        content=json_values.canonical(
            developer=developer,
            moment=moment,
            seconds=netted.seconds,
            task=task,
            labels=labels,
            summary=summary,
            note=note,
        ),
        started=moment,
        seconds=netted.seconds,
        words=Words(
            task=task, texts={"title": title, "summary": summary, "note": note}, tags=labels
        ),
        key=json_values.text(timelog, "id"),
        developer=developer,
        note=summary or note,
        project=json_values.text(json_values.part(timelog, "project"), "fullPath"),
        title=title,
        estimate_minutes=estimate / 60 if estimate else None,
    )


def _check_netted(spent: int, netted: Netted) -> None:
    if netted.excess:
        raise BadCell(
            "timeSpent",
            f"it subtracts {netted.excess:,} seconds more than the file has of this person and "
            "item: export a longer period",
            value=str(spent),
        )
    if netted.is_doubtful:
        raise BadCell(
            "timeSpent",
            "a later timelog subtracts more than the file has of its author and this item, perhaps "
            "this time too: export a longer period",
            value=str(spent),
        )
    if spent <= 0:
        raise SkipRow(CORRECTION)
    if netted.seconds <= 0:
        raise SkipRow(TAKEN_BACK)


def _labels(item: Mapping[str, Any]) -> list[str]:
    nodes = json_values.items(json_values.part(item, "labels"), "nodes")
    titles = (json_values.text(node, "title") for node in nodes if isinstance(node, dict))
    return [title for title in titles if title]


def _moment(timelog: Mapping[str, Any], *, has_zone: bool) -> datetime | date:
    """Return when the time was spent: an instant, or the day where only that is known.

    Without a zone the day stands for its noon in UTC.
    """
    spent_at = json_values.instant(timelog, "spentAt").astimezone(UTC)
    if spent_at.time() not in _DAYS_ALONE:
        return spent_at
    return spent_at.date() if has_zone else spent_at.replace(hour=12)
