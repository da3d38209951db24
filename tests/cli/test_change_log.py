"""The change log: what every command changes is in it, with the rows before and after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from support.person import Person
from support.store_kit import open_test_database, table_rows
from support.time_servers import KimaiServer, kimai_sheet
from support.usage_logs import claude_prompts, epoch
from support.web_server import web_server

from tracker.cli import COMMANDS
from tracker.store.schema import metadata

DATA = (
    *("entries", "work_items", "tasks", "rollouts", "claims", "activities", "imports"),
    "developer_aliases",
)
READING = {
    *("pause", "resume", "cancel", "status", "continue"),  # they change the timer's file only
    *("entries", "summary", "export", "check", "report", "plan", "simulate", "calibrate", "demo"),
    "team",  # cells of disclosure control are no data
    *("config", "db", "completion", "outbox", "mark", "hooks", "help", "version"),
    "proposals",  # `accept` calls `log`
}
"""The commands that change no row of the database."""

MAP = """
source = "clock"
[columns]
key = "id"
developer = "who"
task = "issue"
title = "title"
activity = "phase"
started_at = "begin"
minutes = "minutes"
[formats]
timezone = "Europe/Berlin"
"""
LOG = "id,who,issue,title,phase,begin,minutes\n1,cat,T-1,{0},design,2026-03-02 09:00,60\n"

CLAIM = ("--activity", "coding", "--gain", "30%", "--source", "offer")
WRITING = (
    ["log", "design", "PAY-12", "1h"],
    ["log", "testing", "PAY-9", "30m"],
    ["edit", "{id}", "--duration", "10m"],
    ["delete", "{id}"],
    ["undo"],
    ["redo"],
    ["undo"],
    ["estimate", "design", "PAY-20", "2h"],
    ["estimate", "design", "PAY-20", "3h", "--ai", "2h"],
    ["assign", "design", "PAY-20"],
    ["estimate", "testing", "PAY-9", "3h"],  # late
    ["undo"],
    ["redo"],
    ["start", "design", "PAY-21", "--estimate", "1h"],
    ["start", "design", "PAY-22", "--estimate", "1h"],
    ["undo"],
    ["redo"],
    ["stop"],
    ["undo"],
    ["stop"],
    ["task", "PAY-12", "--title", "Refunds", "--project", "web", "--done"],
    ["task", "PAY-12", "--done", "12:00", "--activity", "design"],
    ["log", "testing", "PAY-9", "30m"],
    ["task", "PAY-12", "--reopen"],
    ["undo"],
    ["tasks", "--open", "--done", "--yes"],
    ["rename", "task", "PAY-9", "PAY-10"],
    ["rename", "activity", "testing", "review", "--merge"],
    ["undo"],
    ["rename", "developer", "ada", "ada@example.org"],
    ["undo"],
    ["rollout", "Spark 3", "--on", "2026-03-02"],
    ["rollout", "Spark 3", "--on", "2026-03-09"],
    ["rollout", "Spark 3", "--remove"],
    ["activities", "add", "spike"],
    ["claims", "add", "vendor", *CLAIM],
    ["claims", "remove", "vendor"],
    ["undo"],
    ["import", "csv", "{folder}/first.csv", "--map", "{folder}/m.toml"],
    ["import", "csv", "{folder}/second.csv", "--map", "{folder}/m.toml"],
    ["import", "--undo"],
    ["import", "--undo"],
    ["pull", "kimai", "{url}"],
    ["log", "review", "PAY-9", "--from", "2026-06-10 09:00", "--to", "2026-06-10 10:00"],
    ["task", "PAY-9", "--project", "pay"],
    ["collect"],
    ["undo"],
    ["redo"],
    ["collect", "--forget"],
)
"""Commands in an order in which each changes something."""


def test_the_commands_are_all_listed() -> None:
    """A new command is either listed as writing or as reading."""
    assert {arguments[0] for arguments in WRITING} | READING == set(COMMANDS)


def test_every_changed_row_is_in_the_change_log(database_url: str, tmp_path: Path) -> None:
    """With the row before and after, and who changed it; rows of an import with its id."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url, TRACKER_KIMAI_TOKEN="token")
    (tmp_path / "m.toml").write_text(MAP)
    for name, title in (("first", "Login"), ("second", "Sign in")):
        (tmp_path / f"{name}.csv").write_text(LOG.format(title))
    ada.settings_file.parent.mkdir(parents=True)
    ada.settings_file.write_text('[[repositories]]\nproject = "pay"\ndirectories = ["/src/pay"]\n')
    prompt_epoch = epoch("2026-06-10 07:30")  # 9:30 in Berlin
    claude_prompts(tmp_path, [(prompt_epoch, "PAY-9")], cwd="/src/pay")
    with web_server(KimaiServer([kimai_sheet(1)])) as kimai:
        ada.run("entries")
        before = tables(database_url)
        for arguments in WRITING:
            ada.later(1)
            entries = ada.json("entries")
            id_ = entries[0]["id"] if entries else ""
            places = {"id": id_, "folder": tmp_path, "url": kimai.url}
            ada.run(*(argument.format(**places) for argument in arguments))
            ada.run("entries")  # stores what waits in the outbox
            after = tables(database_url)
            assert after["changes"] != before["changes"] or arguments[0] in ("import", "pull"), (
                arguments
            )
            for table, key in changed_rows(before, after):
                row, new_row = before[table].get(key), after[table].get(key)
                assert is_logged(table, row, new_row, before, after), (arguments, row, new_row)
            before = after


def tables(url: str) -> dict[str, dict[Any, dict[str, Any]]]:
    """Return the rows of all tables by their keys."""
    with open_test_database(url) as database:
        rows = table_rows(database, *DATA, "changes")
    return {table: {key_of(table, row): row for row in content} for table, content in rows.items()}


def changed_rows(before: Any, after: Any) -> Iterator[tuple[str, Any]]:
    """Yield the table and the key of each row that was inserted, updated or deleted."""
    for table in DATA:
        for key in before[table].keys() | after[table].keys():
            if before[table].get(key) != after[table].get(key):
                yield table, key


def is_logged(table: str, row: Any, new_row: Any, before: Any, after: Any) -> bool:
    """Whether the change log, or the list of imports, accounts for the change of a row.

    A command may change a row twice. Where an import is undone, the changes by it are marked.
    """
    state, own_key = row, key_of(table, row or new_row)
    for key, change in sorted(after["changes"].items()):
        if change["table_name"] != table or before["changes"].get(key) == change:
            continue
        old, new = (value and json.loads(value) for value in (change["before"], change["after"]))
        if change["import_id"] and change["undone_by"]:
            old, new = new, old
        # A rename changes keys: the row of another key is another row.
        old, new = (
            side if side and key_of(table, side) == own_key else None for side in (old, new)
        )
        if old is None and new is None:
            continue
        if old == state and (change["developer"] == "ada" or change["import_id"]):
            state = new
    if state == new_row:
        return True
    if table == "imports":
        return row is None and new_row["developer"] == "ada"
    return bool(
        (row is None and imported(new_row, after)["undone_epoch"] is None)
        or (new_row is None and imported(row, after)["undone_epoch"] is not None)
    )


def key_of(table: str, row: Any) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in metadata.tables[table].primary_key)


def imported(row: Any, after: Any) -> Any:
    """Return the import that inserted a row."""
    return after["imports"].get((row["import_id"],), {"undone_epoch": False})
