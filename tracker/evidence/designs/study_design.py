"""Study designs: how the arms came about, which of them a log has recorded, and what each entitles to say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tracker.domain.errors import BadValue
from tracker.domain.records import STUDY_DESIGNS, ArmRule, Cutover, Rollout, StudyDesign
from tracker.domain.times import DAY_SECONDS
from tracker.evidence.moments import Cells, Mask, cells_from_moments

MIN_ITEMS_PER_ARM = 8
"""Work items that each arm must hold before an interval is made."""

MIN_CLUSTERS = 5
"""Below this many the developers cannot stand for others: errors are of their items, and "these developers only"."""

STRENGTH: dict[StudyDesign, str] = {
    "randomised": "causes",
    "staggered": "quasi-experimental, if the order was arbitrary",
    "before-after": "before/after, not proof",
    "self-selected": "associated with",
}
"""The strongest word that each study design allows."""

MAY_SUPPORT: dict[StudyDesign, bool] = {
    design: design != "self-selected" for design in STUDY_DESIGNS
}
"""Whether a claim can be ``supported`` under the design at all."""


@dataclass(frozen=True, slots=True)
class DesignChoice:
    """The study design of one activity; None where no arms are recorded. ``reason`` says why not a stronger one."""

    design: StudyDesign | None
    reason: str


def arm_rules(rollouts: Iterable[Rollout]) -> dict[StudyDesign, ArmRule]:
    """How each study design draws its arms, strongest first; those that these rollouts cannot serve are left out.

    ``staggered`` needs different dates, or dates of single developers (their team-mates are then the never-treated).
    """
    cutovers = first_cutovers(rollouts)
    found: dict[StudyDesign, ArmRule] = {"randomised": ArmRule("assigned")}
    if len({cutover.day for cutover in cutovers}) > 1 or any(
        cutover.developer for cutover in cutovers
    ):
        found["staggered"] = ArmRule("rollout", cutovers, never_treated=True)
    if cutovers:
        found["before-after"] = ArmRule("rollout", cutovers)
    found["self-selected"] = ArmRule("assisted")
    return found


def first_cutovers(rollouts: Iterable[Rollout]) -> tuple[Cutover, ...]:
    """From which day each developer, team or everybody had *an* assistant: the first of several, in a settled order.

    For one assistant the narrower rollout overrules the wider (developer, team, everybody); of several assistants the
    earliest counts. An assistant that everybody got counts for those named elsewhere too, unless they have a date of
    it of their own. (Whose team a developer is in is not known here: a developer's own dates overrule their team's.)
    """
    dates: dict[tuple[str | None, str | None], dict[str, int]] = {}
    for rollout in rollouts:
        scope = dates.setdefault((rollout.developer, rollout.team), {})
        scope[rollout.assistant] = min(rollout.day, scope.get(rollout.assistant, rollout.day))
    everybody = dates.get((None, None), {})
    return tuple(
        Cutover(min({**everybody, **own}.values()), developer, team)
        for (developer, team), own in sorted(
            dates.items(), key=lambda item: tuple(part or "" for part in item[0])
        )
    )


def choose_design(
    candidates: Mapping[StudyDesign, pd.DataFrame], wanted: StudyDesign | None = None
) -> DesignChoice:
    """The study design to judge one activity by: the strongest that is recorded well enough, or the one wanted.

    ``candidates``: the moments of this activity under each design's rule. Where none has enough, the strongest
    with an item in each arm, else with any item, so that what is missing can be said. A wanted design without any arm
    recorded is refused.
    """
    missing = {
        design: missing_requirement(candidates[design], design)
        for design in STUDY_DESIGNS
        if design in candidates
    }
    filled = {design: _arms(candidates[design]) for design in missing}
    if wanted is not None:
        if not filled.get(wanted):
            have = ", ".join(design for design in missing if filled[design]) or "none"
            raise BadValue(
                f"--design is {wanted}: no work item has an arm under it; recorded here: {have}."
            )
        return DesignChoice(wanted, "asked for")
    for design, lack in missing.items():
        if lack is None:
            return DesignChoice(design, _why_not_stronger(design, missing))
    for arms in (2, 1):
        for design in missing:
            if filled[design] >= arms:
                return DesignChoice(design, missing[design] or "")
    return DesignChoice(
        None,
        "no work item has an arm: no rollout, no drawn arm, no entry that says assisted or not",
    )


def closed_cells(moments: pd.DataFrame) -> Cells:
    """The cells of the work items that count: done, old enough to be, and with minutes."""
    return cells_from_moments(moments[moments["status"] == "closed"])


def missing_requirement(moments: pd.DataFrame, design: StudyDesign) -> str | None:
    """What a design misses to be judged by, in words; None where it has enough. The moments are of one activity.

    Enough: 8 work items an arm from two developers or more with work in both arms, or from one alone in the log; for
    drawn and self-chosen arms also whole developers, two or more in each arm.
    """
    return missing_cells(closed_cells(moments), design)


def missing_cells(cells: Cells, design: StudyDesign) -> str | None:
    """The same of :func:`closed` cells."""
    if design == "staggered":
        return _lacks_staggered(cells)
    lack = _lacks(cells.for_developers(cells.in_both_arms()), alone=cells.developers == 1)
    if lack and design in BETWEEN_DEVELOPER_DESIGNS and enough_single_arm_developers(cells):
        return None
    return lack


def missing_items(baseline: int, assistance: int) -> str | None:
    """Which arm has too few work items, in words; None where both have enough."""
    for items, arm in ((baseline, "baseline"), (assistance, "assistance")):
        if items < MIN_ITEMS_PER_ARM:
            return f"{items or 'no'} work items in the {arm} arm, {MIN_ITEMS_PER_ARM} are needed"
    return None


BETWEEN_DEVELOPER_DESIGNS: tuple[StudyDesign, ...] = ("randomised", "self-selected")
"""Designs whose arms may be made of whole developers."""


def enough_single_arm_developers(cells: Cells) -> bool:
    """Whether the developers in one arm only make a comparison of their own: two or more, and 8 items, in each arm."""
    counts = cells.items_by_arm()[~cells.in_both_arms()]
    return bool(
        ((counts > 0).sum(axis=0) >= 2).all() and (counts.sum(axis=0) >= MIN_ITEMS_PER_ARM).all()
    )


def comparable_months(cells: Cells) -> Mask:
    """Cells of treated work, by developers with a baseline, in months in which some other developer is still untreated.

    That is what a staggered rollout is judged by: a month counts where a developer with no treated work in it, or
    before it, has baseline work.
    """
    first_treated = np.full(cells.developers, np.iinfo(np.int64).max)
    treated = cells.arm == 1
    np.minimum.at(first_treated, cells.developer[treated], cells.period[treated])
    untouched = ~treated & (cells.period < first_treated[cells.developer])
    has_baseline = cells.per_developer((~treated).astype(np.float64)) > 0
    served: Mask = treated & has_baseline[cells.developer]
    return served & np.isin(cells.period, cells.period[untouched])


def _lacks(cells: Cells, *, alone: bool) -> str | None:
    if cells.developers < (1 if alone else 2):
        return (
            "all work items are in one arm"
            if alone
            else "fewer than 2 developers have work items in both arms"
        )
    return missing_items(cells.items_of(0), cells.items_of(1))


def _lacks_staggered(cells: Cells) -> str | None:
    served = comparable_months(cells)
    if len(np.unique(cells.developer[served])) < 2:
        return "fewer than 2 developers had their rollout while others still had none"
    if cells.n[served].sum() < MIN_ITEMS_PER_ARM or cells.items_of(0) < MIN_ITEMS_PER_ARM:
        return f"fewer than {MIN_ITEMS_PER_ARM} work items with assistance in months in which others still had none"
    return None


def _arms(moments: pd.DataFrame) -> int:
    return int(moments["arm"].nunique())


def _why_not_stronger(design: StudyDesign, missing: Mapping[StudyDesign, str | None]) -> str:
    stronger = [
        f"{name}: {lack}" for name, lack in missing.items() if lack and _rank(name) < _rank(design)
    ]
    return "; ".join(stronger) or "the strongest there is"


def _rank(design: StudyDesign) -> int:
    return STUDY_DESIGNS.index(design)


SHARE = 0.9
"""Of the baseline's work items that were done within the time that a late item is given."""


def last_mature_start_day(durations: pd.DataFrame, *, now_epoch: int) -> int | None:
    """The last day (since 1970) on which an item may have begun to count, in either arm; None without a baseline.

    ``durations``: arm, days (whole, from first entry to completion), n, of the closed items of one activity. The day
    is now less the 90th percentile of the baseline's days: of items begun later, mostly the quick are here.
    """
    baseline = durations[durations["arm"] == "baseline"].groupby("days")["n"].sum().sort_index()
    if baseline.empty:
        return None
    reached = baseline.cumsum() >= SHARE * baseline.sum()
    return now_epoch // DAY_SECONDS - int(baseline.index.to_numpy()[reached.to_numpy().argmax()])
