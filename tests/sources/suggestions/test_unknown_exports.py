"""Suggested maps for exports of tools that tracker does not know by name."""

from __future__ import annotations

import io
import itertools
from typing import Any

import pytest

from tracker.domain import times
from tracker.domain.errors import BadValue
from tracker.domain.records import Entry
from tracker.domain.toml_text import parse_toml
from tracker.sources.foreign_log import ImportContext
from tracker.sources.registry import open_log
from tracker.sources.suggestions.suggest import Suggestion, suggest_map
from tracker.sources.table.column_map import parse_map

GERMAN = (
    "sep=;\r\nZeiterfassung;;;;;;\r\nMitarbeiter;Datum;Beginn;Ende;Pause;Stunden;Vorgang\r\n"
    "Jörg;15.09.2025;09:00;11:00;0:30;1,5;KUN-1\r\n"
    "Anna;16.09.2025;09:00;12:15;0:30;2,75;KUN-2\r\n"
    "Summe;;;;;350,25;\r\n"
)
REDMINE = (
    "Project,Date,Created,User,Activity,Issue,Hours\n"
    "Shop,09/15/2025,09/15/2025 05:12 PM,Ann Lee,Design,Feature #377: Refund,1.00\n"
    "Shop,09/16/2025,09/18/2025 08:12 AM,Ann Lee,Testing,Bug #12: Login,2.50\n"
)
YOUTRACK = (
    "Group name,Item,Item Summary,Work author,Work date,Work type,Spent time\n"
    "Sprint 12,PAY-1,Refund,ann.lee,1757894400000,Development,90\n"
    "Sprint 12,PAY-2,Login,bob.ray,1757980800000,Testing,480\n"
)
CLICKUP = (
    "Username,Time Entry ID,Start,Start Text,Stop,Time Tracked,Task ID,Task Name,Time Estimated\n"
    'Ann,31,1757926800000,"09/15/2025, 09:00 AM",1757932200000,5400000,86c1,Refund,7200000\n'
    'Bob,32,1757930400000,"09/15/2025, 10:00 AM",1757934000000,3600000,86c2,Login,3600000\n'
)
EVERHOUR = (
    "Date,Member,Project,Task,Time (h),Time (decimal)\n"
    "15/09/2025,Ann,Shop,PAY-31 Refund,1:15,1.25\n16/09/2025,Bob,Shop,PAY-2 Login,2:10,2.17\n"
)
JIRA_ISSUES = (
    "Summary,Issue key,Issue Type,Assignee,Created,Resolved,Original estimate,Time Spent,Log Work,"
    "Log Work\n"
    "Refund,PAY-1,Story,ann,01/Sep/25 9:12 AM,06/Sep/25 4:12 PM,7200,5400,a;b;3600,\n"
    "Login,PAY-2,Bug,ann,02/Sep/25 9:12 AM,07/Sep/25 4:12 PM,3600,1800,,\n"
)
LINEAR = (
    "ID,Team,Title,Estimate,Assignee,Created,Started,Completed\n"
    "ENG-1,Eng,Refund,3,ann,2025-09-01T08:00:00Z,2025-09-02T08:00:00Z,2025-09-04T08:00:00Z\n"
    "ENG-2,Eng,Login,5,ann,2025-09-02T08:00:00Z,2025-09-03T08:00:00Z,2025-09-05T08:00:00Z\n"
)
PUNCH_CLOCK = (
    "Employee,Date,Clock in,Clock out,Break (min)\nE1,2025-09-15,09:00,17:30,30\n"
    "E2,2025-09-15,08:00,12:00,0\n"
)


def suggest(content: str, encoding: str = "utf-8") -> Suggestion:
    """Return the suggestion for a log."""
    stream = io.BufferedReader(io.BytesIO(content.encode(encoding)))  # type: ignore[arg-type]
    return suggest_map(stream, "log.csv", "csv", "Europe/Berlin")


def map_of(suggestion: Suggestion) -> dict[str, Any]:
    """Return the suggested map."""
    return parse_toml(suggestion.text)


def test_a_total_row_counts_for_nothing() -> None:
    """An Excel sheet in German: ``sep=;``, a title, decimal commas, and a sum in the last row."""
    suggestion = suggest(GERMAN, "cp1252")
    draft = map_of(suggestion)
    assert draft["columns"]["task"] == "Vorgang"
    assert draft["columns"]["started_at"] == ["Datum", "Beginn"]
    assert draft["units"] == {"interruption_minutes": "hms", "minutes": "hours"}
    assert (draft["formats"]["decimal"], draft["formats"]["encoding"]) == (",", "cp1252")
    assert "'Mitarbeiter' holds 2 people" in suggestion.text
    assert "from 1.5 h to 2.75 h" in suggestion.text


def test_the_moment_of_writing_is_not_the_start() -> None:
    """Redmine exports the day of the work and when the row was created."""
    columns = map_of(suggest(REDMINE))["columns"]
    assert columns["date"] == "Date"
    assert "started_at" not in columns


def test_a_part_of_a_header_is_no_person() -> None:
    """YouTrack's `Group name` is no developer, and its dates are midnights in UTC."""
    draft = map_of(suggest(YOUTRACK))
    assert (draft["columns"]["developer"], draft["columns"]["date"]) == ("Work author", "Work date")
    assert draft["formats"] == {"date": "epoch_ms", "timezone": "Europe/Berlin"}
    assert draft["units"]["minutes"] == "?"


def test_milliseconds_are_a_unit() -> None:
    """ClickUp writes them: those of the effort follow from start and end, others are proposed."""
    suggestion = suggest(CLICKUP)
    assert map_of(suggestion)["units"] == {"estimate_minutes": "?", "minutes": "milliseconds"}
    assert (
        '# estimate_minutes = "milliseconds"  # the median row takes 90 minutes' in suggestion.text
    )
    assert "e+0" not in suggestion.text


def test_a_time_that_is_a_duration_is_the_effort() -> None:
    """Everhour writes ``h:mm`` below `Time (h)`."""
    draft = map_of(suggest(EVERHOUR))
    assert draft["columns"]["minutes"] == "Time (h)"
    assert (draft["columns"]["date"], draft["units"]) == ("Date", {"minutes": "hms"})


@pytest.mark.parametrize(
    ("content", "completed"), [(JIRA_ISSUES, "Resolved"), (LINEAR, "Completed")]
)
def test_issues_are_tasks_and_no_log(content: str, completed: str) -> None:
    """One row for each issue with its estimate: when it was worked on is not known."""
    suggestion = suggest(content)
    columns = map_of(suggestion)["columns"]
    assert suggestion.source == "tasks"
    assert columns["completed_at"] == completed
    assert not columns.keys() & {"started_at", "date", "minutes"}


def test_columns_with_one_name_are_told() -> None:
    """A map cannot name them."""
    text = suggest(JIRA_ISSUES).text
    assert "# Not read, since several columns have this name: 'Log Work'." in text


def test_an_estimate_may_be_in_points() -> None:
    """Where nothing says the unit, story points are among the alternatives."""
    assert '# estimate_minutes = "points"' in suggest(LINEAR).text


def test_a_punch_clock_has_starts_and_ends() -> None:
    """`Clock in` and `Clock out` are times of the day in the column of dates."""
    columns = map_of(suggest(PUNCH_CLOCK))["columns"]
    assert columns["started_at"] == ["Date", "Clock in"]
    assert columns["ended_at"] == ["Date", "Clock out"]


@pytest.mark.parametrize(
    "header",
    [
        "Mon 1 Sep,Tue 2 Sep,Wed 3 Sep",
        "Monday,Tuesday,Wednesday",
        "Mo,Di,Mi",
        "Montag,Dienstag,Mittwoch",
        "lundi,mardi,mercredi",
        "03/Mar/25,04/Mar/25,05/Mar/25",
        "2026-03-02,2026-03-03,2026-03-04",
        "01.09.,02.09.,03.09.",
        "1 Sep,2 Sep,3 Sep",
    ],
)
def test_a_sheet_with_a_column_for_each_day_is_refused(header: str) -> None:
    """Its rows are no stretches of work."""
    with pytest.raises(BadValue, match=r"a column for each day .* a row for each entry"):
        suggest(f"Name,Task,{header},Total\nAnn,PAY-1,1,0,2.5,3.5\n")


@pytest.mark.parametrize(
    "header",
    ["Monthly,Sum,Friend", "Task,Money,Wednesbury", "Mode,Dim,Marke", "Satz,Sonstiges,Mitarbeiter"],
)
def test_words_that_begin_like_days_are_no_days(header: str) -> None:
    """The log has no column of dates, but it is no grid."""
    assert "# No column of dates was found" in suggest(f"{header},Hours\na,b,c,1\n").text


def test_midnights_since_1970_are_days() -> None:
    """They are read as days in UTC, also in a zone in which they begin on the day before."""
    text = suggest(YOUTRACK).text.replace('minutes = "?"', 'minutes = "minutes"')
    map_ = text.replace("Europe/Berlin", "America/New_York")
    context = ImportContext(ids=map(str, itertools.count()), map=parse_map(map_, "m.toml"))
    stream = io.BufferedReader(io.BytesIO(YOUTRACK.encode()))  # type: ignore[arg-type]
    entries = [r for r in open_log("csv", stream, "log", context).records if isinstance(r, Entry)]
    days = [times.day_to_date(entry.local_day).isoformat() for entry in entries]
    assert days == ["2025-09-15", "2025-09-16"]
