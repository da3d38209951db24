"""One activity estimated: moments → sample → estimate → interval, once, for all the claims about it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from tracker.domain.errors import BadValue
from tracker.domain.records import ARMS, Arm, StudyDesign
from tracker.evidence import moments
from tracker.evidence.designs.study_design import closed_cells, missing_cells, missing_items
from tracker.evidence.estimators.primary import Estimate, Unit, estimate_log_ratio
from tracker.evidence.intervals import (
    StandardError,
    anytime_half_width,
    confidence_interval,
    drift_half_width,
    symmetric_interval,
)
from tracker.evidence.moments import Cells
from tracker.evidence.results import Interval, Threat
from tracker.evidence.sample import Sample, select_sample
from tracker.evidence.threats import no_interval

ReadItems = Callable[[], pd.DataFrame]
CLOSED = ("closed",)


@dataclass(frozen=True, slots=True)
class ActivityEstimate:
    """One activity estimated: everything that its claims share."""

    activity: str
    design: StudyDesign | None
    level: float
    interval_level: float
    anytime: bool
    moments: pd.DataFrame
    """Of this activity, every status."""
    sample: Sample
    items: Callable[[tuple[str, ...]], Cells] | None
    """One cell a work item of the given statuses, read at the first call; None where no items can be had."""
    estimate: Estimate | None
    log_ratio: Interval | None
    drift: float | None
    """Half-width on θ for drift, z·0.15; None where the study design rules it out."""
    excluded: dict[str, int]
    reasons: tuple[Threat, ...]
    """Why there is no interval, or no verdict off it."""
    suppressed: bool
    """No verdict is read off the interval, if there is one: zero-minute items differ between the arms, or bounds for
    any time were asked for where none can be had."""

    def interval(self, theta: float, error: StandardError | None) -> Interval | None:
        """The interval of an estimate made otherwise, with the headline's level, allowance and kind of bounds."""
        return _interval(theta, error, self.interval_level, self.drift, anytime=self.anytime)

    def rows(self) -> Sample | None:
        """The sample with one cell a work item; None where no items can be had."""
        if self.items is None:
            return None
        return select_sample(
            self.items(CLOSED), self.design or "randomised", adjusted=self.sample.adjusted
        )


def estimate_activity(
    moments: pd.DataFrame,
    *,
    activity: str,
    design: StudyDesign | None,
    level: float,
    interval_level: float,
    items: ReadItems | None = None,
    anytime: bool = False,
) -> ActivityEstimate:
    """θ of one activity under one study design, with its interval at ``interval_level``.

    ``moments`` and ``items``: the frames of the reductions under the design's own rule; other activities in them are
    passed over. ``items`` is called only where moments do not suffice (fewer than five developers, ``anytime``,
    how many more items it takes), and at most once. ``design`` None, no arms recorded, gives an assessment without an
    interval.
    """
    if anytime and design not in (None, "randomised"):
        raise BadValue(
            f"--anytime needs drawn arms, and the study design is {design}: leave it out, or use `assign`."
        )
    mine = moments[moments["activity"] == activity]
    closed = closed_cells(mine)
    sample = select_sample(closed, design or "randomised")
    by_status = None if items is None else functools.cache(_reader(items, activity))
    found, why_not = _estimate(
        closed, sample, design, by_status, errors="items" if anytime else None
    )
    drift = None if design is None else drift_half_width(design, interval_level)
    log_ratio, unbounded = None, False
    if found is not None:
        unbounded = anytime and sample.kind == "between_developers"
        if not unbounded:
            log_ratio = _interval(found.theta, found.error, interval_level, drift, anytime=anytime)
        if log_ratio is None:
            why_not = (
                no_interval.no_bounds_for_any_time()
                if unbounded
                else no_interval.no_interval(found)
            )
    zero = no_interval.zero_minutes(mine)
    return ActivityEstimate(
        activity=activity,
        design=design,
        level=level,
        interval_level=interval_level,
        anytime=anytime,
        moments=mine,
        sample=sample,
        items=by_status,
        estimate=found,
        log_ratio=log_ratio,
        drift=drift if log_ratio else None,
        excluded=_excluded(mine, sample, found),
        reasons=tuple(threat for threat in (why_not, zero) if threat),
        suppressed=unbounded or zero is not None,
    )


def _reader(items: ReadItems, activity: str) -> Callable[[tuple[str, ...]], Cells]:
    """Reads the items at most once, and only when first asked."""
    read = functools.cache(items)

    def cells(statuses: tuple[str, ...]) -> Cells:
        frame = read()
        mine = (
            (frame["activity"] == activity)
            & frame["status"].isin(statuses)
            & (frame["minutes"] > 0)
        )
        return moments.cells_from_items(frame[mine])

    return cells


def _estimate(
    closed: Cells,
    sample: Sample,
    design: StudyDesign | None,
    by_status: Callable[[tuple[str, ...]], Cells] | None,
    *,
    errors: Unit | None,
) -> tuple[Estimate | None, Threat | None]:
    """The estimate, or why there is none."""
    if design is None:
        return None, no_interval.no_arms()
    filled: list[Arm] = [arm for number, arm in enumerate(ARMS) if closed.items_of(number)]
    if len(filled) == 1:
        return None, no_interval.one_arm(filled[0])
    lack = missing_cells(closed, design) or missing_items(
        sample.cells.items_of(0), sample.cells.items_of(1)
    )
    rows = (
        None
        if by_status is None
        else lambda: select_sample(by_status(CLOSED), design, adjusted=sample.adjusted)
    )
    found = None if lack else estimate_log_ratio(sample, rows, errors=errors)
    if found is None:
        lack = lack or "the two arms cannot be compared inside the developers at hand"
    else:
        lack = missing_items(found.items_baseline, found.items_assistance)
    if lack:
        return None, no_interval.too_little(
            lack, "Log more work in both arms, or widen the filters."
        )
    return found, None


def _interval(
    theta: float, error: StandardError | None, level: float, drift: float | None, *, anytime: bool
) -> Interval | None:
    plain = confidence_interval(theta, error, level, drift)
    if plain is None or error is None or not anytime:
        return plain
    return symmetric_interval(theta, anytime_half_width(error.se, 1.0 - level))


def _excluded(moments: pd.DataFrame, sample: Sample, found: Estimate | None) -> dict[str, int]:
    counts = moments.groupby("status")["n"].sum()
    statuses = {"open": "open", "immature": "immature", "zero-minutes": "zero"}
    excluded = {
        name: int(counts.get(status, 0)) for name, status in statuses.items()
    } | sample.excluded
    if sample.kind == "staggered":
        imputed = found.items_assistance if found else 0
        excluded["not-imputable"] = sample.cells.items_of(1) - imputed
    return excluded
