"""The draft of a map, and its text: TOML with the evidence of each line as a comment.

A draft holds whatever a foreign file holds in its header and cells, so everything is escaped.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tracker.domain.printing import printable, quote
from tracker.domain.toml_text import MAX_DOTS
from tracker.sources.table.map_columns import UNDECIDED

FIRST_WORDS = "Suggested from"
"""What every draft begins with, after the mark of a comment."""

Value = str | int | bool | tuple[str, ...]

_WIDTH = 96
_DOT = "\\u002E"


class Reading(NamedTuple):
    """One of several values that fit, and what it would mean."""

    value: Value
    meaning: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a section: the value that the evidence shows, or the readings that all fit."""

    key: str
    value: Value
    evidence: str
    readings: Sequence[Reading] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a column: what it means if that is plain, and how much of the log it stands for."""

    word: str
    value: str | None
    proposal: str
    """What it may mean, for a line that is commented out."""
    evidence: str


@dataclass(slots=True)
class Draft:
    """A map as it is suggested."""

    title: Sequence[str]
    """What the file is, in sentences; they stand above the map."""
    source: str | None
    """The name of the log; None where the command names the source."""
    sections: dict[str, list[Line]] = field(default_factory=dict)
    """Section → its lines, in the order in which they are written."""
    words: dict[str, list[Word]] = field(default_factory=dict)
    """Column → its words, those of most minutes first."""
    notes: dict[str, list[str]] = field(default_factory=dict)
    """Section → sentences that stand above it."""

    def add(self, section: str, line: Line | None) -> None:
        """Add a line to a section; None adds nothing."""
        if line is not None:
            self.sections.setdefault(section, []).append(line)

    def note(self, section: str, text: str) -> None:
        """Add a sentence above a section, which is written even if it has no line."""
        self.sections.setdefault(section, [])
        self.notes.setdefault(section, []).append(text)

    @property
    def undecided(self) -> list[str]:
        """The keys that a person has to decide, with their sections."""
        return [
            f"[{section}] {line.key}"
            for section, lines in self.sections.items()
            for line in lines
            if line.readings
        ]


def as_toml(draft: Draft) -> str:
    """Return a draft as TOML that ``parse_toml`` reads."""
    return "\n".join(_lines(draft)) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    for sentence in draft.title:
        yield from _comment(sentence)
    if draft.undecided:
        yield from _comment(
            f"To decide: {', '.join(draft.undecided)}. Where it says {UNDECIDED!r} several "
            "readings fit: keep one of the lines below it in its place."
        )
    if draft.source is not None:
        yield f"source = {_literal(draft.source)}"
    for section, lines in draft.sections.items():
        yield ""
        for sentence in draft.notes.get(section, ()):
            yield from _comment(sentence)
        yield f"[{section}]"
        for line in lines:
            yield from _section_line(line)
    for column, words in draft.words.items():
        yield ""
        for sentence in draft.notes.get(f"values.{column}", ()):
            yield from _comment(sentence)
        yield f"[values.{column}]"
        yield from map(_word_line, words)


def _section_line(line: Line) -> Iterator[str]:
    yield from _comment(line.evidence)
    if not line.readings:
        yield _assignment(line.key, line.value)
        return
    yield _assignment(line.key, UNDECIDED)
    for reading in line.readings:
        yield f"# {_assignment(line.key, reading.value)}  # {_plain(reading.meaning)}"


def _word_line(word: Word) -> str:
    text = f"{_literal(escape_pattern(word.word))} = {_literal(word.value or word.proposal)}"
    mark = "" if word.value else "# "
    return f"{mark}{text}  # {_plain(word.evidence)}"


def escape_pattern(word: str) -> str:
    """Return the shell pattern that matches a word and nothing else."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in word)


def _assignment(key: str, value: Value) -> str:
    return f"{key} = {_literal(value)}"


def _literal(value: Value) -> str:
    """Return a value in TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_literal, value))}]"
    text = "".join(map(_escape, value))
    # A line with too many dots is refused, whatever they stand for.
    return f'"{text.replace(".", _DOT) if text.count(".") > MAX_DOTS // 4 else text}"'


def _escape(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    return f"\\u{ord(character):04X}" if ord(character) <= 0xFFFF else f"\\U{ord(character):08X}"


def _comment(text: str) -> Iterator[str]:
    for line in textwrap.wrap(_plain(text), _WIDTH, break_long_words=True):
        yield f"# {line}"


def _plain(text: str) -> str:
    """Return a sentence in one line, without what TOML forbids in a comment."""
    return printable(text).replace("...", "…")


def quoted(text: str) -> str:
    """Return a foreign text as a comment quotes it."""
    return quote(text).replace(".", "·") if text.count(".") > MAX_DOTS // 10 else quote(text)
