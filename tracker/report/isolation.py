"""Right-to-left names in the page's sentences, which run left to right.

Each is put between Unicode isolates. Without them, the numbers and signs after a name are shown
before it. Isolates work in titles and attributes too, where markup does not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from tracker.evidence.assessment import Assessment
from tracker.report import formats, labels

ISOLATE, END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_RIGHT_TO_LEFT = {"R", "AL"}
"""Bidirectional classes of letters that are read from right to left."""
_LETTERS = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]+"
_RIGHT_TO_LEFT_WORDS = re.compile(rf"{_LETTERS}(?:[ '’.-]+{_LETTERS})*")
"""Words in the scripts of these letters: Hebrew, Arabic, Syriac, Thaana, N'Ko and others."""


def printable_with(names: set[str]) -> Callable[[str], str]:
    """Return a function that makes texts printable, with right-to-left names isolated."""
    shown = {formats.printable(name) for name in names if _is_right_to_left(name)}
    longest_first = sorted(shown, key=lambda name: (-len(name), name))
    if not longest_first:
        return formats.printable
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    return lambda text: pattern.sub(
        lambda match: f"{ISOLATE}{match[0]}{END}", formats.printable(text)
    )


def isolate_right_to_left(text: str) -> str:
    """Return a text with its right-to-left words isolated, for labels that know no names."""
    return _RIGHT_TO_LEFT_WORDS.sub(lambda match: f"{ISOLATE}{match[0]}{END}", text)


def names_of(assessment: Assessment) -> set[str]:
    """Return the names in an assessment's sentences, as written and at the start of a sentence."""
    selection, overview = assessment.question.selection, assessment.overview
    names = {*assessment.assistants, selection.team, selection.project}
    for result in assessment.results:
        names.add(result.activity)
        if result.claim:
            names |= {result.claim.source, labels.claim_source(result.claim)}
    if overview:
        names |= {*overview.teams, *overview.assistants}
        names |= {rollout.team for rollout in overview.rollouts}
    return {form for name in names if name for form in (name, formats.capitalize(name))}


def _is_right_to_left(name: str) -> bool:
    return any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in name)
