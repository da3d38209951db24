"""Entries and estimates as JSON files, one record per file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tracker.domain.ids import UUID
from tracker.domain.printing import quote
from tracker.local.atomic_files import atomic_write

Record = dict[str, Any]
"""``{"kind": "entry" | "estimate", …}`` with the fields of records.Entry or records.WorkItem."""

Notify = Callable[[str], None]
"""Called with a one-line message for the user."""


def write_json(path: str, content: Record | list[str]) -> None:
    """Write JSON to a file, atomically and durably.

    Raises:
        OSError: The disk cannot store it.

    """
    atomic_write(path, json.dumps(content, ensure_ascii=False))


def read_json(path: str) -> Record:
    """Return the JSON object in a file.

    Raises:
        OSError: The file cannot be read.
        ValueError: The file holds no JSON object.

    """
    content = read_json_value(path)
    if not isinstance(content, dict):
        raise ValueError("it holds no JSON object")  # noqa: TRY004 - the file is invalid, not the call
    return content


def read_json_value(path: str) -> Any:
    """Return the JSON value in a file.

    Raises:
        OSError: The file cannot be read.
        ValueError: The file holds no JSON, or one nested too deeply.

    """
    with open(path, encoding="utf-8") as file:
        try:
            return json.load(file)
        except RecursionError:
            raise ValueError("it is nested too deeply") from None


def checked_record(content: Record) -> Record:
    """Return the content of a record file after a check of its kind and of an entry's id.

    Raises:
        ValueError: The kind is unknown, or the id is not a UUID.

    """
    if content.get("kind") not in ("entry", "estimate"):
        raise ValueError(f"its kind is {quote(content.get('kind'))}")
    if content["kind"] == "entry":
        check_id(content)
    return content


def check_id(content: Record) -> None:
    """Check that the id is a UUID, because it becomes a file name.

    Raises:
        ValueError: It is not.

    """
    id_ = content.get("id")
    if not isinstance(id_, str) or not re.fullmatch(UUID, id_):
        raise ValueError(f"its id is {quote(id_)}, which is not a UUID")
