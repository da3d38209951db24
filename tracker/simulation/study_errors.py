"""The errors of simulated studies, from which a plan takes its number of work items.

Each study is drawn as :mod:`tracker.simulation.studies` does, and estimated by the estimator of its
design. Verdicts are not needed, so neither frames nor checks of the data are made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from tracker.domain.records import StudyDesign
from tracker.evidence.designs.study_design import MATURE_SHARE, missing_requirement_in_cells
from tracker.evidence.estimators.least_squares import classical, fit_least_squares
from tracker.evidence.estimators.primary import Estimate, estimate_log_ratio
from tracker.evidence.intervals import StandardError, anytime_half_width, t_quantile
from tracker.evidence.moments import Cells, cross_products
from tracker.evidence.planning.study_errors import StudyErrors
from tracker.evidence.sample import select_sample
from tracker.simulation.studies import (
    MAX_WEEKS,
    SimulatedStudy,
    StudySetup,
    developer_name,
    draw_study,
)
from tracker.simulation.study_items import own_arms, study_items
from tracker.simulation.work_model import DAYS_OF_WEEK, WorkModel

ROUGH_STUDIES, STUDIES = 12, 36
"""Studies that are simulated to find the size of a study, and then to determine it."""

ROUGH_STAGGERED_STUDIES, STAGGERED_STUDIES = 48, 576
"""The same where θ itself, and not its error, has to be simulated.

The standard deviation of 576 estimates has an error of 3 %, which moves the share of studies that
tell by 2 points.
"""

SEED = 1
"""A plan has its own seed: its numbers do not depend on that of the question."""

_MIN_WEEKS = 2


@dataclass(frozen=True, slots=True)
class ErrorSimulation:
    """Simulates the errors of the studies that a team could make."""

    model: WorkModel
    items_per_week: float
    """Work items of all developers that are begun in a week."""
    level: float
    """The level of the interval."""
    anytime: bool = False
    """Whether the bounds must hold however often one looks."""

    def errors(self, design: StudyDesign, items: int, *, rough: bool) -> StudyErrors | None:
        """Simulate studies without an effect, and return their errors.

        Args:
            design: The study design.
            items: Work items that count in a study.
            rough: Whether a few studies suffice.

        Returns:
            The errors; None where fewer than half of the studies have an interval.

        """
        setup = study_setup(self.model, design, items, self.items_per_week)
        is_staggered = design == "staggered"
        studies = number_of_studies(design, rough=rough)
        estimates = []
        for number in range(studies):
            study = draw_study(self.model, setup, np.random.default_rng([SEED, number]))
            estimate = estimate_study(study)
            if estimate is not None and estimate.error is not None and estimate.error.se > 0:
                estimates.append(estimate)
        if len(estimates) < studies / 2:
            return None
        errors = [estimate.error for estimate in estimates if estimate.error is not None]
        if is_staggered:
            sd = math.sqrt(np.mean([estimate.theta**2 for estimate in estimates]))
        else:
            sd = math.sqrt(np.mean([*map(_variance, estimates, errors)]))
            if design == "randomised":
                errors = _typical_errors(errors, sd)
        return StudyErrors(items, np.array([*map(self._half_width, errors)]), sd)

    def _half_width(self, error: StandardError) -> float:
        half_width = t_quantile((1 + self.level) / 2, error.df) * error.se
        if self.anytime:
            half_width = max(half_width, anytime_half_width(error.se, 1 - self.level))
        return half_width


def number_of_studies(design: StudyDesign, *, rough: bool) -> int:
    """Return how many studies are simulated of one size."""
    if design == "staggered":
        return ROUGH_STAGGERED_STUDIES if rough else STAGGERED_STUDIES
    return ROUGH_STUDIES if rough else STUDIES


def _variance(estimate: Estimate, error: StandardError) -> float:
    """Return the variance of θ for independent items, which the errors have in the mean.

    It varies by far less from study to study than an error by developer. A comparison between
    developers has only the latter.
    """
    fit = fit_least_squares(cross_products(estimate.fitted.cells, estimate.terms))
    independent = classical(fit) if fit else None
    return (independent or error).se ** 2


def _typical_errors(errors: list[StandardError], sd: float) -> list[StandardError]:
    """Return as many errors as follow from their degrees of freedom: sd²·χ²/df, evenly spaced."""
    shares = (np.arange(len(errors)) + 0.5) / len(errors)
    return [
        StandardError(sd * math.sqrt(special.chdtri(error.df, 1 - share) / error.df), error.df)
        if error.df
        else StandardError(sd, None)
        for share, error in zip(shares, errors, strict=True)
    ]


def study_setup(
    model: WorkModel, design: StudyDesign, items: int, items_per_week: float
) -> StudySetup:
    """Return the setup of a study in which about so many work items count.

    It lasts until that many are begun and had the time to be finished.
    """
    lag_weeks = float(np.quantile(model.days, MATURE_SHARE)) / DAYS_OF_WEEK
    weeks = math.ceil(items / items_per_week + lag_weeks)
    weeks = min(max(weeks, _MIN_WEEKS), MAX_WEEKS)
    begun = items / max(1.0 - lag_weeks / weeks, 0.5)
    return StudySetup(design, weeks=weeks, items=math.ceil(begun))


def estimate_study(study: SimulatedStudy) -> Estimate | None:
    """Return the estimate of a study by its own design; None where it holds too little."""
    design = study.setup.design
    cells = closed_cells(study)
    if missing_requirement_in_cells(cells, design) is not None:
        return None
    sample = select_sample(cells, design)
    return estimate_log_ratio(sample, lambda: sample, design=design)


def closed_cells(study: SimulatedStudy) -> Cells:
    """Return one cell for each work item that is finished, and was begun early enough."""
    items, (assistance, has_arm) = study_items(study), own_arms(study)
    closed = items.complete & has_arm & items.mature(has_arm & ~assistance)
    names, developer = np.unique(study.developer[closed], return_inverse=True)
    return Cells(
        developer=developer.astype(np.int64),
        keys=tuple((developer_name(int(number)),) for number in names),
        arm=assistance[closed].astype(np.float64),
        period=items.month[closed],
        source=np.flatnonzero(closed),
        estimated=items.estimated[closed],
        points=np.zeros(int(closed.sum()), dtype=np.bool_),
        **{name: values[closed] for name, values in items.sums.items()},
    )
