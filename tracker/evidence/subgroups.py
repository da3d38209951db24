"""The effect in parts of the work: by the size of the estimate, and by weeks since the rollout.

Each part is estimated as the headline is, by itself: small tasks with assistance are compared with
small tasks without, and the first weeks with assistance with the whole baseline. The pseudo-values
of a robust headline are taken as they stand. So the parts are exact from sums by developer, arm and
part. They are exploratory: no claim is judged by them.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from tracker.domain.arms import MIN_ITEMS_PER_ARM, SPAN_WEEKS
from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.records import ResidualModel
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.assessment import Subgroup
from tracker.evidence.estimators.primary import (
    Estimate,
    estimate_log_ratio,
    estimate_within_developers,
)
from tracker.evidence.estimators.pseudo_values import ClippedSums, with_pseudo_values
from tracker.evidence.moments import Cells, Mask, cells_from_moments
from tracker.evidence.sample import Clipping, select_sample

SIZES = 3
"""Thirds of the work by estimate."""

_UNUSED_SUMS = ("t", "tt", "w", "ww", "tw")


def residual_model(activity_estimate: ActivityEstimate) -> ResidualModel | None:
    """Return what the headline expects of a work item; None where it is not robust."""
    estimate = activity_estimate.estimate
    clipping = estimate.fitted.clipping if estimate else None
    if estimate is None or clipping is None:
        return None
    fitted = clipping.fitted
    effects = dict(zip(estimate.developer_names, fitted.effects.tolist(), strict=True))
    return ResidualModel(
        {(name, activity_estimate.activity): effect for name, effect in effects.items()},
        fitted.theta,
        fitted.slope,
        fitted.limit,
        fitted.points_offset,
    )


def estimate_subgroups(
    activity_estimate: ActivityEstimate, moments: pd.DataFrame
) -> tuple[Subgroup, ...]:
    """Return the headline and the parts of the work.

    A part with fewer than five developers or eight work items in an arm is merged with the next.

    Args:
        activity_estimate: The estimate of the activity.
        moments: Sums of its closed items by ``size`` and ``span``, with those of clipped residuals
            under :func:`residual_model`.

    Returns:
        The parts; () where there are no two of one kind.

    """
    estimate = activity_estimate.estimate
    log_ratio = activity_estimate.judged_log_ratio
    if estimate is None or log_ratio is None or moments.empty:
        return ()
    parts = _Parts(activity_estimate, estimate, _sample_rows(moments, estimate))
    subgroups = (*parts.by_size(), *parts.by_weeks())
    if not subgroups:
        return ()
    headline = Subgroup(
        by="all",
        above=None,
        up_to=None,
        unit="",
        items_baseline=estimate.items_baseline,
        items_assistance=estimate.items_assistance,
        developers=estimate.developers,
        log_ratio=log_ratio,
        estimator=estimate.estimator,
    )
    return headline, *subgroups


@dataclasses.dataclass(frozen=True)
class _Parts:
    """Estimates parts of one activity's work."""

    activity_estimate: ActivityEstimate
    estimate: Estimate
    rows: pd.DataFrame
    """The sums of the headline's sample."""

    def by_size(self) -> list[Subgroup]:
        """Return the thirds by estimate."""
        size = self.rows["size"].to_numpy()
        groups = self._groups(range(SIZES), lambda codes: np.isin(size, codes))
        if not groups:
            return []
        units = self.rows.loc[size >= 0, "unit"].unique()
        if len(units) > 1:  # each has limits of its own
            return self._described("size", "thirds", [1.0, 2.0], groups)
        limits = [float(self.rows.loc[size == code, "largest"].max()) for code in range(SIZES)]
        return self._described("size", str(units[0]), limits[:-1], groups)

    def by_weeks(self) -> list[Subgroup]:
        """Return the spans since the rollout, each against the whole baseline."""
        span = self.rows["span"].to_numpy()
        is_baseline = (self.rows["arm"] == "baseline").to_numpy()
        last = int(span.max(initial=0))
        groups = self._groups(range(last + 1), lambda codes: is_baseline | np.isin(span, codes))
        return self._described("weeks", "weeks", [float(w) for w in SPAN_WEEKS[:last]], groups)

    @functools.cached_property
    def _cells(self) -> Cells:
        """The cells of the rows, with the headline's pseudo-values."""
        cells = cells_from_moments(self.rows)
        clipping = self.estimate.fitted.clipping
        if clipping is None:
            return cells
        return _pseudo_valued(cells, self.rows, self.estimate, clipping)

    def _groups(
        self, codes: Iterable[int], mask: Callable[[list[int]], Mask]
    ) -> list[tuple[list[int], Estimate]]:
        """Return the groups of consecutive codes that have enough work, with their estimates.

        Args:
            codes: The parts in their order.
            mask: Returns the rows of some parts.
        """
        groups: list[tuple[list[int], Estimate]] = []
        pending: list[int] = []
        for code in codes:
            pending.append(code)
            estimate = self._estimate(self._cells.select(mask(pending)))
            if estimate is not None:
                groups.append((pending, estimate))
                pending = []
        if pending and groups:
            rest = groups.pop()[0] + pending
            estimate = self._estimate(self._cells.select(mask(rest)))
            groups += [(rest, estimate)] if estimate else []
        return groups if len(groups) > 1 else []

    def _estimate(self, cells: Cells) -> Estimate | None:
        """Return the estimate of some cells; None where an arm has too few developers or items."""
        design = self.activity_estimate.design
        if design is None or not cells.items:
            return None
        fitted = self.estimate.fitted
        sample = select_sample(cells, design, adjusted=fitted.adjusted)
        if sample.kind != fitted.kind or not _is_enough(sample.cells):
            return None
        if sample.kind != "within_developer":
            return estimate_log_ratio(sample, None, design=design)
        robust = fitted.clipping is not None
        return estimate_within_developers(
            sample, self.estimate.terms, None, design=design, robust=robust
        )

    def _described(
        self,
        by: Literal["size", "weeks"],
        unit: str,
        limits: Sequence[float],
        groups: list[tuple[list[int], Estimate]],
    ) -> list[Subgroup]:
        """Return the groups, with the limits between the parts."""
        return [
            Subgroup(
                by=by,
                above=None if codes[0] == 0 else limits[codes[0] - 1],
                up_to=None if codes[-1] == len(limits) else limits[codes[-1]],
                unit=unit,
                items_baseline=estimate.items_baseline,
                items_assistance=estimate.items_assistance,
                developers=estimate.developers,
                log_ratio=self.activity_estimate.interval(estimate.theta, estimate.error),
                estimator=estimate.estimator,
            )
            for codes, estimate in groups
        ]


def _sample_rows(moments: pd.DataFrame, estimate: Estimate) -> pd.DataFrame:
    """Return the rows of the headline's sample."""
    rows = moments[moments["developer"].isin(estimate.developer_names)]
    if estimate.fitted.adjusted:
        rows = rows[rows["estimated"].astype(bool)]
    return rows.assign(**dict.fromkeys(_UNUSED_SUMS, 0.0)).reset_index(drop=True)


def _is_enough(cells: Cells) -> bool:
    """Return whether each arm has five developers and eight work items."""
    by_arm = cells.items_by_arm()
    return bool(
        ((by_arm > 0).sum(axis=0) >= MIN_DEVELOPERS_SHOWN).all()
        and (by_arm.sum(axis=0) >= MIN_ITEMS_PER_ARM).all()
    )


def _pseudo_valued(
    cells: Cells, rows: pd.DataFrame, estimate: Estimate, clipping: Clipping
) -> Cells:
    """Return the cells with the headline's pseudo-values in the place of y."""
    names = estimate.developer_names
    effects = dict(zip(names, clipping.fitted.effects.tolist(), strict=True))
    own_effects = np.array([effects[key[0]] for key in cells.keys])
    fitted = dataclasses.replace(clipping.fitted, effects=own_effects)
    sums = ClippedSums(
        *(rows[name].to_numpy(dtype=np.float64) for name in ("r", "rx", "rr", "inside"))
    )
    return with_pseudo_values(cells, fitted, sums, clipping.share_inside)
