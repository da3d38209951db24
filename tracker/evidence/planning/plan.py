"""The plan of a study: what each study design takes to tell a claim from the true gain.

``plan``, ``check``, the page and the JSON all show this one result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tracker.domain.records import StudyDesign

POWER = 0.8
"""Default probability that the study tells the claim from the true gain."""

WEEKS_OF_A_YEAR = 52
"""A study that takes longer is not practical."""

MAX_WEEKS = 20 * WEEKS_OF_A_YEAR
"""No date is given of a study that takes longer."""

Assumption = Literal["no-gain", "measured", "given"]
"""Where the true gain comes from: no gain, the gain that the log shows, or the user's."""

Obstacle = Literal[
    "self-selected",
    "anytime",
    "drift",
    "equal",
    "upper-bound",
    "too-close",
    "small-baseline",
    "all-treated",
]
"""Why no number of work items suffices; :mod:`tracker.evidence.planning.wording` words it."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Work items finished per week, at the end of the log."""

    items: float
    """Items counted; not whole where only a share of the finished items counts in a study."""
    weeks: int
    dispersion: float
    """φ: the variance of a week's count over its mean."""

    @property
    def per_week(self) -> float:
        """Items per week."""
        return self.items / self.weeks


@dataclass(frozen=True, slots=True)
class Duration:
    """A number of weeks with its interval."""

    weeks: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PowerCurve:
    """Probabilities of a planned study under three true gains."""

    tells_at_claim: float
    """That it tells, if the true gain is the claim: hardly above chance."""
    tells_at_half: float
    """That it tells, if the true gain is half of the claim."""
    tells_at_zero: float
    """That it tells, if there is no gain."""
    gain_shown_at_claim: float
    """That it rules out no gain, if the true gain is the claim."""


@dataclass(frozen=True, slots=True)
class DesignPlan:
    """What a study of one design takes; items are those of both arms."""

    study_design: StudyDesign
    is_recorded: bool
    """Whether it is the design of the log's own comparison, which further work continues."""
    items: int
    """Work items that the log holds now and that count in this study."""
    items_in_all: int | None
    """Work items needed; None where no number suffices, because of ``obstacle``."""
    items_more: int | None
    """Further work items; None where ``items_in_all`` is None."""
    developers: int
    developers_more: int
    """Further developers with whom results would hold for others like them, too.

    0 from five developers on, where no number of items suffices, and where the log tells already.
    """
    obstacle: Obstacle | None
    duration: Duration | None
    """From now to the last of the further items; None without a number, or without a pace."""
    power: float | None
    """Probability that the study with ``items_in_all`` tells, under the assumed true gain.

    It is the one asked for, but where the team's own drift lowers it.
    """
    power_curve: PowerCurve | None
    """Of the same study, under three true gains; None without a claimed gain."""

    @property
    def developers_in_all(self) -> int:
        """Developers needed."""
        return self.developers + self.developers_more

    @property
    def is_practical(self) -> bool:
        """Whether there is a number of items, and it takes at most a year."""
        return self.items_in_all is not None and (
            self.duration is None or self.duration.weeks <= WEEKS_OF_A_YEAR
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What it takes to tell a claim from the true gain."""

    claimed_log_ratio: float | None
    """None where nothing is claimed: the study tells a gain from none."""
    true_log_ratio: float
    assumption: Assumption
    level: float
    power: float
    spread: float
    """σ: standard deviation of one item's ln minutes around the fit."""
    pace: Pace | None
    now_day: int
    """The day that durations count from, as days since 1970-01-01: today, or the end of the log."""
    is_current: bool
    """Whether the log ends today, or ended a short time ago; of an old log no dates are given."""
    is_decided: bool
    """Whether the log tells already: its own comparison then takes no further items."""
    designs: tuple[DesignPlan, ...]
    """The study designs, strongest first."""

    @property
    def recorded(self) -> DesignPlan | None:
        """The plan of the log's own comparison; None where the log has none."""
        return next((design for design in self.designs if design.is_recorded), None)

    def day_after(self, weeks: float) -> int | None:
        """Return the day that so many weeks end; None where the log is old, or it is far away."""
        if not self.is_current or weeks > MAX_WEEKS:
            return None
        return self.now_day + round(7 * weeks)

    def of(self, study_design: StudyDesign) -> DesignPlan | None:
        """Return the plan of a study design; None where it was not asked for."""
        return next((row for row in self.designs if row.study_design == study_design), None)
