"""The draft of a map, and its text: TOML with the evidence of each line as a comment.

The header and the cells of a foreign file may hold any characters, so everything is escaped.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tracker.domain.printing import printable, quote
from tracker.domain.toml_text import MAX_DOTS
from tracker.sources.table.map_columns import UNDECIDED

DRAFT_PREFIX = "Suggested from"
"""The first words of every draft, after the ``#``."""

Value = str | int | bool | tuple[str, ...]

_WIDTH = 96
_DOT = "\\u002E"


class Alternative(NamedTuple):
    """One of several possible values, and what it would mean."""

    value: Value
    meaning: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a section: the value that the evidence shows, or several possible values."""

    key: str
    value: Value
    evidence: str
    alternatives: Sequence[Alternative] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a column and its meaning."""

    word: str
    value: str | None
    """The meaning, if it is known."""
    proposal: str
    """A possible meaning, for a line that is commented out."""
    evidence: str
    """The number of rows and the hours with this word."""


@dataclass(slots=True)
class Draft:
    """A suggested map."""

    title: Sequence[str]
    """Sentences about the file, which are written above the map."""
    source: str | None
    """The name of the log; None for a source that tracker knows by name."""
    sections: dict[str, list[Line]] = field(default_factory=dict)
    """Section → its lines, in the order of writing."""
    words: dict[str, list[Word]] = field(default_factory=dict)
    """Column → its words, the most minutes first."""
    notes: dict[str, list[str]] = field(default_factory=dict)
    """Section → sentences that are written above it."""
    lacks_zone: bool = False
    """Whether the times have no offset, and no zone is known."""

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
        """The keys that the user has to decide, with their sections."""
        return [
            f"[{section}] {line.key}"
            for section, lines in self.sections.items()
            for line in lines
            if line.alternatives
        ]


def as_toml(draft: Draft) -> str:
    """Return a draft as TOML."""
    return "\n".join(_lines(draft)) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    for sentence in draft.title:
        yield from _comment(sentence)
    if draft.undecided:
        yield from _comment(
            f"To decide: {', '.join(draft.undecided)}. Several values are possible for each "
            f"{UNDECIDED!r}: replace it by one of those in the comments below it."
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
    if not line.alternatives:
        yield _assignment(line.key, line.value)
        return
    yield _assignment(line.key, UNDECIDED)
    for alternative in line.alternatives:
        yield f"# {_assignment(line.key, alternative.value)}  # {_plain(alternative.meaning)}"


def _word_line(word: Word) -> str:
    text = f"{_literal(escape_pattern(word.word))} = {_literal(word.value or word.proposal)}"
    mark = "" if word.value else "# "
    return f"{mark}{text}  # {_plain(word.evidence)}"


def escape_pattern(word: str) -> str:
    """Return a shell pattern that matches exactly this word."""
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
    # parse_toml refuses a line with too many dots.
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
    """Return a text in one line, without the characters that TOML forbids in comments."""
    return printable(text).replace("...", "…")


def quote_text(text: str) -> str:
    """Return a foreign text in quotes, for a comment."""
    return quote(text).replace(".", "·") if text.count(".") > MAX_DOTS // 10 else quote(text)
