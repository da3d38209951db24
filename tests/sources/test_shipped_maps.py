"""Toggl, Clockify, Harvest, Kimai and Tempo by name: what their exports hold, and their traps."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support import tool_exports
from support.person import Person
from support.tool_exports import Work, clockify, harvest, kimai, table, tempo, toggl

from tracker.sources.registry import SOURCES

MONDAY = datetime(2026, 3, 2, 9, 0)
LOG = [
    Work(
        ("ana", "bo")[number % 2],
        f"PAY-{number}",
        ("Design", "testing", "REVIEW")[number % 3],
        MONDAY + timedelta(days=number * 3, minutes=15 * number),
        (60, 90, 45, 15)[number % 4],
    )
    for number in range(1, 11)
]
"""Ten stretches of work on days up to the 32nd after the second of March."""

EXPORTS: dict[str, Callable[..., str]] = {
    "toggl": toggl,
    "clockify": clockify,
    "harvest": harvest,
    "kimai": kimai,
    "tempo": tempo,
}
DAY_ONLY = ("harvest",)
VARIANTS: dict[str, tuple[str, Callable[[list[Work]], str]]] = {
    "toggl": ("toggl", toggl),
    "toggl, classic durations": ("toggl", lambda log: toggl(log, duration=lambda m: f"{m} min")),
    "toggl, decimal durations": ("toggl", lambda log: toggl(log, duration=lambda m: f"{m / 60}")),
    "clockify, day first": ("clockify", clockify),
    "clockify, month first, 24 h": (
        "clockify",
        lambda log: clockify(log, day="%m/%d/%Y", clock="%H:%M"),
    ),
    "clockify, activity": ("clockify", lambda log: clockify(log, task="Activity")),
    "harvest": ("harvest", harvest),
    "harvest, month first": ("harvest", lambda log: harvest(log, day="%m/%d/%Y")),
    "harvest, decimal comma": ("harvest", lambda log: harvest(log, decimal=",")),
    "kimai": ("kimai", kimai),
    "kimai, from and to": ("kimai", lambda log: kimai(log, language="from")),
    "kimai, German": ("kimai", lambda log: kimai(log, language="de")),
    "kimai, decimal": ("kimai", lambda log: kimai(log, duration=lambda m: f"{m / 60:.2f}")),
    "tempo": ("tempo", tempo),
}
EXPECTED_DEVELOPERS = {"harvest": {"ana": "ana Lima", "bo": "bo Lima"}}


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Ada in a folder of her own."""
    monkeypatch.chdir(tmp_path)
    person = Person(tmp_path)
    person.run("config", "set", "zone", "Europe/Berlin")
    return person


def import_text(person: Person, source: str, text: str, *options: str, code: int = 0) -> str:
    """Import a file; return the messages."""
    Path("export.csv").write_bytes(text.encode())
    return person.run("import", source, "export.csv", *options, code=code).stderr


def entries(person: Person) -> list[dict[str, str]]:
    """Return the stored entries as they are exported."""
    return list(csv.DictReader(io.StringIO(person.run("export").stdout)))


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_export_is_read_by_name_without_a_map(ada: Person, variant: str) -> None:
    """Developer, task, activity, start and effort are right; again it adds nothing."""
    source, write = VARIANTS[variant]
    messages = import_text(ada, source, write(LOG))
    assert "kept 10 entries" in messages, messages
    assert "unmapped" not in messages
    people = EXPECTED_DEVELOPERS.get(source, {})
    expected = {
        (
            people.get(work.developer, work.developer),
            work.task,
            work.activity.lower(),
            f"{work.start.date()}T12:00" if source in DAY_ONLY else f"{work.start:%Y-%m-%dT%H:%M}",
            float(work.minutes),
        )
        for work in LOG
    }
    actual = {
        (e["developer"], e["task"], e["activity"], e["started_at"][:16], float(e["minutes"]))
        for e in entries(ada)
    }
    assert actual == expected
    assert "kept nothing; " in import_text(ada, source, write(LOG))


@pytest.mark.parametrize(
    "duration",
    [
        lambda minutes: f"{60 * minutes}",
        lambda minutes: f"{minutes}",
        lambda minutes: f"{minutes / 60:.2f}",
        lambda minutes: f"{minutes / 60:.2f}".replace(".", ","),
        lambda minutes: f"{minutes // 60}:{minutes % 60:02}",
        lambda minutes: f"{minutes // 60}h {minutes % 60}m",
    ],
)
def test_durations_are_read_in_the_unit_of_start_and_end(
    ada: Person, duration: Callable[[int], str]
) -> None:
    """Seconds, minutes, hours, h:mm or words, whatever the template of the export says."""
    messages = import_text(ada, "kimai", kimai(LOG, language="de", duration=duration))
    assert "warning" not in messages
    minutes = sorted(float(entry["minutes"]) for entry in entries(ada))
    assert minutes == sorted(work.minutes for work in LOG)


def test_an_export_in_cp1252_is_named_and_drafted(ada: Person) -> None:
    """The refusal says what to give; the draft of a map says it too, and is accepted."""
    Path("export.csv").write_bytes(kimai(LOG, language="de").encode("cp1252"))
    assert "give encoding in [formats]" in ada.refused("import", "kimai", "export.csv")
    draft = ada.run("import", "csv", "export.csv", "--suggest", "-o", "m.toml").stderr
    assert "tracker import kimai export.csv --map m.toml" in draft
    assert "kept 10 entries" in ada.run("import", "kimai", "export.csv", "--map", "m.toml").stderr


def test_durations_in_no_unit_are_refused(ada: Person) -> None:
    """Minutes and seconds written like hours and minutes are 60 times too long."""
    log = [work._replace(minutes=50) for work in LOG]
    message = import_text(ada, "kimai", kimai(log, duration=lambda m: f"{m}:00"), code=1)
    assert "'Duration' are typically 60 times as long as the time from start to end" in message
    assert entries(ada) == []


@pytest.mark.parametrize("source", EXPORTS)
def test_an_edited_tag_or_description_makes_no_new_row(ada: Person, source: str) -> None:
    """The key survives the edit: the row is told, and taken with --update."""
    import_text(ada, source, EXPORTS[source](LOG))
    edited = [LOG[0]._replace(tag="urgent", note="edited"), *LOG[1:]]
    messages = import_text(ada, source, EXPORTS[source](edited))
    assert "1 row has the key of another row, with other content: kept as it was" in messages
    assert len(entries(ada)) == len(LOG)
    messages = import_text(ada, source, EXPORTS[source](edited), "--update")
    assert "1 updated" in messages
    stored = entries(ada)
    assert len(stored) == len(LOG)
    assert any("edited" in (entry["note"] or "") for entry in stored)


@pytest.mark.parametrize("source", EXPORTS)
@pytest.mark.parametrize("other", EXPORTS)
def test_a_wrong_file_is_named(ada: Person, source: str, other: str) -> None:
    """The message names the tool whose export it is, and the command that reads it."""
    if source == other:
        return
    messages = import_text(ada, source, EXPORTS[other](LOG), code=1)
    assert f"looks like an export of {other}" in messages
    assert f"`tracker import {other} FILE`" in messages
    assert entries(ada) == []


@pytest.mark.parametrize("source", EXPORTS)
def test_a_truncated_file_is_refused(ada: Person, source: str) -> None:
    """A last row that is cut off is named by its line; nothing is kept."""
    text = EXPORTS[source](LOG).rstrip()
    messages = import_text(ada, source, text[: text.rindex("2026") + 6], code=1)
    assert "export.csv line 11, column" in messages
    assert entries(ada) == []


@pytest.mark.parametrize("source", EXPORTS)
def test_a_time_without_a_zone_is_refused(tmp_path: Path, source: str) -> None:
    """Without a zone in the settings, the map or --tz the times mean nothing."""
    (tmp_path / "export.csv").write_text(EXPORTS[source](LOG))
    messages = Person(tmp_path).refused("import", source, str(tmp_path / "export.csv"))
    assert "give --tz" in messages


@pytest.mark.parametrize("source", ["toggl", "clockify", "kimai"])
def test_both_readings_of_the_doubled_hour_are_named(ada: Person, source: str) -> None:
    """A start at 02:30 of the night when the clocks go back is refused with both offsets."""
    night = LOG[0]._replace(start=datetime(2025, 10, 26, 2, 30))
    messages = import_text(ada, source, EXPORTS[source]([night, *LOG[1:]]), code=1)
    assert "02:30+0200" in messages
    assert "02:30+0100" in messages


@pytest.mark.parametrize("source", ["clockify", "harvest"])
def test_days_that_fit_both_orders_are_refused(ada: Person, source: str) -> None:
    """Both readings are named, with the line that decides; with it the file is read."""
    log = [work._replace(start=datetime(2026, 3, 4, 9 + n, 0)) for n, work in enumerate(LOG)]
    text = EXPORTS[source](log, day="%m/%d/%Y")
    messages = import_text(ada, source, text, code=1)
    assert "day first: 03/04/2026 is 3 April 2026" in messages
    assert "month first: 03/04/2026 is 4 March 2026" in messages
    key = "date" if source in DAY_ONLY else "datetime"
    line = next(
        part for part in messages.split("(") if part.startswith(f"{key} = ") and "%m/%d" in part
    )
    Path("m.toml").write_text("[formats]\n" + line.partition(")")[0] + "\n")
    messages = import_text(ada, source, text, "--map", "m.toml")
    assert "kept 10 entries" in messages
    assert {entry["started_at"][:10] for entry in entries(ada)} == {"2026-03-04"}


def test_values_and_extracts_of_the_user_go_first(ada: Person) -> None:
    """The activity is the first tag that the map knows; assisted comes from a tag, too."""
    log = [LOG[0]._replace(activity="Workshop", tag="copilot"), *LOG[1:]]
    Path("m.toml").write_text(
        '[values.activity]\n"Workshop" = "design"\n[values.assisted]\n"copilot" = "yes"\n'
        "[extract.task]\npattern = '(AY-[0-9]+)'\n"
    )
    assert "unmapped activities: backend, Workshop, copilot (1)" in import_text(
        ada, "toggl", toggl(log)
    )
    ada.run("import", "--undo")
    import_text(ada, "toggl", toggl(log), "--map", "m.toml")
    first = min(entries(ada), key=lambda entry: entry["started_at"])
    assert (first["activity"], first["assisted"], first["task"]) == ("design", "yes", "AY-1")
    assert {e["assisted"] for e in entries(ada)} == {"yes", "unknown"}
    assert {e["assistant"] for e in entries(ada)} == {""}


def test_a_map_with_columns_is_refused(ada: Person) -> None:
    """A named source knows its columns."""
    Path("m.toml").write_text('[columns]\ntask = "Task"\n')
    messages = import_text(ada, "toggl", toggl(LOG), "--map", "m.toml", code=1)
    assert "m.toml has [columns], but `import toggl` knows its columns" in messages


def test_a_row_without_task_and_description_is_skipped_and_told(ada: Person) -> None:
    """Toggl writes rows without a description; nothing names their task."""
    lines = toggl(LOG).splitlines(keepends=True)
    lines[3] = lines[3].replace("PAY-3 work", "")
    assert lines[3] != toggl(LOG).splitlines(keepends=True)[3]
    messages = import_text(ada, "toggl", "".join(lines), "--on-error", "stop")
    assert "kept 9 entries" in messages
    assert "left out, no task: nothing names one: 1" in messages


def test_optional_columns_may_be_missing(ada: Person) -> None:
    """Which columns an export has depends on plan and settings."""
    rows = list(csv.reader(io.StringIO(clockify(LOG))))
    keep = [n for n, name in enumerate(rows[0]) if name not in ("Client", "Group", "Duration (h)")]
    text = table([[row[n] for n in keep] for row in rows])
    assert "kept 10 entries" in import_text(ada, "clockify", text)
    assert sum(float(e["minutes"]) for e in entries(ada)) == sum(work.minutes for work in LOG)


def test_a_missing_column_of_times_is_named(ada: Person) -> None:
    """Without its times a row is no stretch of work."""
    messages = import_text(ada, "toggl", toggl(LOG).replace("End time", "Finish"), code=1)
    assert "has no column 'End time', which exports of toggl have" in messages


def test_other_reports_of_a_tool_are_refused(ada: Person) -> None:
    """Tempo's grid and Clockify's shared report hold sums."""
    grid = table(
        [["Issue", "Key", "Logged", "02/Mar/26", "03/Mar/26"], ["Refunds", "PAY-1", 2, 1, 1]]
    )
    assert "a grid of Tempo: sums by day" in import_text(ada, "tempo", grid, code=1)
    shared = table(
        [["Date", "Task", "Project", "Client", "Time (h)"], ["03/02/2026", "x", "P", "C", "1:00"]]
    )
    assert "a shared or summary report of Clockify" in import_text(ada, "clockify", shared, code=1)


def test_overnight_work_of_kimai_ends_on_the_next_day(ada: Person) -> None:
    """Kimai's export has one day for both times."""
    late = LOG[0]._replace(start=datetime(2026, 3, 5, 23, 30), minutes=60)
    import_text(ada, "kimai", kimai([late, *LOG[1:]]))
    assert any(entry["ended_at"].startswith("2026-03-06T00:30") for entry in entries(ada))


def test_one_bad_date_is_rejected_and_the_others_are_read(ada: Person) -> None:
    """13/15/2026 stands in a real export: the order is decided by the others."""
    text = clockify(LOG, day="%m/%d/%Y").replace("03/05/2026", "13/15/2026", 1)
    messages = import_text(ada, "clockify", text, "--on-error", "skip")
    assert "kept 9 entries, 9 tasks, 1 rejected" in messages


@pytest.mark.parametrize("other", ["14/03/2026", "2026-03-14"])
def test_days_in_two_forms_are_refused(ada: Person, other: str) -> None:
    """No order reads both; the message names one of each."""
    text = (
        clockify(LOG, day="%m/%d/%Y")
        .replace("03/05/2026", "03/25/2026")
        .replace("03/08/2026", other)
    )
    messages = import_text(ada, "clockify", text, code=1)
    assert "writes days in more than one way, such as '03/25/2026' and " in messages
    assert f"'{other}'" in messages
    assert entries(ada) == []


@pytest.mark.parametrize("source", EXPORTS)
def test_a_header_alone_keeps_nothing(ada: Person, source: str) -> None:
    """The report of a month without work is no fault."""
    message = "kept nothing: there is no row below the header; check what was exported\n"
    assert message in import_text(ada, source, EXPORTS[source]([]))


def test_a_cell_of_megabytes_is_refused(ada: Person) -> None:
    """It is most likely a quote that is never closed."""
    text = toggl(LOG).replace("PAY-1", "PAY-1 " + "x" * 1_000_000, 1)
    assert "is a quote there never closed?" in import_text(ada, "toggl", text, code=1)
    assert entries(ada) == []


def test_standard_input_is_read(ada: Person) -> None:
    """A pipe cannot be read twice, so it is copied first."""
    process = ada.process("import", "toggl", "-", "--tz", "Europe/Berlin", stdin=-1)
    _, errors = process.communicate(toggl(LOG), timeout=60)
    assert "standard input: kept 10 entries" in errors


def test_many_entries_are_streamed(ada: Person, tmp_path: Path) -> None:
    """200,000 entries are read in memory that does not grow with the file."""

    def size_of(number: int) -> int:
        log = (LOG[n % 10]._replace(start=MONDAY - timedelta(minutes=n)) for n in range(number))
        (tmp_path / "big.csv").write_text(toggl(log))
        code = (
            "import resource, sys, io, itertools\n"
            "from zoneinfo import ZoneInfo\n"
            "from tracker.sources.registry import open_log\n"
            "from tracker.sources.foreign_log import ImportContext\n"
            "context = ImportContext(ids=map(str, itertools.count()), zone=ZoneInfo('UTC'))\n"
            "log = open_log('toggl', open(sys.argv[1], 'rb'), 'big.csv', context)\n"
            "number = sum(1 for _ in log.records)\n"
            "print(number, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
        )
        import subprocess

        output = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "big.csv")],
            capture_output=True, text=True, check=True, timeout=170,
        ).stdout.split()  # fmt: skip
        assert int(output[0]) >= number
        return int(output[1])

    assert size_of(200_000) - size_of(20_000) < 120_000  # kilobytes; row keys take 200 bytes each


def test_every_shipped_map_belongs_to_a_source() -> None:
    """Each file in maps/ is that of a source, or of another language of it."""
    folder = Path(tool_exports.__file__).parents[2] / "tracker" / "sources" / "maps"
    stems = {
        source.shipped_map.removesuffix(".toml")
        for source in SOURCES.values()
        if source.shipped_map
    }
    files: list[Any] = sorted(folder.glob("*.toml"))
    assert {path.stem.partition("_")[0] for path in files} == stems


@pytest.mark.parametrize("source", ["toggl", "clockify", "harvest", "kimai"])
def test_the_pattern_of_the_settings_finds_the_task(ada: Person, source: str) -> None:
    """In the texts of each export, and in the draft of a map."""
    log = [work._replace(task=f"#{number}") for number, work in enumerate(LOG)]
    ada.run("config", "set", "task_pattern", "(#[0-9]+)")
    import_text(ada, source, EXPORTS[source](log))
    assert {entry["task"] for entry in entries(ada)} == {work.task for work in log}
    draft = ada.run("import", "csv", "export.csv", "--suggest").stdout
    assert "(#[0-9]+)" in draft


def test_the_json_of_tempo_is_refused(ada: Person) -> None:
    """It has numbers in place of keys and names; no other source takes it for its own."""
    content = '{"results": [{"tempoWorklogId": 1, "timeSpentSeconds": 3600}]}'
    assert "export it as `tracker import tempo --help` says" in import_text(
        ada, "tempo", content, code=1
    )
    assert "Jira's interface" in import_text(ada, "jira", content, code=1)


def test_the_estimates_of_tempo_come_with_a_map_that_names_their_unit(ada: Person) -> None:
    """The same file is imported as worklogs and, by the map of docs/importing.md, as tasks."""
    header, *rows = list(csv.reader(io.StringIO(tempo(LOG))))
    text = table([[*header, "Issue Original Estimate"], *([*row, "1.5"] for row in rows)])
    assert "kept 10 entries" in import_text(ada, "tempo", text)
    page = (Path(__file__).parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")
    start = page.index('source = "tempo"')
    Path("estimates.toml").write_text(page[start : page.index("```", start)])
    messages = import_text(ada, "tasks", text, "--map", "estimates.toml")
    assert "estimates: 10 of 10 belong to a task that has entries" in messages
    tasks = csv.DictReader(io.StringIO(ada.run("export", "tasks").stdout))
    assert {float(task["estimate_minutes"]) for task in tasks if task["estimate_minutes"]} == {90.0}
