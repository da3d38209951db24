"""WakaTime dumps: heartbeats of the category *ai coding*, which are listed only.

A dump is one JSON document that may be large; it is read day by day.
"""

from __future__ import annotations

import json
from codecs import getincrementaldecoder
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from tracker.domain.usage import UsageEvent
from tracker.sources.assistants.log_files import opened, unique_paths
from tracker.sources.assistants.usage_log import (
    FileReport,
    Home,
    ReadReport,
    epoch_of_number,
    mapping_of,
    read_files,
    text_of,
)

NAME = "wakatime"

_UTF8 = getincrementaldecoder("utf-8")
_CATEGORY = "ai coding"
_CHUNK = 1 << 16
_STRETCH_SECONDS = 300
"""Heartbeats of one branch nearer than this are one sign of use."""
_LONGEST_DAY = 64 * 1024 * 1024


def files(home: Home) -> list[Path]:
    """Return the dumps: ``wakatime*.json`` in the home folder and in its downloads."""
    names = (home.path, home.path / "Downloads", home.path / ".wakatime")
    return unique_paths(path for folder in names for path in folder.glob("wakatime*.json"))


def read(home: Home, report: ReadReport) -> Iterator[UsageEvent]:
    """Yield the signs of use of a home."""
    paths = files(home)
    report.has_log = bool(paths)
    yield from read_files(paths, report, read_file)


def read_file(path: Path, file: FileReport) -> Iterator[UsageEvent]:
    """Yield one event for each stretch of heartbeats of a dump."""
    last: dict[tuple[str | None, str | None], int] = {}
    with opened(path) as stream:
        for day in _days(stream, file):
            heartbeats = day.get("heartbeats")
            for heartbeat in heartbeats if isinstance(heartbeats, list) else ():
                event = _event(mapping_of(heartbeat), file)
                if event is None:
                    continue
                place = (event.directory, event.branch)
                if event.epoch - last.get(place, -_STRETCH_SECONDS) >= _STRETCH_SECONDS:
                    yield event
                last[place] = event.epoch


def _event(heartbeat: dict[str, Any], file: FileReport) -> UsageEvent | None:
    epoch = epoch_of_number(heartbeat.get("time"), per_second=1)
    if epoch is None:
        file.unread()
        return None
    file.read(epoch)
    if str(heartbeat.get("category")).lower() != _CATEGORY:
        return None
    return UsageEvent(
        text_of(heartbeat.get("id")) or f"{heartbeat.get('time')} {heartbeat.get('project')}",
        NAME,
        epoch,
        "activity",
        directory=text_of(heartbeat.get("project_root_folder"))
        or text_of(heartbeat.get("project")),
        branch=text_of(heartbeat.get("branch")),
        is_certain=False,
    )


def _days(stream: IO[bytes], file: FileReport) -> Iterator[dict[str, Any]]:
    """Yield the objects of the list ``days``, one after the other."""
    decoder, decode = json.JSONDecoder(), _UTF8(errors="replace").decode
    text, is_inside, tried = "", False, 0
    while chunk := stream.read(_CHUNK):
        file.report.advance(len(chunk))
        text += decode(chunk)
        if not is_inside:
            start = text.find('"days"')
            start = text.find("[", start) if start >= 0 else -1
            if start < 0:
                text = text[-_CHUNK:]
                continue
            text, is_inside = text[start + 1 :], True
        if len(text) < 2 * tried and "]" not in text[-len(chunk) :]:
            continue  # a day that is not whole yet is not tried again with each chunk
        while text := text.lstrip(" \t\r\n,"):
            if text[0] == "]":
                return
            try:
                day, end = decoder.raw_decode(text)
            except (ValueError, RecursionError):
                tried = len(text)
                break
            text, tried = text[end:], 0
            yield mapping_of(day)
        if len(text) > _LONGEST_DAY:
            break
    file.unread()
