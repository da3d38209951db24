"""What a user's map says of a named source: activity, task and assisted of one session of work.

The source itself says where its times are. The map of the user translates words (``[values]``) and
says where the task's key is (``[extract]``); ``[formats]`` may give the time zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name
from tracker.domain.records import ACTIVITIES, Assisted
from tracker.domain.task_keys import KEY_PATTERN
from tracker.sources.table.cells import SkipRow
from tracker.sources.table.column_map import ColumnMap

UNMAPPED = "unmapped"
"""The activity of a session that says nothing about the kind of work."""

NO_TASK = "no task: nothing names one"
"""Why a session is skipped."""

CONTRADICTING = "rows with tags both for and against assistance: assisted is unknown"
"""A note, with the number of rows it holds for."""

_ASSISTED: Mapping[str, Assisted] = {"yes": "yes", "no": "no", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of a session, by what the tool calls them."""

    task: str | None = None
    """The task, where the tool has such a field."""
    activity: str | None = None
    """The kind of work, where the tool has such a field."""
    texts: Mapping[str, str | None] | None = None
    """Other texts that may hold the key of the task (description, annotation, heading), the
    likeliest first."""
    tags: Sequence[str] = ()


class Meaning(NamedTuple):
    """What the words of a session mean."""

    activity: str
    task: str
    assisted: Assisted
    assistant: str | None
    is_contradicting: bool
    """Whether the tags say both that an assistant was used and that none was."""


class UserMap:
    """The rules of one import.

    Args:
        map_: The user's map; one without values leaves every word as it is.
        key_pattern: The pattern of a task's key.
    """

    def __init__(self, map_: ColumnMap, key_pattern: str | None = None) -> None:
        self._map = map_
        self._key = re.compile(key_pattern or KEY_PATTERN)

    def read(self, words: Words) -> Meaning:
        """Return what the words of a session mean.

        The activity is the first word that the map knows, of the tool's own activity and the tags;
        else the first that is one of the usual activities; else the first that is neither a key nor
        a sign of assistance. The task is the tool's own, else the first key in the texts and the
        tags, else the first text as a whole.

        Raises:
            SkipRow: Nothing names a task.
        """
        tags = [tag for tag in map(str.strip, words.tags) if tag]
        signs = self._signs(tags)
        key = self._find_key(words, tags)
        free_tags = [
            tag for tag in tags if not (self._is_sign(tag) or (key and key in normalise_name(tag)))
        ]
        activity, activity_word = self._find_activity(words.activity, tags, free_tags)
        task = key or _first_line(words) or _first_other(free_tags, activity_word)
        if task is None:
            raise SkipRow(NO_TASK)
        is_contradicting = {"yes", "no"} <= signs
        assisted = next(iter(signs), "unknown") if not is_contradicting else "unknown"
        return Meaning(
            activity=activity,
            task=self.name("task", task),
            assisted=_ASSISTED[assisted],
            assistant=self._first_value("assistant", tags),
            is_contradicting=is_contradicting,
        )

    def name(self, column: str, text: str) -> str:
        """Return a name as the map translates it."""
        return self._map.translate(column, text.strip())

    def _signs(self, tags: Iterable[str]) -> set[str]:
        """Return what the tags say of assistance, ``yes`` or ``no``."""
        return {self._map.lookup("assisted", tag) or "unknown" for tag in tags} - {"unknown"}

    def _is_sign(self, tag: str) -> bool:
        return any(
            self._map.lookup(column, tag) is not None for column in ("assisted", "assistant")
        )

    def _first_value(self, column: str, tags: Iterable[str]) -> str | None:
        return next(filter(None, (self._map.lookup(column, tag) for tag in tags)), None)

    def _find_activity(
        self, own: str | None, tags: Sequence[str], free_tags: Sequence[str]
    ) -> tuple[str, str | None]:
        """Return the activity, and the word that it was read from."""
        own_words = [own.strip()] if own and own.strip() else []
        for word in (*own_words, *tags):
            if activity := self._map.lookup("activity", word):
                return activity, word
        candidates = (*own_words, *free_tags)
        usual = next((word for word in candidates if word.lower() in ACTIVITIES), None)
        if usual is not None:
            return usual.lower(), usual
        other = next(iter(candidates), None)
        return other or UNMAPPED, other

    def _find_key(self, words: Words, tags: Sequence[str]) -> str | None:
        """Return the tool's own task, else the first key in the texts and the tags."""
        if words.task and words.task.strip():
            return normalise_name(words.task.strip())
        for text in (*filter(None, (words.texts or {}).values()), *tags):
            if match := self._key.search(normalise_name(text)):
                return match[match.lastindex or 0]
        return None


def check_named_map(map_: ColumnMap, source: str) -> None:
    """Refuse a map that says more than a named source takes.

    Raises:
        BadValue: The map has columns or constants.
    """
    for section, content in (("columns", map_.columns), ("constants", map_.constants)):
        if content:
            raise BadValue(
                f"{map_.name} has [{section}], but `import {source}` knows its columns: give "
                "[values] and [extract] only, or use `import csv`."
            )


def _lines(text: str | None) -> Iterator[str]:
    return filter(None, map(str.strip, (text or "").splitlines()))


def _first_line(words: Words) -> str | None:
    """Return the first line of the first text that has any."""
    return next((line for text in (words.texts or {}).values() for line in _lines(text)), None)


def _first_other(tags: Sequence[str], used: str | None) -> str | None:
    return next((tag for tag in tags if tag != used), None)
