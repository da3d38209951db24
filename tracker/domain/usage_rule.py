"""The rule that infers from marks whether an assistant was used for an entry.

``yes`` needs a prompt inside the entry, in its repository, on a branch that holds its task's key.
A prompt that meets two of the three is listed for the developer. ``no`` needs an arm drawn as
baseline, and no mark although all marks were collected. The absence of marks alone is ``unknown``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from tracker.domain.records import STATED_BASES, Arm, Assisted, Basis
from tracker.domain.usage import Mark

Answer = tuple[Assisted, Basis | None]
Lacking = Literal["repository", "branch"]

UNKNOWN: Answer = ("unknown", None)
USED: Answer = ("yes", "usage")
COMMITTED: Answer = ("yes", "trailer")
NOT_USED: Answer = ("no", "drawn")

_LONGEST_DAY_SECONDS = 25 * 3600


class OwnEntry(NamedTuple):
    """The fields of an entry that the rule needs."""

    id: str
    task: str
    activity: str
    started_epoch: int
    ended_epoch: int
    seconds: int
    """Effort."""
    has_clock: bool
    """Whether the time of day is known; else the entry is somewhere on its day.

    Logs that know the day alone begin their entries at midnight or at noon, without an end.
    """
    answer: Answer
    project: str | None = None
    drawn: Arm | None = None
    """The arm that was drawn before the entry was logged."""


class Finding(NamedTuple):
    """The conclusion from the marks for one entry."""

    entry: OwnEntry
    answer: Answer
    """UNKNOWN where they say nothing."""
    has_marks: bool = False
    """Whether there is any mark inside the entry, of whatever place."""
    lacking: Lacking | None = None
    """The condition that no mark inside the entry meets, where two of the three are met."""

    @property
    def contradicts(self) -> bool:
        """Whether the entry says no where the marks say yes."""
        return self.answer[0] == "yes" and self.entry.answer[0] == "no"

    @property
    def is_stated(self) -> bool:
        """Whether a person has said whether an assistant was used."""
        assisted, basis = self.entry.answer
        return assisted != "unknown" and basis in STATED_BASES and basis != "drawn"


class Rule:
    """The rule for the entries of one developer.

    Args:
        marks: The developer's marks, by instant.
        repository_hash: Returns the salted hash of a project.
        task_key: Returns the key in the name of a task; the name where it holds none.
        is_covered: Whether all marks between two instants were collected.

    """

    def __init__(
        self,
        marks: Sequence[Mark],
        repository_hash: Callable[[str], str],
        task_key: Callable[[str], str],
        is_covered: Callable[[int, int], bool],
    ) -> None:
        self._marks = marks
        self._epochs = [mark.epoch for mark in marks]
        self._repository_hash = repository_hash
        self._task_key = task_key
        self._is_covered = is_covered

    def findings(self, entries: Iterable[OwnEntry]) -> list[Finding]:
        """Return the findings about entries."""
        return [self.finding(entry) for entry in entries]

    def finding(self, entry: OwnEntry) -> Finding:
        """Return the finding about an entry."""
        ended = entry.ended_epoch
        started = entry.started_epoch
        if not entry.has_clock:
            started -= _LONGEST_DAY_SECONDS // 2  # its day may have begun at midnight
            ended = max(ended, entry.started_epoch + _LONGEST_DAY_SECONDS)
        inside = self.between(started, ended)
        if inside and entry.has_clock:
            return self._weighed(entry, inside)
        is_baseline = entry.drawn == "baseline" and not inside
        if is_baseline and self._is_covered(started, ended):
            return Finding(entry, NOT_USED)
        return Finding(entry, UNKNOWN, has_marks=bool(inside))

    def between(self, start: int, end: int) -> Sequence[Mark]:
        """Return the marks from an instant until before another."""
        return self._marks[bisect_left(self._epochs, start) : bisect_left(self._epochs, end)]

    def _weighed(self, entry: OwnEntry, inside: Sequence[Mark]) -> Finding:
        repository = self._repository_hash(entry.project) if entry.project else None
        key = self._task_key(entry.task).casefold()
        lacking: Lacking | None = None
        full: list[Mark] = []
        for mark in inside:
            is_there = mark.repository is not None and mark.repository == repository
            is_on_task = key in {task.casefold() for task in mark.tasks}
            if is_there and is_on_task and mark.is_certain and mark.kind != "activity":
                full.append(mark)
            elif is_there != is_on_task and lacking is None:
                lacking = "branch" if is_there else "repository"
        if full:
            by_prompt = any(mark.kind == "prompt" for mark in full)
            return Finding(entry, USED if by_prompt else COMMITTED, has_marks=True)
        return Finding(entry, UNKNOWN, has_marks=True, lacking=lacking)


class Inference(NamedTuple):
    """The value that this machine inferred for an entry, and the value before."""

    answer: Answer
    before: Answer


def new_answer(finding: Finding, inference: Inference | None) -> Answer:
    """Return what an entry says once the marks are taken into account.

    A person's statement stands. What this machine inferred before is taken back where the marks do
    not say it any more; what came from elsewhere is not.
    """
    current = finding.entry.answer
    if finding.is_stated:
        return current
    if finding.answer[0] == "yes":
        is_better = current[0] != "yes" or current[1] == "drawn" or finding.answer == USED
        is_imported = current == COMMITTED and (inference is None or inference.answer != current)
        return finding.answer if is_better and not is_imported else current
    is_own = inference is not None and inference.answer == current
    before = inference.before if inference is not None and is_own else current
    if finding.answer == NOT_USED and before == UNKNOWN:
        return NOT_USED
    # no mark may lie in what was not used, whether a draw or another machine filled that in
    return UNKNOWN if before == NOT_USED and finding.has_marks else before


def days_with_unattributed_marks(
    marks: Sequence[Mark],
    findings: Iterable[Finding],
    answers: Mapping[str, Answer],
    day_of: Callable[[int], int],
) -> set[int]:
    """Return the days with a mark that lies in no entry which says yes.

    Args:
        marks: The marks.
        findings: What they say about all entries.
        answers: The new answers of entries by their ids; the others keep theirs.
        day_of: Returns the local day of an instant.

    """
    spans = sorted(
        (finding.entry.started_epoch, finding.entry.ended_epoch)
        for finding in findings
        if answers.get(finding.entry.id, finding.entry.answer)[0] == "yes"
    )
    days: set[int] = set()
    position, latest_end = 0, -1
    for mark in marks:
        while position < len(spans) and spans[position][0] <= mark.epoch:
            latest_end = max(latest_end, spans[position][1])
            position += 1
        if mark.epoch >= latest_end:
            days.add(day_of(mark.epoch))
    return days
