"""The other work of a log, from which the control of a comparison is read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import pandas as pd

from tracker.evidence.clipping import ReadClippedSums, cell_clipper
from tracker.evidence.estimators.control import Control, fit_control
from tracker.evidence.moments import (
    BY_DEVELOPER_AND_ACTIVITY,
    cells_from_items,
    cells_from_moments,
    estimates_of,
)

MIN_SHARE_UNASSISTED = 0.9
"""Share of the control's entries since the rollout that must say that no assistant was used."""

ReadControl = Callable[[], Control | None]
"""Fits the control; None where there is too little other work."""


@dataclass(frozen=True, slots=True)
class OtherWork:
    """Where the work items of all other activities are read. Each frame is read when needed.

    They are those of the same arm rule that began between the first and the last day on which a
    closed work item with an estimate of the judged activity began.
    """

    read: Callable[[], pd.DataFrame]
    """Reads their moments, or an items frame."""
    clip: ReadClippedSums | None = None
    """Sums clipped residuals of moments; None: ``read`` reads an items frame."""
    answers: Callable[[], pd.DataFrame] | None = None
    """Reads the entries since the rollout of the closed ones with an estimate.

    One row per ``developer`` and ``activity`` with ``entries`` and, of those, ``unassisted``, which
    say that no assistant was used. None: nothing is known of them.
    """
    min_developers: int = 1
    """How many developers must have other work."""

    def fit(self, developers: Collection[str]) -> Control | None:
        """Fit the other work of some developers; None where there is too little."""
        frame = self.read()
        closed = frame[frame["status"] == "closed"]
        if self.clip is None:
            cells = cells_from_items(closed[closed["minutes"] > 0], BY_DEVELOPER_AND_ACTIVITY)
            clip = None
        else:
            cells = cells_from_moments(closed, BY_DEVELOPER_AND_ACTIVITY)
            clip = cell_clipper(closed, self.clip)
        return fit_control(cells, developers, clip, min_developers=self.min_developers)

    def is_unassisted(self, read_control: ReadControl) -> bool:
        """Return whether 90 % of a control's entries since the rollout say that it is unassisted.

        An entry that says nothing is not one that says no.
        """
        answers = self.answers() if self.answers else None
        if answers is None or not answers["unassisted"].any():
            return False
        control = read_control()
        if control is None:
            return False
        keys = pd.MultiIndex.from_frame(answers[[*BY_DEVELOPER_AND_ACTIVITY]])
        counts = answers[keys.isin(control.cells.keys)][["entries", "unassisted"]].sum()
        return bool(0 < MIN_SHARE_UNASSISTED * counts["entries"] <= counts["unassisted"])


def began_with(items: pd.DataFrame, other_items: pd.DataFrame) -> pd.DataFrame:
    """Return the work items of other activities that began in the time of the judged one.

    That is between the first and the last day on which a closed item with an estimate began.

    Args:
        items: The items frame of the judged activity.
        other_items: That of the others.
    """
    counts = (items["status"] == "closed") & (items["minutes"] > 0) & (estimates_of(items) > 0)
    days = items.loc[counts, "day"]
    return other_items[other_items["day"].between(days.min(), days.max())]
