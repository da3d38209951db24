"""Hostile input at every way into the program: each is read, or refused in one printable line.

`python -m benchmarks.stress fuzz --inputs 20000` runs it.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from benchmarks.fuzz_logs import LOG_WAYS_IN
from benchmarks.mutations import (
    NOW,
    Fuzz,
    check_messages,
    mutate,
    mutate_json,
    mutate_text,
    read_log,
    run_program,
)
from tracker.domain import times, typed_times
from tracker.domain.errors import TrackerError
from tracker.domain.ids import uuid7
from tracker.local import settings
from tracker.local.activity_cache import ActivityCache
from tracker.local.outbox import Outbox
from tracker.local.timer_file import TimerFile
from tracker.sources.table.column_map import read_map
from tracker.store.upgrade import open_database
from tracker.store.write.entries import store_outbox

SECONDS_PER_INPUT = 10
"""CPU seconds from which an input counts as blocking the program."""

MAP = """
source = "fuzz"
[columns]
key = "id"
developer = "who"
task = "what"
activity = "phase"
started_at = "begin"
ended_at = "end"
minutes = "minutes"
estimate_minutes = "estimate"
[formats]
timezone = "Europe/Berlin"
"""
FORMATS = """
missing = ["NA"]
delimiter = ","
encoding = "utf-8"
datetime = "%Y-%m-%d %H:%M"
decimal = "."
ambiguous = "earlier"
[values.activity]
"des*" = "design"
[constants]
team = "payments"
"""
TASK_MAP = """
source = "fuzz"
[columns]
task = "id"
title = "who"
estimate_minutes = "minutes"
completed_at = "end"
[formats]
timezone = "Europe/Berlin"
"""
LOG = (
    "id,who,what,phase,begin,end,minutes,estimate\n"
    "1,ann,T-1,design,2026-03-02 09:00,2026-03-02 10:00,60,90\n"
    '2,bob,"T-2, part",testing,2026-03-29T03:30,2026-03-29T04:30,59.5,\n'
)
EXPORT = (
    "id,developer,task,activity,started_at,zone,minutes,logged_at\n"
    "01890000-0000-7000-8000-000000000001,ann,T-1,design,2026-03-02T09:00:00+01:00,Europe/Berlin,"
    "60,2026-03-02T10:00:00+01:00\n"
)
EXPORTED_ROW = {
    "id": "01890000-0000-7000-8000-000000000001",
    "developer": "ann",
    "task": "T-1",
    "activity": "design",
    "started_at": "2026-03-02T09:00:00+01:00",
    "zone": "Europe/Berlin",
    "minutes": 60,
    "logged_at": "2026-03-02T10:00:00+01:00",
}
ENTRY = {
    "kind": "entry",
    "id": "01890000-0000-7000-8000-000000000001",
    "developer": "ann",
    "task": "T-1",
    "activity": "design",
    "started_epoch": 1_780_000_000,
    "zone": "Europe/Berlin",
    "seconds": 3600,
    "local_day": 20601,
    "logged_epoch": 1_780_003_600,
    "ended_epoch": 1_780_003_600,
    "note": "a note",
    "assisted": "yes",
    "basis": "flag",
}
ESTIMATE = {
    "kind": "estimate",
    "developer": "ann",
    "task": "T-1",
    "activity": "design",
    "estimate_minutes": 90.0,
    "estimated_epoch": 1_780_000_000,
}
TIMER = {
    "id": "01890000-0000-7000-8000-000000000001",
    "developer": "ann",
    "task": "T-1",
    "activity": "design",
    "started_epoch": 1_780_000_000,
    "zone": "Europe/Berlin",
    "note": None,
    "pauses": [[1_780_000_100, 1_780_000_200]],
}
TOOL_LOGS = {
    "bartib": "2026-03-02 09:00 - 2026-03-02 10:00 | design | PAY-1 \\\\ x\n"
    "2026-03-03 09:00 | x | y\n",
    "klog": '{"records": [{"date": "2026-03-02", "summary": "#ai", "entries": [{"type": "range",'
    ' "summary": "PAY-1 #design", "total_mins": 60, "start_mins": 540, "end_mins": 600}, {"type":'
    ' "duration", "summary": "lunch", "total_mins": -30}]}], "errors": null}',
    "org": "* TODO PAY-1 :design:\n:PROPERTIES:\n:Effort: 1h 30min\n:END:\n"
    "CLOCK: [2026-03-02 Mon 09:00]--[2026-03-02 Mon 10:00] =>  1:00\n",
    "processdash": '<?xml version="1.0"?>\n<timeLogEntries>\n<time id="1" path="/P/PAY-1/Design"'
    ' start="@1772438400000" delta="60" interrupt="5" comment="x&#10;y"/>\n</timeLogEntries>\n',
    "timewarrior": '[{"id": 1, "start": "20260302T080000Z", "end": "20260302T090000Z", "tags":'
    ' ["PAY-1", "design"], "annotation": "x"}]',
    "watson": '[[1772438400, 1772442000, "PAY-1", "3e9176e02d0f414cb779d40d92b43de6", ["design"],'
    " 1772442000]]",
}
"""A small log of each named source."""
NAMED_MAP = """
[values.activity]
"des*" = "design"
[values.assisted]
ai = "yes"
[extract.task]
pattern = '([A-Z]+-[0-9]+)'
[formats]
timezone = "Europe/Berlin"
"""
SETTINGS = 'developer = "ann"\nzone = "Europe/Berlin"\ndatabase_url = "sqlite:////tmp/x.db"\n'
SECRETS = [
    "postgresql://ann:s3cret@localhost:1/log",
    "postgresql+psycopg://ann:s3cret@localhost:1/log?sslmode=disable",
    "postgresql://localhost:1/log?user=ann&password=s3cret",
    "postgresql:///log?host=/nowhere&pass%77ord=s3cret",
    "host=localhost password=s3cret",
    "host=localhost password='a s3cret'",
    "PGPASSWORD=s3cret",
    "mysql://ann:s3cret@localhost/log",
]
TEXTS = [
    "45m",
    "1h30m",
    "1:30",
    "1.5h",
    "9:30",
    "yesterday 14:00",
    "2026-03-01 14:00",
    "40 minutes ago",
    "2026-03-01T02:30+01:00",
    "3 days ago",
    "Europe/Berlin",
    "postgresql://ann:x@db/log",
]
"""Durations, instants, days, zones and URLs, as they are typed."""
COMMANDS = [
    ["log", "design", "T-1", "45m"],
    ["log", "design", "T-1", "--from", "9:00", "--to", "9:30", "-m", "note"],
    ["start", "design", "T-1", "--at", "9:00"],
    ["stop", "--at", "9:30"],
    ["status"],
    ["edit", "0189", "--duration", "30m"],
    ["edit", "0189", "--from", "8:00", "--tz", "Europe/Berlin"],
    ["delete", "0189"],
    ["entries", "--from", "2026-03-01", "--task", "T-1"],
    ["summary", "--from", "2026-03-01"],
    ["estimate", "design", "T-2", "3h"],
    ["task", "T-1", "--title", "title", "--done", "9:00"],
    ["rollout", "Spark", "--on", "2026-03-01"],
    ["activities", "add", "pairing"],
    ["claims", "add", "vendor", "--activity", "design", "--gain", "30%", "--source", "offer"],
    ["config", "set", "zone", "Europe/Berlin"],
    ["config", "get", "developer"],
    ["import", "csv", "log.csv", "--map", "map.toml"],
    ["--config", "config.toml", "entries"],
    ["--db", "sqlite:////nowhere/log.db", "entries"],
    ["export", "tasks"],
    ["db", "status"],
]


def read_csv(fuzz: Fuzz) -> None:
    """Read a mutated CSV log."""
    read_log("csv", mutate(LOG.encode(), fuzz.rng), MAP)


def read_tasks(fuzz: Fuzz) -> None:
    """Read a mutated list of tasks."""
    read_log("tasks", mutate(LOG.encode(), fuzz.rng), TASK_MAP)


def read_export(fuzz: Fuzz) -> None:
    """Read a mutated export in CSV."""
    read_log("tracker", mutate(EXPORT.encode(), fuzz.rng), None)


def read_json_export(fuzz: Fuzz) -> None:
    """Read a mutated export in JSON."""
    content = b"[" + mutate_json(dict(EXPORTED_ROW), fuzz.rng) + b"]"
    read_log("tracker", content, None)


def read_tool_log(fuzz: Fuzz) -> None:
    """Read the mutated log of a named source, by a mutated map now and then."""
    kind = fuzz.rng.choice(sorted(TOOL_LOGS))
    map_ = mutate_text(NAMED_MAP, fuzz.rng) if fuzz.rng.random() < 0.3 else NAMED_MAP
    read_log(kind, mutate(TOOL_LOGS[kind].encode(), fuzz.rng), map_)


def read_column_map(fuzz: Fuzz) -> None:
    """Read a mutated map from a file."""
    path = fuzz.folder / "map.toml"
    path.write_bytes(mutate((MAP + FORMATS).encode(), fuzz.rng))
    read_map(path)
    read_log("csv", LOG.encode(), path.read_text(encoding="utf-8-sig"))


def read_settings_file(fuzz: Fuzz) -> None:
    """Read a mutated settings file, and write a setting to it."""
    path = fuzz.folder / "config.toml"
    path.write_bytes(mutate(SETTINGS.encode(), fuzz.rng))
    settings.read_settings(str(path), must_exist=True)
    settings.write_setting(str(path), "team", "payments")


def read_timer(fuzz: Fuzz) -> None:
    """Read a mutated timer file, and stop the timer if one runs."""
    (fuzz.folder / "timer.json").write_bytes(mutate_json(dict(TIMER), fuzz.rng))
    messages: list[str] = []
    outbox = Outbox(str(fuzz.folder), messages.append)
    timer_file = TimerFile(str(fuzz.folder), outbox, messages.append)
    timer = timer_file.running()
    if timer is not None:
        timer.when(timer.latest_epoch)
        timer_file.stop(int(NOW.timestamp()), int(NOW.timestamp()))
    check_messages(messages)


def read_outbox(fuzz: Fuzz) -> None:
    """Store a mutated record of the outbox together with a valid one, which must be stored."""
    messages: list[str] = []
    outbox = Outbox(str(fuzz.folder / "o"), messages.append)
    good = ENTRY | {"id": uuid7(time.time_ns(), os.urandom(8)), "task": "good"}
    Path(outbox.folder).mkdir(parents=True, exist_ok=True)
    record: dict[str, object] = dict(fuzz.rng.choice([ENTRY, ESTIMATE]))
    Path(outbox.path("00")).write_bytes(mutate_json(record, fuzz.rng))
    outbox.put(str(good["id"]), dict(good))
    records = outbox.pending()
    assert any(record == good for _, record in records), "a bad record is in the way"
    result = store_outbox(fuzz.database, [record for _, record in records])
    assert not any(record == good for record, _ in result.refused), "the good record is refused"
    messages += [reason for _, reason in result.refused]
    outbox.discard(path for path, _ in records)
    check_messages(messages)


def read_activities(fuzz: Fuzz) -> None:
    """Read a mutated activity cache, and look for an activity."""
    content = mutate(json.dumps(["design", "testing"]).encode(), fuzz.rng)
    (fuzz.folder / "activities.json").write_bytes(content)
    ActivityCache(str(fuzz.folder)).check(mutate_text("design", fuzz.rng))


def parse_text(fuzz: Fuzz) -> None:
    """Parse a mutated text as a duration, an instant, a day, a zone and a URL."""
    text = mutate_text(fuzz.rng.choice(TEXTS), fuzz.rng)
    parsers: list[Callable[[str], object]] = [
        typed_times.parse_duration,
        lambda text: typed_times.parse_instant(text, now=NOW),
        lambda text: typed_times.parse_day(text, now=NOW),
        times.zone,
    ]
    fuzz.rng.choice(parsers)(text)


def run_command(fuzz: Fuzz) -> None:
    """Run the program with a mutated argument; it ends with one of its exit codes."""
    arguments = list(fuzz.rng.choice(COMMANDS))
    place = fuzz.rng.randrange(len(arguments))
    has_secret = fuzz.rng.random() < 0.2
    arguments[place] = (
        fuzz.rng.choice(SECRETS) if has_secret else mutate_text(arguments[place], fuzz.rng)
    )
    message = run_program(fuzz, arguments)
    assert not has_secret or "s3cret" not in message, f"a password is printed: {arguments}"


WAYS_IN: dict[str, Callable[[Fuzz], None]] = {
    "csv": read_csv,
    "tasks": read_tasks,
    "export": read_export,
    "json": read_json_export,
    "tools": read_tool_log,
    "map": read_column_map,
    "settings": read_settings_file,
    "timer": read_timer,
    "outbox": read_outbox,
    "activities": read_activities,
    "text": parse_text,
    "command": run_command,
    **LOG_WAYS_IN,
}


def fuzz(folder: Path, count: int, seed: int) -> str:
    """Send mutated inputs to every way in: each ends in records or in one refusal of one line."""
    database = open_database(f"sqlite:///{folder / 'fuzz.db'}", now=lambda: NOW)
    environ = {"HOME": str(folder / "home"), "TRACKER_DEVELOPER": "ann", "TZ": "Europe/Berlin"}
    state = Fuzz(random.Random(seed), folder, database, environ)
    os.chdir(folder)
    (folder / "log.csv").write_text(LOG)
    sys.set_int_max_str_digits(4300)  # as a user's Python has it
    outcomes: Counter[str] = Counter()
    longest = 0.0
    for number in range(count):
        way = state.rng.choice(sorted(WAYS_IN))
        started = time.process_time()
        try:
            WAYS_IN[way](state)
            outcomes["read"] += 1
        except TrackerError as error:
            check_messages([str(error)])
            outcomes["refused"] += 1
        except BaseException as error:
            error.add_note(f"input {number} of seed {seed}, way in: {way}")
            raise
        seconds = time.process_time() - started
        assert seconds < SECONDS_PER_INPUT, f"input {number}, {way}: {seconds:.0f} s"
        longest = max(longest, seconds)
    database.close()
    return (
        f"fuzz: {count} inputs at {len(WAYS_IN)} ways in: {outcomes['read']} read,"
        f" {outcomes['refused']} refused in one line, 0 tracebacks, {longest:.1f} s at most"
    )
