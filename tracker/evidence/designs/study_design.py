"""Study designs: which of them a log has recorded, their arms, and what each requires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tracker.domain.arms import MIN_ITEMS_PER_ARM, first_cutovers
from tracker.domain.errors import BadValue
from tracker.domain.records import STUDY_DESIGNS, ArmRule, Rollout, StudyDesign
from tracker.domain.times import DAY_SECONDS
from tracker.evidence.moments import Cells, Integers, Mask, cells_from_moments
from tracker.evidence.verdict import STUDY_DESIGN_WORDS

MIN_CLUSTERS = 5
"""Developers needed for errors by developer; with fewer the errors are by work item, and the result
holds for these developers only."""

MATURE_SHARE = 0.9
"""Share of the baseline's work items that were completed within the time that a late item gets."""

STRENGTH: dict[StudyDesign, str] = {
    design: words.strength for design, words in STUDY_DESIGN_WORDS.items()
}
"""The strongest statement that each study design allows."""

MAY_SUPPORT: dict[StudyDesign, bool] = {
    design: design != "self-selected" for design in STUDY_DESIGNS
}
"""Whether a claim can be ``supported`` under the design."""

BASELINE_ALONE = ArmRule("baseline")
"""The rule for a log in which nothing says that an assistant was used."""

BETWEEN_DEVELOPER_DESIGNS: tuple[StudyDesign, ...] = ("randomised", "self-selected")
"""Designs whose arms may consist of whole developers."""


@dataclass(frozen=True, slots=True)
class DesignChoice:
    """The study design of one activity."""

    design: StudyDesign | None
    """None where no arms are recorded."""
    reason: str
    """Why no stronger design was chosen."""


def arm_rules(rollouts: Iterable[Rollout]) -> dict[StudyDesign, ArmRule]:
    """Return each study design's rule for the arms, strongest design first.

    Designs that these rollouts do not allow are omitted. ``staggered`` needs different dates, or
    dates of single developers, whose colleagues are then never treated.
    """
    cutovers = first_cutovers(rollouts)
    different_days = len({cutover.day for cutover in cutovers}) > 1
    rules: dict[StudyDesign, ArmRule] = {"randomised": ArmRule("assigned")}
    if different_days or any(cutover.developer for cutover in cutovers):
        rules["staggered"] = ArmRule("rollout", cutovers, never_treated=True)
    if cutovers:
        rules["before-after"] = ArmRule("rollout", cutovers)
    rules["self-selected"] = ArmRule("assisted")
    return rules


def choose_design(
    candidates: Mapping[StudyDesign, pd.DataFrame], design: StudyDesign | None = None
) -> DesignChoice:
    """Choose the study design of one activity: the strongest with enough work recorded.

    Where no design has enough, the strongest with work in both arms is chosen, else one with work
    in one arm, so that the result can name what is missing.

    Args:
        candidates: The activity's moments under each design's rule.
        design: The design that the user requires; None: the strongest.

    Returns:
        The design and the reason.

    Raises:
        BadValue: No work item has an arm under the required design.

    """
    missing = {
        name: missing_requirement(candidates[name], name)
        for name in STUDY_DESIGNS
        if name in candidates
    }
    arm_counts = {name: int(candidates[name]["arm"].nunique()) for name in missing}
    if design is None:
        return _strongest_sufficient(missing) or _strongest_insufficient(missing, arm_counts)
    if not arm_counts.get(design):
        recorded = ", ".join(name for name in missing if arm_counts[name]) or "none"
        raise BadValue(
            f"--design is {design}: no work item has an arm under it; recorded here: {recorded}."
        )
    return DesignChoice(design, "asked for")


def _strongest_sufficient(missing: Mapping[StudyDesign, str | None]) -> DesignChoice | None:
    """Return the first design that misses nothing; None where each misses something."""
    for design, requirement in missing.items():
        if requirement is None:
            return DesignChoice(design, _why_not_stronger(design, missing))
    return None


def _strongest_insufficient(
    missing: Mapping[StudyDesign, str | None], arm_counts: Mapping[StudyDesign, int]
) -> DesignChoice:
    """Return the first design with work in both arms, else in one arm, else no design."""
    for min_arms in (2, 1):
        for design, requirement in missing.items():
            if arm_counts[design] >= min_arms:
                return DesignChoice(design, requirement or "")
    return DesignChoice(
        None,
        "no work item has an arm: no rollout, no drawn arm, no entry that says assisted or not",
    )


def _why_not_stronger(design: StudyDesign, missing: Mapping[StudyDesign, str | None]) -> str:
    """Join what each stronger design misses."""
    rank = STUDY_DESIGNS.index
    reasons = [
        f"{name}: {requirement}"
        for name, requirement in missing.items()
        if requirement and rank(name) < rank(design)
    ]
    return "; ".join(reasons) or "the strongest there is"


def closed_cells(moments: pd.DataFrame) -> Cells:
    """Return the cells of the closed work items: complete, mature, and with minutes."""
    return cells_from_moments(moments[moments["status"] == "closed"])


def missing_requirement(moments: pd.DataFrame, design: StudyDesign) -> str | None:
    """Return in words what one activity misses for a study design; None where it has enough.

    Enough are 8 work items per arm, from two or more developers with work in both arms, or from one
    who is alone in the log. For randomised and self-selected arms also two or more whole
    developers, and 8 items, in each arm. A staggered rollout needs two treated developers with
    :func:`comparable_months`.
    """
    return missing_requirement_in_cells(closed_cells(moments), design)


def missing_requirement_in_cells(cells: Cells, design: StudyDesign) -> str | None:
    """Do the same as :func:`missing_requirement` for :func:`closed_cells`."""
    if design == "staggered":
        return _missing_for_staggered(cells)
    missing = _missing_within_developers(
        cells.for_developers(cells.in_both_arms()), single_developer=cells.developers == 1
    )
    if missing and design in BETWEEN_DEVELOPER_DESIGNS and enough_single_arm_developers(cells):
        return None
    return missing


def missing_items(baseline: int, assistance: int) -> str | None:
    """Return in words which arm has too few work items; None where both have enough."""
    for items, arm in ((baseline, "baseline"), (assistance, "assistance")):
        if items < MIN_ITEMS_PER_ARM:
            return f"{items or 'no'} work items in the {arm} arm, {MIN_ITEMS_PER_ARM} are needed"
    return None


def enough_single_arm_developers(cells: Cells) -> bool:
    """Return whether the developers with one arm only allow a comparison of whole developers.

    Each arm needs two or more of them, with 8 or more work items.
    """
    counts = cells.items_by_arm()[~cells.in_both_arms()]
    return bool(
        ((counts > 0).sum(axis=0) >= 2).all() and (counts.sum(axis=0) >= MIN_ITEMS_PER_ARM).all()
    )


def comparable_months(cells: Cells) -> Mask:
    """Return the cells of treated work that a staggered rollout can be judged by.

    Their developers have baseline work, and in their months somebody else was still untreated: a
    developer has baseline work in the month and treated work neither in it nor before it.
    """
    first_treated = np.full(cells.developers, np.iinfo(np.int64).max)
    treated = cells.arm == 1
    np.minimum.at(first_treated, cells.developer[treated], cells.period[treated])
    still_untreated = ~treated & (cells.period < first_treated[cells.developer])
    has_baseline = cells.per_developer((~treated).astype(np.float64)) > 0
    treated_after_baseline: Mask = treated & has_baseline[cells.developer]
    return treated_after_baseline & np.isin(cells.period, cells.period[still_untreated])


def _missing_within_developers(cells: Cells, *, single_developer: bool) -> str | None:
    """Return what the developers with both arms miss; ``single_developer``: one alone suffices."""
    if cells.developers < (1 if single_developer else 2):
        return (
            "all work items are in one arm"
            if single_developer
            else "fewer than 2 developers have work items in both arms"
        )
    return missing_items(cells.items_of(0), cells.items_of(1))


def _missing_for_staggered(cells: Cells) -> str | None:
    comparable = comparable_months(cells)
    if len(np.unique(cells.developer[comparable])) < 2:
        return "fewer than 2 developers had their rollout while others still had none"
    if cells.n[comparable].sum() < MIN_ITEMS_PER_ARM or cells.items_of(0) < MIN_ITEMS_PER_ARM:
        return (
            f"fewer than {MIN_ITEMS_PER_ARM} work items with assistance in months in which others "
            "still had none"
        )
    return None


def last_mature_start_day(durations: pd.DataFrame, *, now_epoch: int) -> int | None:
    """Return the last day on which a work item may have begun to count, in either arm.

    That is now less the 90th percentile of the baseline's durations. Of items begun later mostly
    the quick ones are complete, which would look like a gain.

    Args:
        durations: Columns arm, days (whole, from first entry to completion) and n (work items), of
            the closed items of one activity.
        now_epoch: Now, in seconds since 1970.

    Returns:
        Days since 1970-01-01; None without a baseline.

    """
    in_baseline = durations["arm"].to_numpy() == "baseline"
    days = durations["days"].to_numpy(dtype=np.int64)[in_baseline]
    n = durations["n"].to_numpy(dtype=np.int64)[in_baseline]
    return last_mature_day(days, n, now_epoch=now_epoch)


def last_mature_day(days: Integers, n: Integers | None = None, *, now_epoch: int) -> int | None:
    """Do the same as :func:`last_mature_start_day` for arrays.

    Args:
        days: The days from first entry to completion of closed items of the baseline.
        n: How many work items have each of them; None: one each.
        now_epoch: Now, in seconds since 1970.

    """
    if not len(days):
        return None
    if n is None:
        days, count = np.sort(days), np.arange(1, len(days) + 1)
    else:
        order = np.argsort(days, kind="stable")
        days, count = days[order], n[order].cumsum()
    position = np.searchsorted(count, MATURE_SHARE * count[-1])
    return now_epoch // DAY_SECONDS - int(days[position])
