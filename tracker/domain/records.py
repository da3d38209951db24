"""Immutable records that packages exchange.

Fields named ``…_epoch`` are instants in whole seconds since 1970-01-01 UTC, stored beside the zone
in which they were logged. Fields named ``…_day`` are local days, counted from 1970-01-01 in that
zone, so that the database needs no time zones. None means that a value is not known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from tracker.domain.gains import Bound, Reading

Assisted = Literal["yes", "no", "unknown"]
Basis = Literal["flag", "tag", "label", "trailer", "signal", "usage", "drawn"]
Arm = Literal["baseline", "assistance"]
StudyDesign = Literal["randomised", "staggered", "before-after", "self-selected"]

ASSISTED: tuple[Assisted, ...] = get_args(Assisted)
ARMS: tuple[Arm, ...] = get_args(Arm)
STUDY_DESIGNS: tuple[StudyDesign, ...] = get_args(StudyDesign)
"""All study designs, strongest first."""

BASES: tuple[Basis, ...] = get_args(Basis)
STATED_BASES: tuple[Basis, ...] = ("flag", "tag", "label", "drawn")
"""The bases that a person set, or, of the arm that was drawn, let stand."""
INFERRED_BASES: tuple[Basis, ...] = ("trailer", "signal", "usage")
"""The bases from which a program inferred assistance."""

ItemStatus = Literal["closed", "open", "immature", "zero"]
"""The status of a work item; only closed items are analysed.

``open`` items are unfinished, ``immature`` ones started too late, ``zero`` ones have no minutes.
"""

MOMENT_SUMS = ("n", "y", "yy", "x", "xx", "xy", "t", "tt", "w", "ww", "tw")
"""Columns of the moments, which are sums over work items.

n counts the items; y = ln minutes, x = ln estimate, t = minutes, w = estimated minutes. x is in the
unit of the estimate, minutes or points; w of points is 0.
Two letters stand for the product, e.g. xy for the sum of x·y.
"""

ACTIVITIES = (
    "design",
    "testing",
    "coding",
    "review",
    "planning",
    "requirements",
    "documentation",
    "meeting",
    "other",
)
"""The predefined activities, to which a team can add its own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One stretch of work."""

    id: str
    """UUID of version 7, made by the client."""
    developer: str
    task: str
    activity: str
    started_epoch: int
    zone: str
    seconds: int
    """Effort, with interruptions already subtracted."""
    local_day: int
    """Day of ``started_epoch`` in ``zone``."""
    logged_epoch: int
    """When the entry was written down, which reveals late entries.

    If an imported log does not state it, it is the end of the entry.
    """
    ended_epoch: int | None = None
    interruption_seconds: int = 0
    team: str | None = None
    assisted: Assisted = "unknown"
    basis: Basis | None = None
    """The evidence for ``assisted``; None if ``assisted`` is unknown."""
    assistant: str | None = None
    note: str | None = None
    tags: str | None = None
    """Comma-separated."""
    source: str | None = None
    """The name of the imported log; None if the entry was logged with tracker."""
    source_key: str | None = None
    """Key within (developer, source), so that importing twice changes nothing."""
    row_hash: str | None = None

    @property
    def end_epoch(self) -> int:
        """When it ended; without a stored end, its start plus effort and interruptions."""
        return self.ended_epoch or self.started_epoch + self.seconds + self.interruption_seconds


@dataclass(frozen=True, slots=True)
class Task:
    """Facts about a task as a whole.

    Its estimates apply to those of its work items that have no estimate of their own.
    """

    task: str
    title: str | None = None
    project: str | None = None
    estimate_minutes: float | None = None
    estimate_ai_minutes: float | None = None
    completed_epoch: int | None = None
    estimated_epoch: int | None = None
    """When its estimates were made. They do not count for work that began before."""
    estimate_points: float | None = None
    """Estimate in points, for work without an estimate in minutes."""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """Facts about a developer × task × activity beyond its entries."""

    developer: str
    task: str
    activity: str
    estimate_minutes: float | None = None
    """Estimate made before the first entry, for work without assistance or unspecified."""
    estimate_ai_minutes: float | None = None
    """Estimate made before the first entry, for work with assistance."""
    estimated_epoch: int | None = None
    """When the estimates were made. They do not count where the work began before."""
    completed_epoch: int | None = None
    assigned: Arm | None = None
    """The arm drawn at random before work began."""
    assigned_epoch: int | None = None
    assistance_share: float | None = None
    """The probability with which the draw gave ``assistance``; None is one half."""
    estimate_points: float | None = None
    """Estimate in points made before the first entry, where there is none in minutes."""

    def is_estimated_after(self, started_epoch: int) -> bool:
        """Return whether the estimates were made after work began, so that they do not count."""
        return is_late(self.estimated_epoch, started_epoch)


def is_late(estimated_epoch: int | None, began_epoch: int | None) -> bool:
    """Return whether an estimate was made after its work began, so that it does not count.

    It is not where either instant is not known.
    """
    if estimated_epoch is None or began_epoch is None:
        return False
    return estimated_epoch > began_epoch


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row of an imported file that is not valid, with what is needed to correct it."""

    line: int
    column: str
    value: str
    reason: str
    row: tuple[str, ...]
    """The row as the file has it; () where the log is no table."""
    place: str = "line"
    """What ``line`` counts: lines of the file, or entries of a log that is no table."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row of an imported file that is skipped on purpose, with the reason ("empty row")."""

    line: int
    reason: str


Imported = Entry | Task | WorkItem | Rejected | Skipped
"""A record that a source yields."""


EXPORT_SOURCE = "tracker"
"""The source name of an export that is imported. Its entries keep the sources that they name."""

EXPORTED_ENTRY_COLUMNS = (
    *("id", "source", "key", "developer", "team", "task", "activity"),
    *("started_at", "ended_at", "zone", "minutes", "interruption_minutes"),
    *("assisted", "basis", "assistant", "tags", "note", "logged_at", "row_hash"),
    *(
        "title",
        "project",
        "estimate_minutes",
        "estimate_ai_minutes",
        "estimate_points",
        "estimated_at",
    ),
    *("completed_at", "assigned", "assigned_at", "assistance_share"),
)
"""Columns of ``export entries``, from which the log can be restored.

Names match the keys of a column map's ``[columns]`` where it has them. ``title`` and ``project``
describe the task; the columns from ``estimate_minutes`` on describe the work item.
"""

EXPORTED_TASK_COLUMNS = (
    *("task", "developer", "activity", "title", "project"),
    *("estimate_minutes", "estimate_ai_minutes", "estimate_points"),
    *("estimated_at", "completed_at", "assigned", "assigned_at", "assistance_share"),
)
"""Columns of ``export tasks``.

A row describes one work item if it has a developer and an activity, else a task.
"""


@dataclass(frozen=True, slots=True)
class Rollout:
    """The first day with an assistant, of a developer, else of a team, else of everybody."""

    assistant: str
    day: int
    developer: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A stated gain, from a vendor, a study or the user."""

    id: str
    activity: str
    value: float | None
    """The gain as a fraction."""
    reading: Reading | None
    """None: the figure is not about time, so a time log cannot judge it."""
    bound: Bound
    source: str
    quantity: str = ""
    """The figure in the source's own words."""
    method: str = ""
    status: str = "own"
    low: float | None = None
    high: float | None = None
    by_default: bool = False
    label: str = ""
    """The source in a few plain words; "" of a user's own claim."""

    @property
    def judgeable(self) -> bool:
        """Whether a time log of one activity can judge the claim."""
        return self.reading is not None and self.value is not None and self.activity != "all"


@dataclass(frozen=True, slots=True)
class CellRange:
    """Consecutive months of a team's work on a project, all of which are in selected cells."""

    team_number: int
    """The position in :attr:`CellSelection.teams`, counted from 1; 0 is work without a team."""
    project: str
    """"" is work without a project."""
    first_month: int
    last_month: int


@dataclass(frozen=True, slots=True)
class CellSelection:
    """The work items of whole cells, as of the end of the last calendar month that has ended.

    A work item belongs to the team and the month of its first entry, and to its task's project.
    """

    ranges: tuple[CellRange, ...] | None
    """None: the work items of all cells, and of no cell."""
    teams: tuple[str, ...]
    """All teams of the log as they are stored."""
    last_month: int
    """Entries of later months are left out; counted from 1970-01."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The part of the log to judge.

    The days refer to the first entry of a work item. () and None mean no restriction.
    """

    activities: tuple[str, ...] = ()
    team: str | None = None
    project: str | None = None
    developer: str | None = None
    excluded_activity: str | None = None
    first_day: int | None = None
    last_day: int | None = None
    clock_epoch: int | None = None
    """The clock: entries that lie after it are left out. They were stored before the check."""
    cells: CellSelection | None = None
    """In place of the filters above: whole cells, for a result that others may see."""

    @property
    def is_filtered(self) -> bool:
        """Whether anything besides activities and the developer is restricted."""
        filters = (self.team, self.project, self.first_day, self.last_day)
        return any(value is not None for value in filters)

    def of_other_activities(self, activity: str, first_day: int, last_day: int) -> Selection:
        """Return the same selection of all activities but one, within a range of days."""
        return dataclasses.replace(
            self,
            activities=(),
            excluded_activity=activity,
            first_day=first_day,
            last_day=last_day,
        )

    def with_activities(self, *activities: str) -> Selection:
        """Return the same selection restricted to these activities; to all if none is named."""
        return dataclasses.replace(self, activities=activities)


@dataclass(frozen=True, slots=True)
class Cutover:
    """The first day that counts as assistance, of a developer, else a team, else everybody."""

    day: int
    developer: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class ArmRule:
    """How each work item is assigned to an arm.

    ``evidence`` states the rule and ``store`` compiles it to SQL. Items without an arm are excluded
    and counted.
    """

    by: Literal["assigned", "rollout", "assisted", "baseline"]
    """What decides.

    - ``assigned``: the arm drawn at random for the work item.
    - ``rollout``: ``assistance`` if the local day of its first entry is on or after the cutover of
      its developer, else of its team, else of everybody; ``baseline`` before that. No arm without
      a cutover, except under ``never_treated``.
    - ``assisted``: ``assistance`` if any of its entries says yes, ``baseline`` if all say no, else
      no arm.
    - ``baseline``: every item is ``baseline``, since nothing says that an assistant was used.
    """
    cutovers: tuple[Cutover, ...] = ()
    """For ``rollout``: the cutovers."""
    never_treated: bool = False
    """For ``rollout``: items without a cutover are ``baseline`` if a teammate has a cutover."""
    bases: tuple[Basis, ...] = ()
    """For ``assisted``: use only entries with one of these bases; () uses all."""


@dataclass(frozen=True, slots=True)
class ResidualModel:
    """What is expected of a work item's ln minutes, and the limit at which residuals are clipped.

    ŷ = effect + theta · (1 with assistance, else 0) + slope · ln estimate
    + points_offset · (1 with an estimate in points, else 0).
    """

    effects: Mapping[tuple[str, str], float]
    """The effect by developer and activity."""
    theta: float
    slope: float
    limit: float
    points_offset: float = 0.0


@dataclass(frozen=True, slots=True)
class MaturityRule:
    """When a work item counts as complete, and which items had enough time to become complete.

    An item is complete if it is recorded as complete, or if its last entry is at least
    ``quiet_days`` before ``now_epoch``.
    """

    now_epoch: int
    quiet_days: int = 30
    last_start_day: int | None = None
    """Items first worked on after this day are excluded from both arms; None: no limit."""
