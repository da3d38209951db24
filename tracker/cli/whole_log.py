"""The whole log in one file: `export all`, and its way back by `import tracker`.

The file is a JSON object. Each key holds a list of rows, one a line.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import IO, TYPE_CHECKING, Any, TextIO, cast

from tracker.cli.context import Context
from tracker.cli.output_file import OutputKind
from tracker.domain import times
from tracker.domain.counts import count_of
from tracker.domain.errors import BadValue, NothingToDo
from tracker.local.atomic_files import PRIVATE

if TYPE_CHECKING:  # SQLAlchemy is imported with the database
    from sqlalchemy import Connection

_START = '{"tracker": 1,\n'
"""How the file begins, with the version of its form."""

_IS_START = re.compile(r'\s*\{\s*"tracker"\s*:\s*1\s*,')
"""Finds it also where another program has written the file anew."""

START_LENGTH = 100
"""How many bytes show whether a file holds a whole log."""

_ROLLOUT_COLUMNS = ("assistant", "day", "developer", "team")
_NAME_COLUMNS = ("former_name", "developer")
_CLAIM_COLUMNS = ("id", "activity", "value", "reading", "bound", "source")


def is_whole_log(start: str) -> bool:
    """Return whether a file that begins like that holds a whole log."""
    return _IS_START.match(start) is not None


OUTPUT_KIND = OutputKind("export of all as JSON", is_whole_log, PRIVATE)
"""How such a file is recognised, so that it may be replaced."""


def write_whole_log(context: Context, file: TextIO) -> None:
    """Write what a team agrees on, tasks and entries, all as they are at one instant."""
    from tracker.cli.export_writer import write_rows
    from tracker.domain.records import EXPORTED_ENTRY_COLUMNS, EXPORTED_TASK_COLUMNS
    from tracker.store.read import queries

    with context.database().reading() as connection:
        file.write(_START)
        for name, columns, rows in _team_data(connection):
            file.write(f"{json.dumps(name)}: ")
            write_rows(rows, columns, "json", file)
            file.write(",\n")
        file.write('"tasks": ')
        write_rows(queries.export_tasks(connection), EXPORTED_TASK_COLUMNS, "json", file)
        file.write(',\n"entries": ')
        write_rows(queries.export_entries(connection), EXPORTED_ENTRY_COLUMNS, "json", file)
        file.write("}\n")


def _team_data(
    connection: Connection,
) -> Iterator[tuple[str, tuple[str, ...], list[dict[str, Any]]]]:
    """Yield the name, the columns and the rows of what a team agrees on."""
    from tracker.domain.records import ACTIVITIES
    from tracker.store.read import queries
    from tracker.store.read.developer_names import present_names

    names = present_names(connection).items()
    yield (
        "former_names",
        _NAME_COLUMNS,
        [dict(zip(_NAME_COLUMNS, pair, strict=True)) for pair in names],
    )
    added = [name for name in queries.activities(connection) if name not in ACTIVITIES]
    yield "activities", ("activity",), [{"activity": name} for name in added]
    rollouts = [
        {
            "assistant": rollout.assistant,
            "day": times.day_to_date(rollout.day).isoformat(),
            "developer": rollout.developer,
            "team": rollout.team,
        }
        for rollout in queries.rollouts(connection)
    ]
    yield "rollouts", _ROLLOUT_COLUMNS, rollouts
    claims = [
        {name: getattr(claim, name) for name in _CLAIM_COLUMNS}
        for claim in queries.claims(connection)
    ]
    yield "claims", _CLAIM_COLUMNS, claims


def read_whole_log(stream: IO[bytes], label: str) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a whole log by key.

    Raises:
        BadValue: The file is damaged.
    """
    try:
        content = json.load(stream)
        lists = {key: content[key] for key in (*_KEYS, "tasks", "entries")}
        lists["former_names"] = content.get("former_names", [])  # which earlier files lack
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadValue(f"{label} is not a whole log ({error}): export it again.") from None
    if not all(isinstance(row, dict) for rows in lists.values() for row in rows):
        raise BadValue(f"{label} is not a whole log: a row is not an object; export it again.")
    return lists


_KEYS = ("activities", "rollouts", "claims")


def tables_of(
    content: Mapping[str, list[dict[str, Any]]],
) -> Iterator[tuple[str, io.BufferedReader]]:
    """Yield tasks, then entries, as the file that `export` would write of them alone.

    Entries come last: their import says what to do next.
    """
    for key in ("tasks", "entries"):
        if content[key]:
            # As ASCII a lone surrogate stays an escape, and is refused in the row that has it.
            stream = io.BufferedReader(io.BytesIO(json.dumps(content[key]).encode("ascii")))
            yield key, cast("io.BufferedReader", stream)


def restore_team_data(context: Context, content: Mapping[str, list[dict[str, Any]]]) -> None:
    """Restore former names, added activities, rollouts and claims; what is there already stays.

    Raises:
        BadValue: A row is not valid.
    """
    from tracker.domain.records import Claim, Rollout
    from tracker.store.write import team_data
    from tracker.store.write.developer_rename import add_aliases

    database, developer = context.database(), context.developer
    counts = dict.fromkeys(("former_names", *_KEYS), 0)
    try:
        aliases = {row["former_name"]: row["developer"] for row in content["former_names"]}
        counts["former_names"] = add_aliases(database, developer, aliases)
        for row in content["activities"]:
            counts["activities"] += _is_new(team_data.add_activity, row["activity"], context)
        names, rollouts, claim_ids = _present(context)
        for row in content["rollouts"]:
            scope = (row["assistant"], names.get(row["developer"], row["developer"]), row["team"])
            if scope not in rollouts:
                day = times.date_to_day(date.fromisoformat(row["day"]))
                rollout = Rollout(row["assistant"], day, row["developer"], row["team"])
                team_data.set_rollout(database, developer, rollout)
                counts["rollouts"] += 1
        for row in content["claims"]:
            if row["id"] not in claim_ids:
                team_data.add_claim(database, developer, Claim(**row))
                counts["claims"] += 1
    except BadValue as error:
        raise BadValue(f"a row of the whole log is not valid: {error}") from None
    except (KeyError, TypeError, ValueError) as error:
        raise BadValue(
            f"a row of the whole log is not valid ({error!r}): export it again."
        ) from None
    words = {"activities": ("activity", "activities"), "former_names": ("former name",)}
    parts = [
        count_of(n, *words.get(key, (key.removesuffix("s"),))) for key, n in counts.items() if n
    ]
    if parts:
        context.say(f"restored: {', '.join(parts)}")


def _is_new(add: Any, name: str, context: Context) -> bool:
    try:
        add(context.database(), context.developer, name)
    except NothingToDo:
        return False
    return True


def _present(context: Context) -> tuple[dict[str, str], set[tuple[Any, ...]], set[str]]:
    """Return what the database has before it is added to.

    Returns:
        Present names of developers by former ones; (assistant, developer, team) of each rollout;
        the ids of the claims.
    """
    from tracker.store.read import queries
    from tracker.store.read.developer_names import present_names

    with context.database().reading() as connection:
        names = present_names(connection)
        rollouts, claims = queries.rollouts(connection), queries.claims(connection)
    scopes: set[tuple[Any, ...]] = {(r.assistant, r.developer, r.team) for r in rollouts}
    return names, scopes, {claim.id for claim in claims}
