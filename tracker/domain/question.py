"""The request for an assessment: claims and activities to judge, data to use, level."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracker.domain.errors import BadValue
from tracker.domain.gains import READINGS, Reading
from tracker.domain.numbers import is_number, is_whole_number, number_text
from tracker.domain.printing import quote
from tracker.domain.records import STUDY_DESIGNS, Claim, Selection, StudyDesign

DEFAULT_LEVEL = 0.95
DEFAULT_SEED = 1


@dataclass(frozen=True, slots=True)
class Question:
    """What to judge, on which part of the log, and how.

    Raises:
        BadValue: An option is not valid, or the order of the days.

    """

    claims: tuple[Claim, ...] = ()
    activities: tuple[str, ...] = ()
    """Activities to judge in addition to those of the claims."""
    selection: Selection = field(default_factory=Selection)
    design: StudyDesign | None = None
    """None: the strongest study design for which the log holds enough data."""
    level: float = DEFAULT_LEVEL
    """Confidence level of all intervals together."""
    reading: Reading | None = None
    """Replaces the reading of every claim; None keeps each claim's own."""
    anytime: bool = False
    """Whether intervals must stay valid when the growing log is assessed repeatedly."""
    now_epoch: int | None = None
    """The current time for the maturity rule; None: the last instant in the log."""
    seed: int = DEFAULT_SEED
    """Seed of the bootstrap and of the permutations."""
    reader: str | None = None
    """The developer who will read the result, to whom their own small group may be shown.

    None: nobody in particular.
    """

    def __post_init__(self) -> None:
        if not is_number(self.level) or not 0.5 <= self.level < 1.0:
            raise BadValue(
                f"--level is {number_text(self.level)}: give a number from 0.5 to below 1, such as "
                "0.95."
            )
        first, last = self.selection.first_day, self.selection.last_day
        if first is not None and last is not None and first > last:
            raise BadValue("--from lies after --to: swap them.")
        if self.reading is not None and self.reading not in READINGS:
            raise BadValue(
                f"--reading is {quote(self.reading)}: choose one of {', '.join(READINGS)}."
            )
        if self.design is not None and self.design not in STUDY_DESIGNS:
            raise BadValue(
                f"--design is {quote(self.design)}: choose one of {', '.join(STUDY_DESIGNS)}."
            )
        if not isinstance(self.anytime, bool):
            raise BadValue(f"--anytime is {quote(self.anytime)}: give True or False.")
        if not is_whole_number(self.seed) or self.seed < 0:
            raise BadValue(f"--seed is {quote(self.seed)}: give a whole number from 0 on.")

    @property
    def judged_activities(self) -> tuple[str, ...]:
        """All activities to judge, without repeats: those of the claims first."""
        return tuple(dict.fromkeys((*(claim.activity for claim in self.claims), *self.activities)))

    def claims_about(self, activity: str) -> tuple[Claim, ...]:
        """Return the claims about an activity."""
        return tuple(claim for claim in self.claims if claim.activity == activity)

    @property
    def interval_level(self) -> float:
        """The level of each interval, so that all hold at ``level`` together (Bonferroni)."""
        return 1.0 - (1.0 - self.level) / max(1, len(self.judged_activities))
