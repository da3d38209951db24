"""Records as JSON files, one file each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tracker.domain.ids import UUID
from tracker.local.atomic_files import atomic_write

Record = dict[str, Any]
"""``{"kind": "entry" | "estimate", …}`` with the fields of records.Entry or records.WorkItem."""

Notify = Callable[[str], None]
"""Takes a line for the person: something happened that they should know of."""


def write_json(path: str, content: Record | list[str]) -> None:
    """Put JSON into a file, durably."""
    atomic_write(path, json.dumps(content, ensure_ascii=False))


def read_json(path: str) -> Record:
    """A JSON object from a file; ValueError saying what is wrong with it."""
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    if not isinstance(content, dict):
        raise ValueError("it holds no JSON object")
    return content


def checked_record(content: Record) -> Record:
    if content.get("kind") not in ("entry", "estimate"):
        raise ValueError(f"its kind is {content.get('kind')!r}")
    if content["kind"] == "entry":
        check_id(content)
    return content


def check_id(content: Record) -> None:
    """Refuse an id that is none: it becomes the name of a file."""
    id_ = content.get("id")
    if not isinstance(id_, str) or not re.fullmatch(UUID, id_):
        raise ValueError(f"its id is {id_!r}, which is no UUID")
