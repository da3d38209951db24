"""The work items that a log holds for a study, and how further ones add to its arms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tracker.domain.records import StudyDesign
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.moments import Cells
from tracker.evidence.planning.plan import Obstacle
from tracker.evidence.planning.study_errors import MAX_ITEMS, least_number

RECENT_MONTHS = 2
"""A developer still counts who worked in the last so many months: the last may have just begun."""

Growth = Literal["both", "assistance", "either"]
"""Which arms further work items go to: both in equal parts, assistance alone, or as is best.

``either`` is a baseline whose rollout is still to come: it may first be extended.
"""


@dataclass(frozen=True, slots=True)
class ArmsHeld:
    """The work items of each arm that count in a study."""

    baseline: int
    assistance: int
    growth: Growth

    @property
    def items(self) -> int:
        """Work items of both arms."""
        return self.baseline + self.assistance

    def effective_items(self, further: int) -> float:
        """Return the items of a study of two equal arms that is as precise: 4/(1/n₀ + 1/n₁)."""
        if self.growth == "both":
            baseline = self.baseline + further / 2
        elif self.growth == "assistance":
            baseline = self.baseline
        else:
            baseline = max(self.baseline, (self.items + further) / 2)
        assistance = self.items + further - baseline
        if baseline <= 0 or assistance <= 0:
            return 0.0
        return 4.0 / (1.0 / baseline + 1.0 / assistance)

    def further_items(self, items: int) -> int | None:
        """Return how many more items make the study as precise as one of two equal arms.

        Args:
            items: Work items of the study of two equal arms.

        Returns:
            The number, 0 where the log holds enough; None where no number suffices, because the
            baseline is too small.

        """
        return least_number(lambda m: self.effective_items(m) >= items - 1e-9, 0, MAX_ITEMS)


def arms_held(
    activity_estimate: ActivityEstimate, design: StudyDesign
) -> tuple[ArmsHeld, Obstacle | None]:
    """Return what a log holds for a study of a design, and why it cannot be continued or begun.

    Work without assistance counts as the baseline of a comparison before and after. Arms that were
    not drawn do not count in a randomised study, nor does work before a staggered study began.
    """
    cells = activity_estimate.sample.cells
    baseline, assistance = cells.items_of(0), cells.items_of(1)
    if design == activity_estimate.design:
        if design == "staggered":
            # The errors of an imputation go by all items of the study.
            held = ArmsHeld(cells.items - cells.items // 2, cells.items // 2, "both")
            return held, None if _somebody_is_untreated(cells) else "all-treated"
        if design != "before-after":
            return ArmsHeld(baseline, assistance, "both"), None
        return ArmsHeld(baseline, assistance, "assistance" if assistance else "either"), None
    in_use = assistance > 0
    if design == "before-after" and not in_use:
        return ArmsHeld(baseline, 0, "either"), None
    by_rollout = design in ("staggered", "before-after")
    return ArmsHeld(0, 0, "both"), "all-treated" if in_use and by_rollout else None


def _somebody_is_untreated(cells: Cells) -> bool:
    """Return whether further work with assistance has untreated work to be compared with."""
    recent = cells.period > int(cells.period.max(initial=0)) - RECENT_MONTHS
    has_recent_work = cells.per_developer(np.where(recent, cells.n, 0.0)) > 0
    is_untreated = cells.items_by_arm()[:, 1] == 0
    return bool((has_recent_work & is_untreated).any())
