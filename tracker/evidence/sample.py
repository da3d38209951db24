"""Which work items a comparison runs on: the developers with a comparison of their own, the items with an estimate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tracker.domain.records import StudyDesign
from tracker.evidence.designs.study_design import (
    BETWEEN_DEVELOPER_DESIGNS,
    enough_single_arm_developers,
)
from tracker.evidence.moments import Cells, Mask, Term

FEWEST_ESTIMATED = 0.8
"""Share of both arms' work items that must have an estimate for the fit to use it, and to run on those alone."""

Kind = Literal["within_developer", "between_developers", "staggered"]
"""Developers compared with themselves; whole developers per arm; imputation from untreated work."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The work items that an estimate is made from, and how many were left out on the way."""

    cells: Cells
    kind: Kind
    adjusted: bool
    """Whether x is in the fit; then every item here has an estimate."""
    excluded: dict[str, int]
    """``no-estimate``: items; ``one-arm-developer`` (and ``both-arms-developer``, for whole developers): developers."""

    @property
    def terms(self) -> tuple[Term, ...]:
        return ("arm", "x") if self.adjusted else ("arm",)


def select_sample(closed: Cells, design: StudyDesign, *, adjusted: bool | None = None) -> Sample:
    """The sample for a study design, from the closed work items, as moments or as rows: both give the same one.

    ``adjusted``: None lets the share of estimates decide. Developers are chosen first, then the items, then once more
    the developers, since leaving out items can leave one with a single arm.
    """
    kind = _kind(closed, design)
    chosen = closed.for_developers(_developers(closed, kind))
    use = _mostly_estimated(chosen) if adjusted is None else adjusted
    estimated = chosen.select(chosen.w > 0) if use else chosen
    final = estimated.for_developers(_developers(estimated, kind))
    left_out = "both-arms-developer" if kind == "between_developers" else "one-arm-developer"
    excluded = {
        "no-estimate": chosen.items - estimated.items,
        left_out: closed.developers - final.developers,
    }
    return Sample(final, kind, use, excluded)


def _kind(closed: Cells, design: StudyDesign) -> Kind:
    """Whole developers are compared where they hold most of the items, and the design lets arms be made of them."""
    if design == "staggered":
        return "staggered"
    both = closed.in_both_arms()
    inside = float(closed.n[both[closed.developer]].sum())
    whole = design in BETWEEN_DEVELOPER_DESIGNS and enough_single_arm_developers(closed)
    return "between_developers" if whole and closed.items > 2 * inside else "within_developer"


def _developers(cells: Cells, kind: Kind) -> Mask:
    if kind == "staggered":  # the never-treated stay: they tell how the months went
        untreated: Mask = cells.items_by_arm()[:, 0] > 0
        return untreated
    both = cells.in_both_arms()
    return both if kind == "within_developer" else ~both


def _mostly_estimated(cells: Cells) -> bool:
    for arm in (0, 1):
        inside = cells.arm == arm
        items = float(cells.n[inside].sum())
        if float(cells.n[inside & (cells.w > 0)].sum()) < FEWEST_ESTIMATED * items:
            return False
    return True
