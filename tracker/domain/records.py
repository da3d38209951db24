"""The records that pass between rooms: plain, frozen, no input or output.

Instants are whole seconds since 1970-01-01 UTC (``…_epoch``) beside the zone they were logged in. Local days are days
since 1970-01-01 in that zone (``…_day``): the database never has to know zones. None is "not known".
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal, get_args

from tracker.domain.gains import Bound, Reading

Assisted = Literal["yes", "no", "unknown"]
Basis = Literal["flag", "tag", "label", "trailer", "signal"]
Arm = Literal["baseline", "assistance"]
StudyDesign = Literal["randomised", "staggered", "before-after", "self-selected"]

ASSISTED: tuple[Assisted, ...] = get_args(Assisted)
ARMS: tuple[Arm, ...] = get_args(Arm)
STUDY_DESIGNS: tuple[StudyDesign, ...] = get_args(StudyDesign)
"""Strongest first."""

STATED_BASES: tuple[Basis, ...] = ("flag", "tag", "label")
INFERRED_BASES: tuple[Basis, ...] = ("trailer", "signal")
"""Of the bases, those that somebody set, and those from which a program drew the conclusion."""

ItemStatus = Literal["closed", "open", "immature", "zero"]
"""Of a work item: closed (it counts), open (unfinished), immature (started too late), zero (no minutes)."""

MOMENT_SUMS = ("n", "y", "yy", "x", "xx", "xy", "t", "tt", "w", "ww", "tw")
"""Columns of the moments, sums over work items: n items, y = ln minutes, x = ln estimate, t = minutes, w = estimated
minutes, and their products.
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
"""The activities known from the start; a team adds its own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One stretch of work. ``seconds`` is effort: interruptions are taken off already."""

    id: str
    """UUID, version 7, made by the client."""
    developer: str
    task: str
    activity: str
    started_epoch: int
    zone: str
    seconds: int
    local_day: int
    """Day of ``started_epoch`` in ``zone``."""
    logged_epoch: int
    """When it was written down; late entries are told by it. For an import that does not say: the entry's own end."""
    ended_epoch: int | None = None
    interruption_seconds: int = 0
    team: str | None = None
    assisted: Assisted = "unknown"
    basis: Basis | None = None
    """What ``assisted`` rests on; None where it is unknown."""
    assistant: str | None = None
    note: str | None = None
    tags: str | None = None
    """Comma-separated."""
    source: str | None = None
    """The name of the foreign log, None for what was logged here."""
    source_key: str | None = None
    """Unique within (developer, source): importing twice changes nothing."""
    row_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """What is known of a task as a whole. Estimates here serve every work item of it that has none of its own."""

    task: str
    title: str | None = None
    project: str | None = None
    estimate_minutes: float | None = None
    estimate_ai_minutes: float | None = None
    completed_epoch: int | None = None


@dataclass(frozen=True, slots=True)
class WorkItem:
    """What is known of a developer × task × activity besides its entries."""

    developer: str
    task: str
    activity: str
    estimate_minutes: float | None = None
    """Made before the first entry, for work without assistance (or not saying)."""
    estimate_ai_minutes: float | None = None
    """Made before the first entry, for work with assistance."""
    estimated_epoch: int | None = None
    completed_epoch: int | None = None
    assigned: Arm | None = None
    """The arm drawn for it before it began."""
    assigned_epoch: int | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A foreign row that cannot be taken, with everything needed to mend it."""

    line: int
    column: str
    value: str
    reason: str
    row: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A foreign row left out on purpose, and why ("still running", "empty row")."""

    line: int
    reason: str


Imported = Entry | Task | WorkItem | Rejected | Skipped
"""What a source yields."""


EXPORTED_ENTRY_COLUMNS = (
    *("id", "source", "key", "developer", "team", "task", "activity"),
    *("started_at", "ended_at", "zone", "minutes", "interruption_minutes"),
    *("assisted", "basis", "assistant", "tags", "note", "logged_at", "row_hash"),
    *("title", "project", "estimate_minutes", "estimate_ai_minutes", "estimated_at"),
    *("completed_at", "assigned", "assigned_at"),
)
"""The columns of ``export entries``, named as on the left of a map's ``[columns]`` where a map has them; reading them
back restores the log. From ``estimate_minutes`` on they are of the work item; ``title`` and ``project`` of the task.
"""

EXPORTED_TASK_COLUMNS = (
    *(
        "task",
        "developer",
        "activity",
        "title",
        "project",
        "estimate_minutes",
        "estimate_ai_minutes",
    ),
    *("estimated_at", "completed_at", "assigned", "assigned_at"),
)
"""The columns of ``export tasks``: what is known of a task, or with developer and activity of that one work item."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """From which day somebody had an assistant: a developer, else a team, else (neither) everybody."""

    assistant: str
    day: int
    developer: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A stated gain. ``quantity`` is the source's own words; ``reading`` None means it cannot be judged by time."""

    id: str
    activity: str
    value: float | None
    reading: Reading | None
    bound: Bound
    source: str
    quantity: str = ""
    method: str = ""
    status: str = "own"
    low: float | None = None
    high: float | None = None
    by_default: bool = False

    @property
    def judgeable(self) -> bool:
        """Whether a log of hours for one activity can speak to it."""
        return self.reading is not None and self.value is not None and self.activity != "all"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which part of the log is judged. Days are those of a work item's first entry; () and None mean all."""

    activities: tuple[str, ...] = ()
    team: str | None = None
    project: str | None = None
    developer: str | None = None
    first_day: int | None = None
    last_day: int | None = None

    def only(self, *activities: str) -> Selection:
        """The same part of the log, of these activities."""
        return dataclasses.replace(self, activities=activities)


@dataclass(frozen=True, slots=True)
class Cutover:
    """A day from which work counts as assistance: for a developer, else a team, else (neither) everybody."""

    day: int
    developer: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class ArmRule:
    """Which arm a work item falls on, stated by evidence and compiled to SQL by store.

    ``by``:

    - ``assigned``: the drawn arm of the work item.
    - ``rollout``: ``assistance`` when its first entry's local day is on or after the cutover of its developer (else of
      its team, else everybody's), ``baseline`` before it. Without a cutover it has no arm; but with
      ``never_treated`` it is ``baseline`` where somebody of its team has a cutover.
    - ``assisted``: by its entries' flag: ``assistance`` if any says yes, ``baseline`` if all say no, else no arm. With
      ``bases`` only the flags that rest on one of them speak (to judge without the inferred ones).

    Items without an arm are left out and counted.
    """

    by: Literal["assigned", "rollout", "assisted"]
    cutovers: tuple[Cutover, ...] = ()
    never_treated: bool = False
    bases: tuple[Basis, ...] = ()


@dataclass(frozen=True, slots=True)
class MaturityRule:
    """When a work item counts as complete, and which items had the time to become so.

    Complete: recorded as such, else its last entry is ``quiet_days`` or more before ``now_epoch``. ``last_start_day``:
    items first worked on after this day are left out in both arms (None: no limit).
    """

    now_epoch: int
    quiet_days: int = 30
    last_start_day: int | None = None
