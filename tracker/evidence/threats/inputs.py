"""What the threats of one activity are looked for in, and the few sums that several of them need."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from tracker.domain.gains import percent
from tracker.domain.records import ARMS, Arm, ArmRule, StudyDesign
from tracker.evidence import moments
from tracker.evidence.designs.study_design import MIN_CLUSTERS, closed_cells
from tracker.evidence.estimators.least_squares import classical, cr2, fit_least_squares
from tracker.evidence.intervals import confidence_interval
from tracker.evidence.moments import Cells, Mask, Term
from tracker.evidence.results import Interval, Sensitivity
from tracker.evidence.verdict import portion

LEVEL = 0.95
"""Of the intervals by which a threat is told from chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatInputs:
    """The frames of one activity (other activities in them are passed over); None where one was not asked for."""

    activity: str
    design: StudyDesign | None
    rule: ArmRule
    moments: pd.DataFrame
    """By month, every status."""
    developers: int
    """In the estimate."""
    adjusted: bool = True
    """Whether the estimate takes the tasks' estimates into account."""
    excluded: Mapping[str, int] = field(default_factory=dict)
    without_arm: int = 0
    """Work items to which the rule gives no arm."""
    since: pd.DataFrame | None = None
    """Moments by blocks of 28 days since each item's cutover."""
    projects: pd.DataFrame | None = None
    quality: pd.DataFrame | None = None
    basis: pd.DataFrame | None = None
    minutes_in_other_activities: pd.DataFrame | None = None
    without_inferred: Sensitivity | None = None
    """The same comparison by those answers alone that somebody gave."""

    def closed(self) -> pd.DataFrame:
        """The moments of the work items that count."""
        mine = self.mine(self.moments)
        return mine[mine["status"] == "closed"]

    def cells(self, moments: pd.DataFrame | None = None) -> Cells:
        """The cells that the estimate could use: closed, and with an estimate where it is adjusted."""
        mine = self.mine(self.moments if moments is None else moments)
        cells = closed_cells(mine)
        return cells.select(cells.w > 0) if self.adjusted else cells

    def mine(self, frame: pd.DataFrame | None) -> pd.DataFrame:
        """The rows of this activity; none where the frame is not there."""
        if frame is None:
            return pd.DataFrame(columns=["activity", "arm"])
        return frame[frame["activity"] == self.activity]

    def terms(self, first: Term) -> tuple[Term, ...]:
        """Regressors: ``first`` is judged, beside the estimate where the comparison is adjusted by it."""
        return (first, "x") if self.adjusted else (first,)


def contrast(cells: Cells, terms: tuple[Term, ...]) -> Interval | None:
    """The first regressor's coefficient within developers, with its 95 % interval; None where it cannot be had."""
    if cells.items == 0:
        return None
    found = fit_least_squares(moments.cross_products(cells, terms))
    if found is None:
        return None
    many = cells.developers >= MIN_CLUSTERS
    return confidence_interval(found.theta, cr2(found) if many else classical(found), LEVEL)


def relabel_arms(cells: Cells, second: Mask) -> Cells:
    """The cells with ``second`` (one position a cell) in the place of the assistance arm."""
    return dataclasses.replace(cells, arm=second.astype(float))


def excludes_zero(found: Interval | None) -> bool:
    """Whether an interval leaves out 0."""
    return (
        found is not None
        and found.low is not None
        and found.high is not None
        and (found.low > 0 or found.high < 0)
    )


def by_arm(frame: pd.DataFrame, column: str) -> dict[Arm, float]:
    """Sums of a column over each arm."""
    sums = frame.groupby("arm")[column].sum()
    return {arm: float(sums.get(arm, 0.0)) for arm in ARMS}


def portions(
    parts: Mapping[Arm, float], wholes: Mapping[Arm, float]
) -> tuple[tuple[str, str], ...]:
    """A count with its share for each arm, as a threat's figures."""
    return tuple((arm, portion(parts[arm], wholes[arm])) for arm in ARMS)


def shares(parts: Mapping[Arm, float], wholes: Mapping[Arm, float]) -> dict[Arm, float]:
    """What part of each arm it is; 0 of an empty arm."""
    return {arm: parts[arm] / wholes[arm] if wholes[arm] else 0.0 for arm in ARMS}


def describe_difference(theta: float) -> str:
    """A difference of log minutes in words: ``12 % longer``, ``8 % less time``."""
    change = math.expm1(theta)
    return f"{percent(abs(change))} {'longer' if change >= 0 else 'less time'}"
