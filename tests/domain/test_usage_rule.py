"""The rule for marks: what they say about an entry, and what an entry then says."""

from __future__ import annotations

import pytest

from tracker.domain.usage import Mark
from tracker.domain.usage_rule import (
    COMMITTED,
    NOT_USED,
    UNKNOWN,
    USED,
    Answer,
    Inference,
    OwnEntry,
    Rule,
    days_with_unattributed_marks,
    new_answer,
)

NOON = 20_000 * 86_400 + 43_200
FULL = Mark("e", "x", NOON, repository="r:pay", tasks=("PAY-1",))
FLAG_NO: Answer = ("no", "flag")
FLAG_YES: Answer = ("yes", "flag")


def entry(answer: Answer = UNKNOWN, **fields: object) -> OwnEntry:
    """Return an entry of the hour that begins at noon."""
    usual = {"task": "PAY-1 Refunds", "project": "pay", "has_clock": True}
    times = {"started_epoch": NOON, "ended_epoch": NOON + 3600, "seconds": 3600}
    return OwnEntry(
        **{"id": "1", "activity": "design", **times, **usual, "answer": answer} | fields
    )


def rule(*marks: Mark, covered: bool = True) -> Rule:
    return Rule(marks, lambda name: f"r:{name}", lambda task: task.split()[0], lambda *_: covered)


@pytest.mark.parametrize(
    ("mark", "answer", "lacking"),
    [
        (FULL, USED, None),
        (FULL._replace(epoch=NOON + 3599), USED, None),
        (FULL._replace(epoch=NOON + 3600), UNKNOWN, None),
        (FULL._replace(epoch=NOON - 1), UNKNOWN, None),
        (FULL._replace(tasks=("pay-1", "PAY-2")), USED, None),
        (FULL._replace(tasks=("PAY-12",)), UNKNOWN, "branch"),
        (FULL._replace(repository=None), UNKNOWN, "repository"),
        (FULL._replace(repository=None, tasks=()), UNKNOWN, None),
        (FULL._replace(kind="commit"), COMMITTED, None),
        (FULL._replace(kind="commit", is_certain=False), UNKNOWN, None),
        (FULL._replace(kind="activity", is_certain=False), UNKNOWN, None),
    ],
)
def test_yes_needs_all_three(mark: Mark, answer: Answer, lacking: str | None) -> None:
    """Inside, in the repository, on a branch with the key; one that lacks is named."""
    finding = rule(mark).finding(entry())
    assert (finding.answer, finding.lacking) == (answer, lacking)


def test_an_entry_without_a_project_has_no_repository() -> None:
    """So a prompt on its branch is listed only."""
    assert rule(FULL).finding(entry(project=None)).lacking == "repository"


@pytest.mark.parametrize("offset", [-40_000, 0, 40_000])
def test_an_entry_of_a_day_is_never_yes_and_any_mark_of_the_day_keeps_from_no(offset: int) -> None:
    """Nobody knows when on its day it was."""
    mark = FULL._replace(epoch=NOON + offset)
    of_day = entry(has_clock=False, drawn="baseline")
    assert rule(mark).finding(of_day).answer == UNKNOWN
    assert rule().finding(of_day).answer == NOT_USED


@pytest.mark.parametrize(
    ("drawn", "covered", "answer"),
    [
        ("baseline", True, NOT_USED),
        ("baseline", False, UNKNOWN),
        ("assistance", True, UNKNOWN),
        (None, True, UNKNOWN),
    ],
)
def test_no_needs_a_draw_and_coverage(drawn: str | None, covered: bool, answer: Answer) -> None:
    """Silence alone says nothing."""
    assert rule(covered=covered).finding(entry(drawn=drawn)).answer == answer


FROM_UNKNOWN = Inference(USED, UNKNOWN)
CASES: dict[str, tuple[tuple[Mark, ...], Answer, Inference | None, Answer]] = {
    "new": ((FULL,), UNKNOWN, None, USED),
    "flag": ((FULL,), FLAG_NO, None, FLAG_NO),
    "same flag": ((FULL,), FLAG_YES, None, FLAG_YES),
    "tag": ((FULL,), ("no", "tag"), None, ("no", "tag")),
    "filled in by a draw": ((FULL,), NOT_USED, None, USED),
    "drawn and used": ((FULL,), ("yes", "drawn"), None, USED),
    "imported trailer": ((FULL,), COMMITTED, None, COMMITTED),
    "imported no": ((FULL,), ("no", "signal"), None, USED),
    "gone": ((), USED, FROM_UNKNOWN, UNKNOWN),
    "gone, from a draw": ((), USED, Inference(USED, ("yes", "drawn")), ("yes", "drawn")),
    "from another machine": ((), USED, None, USED),
    "edited since": ((), FLAG_YES, FROM_UNKNOWN, FLAG_YES),
    "a no with a mark": ((FULL._replace(tasks=()),), NOT_USED, None, UNKNOWN),
    "a no without": ((), NOT_USED, None, NOT_USED),
}


@pytest.mark.parametrize("name", CASES)
def test_what_an_entry_says_then(name: str) -> None:
    """A statement stands; what this machine inferred goes as it came."""
    marks, before, inference, after = CASES[name]
    finding = rule(*marks, covered=False).finding(entry(before))
    assert new_answer(finding, inference) == after


def test_days_with_marks_outside_assisted_entries() -> None:
    """Those days are open for other machines, which cannot see the marks."""
    marks = (FULL, FULL._replace(epoch=NOON + 86_400), FULL._replace(epoch=NOON + 2 * 86_400))
    entries = [entry(), entry(FLAG_YES, started_epoch=NOON + 86_400, ended_epoch=NOON + 90_000)]
    findings = rule(*marks).findings(entries)
    days = days_with_unattributed_marks(marks, findings, {"1": USED}, lambda at: at // 86_400)
    assert days == {20_002}
