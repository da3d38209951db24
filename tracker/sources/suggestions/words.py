"""Meanings of the words of a column: those that are known, and proposals for the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tracker.domain.counts import count_of
from tracker.domain.names import normalise_name
from tracker.domain.records import ACTIVITIES
from tracker.sources.suggestions.column_names import words_of
from tracker.sources.suggestions.draft import Word
from tracker.sources.table.map_columns import UNDECIDED

WORDS_NOTE = (
    "Words in the file = activities in tracker, most time first. Uncomment a line to map its word; "
    "the other words keep their name and are listed as unmapped."
)
"""The note above the words of the activity."""

MAX_WORDS = 60
"""The number of words of a column that are listed; the others are counted."""
LONGEST_WORD = 200
"""Characters; a longer text is not listed."""

_ACTIVITY_STEMS = {
    "design": "design entwurf konzept konzeption architecture architektur conception diseno",
    "testing": "test tests testing qa testen unittest verification pruefung prufung pruebas",
    "coding": "code coding development developing dev implementation programming entwicklung"
    " implementierung programmierung desarrollo developpement refactoring",
    "review": "review reviews inspection codereview",
    "planning": "planning plan planung planning",
    "requirements": "requirements requirement anforderungen anforderung specification",
    "documentation": "documentation docs dokumentation documentacion",
    "meeting": "meeting meetings besprechung standup call reunion daily",
}
_MEANINGS = {
    word: activity for activity, words in _ACTIVITY_STEMS.items() for word in words.split()
}

_ANSWERS = {
    "yes": "yes y true 1 ja j oui si sim x ai ki copilot assisted with on",
    "no": "no n false 0 nein non nee nao none without off unassisted manual",
    "unknown": "unknown unbekannt",
}
_ANSWER_OF = {word: answer for answer, words in _ANSWERS.items() for word in words.split()}


def known_activity(word: str) -> str | None:
    """Return the activity that a word is, whatever its case; None if it is not one."""
    return word.casefold() if word.casefold() in ACTIVITIES else None


def propose_activity(word: str) -> str:
    """Return the activity that a word may mean by its parts; UNDECIDED if they disagree."""
    meanings = {_MEANINGS[part] for part in words_of(word) if part in _MEANINGS}
    return meanings.pop() if len(meanings) == 1 else UNDECIDED


def assisted_value(word: str) -> str | None:
    """Return the value of ``assisted`` that a word means; None if it means none."""
    return _ANSWER_OF.get(" ".join(words_of(word)))


def split_tags(cell: str) -> list[str]:
    """Return the tags in a cell, which are separated by commas."""
    return [part.strip() for part in cell.split(",") if part.strip()]


def weigh_words(
    rows: Iterable[Sequence[str]], minutes: Sequence[float | None]
) -> tuple[Counter[str], dict[str, float]]:
    """Return the number of rows and the minutes of each word.

    Args:
        rows: The words of each row.
        minutes: The minutes of each row; empty if they are not known.
    """
    counts: Counter[str] = Counter()
    sums: dict[str, float] = {}
    for index, words in enumerate(rows):
        effort = minutes[index] if index < len(minutes) else None
        for word in dict.fromkeys(map(normalise_name, words)):
            counts[word] += 1
            sums[word] = sums.get(word, 0.0) + (effort or 0.0)
    return counts, sums


def activity_words(counts: Mapping[str, int], minutes: Mapping[str, float]) -> list[Word]:
    """Return the lines of ``[values.activity]``, the most minutes first."""
    return [
        Word(
            word,
            known_activity(word),
            propose_activity(word),
            _describe_amount(counts[word], minutes.get(word, 0.0)),
        )
        for word in _sort_by_minutes(counts, minutes)[:MAX_WORDS]
    ]


def assisted_words(counts: Mapping[str, int], minutes: Mapping[str, float]) -> list[Word]:
    """Return the lines of ``[values.assisted]``, the most minutes first."""
    return [
        Word(
            word,
            assisted_value(word),
            UNDECIDED,
            _describe_amount(counts[word], minutes.get(word, 0.0)),
        )
        for word in _sort_by_minutes(counts, minutes)[:MAX_WORDS]
    ]


def _sort_by_minutes(counts: Mapping[str, int], minutes: Mapping[str, float]) -> list[str]:
    words = [word for word in counts if len(word) <= LONGEST_WORD and _is_encodable(word)]
    return sorted(words, key=lambda word: (-minutes.get(word, 0.0), -counts[word], word))


def _is_encodable(word: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in word)


def _describe_amount(rows: int, minutes: float) -> str:
    text = f"in {count_of(rows, 'row')}"
    return f"{minutes / 60:,.1f} h {text}" if minutes > 0 else text
