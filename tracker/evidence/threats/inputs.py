"""The data from which the threats of one activity are detected, and shared calculations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from tracker.domain.records import ARMS, Arm, ArmRule, StudyDesign
from tracker.evidence.designs.randomisation import RandomisationCheck
from tracker.evidence.designs.study_design import closed_cells
from tracker.evidence.estimators.least_squares import estimate_terms
from tracker.evidence.moments import Cells, Term
from tracker.evidence.results import Sensitivity
from tracker.evidence.verdict import count_of_total

MIN_SHARED = 20
"""Entries or work items below which a share of them says nothing."""

LEVEL = 0.95
"""Confidence level of the intervals that distinguish a threat from chance."""


@dataclass(frozen=True, kw_only=True)
class ThreatInputs:
    """The frames of one activity; None for a frame that was not queried.

    They may hold rows of other activities, which are ignored.
    """

    activity: str
    design: StudyDesign | None
    rule: ArmRule
    moments: pd.DataFrame
    """Moments by month, all statuses."""
    developers: int
    """Developers in the estimate."""
    adjusted: bool = True
    """Whether the comparison takes the tasks' estimates into account."""
    controlled: bool = False
    """Whether the comparison is held against the same people's other work."""
    estimates_dropped: bool = False
    """Whether it cannot, though enough items have one: they do not vary, or only with the arm."""
    excluded: Mapping[str, int] = field(default_factory=dict)
    """Numbers of work items and developers left out of the estimate, by reason."""
    without_arm: int = 0
    """Work items to which the rule gives no arm."""
    since: pd.DataFrame | None = None
    """Moments by blocks of 28 days since each item's cutover."""
    projects: pd.DataFrame | None = None
    quality: pd.DataFrame | None = None
    basis: pd.DataFrame | None = None
    use: pd.DataFrame | None = None
    """How much of each arm's work was watched, and what was used of it."""
    minutes_in_other_activities: pd.DataFrame | None = None
    without_inferred: Sensitivity | None = None
    """The same comparison without inferred answers on assistance."""
    isolated_entries: int = 0
    """Entries of the whole log that lie years away from all others."""
    future_entries: int = 0
    """Entries of the whole log that lie after the clock, and are left out."""
    estimate_dates: pd.DataFrame | None = None
    estimates: int = 0
    """Estimates in the whole database of this activity's work, and of whole tasks."""
    unmatched_estimates: int = 0
    """Those of them that belong to a task without entries."""
    randomisation: RandomisationCheck | None = None
    """Whether drawn arms look drawn; None where arms are not drawn within developers."""
    largest_weight: float | None = None
    """The largest share of the weight of θ that one developer holds."""

    def rows_of_activity(self, frame: pd.DataFrame | None) -> pd.DataFrame:
        """Return the rows of this activity; no rows where the frame was not queried."""
        if frame is None:
            return pd.DataFrame(columns=["activity", "arm"])
        return frame[frame["activity"] == self.activity]

    @cached_property
    def closed(self) -> pd.DataFrame:
        """Return the moments of closed work items."""
        rows = self.rows_of_activity(self.moments)
        return rows[rows["status"] == "closed"]

    @property
    def compares(self) -> bool:
        """Whether there is anything to compare: finished work in both arms."""
        return self.closed["arm"].nunique() == len(ARMS)

    def cells(self, moments: pd.DataFrame | None = None) -> Cells:
        """Return the closed cells; where the comparison needs an estimate, those with one.

        Args:
            moments: The moments to use; None: those by month.
        """
        rows = self.rows_of_activity(self.moments if moments is None else moments)
        cells = closed_cells(rows)
        return cells.select(cells.estimated) if self.adjusted or self.estimates_dropped else cells

    def terms(self, term: Term, cells: Cells) -> tuple[Term, ...]:
        """Return the regressors: ``term``, and the estimates' where the comparison is adjusted.

        Args:
            term: The first of them.
            cells: The work that they are fitted to.
        """
        return (term, *estimate_terms(cells)) if self.adjusted else (term,)


def by_arm(
    frame: pd.DataFrame, column: str, condition: pd.Series[bool] | None = None
) -> dict[Arm, float]:
    """Return the sum of a column over each arm.

    Args:
        frame: Rows of both arms.
        column: The column.
        condition: Which rows are summed; None: all.
    """
    values = frame[column].to_numpy(dtype=np.float64)
    if condition is not None:
        values = np.where(condition, values, 0.0)
    return {arm: float(values[(frame["arm"] == arm).to_numpy()].sum()) for arm in ARMS}


def typical_estimate(closed: pd.DataFrame, arm: Arm) -> str:
    """Return the geometric mean of an arm's estimates, in each of their units; — without any."""
    rows = closed[(closed["arm"] == arm) & closed["estimated"].astype(bool)]
    in_points = ~(rows["w"] > 0)
    means = [
        f"{math.exp(part['x'].sum() / part['n'].sum()):,.{digits}f} {unit}"
        for part, digits, unit in (
            (rows[~in_points], 0, "minutes"),
            (rows[in_points], 1, "points"),
        )
        if len(part)
    ]
    return " and ".join(means) or "—"


def portions(
    parts: Mapping[Arm, float], wholes: Mapping[Arm, float]
) -> tuple[tuple[str, str], ...]:
    """Return each arm's part with its share of the whole, as the figures of a threat."""
    return tuple((arm, count_of_total(parts[arm], wholes[arm])) for arm in ARMS)


def shares(parts: Mapping[Arm, float], wholes: Mapping[Arm, float]) -> dict[Arm, float]:
    """Return each arm's part as a fraction of its whole; 0 where the whole is 0."""
    return {arm: parts[arm] / wholes[arm] if wholes[arm] else 0.0 for arm in ARMS}


def telling_shares(parts: Mapping[Arm, float], wholes: Mapping[Arm, float]) -> dict[Arm, float]:
    """Return the shares of the arms that are large enough for one; 0 for the others."""
    return {
        arm: share if wholes[arm] >= MIN_SHARED else 0.0
        for arm, share in shares(parts, wholes).items()
    }
