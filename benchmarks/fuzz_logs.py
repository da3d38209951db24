"""Hostile logs for every input of the import: files of each source, drafts of maps, pulls."""

from __future__ import annotations

import functools
import io
import random
import time
from collections.abc import Callable
from typing import Literal
from unittest.mock import patch

import httpx

from benchmarks.long_logs import FORMS
from benchmarks.mutations import NOW, Fuzz, check_messages, mutate, read_log, run_program
from tracker.pull.address import parse_address
from tracker.pull.client import Limits, Surroundings
from tracker.pull.registry import SERVICES, Request, fetch_to
from tracker.pull.spool import Spool
from tracker.sources.suggestions.suggest import suggest_map
from tracker.store.database import Database

ROWS = 3
ADDRESSES = {
    "jira": "https://localhost:9",
    "gitlab": "https://localhost:9/pay/web",
    "toggl": "https://localhost:9",
    "kimai": "https://localhost:9",
}
ANSWERS = {"jira": "jira", "gitlab": "gitlab", "toggl": "toggl, JSON", "kimai": "kimai, JSON"}
"""Service → the format of its server's answers."""
PULL_LIMITS = Limits(attempts=2, requests=20)


def mutated_log(name: str, rng: random.Random) -> bytes:
    """Return a short log of a form, mutated."""
    return mutate("".join(FORMS[name].pieces(ROWS)).encode(), rng)


def read_source(fuzz: Fuzz) -> None:
    """Read the mutated log of a source."""
    name = fuzz.rng.choice(sorted(FORMS))
    form = FORMS[name]
    read_log(form.source, mutated_log(name, fuzz.rng), form.map, has_zone=bool(form.options))


def read_any_source(fuzz: Fuzz) -> None:
    """Read the mutated log of one source as that of another."""
    name, other = (FORMS[fuzz.rng.choice(sorted(FORMS))] for _ in range(2))
    content = mutate("".join(name.pieces(ROWS)).encode(), fuzz.rng)
    read_log(other.source, content, other.map, has_zone=True)


def suggest(fuzz: Fuzz) -> None:
    """Draft a map for a mutated table."""
    name = fuzz.rng.choice(sorted(FORMS))
    kinds: tuple[Literal["csv", "tasks"], ...] = ("csv", "tasks")
    kind = fuzz.rng.choice(kinds)
    stream = io.BufferedReader(io.BytesIO(mutated_log(name, fuzz.rng)))
    suggest_map(stream, "log.csv", kind, "Europe/Berlin")  # type: ignore[arg-type]


def run_import(fuzz: Fuzz) -> None:
    """Import the mutated log of a source by the program; a refusal leaves the database as it was.

    Later imports run on the entries of earlier ones.
    """
    name = fuzz.rng.choice(sorted(FORMS))
    form, log, map_ = FORMS[name], fuzz.folder / "mutated", fuzz.folder / "form.toml"
    log.write_bytes(mutated_log(name, fuzz.rng))
    arguments = ["--db", fuzz.database.safe_url, "import", form.source, str(log), *form.options]
    if form.map is not None:
        map_.write_text(form.map, encoding="utf-8")
        arguments += ["--map", str(map_)]
    for option in (["--update"], ["--dry-run"], ["--on-error", "skip"]):
        arguments += option if fuzz.rng.random() < 0.3 else []
    before = stored_entries(fuzz.database)
    try:
        run_program(fuzz, arguments)
    except Exception:
        assert stored_entries(fuzz.database) == before, "a refused import stored something"
        raise


def stored_entries(database: Database) -> list[tuple[object, ...]]:
    """Return the entries of the database."""
    with database.reading() as connection:
        return [
            tuple(row) for row in connection.exec_driver_sql("SELECT * FROM entries ORDER BY id")
        ]


def pull(fuzz: Fuzz) -> None:
    """Pull from a server whose answers are mutated, and read what it gave."""
    kind = fuzz.rng.choice(sorted(SERVICES))

    def answer(_request: httpx.Request) -> httpx.Response:
        status = 200 if fuzz.rng.random() < 0.9 else fuzz.rng.choice([301, 402, 404, 429, 500])
        headers = {"Retry-After": fuzz.rng.choice(["1", "-1", "9" * 40, "soon"])}
        return httpx.Response(status, headers=headers, content=mutated_log(ANSWERS[kind], fuzz.rng))

    messages: list[str] = []
    surroundings = Surroundings(lambda: NOW, time.monotonic, lambda _: None, messages.append)
    environ = {f"TRACKER_{kind.upper()}_TOKEN": "token", "TRACKER_JIRA_USER": "ann"}
    client = functools.partial(httpx.Client, transport=httpx.MockTransport(answer))
    with Spool() as spool, patch.object(httpx, "Client", client):
        request = Request(kind, parse_address(ADDRESSES[kind]), None)
        fetch_to(spool, request, environ, surroundings, PULL_LIMITS)
        if len(spool):
            read_log(kind, spool.open().read(), None, has_zone=True)
    check_messages(messages)


LOG_WAYS_IN: dict[str, Callable[[Fuzz], None]] = {
    "source": read_source,
    "any source": read_any_source,
    "suggest": suggest,
    "import": run_import,
    "pull": pull,
}
