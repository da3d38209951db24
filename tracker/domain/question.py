"""What is asked of a log: claims, filters, study design, level."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracker.domain.errors import BadValue
from tracker.domain.gains import READINGS, Reading
from tracker.domain.records import Claim, Selection, StudyDesign

DEFAULT_LEVEL = 0.95
DEFAULT_SEED = 1


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a log."""

    claims: tuple[Claim, ...] = ()
    activities: tuple[str, ...] = ()
    """Judged without a claim, beside those that the claims name."""
    selection: Selection = field(default_factory=Selection)
    design: StudyDesign | None = None
    """None: the strongest that the log has recorded well enough."""
    level: float = DEFAULT_LEVEL
    reading: Reading | None = None
    """Overrules the claims' own."""
    anytime: bool = False
    now_epoch: int | None = None
    """The "now" of the maturation rule; None: the log's last instant."""
    seed: int = DEFAULT_SEED
    """Of the bootstrap's and the permutation's draws."""
    reader: str | None = None
    """The developer who asks: a group under five is shown to its own people only. None: nobody's."""

    def __post_init__(self) -> None:
        if not 0.5 <= self.level < 1.0:
            raise BadValue(
                f"--level is {self.level:g}: give a number from 0.5 to below 1, such as 0.95."
            )
        first, last = self.selection.first_day, self.selection.last_day
        if first is not None and last is not None and first > last:
            raise BadValue("--from lies after --to: swap them.")
        if self.reading is not None and self.reading not in READINGS:
            raise BadValue(f"--reading is {self.reading!r}: choose one of {', '.join(READINGS)}.")

    @property
    def judged(self) -> tuple[str, ...]:
        """The activities, each once, in the order asked."""
        return tuple(dict.fromkeys((*(claim.activity for claim in self.claims), *self.activities)))

    def about(self, activity: str) -> tuple[Claim, ...]:
        """The claims on one activity."""
        return tuple(claim for claim in self.claims if claim.activity == activity)

    @property
    def interval_level(self) -> float:
        """Of each of m intervals, so that all of them hold at once with ``level`` (Bonferroni)."""
        return 1.0 - (1.0 - self.level) / max(1, len(self.judged))
