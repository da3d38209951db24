"""Activity, task and assisted of a session of work, by the user's map for a named source.

The source itself says where its times are. The map of the user translates words (``[values]``) and
says where the task's key is (``[extract]``); ``[formats]`` may give the time zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name
from tracker.domain.printing import quote
from tracker.domain.records import ACTIVITIES, Assisted
from tracker.domain.task_keys import KEY_PATTERN
from tracker.sources.patterns import compile_pattern, first_match
from tracker.sources.table.cells import BadCell, ParseCache, SkipRow
from tracker.sources.table.column_map import ColumnMap
from tracker.sources.table.map_columns import check_keys
from tracker.sources.table.map_values import first_value, matching_value

UNMAPPED = "unmapped"
"""The activity of a session that says nothing about the kind of work."""

NO_TASK = "no task: nothing names one"
"""Why a session is skipped."""

CONTRADICTING = "rows with tags both for and against assistance: assisted is unknown"
"""A note, with the number of rows it holds for."""

_ASSISTED: Mapping[str, Assisted] = {"yes": "yes", "no": "no", "unknown": "unknown"}


_EXTRACTED = ("task", "activity", "assisted", "assistant")
"""The columns that the user's map may extract from the texts of a session."""


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of a session."""

    task: str | None = None
    """The task, where the tool has such a field."""
    activity: str | None = None
    """The kind of work, where the tool has such a field."""
    texts: Mapping[str, str | None] = field(default_factory=dict)
    """Other texts that may hold the key of the task, such as a description, by the tool's name for
    them and with the likeliest first."""
    tags: Sequence[str] = ()

    def named(self, name: str) -> Iterable[str]:
        """Return the texts with a name of the tool's, which ``[extract]`` may search."""
        if name == "tags":
            return self.tags
        text = {"task": self.task, "activity": self.activity, **self.texts}.get(name)
        return [text] if text else []


class Meaning(NamedTuple):
    """The meaning of the words of a session."""

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
        names: The names of the texts that the source has, the likeliest to hold a key first.
        key_pattern: The pattern of a task's key, where the map has none; None is the usual one.

    Raises:
        BadValue: ``key_pattern`` is not valid.
    """

    def __init__(
        self, map_: ColumnMap, names: Sequence[str], key_pattern: str | None = None
    ) -> None:
        self._map = map_
        self._names = ("task", *names, "tags")
        self._key = key_matcher(key_pattern) if key_pattern else re.compile(KEY_PATTERN)
        self._extracts = map_.extracts
        self._values = {
            column: ParseCache(partial(matching_value, patterns))
            for column, patterns in map_.values.items()
        }

    def read(self, words: Words) -> Meaning:
        """Return the meaning of the words of a session.

        The activity is the first word that the map knows, of the tool's own activity and the tags;
        else the first that is one of the usual activities; else the first that is neither a key nor
        a sign of assistance. The task is the tool's own, else the first key in the texts and the
        tags, else the first text as a whole.

        Raises:
            BadCell: The map's pattern of the task matches nothing, and the map refuses that.
            SkipRow: Nothing names a task, or nothing matches that pattern, and the map skips it.
        """
        tags = [tag for tag in map(str.strip, words.tags) if tag]
        key = self._find_key(words)
        signs = {self._lookup("assisted", tag) or "unknown" for tag in self._signs(words, tags)}
        free_tags = [
            tag for tag in tags if not (self._is_sign(tag) or (key and key in normalise_name(tag)))
        ]
        activity, activity_word = self._find_activity(words, tags, free_tags, key)
        task = key or _first_line(words) or _first_other(free_tags, activity_word)
        if task is None:
            raise SkipRow(NO_TASK)
        is_contradicting = {"yes", "no"} <= signs
        is_stated = not is_contradicting and signs & {"yes", "no"}
        return Meaning(
            activity=activity,
            task=self.name("task", task),
            assisted=_ASSISTED["yes" if "yes" in signs else "no"] if is_stated else "unknown",
            assistant=self._assistant(words, tags),
            is_contradicting=is_contradicting,
        )

    def name(self, column: str, text: str) -> str:
        """Return a name as the map translates it."""
        return self._map.translate(column, text.strip())

    def is_task_name(self, text: str, task: str) -> bool:
        """Return whether a text is a task, or holds the task's key."""
        if normalise_name(text.strip()) == task:
            return True
        extract = self._extracts.get("task")
        key = first_match(extract.pattern if extract else self._key, [text])
        return key is not None and normalise_name(self.name("task", key)) == task

    def is_activity(self, word: str) -> bool:
        """Return whether a word is known to be an activity."""
        return word.lower() in ACTIVITIES or self._lookup("activity", word) is not None

    def _lookup(self, column: str, word: str) -> str | None:
        values = self._values.get(column)
        return None if values is None else values[word]

    def _is_sign(self, tag: str) -> bool:
        return any(self._lookup(column, tag) is not None for column in ("assisted", "assistant"))

    def _signs(self, words: Words, tags: Sequence[str]) -> Sequence[str]:
        """Return the words that may say whether an assistant was used."""
        part = self._extract("assisted", words)
        return tags if part is None else [part, *tags]

    def _assistant(self, words: Words, tags: Sequence[str]) -> str | None:
        part = self._extract("assistant", words)
        if part is not None:
            return self.name("assistant", part)
        return first_value(self._map.values.get("assistant", ()), tags)

    def _find_activity(
        self, words: Words, tags: Sequence[str], free_tags: Sequence[str], key: str | None
    ) -> tuple[str, str | None]:
        """Return the activity, and the word that it was read from, which is not the task's key."""
        own = (self._extract("activity", words), words.activity and words.activity.strip())
        own_words = [word for word in own if word]
        for word in (*own_words, *tags):
            if activity := self._lookup("activity", word):
                return activity, word
        candidates = [word for word in (*own_words, *free_tags) if normalise_name(word) != key]
        usual = next((word for word in candidates if word.lower() in ACTIVITIES), None)
        if usual is not None:
            return usual.lower(), usual
        other = next(iter(candidates), None)
        return other or UNMAPPED, other

    def _find_key(self, words: Words) -> str | None:
        """Return the tool's own task, else the first key in the texts and the tags.

        Where the map has a pattern, the own task is one of the texts that it searches.
        """
        own = normalise_name(words.task.strip()) if words.task else ""
        extract = self._extracts.get("task")
        if extract is not None:
            key = self._extract("task", words)
            if key is None and extract.otherwise == "refuse":
                value = next(iter(self._texts(words)), "")
                raise BadCell("task", f"nothing matches {extract.pattern.pattern}", value=value)
            if key is None and extract.otherwise == "skip":
                raise SkipRow("nothing matches the pattern of task")
            return key or own or None
        if own:
            return own
        return first_match(self._key, self._texts(words))

    def _extract(self, column: str, words: Words) -> str | None:
        """Return the part of the texts that the map's pattern matches; None without one."""
        extract = self._extracts.get(column)
        if extract is None:
            return None
        return extract.search(self._texts(words, extract.columns))

    def _texts(self, words: Words, names: Sequence[str] = ()) -> list[str]:
        return [text for name in names or self._names for text in words.named(name)]


def key_matcher(key_pattern: str) -> Any:
    """Return the compiled pattern of a task's key that the settings have.

    Raises:
        BadValue: It is not valid.
    """
    return compile_pattern(key_pattern, "setting task_pattern")


def check_named_map(map_: ColumnMap, source: str) -> None:
    """Refuse a map that says more than a named source takes.

    Raises:
        BadValue: The map has columns, units or constants.
    """
    sections = (
        ("columns", map_.columns),
        ("units", map_.units),
        ("constants", map_.constants),
        ("join", map_.join),
    )
    for section, content in sections:
        if content:
            raise BadValue(
                f"{map_.name} has [{section}], but `import {source}` knows its columns: give "
                "[values] and [extract] only, or use `import csv`."
            )


def check_extracts(map_: ColumnMap, source: str, names: Sequence[str]) -> None:
    """Refuse an extract of a column that such a source has not, or from a text that it has not.

    Args:
        map_: The user's map.
        source: The source.
        names: The names of its texts.

    Raises:
        BadValue: There is such an extract.
    """
    for column, extract in map_.extracts.items():
        check_keys([column], _EXTRACTED, map_.name, "extract.")
        allowed = ("task", "activity", *names, "tags")
        for name in extract.columns:
            if name not in allowed:
                raise BadValue(
                    f"{map_.name} [extract.{column}] from has {quote(name)}, which "
                    f"{source} has not: give one of {', '.join(allowed)}."
                )


def _lines(text: str | None) -> Iterator[str]:
    return filter(None, map(str.strip, (text or "").splitlines()))


def _first_line(words: Words) -> str | None:
    """Return the first line of the first text that has any."""
    return next((line for text in words.texts.values() for line in _lines(text)), None)


def _first_other(tags: Sequence[str], used: str | None) -> str | None:
    return next((tag for tag in tags if tag != used), None)
