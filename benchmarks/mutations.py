"""Mutated inputs, and checks of their outcomes."""

from __future__ import annotations

import io
import json
import os
import random
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tracker.cli import cli
from tracker.cli.context import Context
from tracker.domain import names, printing
from tracker.domain.errors import TrackerError
from tracker.domain.ids import uuid7s
from tracker.domain.records import Imported
from tracker.sources.foreign_log import ImportContext
from tracker.sources.registry import open_log
from tracker.sources.table.column_map import parse_map
from tracker.store.database import Database

NOW = datetime(2026, 6, 10, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
HOSTILE = [
    "\0",
    "\x1b[31m",
    "\x9b31m",
    "\u202e",
    "9" * 400,
    "9" * 5000,
    "1e400",
    "-1",
    "99999999999999999999",
    "NaN",
    "=cmd()",
    '"',
    "'",
    ",",
    ";",
    "=",
    "\n",
    "\ud800",
    "\udcff",
    "9999-12-31",
    "9999-12-31T23:59:59-12:00",
    "0001-01-01",
    "Mars/Olympus",
    "e\u0301",
    "-",
    "." * 20_000,
    "[" * 20_000,
    '{"a":' * 5_000,
    "a." * 5_000,
    "postgresql://ann:x@db/log",
    "password=x",
]


@dataclass
class Fuzz:
    """The random generator and the objects under test."""

    rng: random.Random
    folder: Path
    database: Database
    environ: dict[str, str]


def mutate(content: bytes, rng: random.Random) -> bytes:
    """Return a content with a few random changes: bytes, cells, lines, hostile texts."""
    changed = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(changed) + 1)
        match rng.randrange(4):
            case 0:
                changed[place:place] = rng.choice(HOSTILE).encode("utf-8", "surrogatepass")
            case 1:
                changed[place : place + rng.randint(1, 20)] = b""
            case 2:
                changed[place:place] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 8)))
            case _:
                changed[place:place] = changed[place : place + rng.randint(1, 60)]
    return bytes(changed)


def mutate_text(text: str, rng: random.Random) -> str:
    """Return a text with a few changes, as the system would pass it in an argument."""
    return mutate(text.encode(), rng).decode("utf-8", "surrogateescape").replace("\0", "")


def mutate_json(value: dict[str, object], rng: random.Random) -> bytes:
    """Return JSON with the values of some keys replaced, or with changed bytes."""
    if rng.random() < 0.5:
        return mutate(json.dumps(value).encode(), rng)
    changed: dict[str, object] = dict(value)
    for _ in range(rng.randint(1, 3)):
        key = rng.choice(sorted(changed))
        hostile: list[object] = [None, True, -1, 2**62, 10**30, 1.5, float("nan"), [], {}, [[1]]]
        changed[key] = rng.choice([*hostile, rng.choice(HOSTILE)])
    return json.dumps(changed).encode()


def read_log(
    kind: str, content: bytes, map_: str | None, *, has_zone: bool = False
) -> list[Imported]:
    """Return every record of a log."""
    context = ImportContext(
        ids=uuid7s(1_700_000_000_000_000_000, random.Random(1)),
        map=parse_map(map_, "m.toml", kind) if map_ else None,
        zone=ZoneInfo("Europe/Berlin") if has_zone else None,
        developer="ann",
        now_epoch=int(NOW.timestamp()),
    )
    log = open_log(kind, io.BufferedReader(io.BytesIO(content)), "log", context)
    return list(log.records)


def run_program(fuzz: Fuzz, arguments: list[str]) -> str:
    """Run the program in this process, and return what it wrote to stderr.

    Raises:
        TrackerError: It ended with an exit code other than 0; its last line is the message.
    """
    context = Context(fuzz.environ, lambda: NOW.astimezone(UTC), os.urandom)
    out, err, code = io.StringIO(), io.StringIO(), None
    try:
        with redirect_stdout(out), redirect_stderr(err):
            cli.main(arguments, obj=context)
    except SystemExit as end:
        code = end.code
    message = err.getvalue()
    check_messages(message.rstrip("\n").split("\n"))
    assert code in {0, 1, 2, 3}, f"exit code {code}"
    if code:
        raise TrackerError(message.rstrip("\n").rpartition("\n")[2])
    return message


def check_messages(messages: list[str]) -> None:
    """Check that each of these messages is printed as one printable line."""
    for message in messages:
        text = printing.message(message)
        assert not names.forbidden().search(text), repr(text)[:200]
        assert len(text) <= printing.MAX_MESSAGE + 3, len(text)
