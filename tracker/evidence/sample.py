"""The sample of a comparison: the developers that can be compared, and their work items."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tracker.domain.records import StudyDesign
from tracker.evidence.designs.study_design import (
    BETWEEN_DEVELOPER_DESIGNS,
    enough_single_arm_developers,
)
from tracker.evidence.estimators.least_squares import estimate_terms
from tracker.evidence.estimators.pseudo_values import FittedValues
from tracker.evidence.moments import Cells, Mask, Term

MIN_SHARE_ESTIMATED = 0.8
"""Share of each arm's work items that must have an estimate for x to be in the fit."""

Kind = Literal["within_developer", "between_developers", "staggered"]
"""What is compared: developers with themselves, developers between arms, or imputed work."""


@dataclass(frozen=True, slots=True)
class Clipping:
    """The last pass that made pseudo-values."""

    fitted: FittedValues
    share_inside: float
    """m: the share of the work items within the limit."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The work items that an estimate uses, and the counts of those excluded."""

    cells: Cells
    kind: Kind
    adjusted: bool
    """Whether x = ln estimate is in the fit; if so, every work item has an estimate."""
    excluded: dict[str, int]
    """Number of work items (``no-estimate``) and of developers (``one-arm-developer``, or
    ``both-arms-developer`` where whole developers are compared)."""
    clipping: Clipping | None = None
    """How the pseudo-values in the place of y were made; None where y is ln minutes itself."""

    @property
    def terms(self) -> tuple[Term, ...]:
        """The regressors of the primary fit."""
        return ("arm", *estimate_terms(self.cells)) if self.adjusted else ("arm",)


def select_sample(closed: Cells, design: StudyDesign, *, adjusted: bool | None = None) -> Sample:
    """Select the sample of a study design from the closed work items.

    Moments and item rows give the same sample. Developers are selected first, then items with an
    estimate, then developers again, since a developer may lose all items of one arm.

    Args:
        closed: Cells of the closed work items.
        design: The study design.
        adjusted: Whether to require an estimate; None: decided by the share of items that have one.

    Returns:
        The sample with its counts of what was excluded.

    """
    kind = _comparison_kind(closed, design)
    if len(np.unique(closed.arm)) < 2:
        return _single_arm(closed, kind, adjusted=adjusted)
    comparable = closed.for_developers(_comparable_developers(closed, kind))
    adjust = _enough_estimates(comparable) if adjusted is None else adjusted
    estimated = comparable.select(comparable.estimated) if adjust else comparable
    cells = estimated.for_developers(_comparable_developers(estimated, kind))
    reason = "both-arms-developer" if kind == "between_developers" else "one-arm-developer"
    excluded = {
        "no-estimate": comparable.items - estimated.items,
        reason: closed.developers - cells.developers,
    }
    return Sample(cells, kind, adjust, excluded)


def estimated_in_minutes(sample: Sample) -> Sample:
    """Return the items of a sample that are estimated in minutes.

    Developers who cannot be compared by these leave it.
    """
    if not sample.cells.points.any():
        return sample
    cells = sample.cells.select(~sample.cells.points)
    cells = cells.for_developers(_comparable_developers(cells, sample.kind))
    return replace(sample, cells=cells)


def _single_arm(closed: Cells, kind: Kind, *, adjusted: bool | None) -> Sample:
    """Return the sample of a log with one arm, or none: nobody is left out of a comparison."""
    adjust = _enough_estimates(closed) if adjusted is None else adjusted
    estimated = closed.select(closed.estimated) if adjust else closed
    excluded = {"no-estimate": closed.items - estimated.items, "one-arm-developer": 0}
    return Sample(estimated, kind, adjust, excluded)


def _comparison_kind(closed: Cells, design: StudyDesign) -> Kind:
    """Return the kind of comparison.

    Whole developers are compared where the design allows it and most work items belong to
    developers with one arm only.
    """
    if design == "staggered":
        return "staggered"
    in_both = closed.in_both_arms()
    items_within = float(closed.n[in_both[closed.developer]].sum())
    between = design in BETWEEN_DEVELOPER_DESIGNS and enough_single_arm_developers(closed)
    return (
        "between_developers" if between and closed.items > 2 * items_within else "within_developer"
    )


def _comparable_developers(cells: Cells, kind: Kind) -> Mask:
    """Return which developers a comparison of this kind can use, as a mask of length G."""
    if kind == "staggered":  # never-treated developers stay: they determine the month effects
        has_baseline: Mask = cells.items_by_arm()[:, 0] > 0
        return has_baseline
    in_both = cells.in_both_arms()
    return in_both if kind == "within_developer" else ~in_both


def _enough_estimates(cells: Cells) -> bool:
    """Return whether enough work items of each arm have an estimate for x to be in the fit."""
    for arm in (0, 1):
        in_arm = cells.arm == arm
        items = float(cells.n[in_arm].sum())
        if float(cells.n[in_arm & cells.estimated].sum()) < MIN_SHARE_ESTIMATED * items:
            return False
    return True
