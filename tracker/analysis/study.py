"""One activity of a log under its study design, with the frames that the database aggregates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd
from sqlalchemy import Connection

from tracker.analysis.disclosure import Part
from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.errors import NothingToDo
from tracker.domain.question import Question
from tracker.domain.records import (
    ArmRule,
    Claim,
    MaturityRule,
    ResidualModel,
    Selection,
    StudyDesign,
)
from tracker.evidence import disclosure
from tracker.evidence.activity import (
    ActivityEstimate,
    check_near_zero_minutes,
    estimate_activity,
)
from tracker.evidence.designs import study_design
from tracker.evidence.designs.study_design import arm_rules, choose_design, missing_requirement
from tracker.evidence.hours_saved import days_of_volume
from tracker.evidence.item_cells import ReadCells, cell_reader
from tracker.evidence.other_work import OtherWork
from tracker.store.read import (
    aggregates,
    clipped_residuals,
    entry_aggregates,
    estimate_aggregates,
    queries,
)
from tracker.store.read.arm_rules import recorded_arm_sources


@dataclass(frozen=True)
class Study:
    """One activity under the rule of one study design.

    Each frame is aggregated by the database at its first use. The connection must still be open.
    """

    connection: Connection
    question: Question
    activity: str
    design: StudyDesign | None
    """None where no arms are recorded."""
    rule: ArmRule
    now_epoch: int
    span: aggregates.LogSpan
    """The extent of the log that the question selects."""
    log_developers: int = 0
    """The number of developers in the whole log."""
    suppressed: bool = False
    """Whether fewer than five of many developers are compared and the reader is none of them.

    Every frame is empty then.
    """

    @property
    def selection(self) -> Selection:
        """The question's selection, limited to this activity."""
        return self.question.selection.with_activities(self.activity)

    @property
    def claims(self) -> tuple[Claim | None, ...]:
        """The claims about this activity; a single None where there is no claim."""
        return self.question.claims_about(self.activity) or (None,)

    @cached_property
    def estimate(self) -> ActivityEstimate:
        """The estimate that all claims about this activity share."""
        return check_near_zero_minutes(estimate_study(self, self.question))

    @cached_property
    def maturity(self) -> MaturityRule:
        """Which work items began early enough to be finished."""
        unlimited = MaturityRule(self.now_epoch)
        durations = aggregates.durations(self.connection, self.selection, self.rule, unlimited)
        last_start_day = study_design.last_mature_start_day(durations, now_epoch=self.now_epoch)
        return replace(unlimited, last_start_day=last_start_day)

    @cached_property
    def moments(self) -> pd.DataFrame:
        """Sums by developer, arm and month, from which the estimate is made."""
        return self.aggregate(aggregates.moments)

    @cached_property
    def finished_moments(self) -> pd.DataFrame:
        """Sums by the day of completion, too, of all finished items however late they began."""
        maturity = MaturityRule(self.now_epoch)
        frame = aggregates.moments(
            self.connection, self.selection, self.rule, maturity, by_finish=True
        )
        return self._suppress(frame)

    @cached_property
    def items(self) -> pd.DataFrame:
        """One row a work item, for methods that moments do not suffice for."""
        return self.aggregate(aggregates.items, with_task=False)

    @cached_property
    def read_cells(self) -> ReadCells:
        """Reads one cell per work item."""
        return cell_reader(lambda: self.items, self.activity)

    @property
    def items_with_task(self) -> pd.DataFrame:
        """The same with the names of the tasks."""
        return self.aggregate(aggregates.items)

    @cached_property
    def without_arm(self) -> int:
        """The number of work items to which the rule gives no arm."""
        return int(self.aggregate(aggregates.without_arm)["n"].sum())

    @cached_property
    def quality(self) -> pd.DataFrame:
        """Counts of the entries, such as late or edited ones, and the recent effort."""
        return self.aggregate(entry_aggregates.quality, recent_days=self.volume_days)

    @cached_property
    def volume_days(self) -> tuple[int, int] | None:
        """The days that today's volume of work with assistance is taken from."""
        return days_of_volume(self.moments, self.rule, self.span.first_day, self.now_epoch)

    @cached_property
    def other_selection(self) -> Selection | None:
        """The other activities in the time of this one; None for other designs than before/after.

        That time reaches from the first to the last day on which a closed item with an estimate
        began.
        """
        if self.design != "before-after":
            return None
        days = self.aggregate(aggregates.start_days)
        if days.empty:
            return None
        return self.question.selection.of_other_activities(
            self.activity, int(days["first_day"].min()), int(days["last_day"].max())
        )

    @cached_property
    def other_moments(self) -> pd.DataFrame:
        """The same sums of the other activities, to hold this one against."""
        return self.aggregate_others(aggregates.moments)

    @cached_property
    def some_say_no(self) -> bool:
        """Whether an entry of whichever activity says that no assistant was used."""
        every = replace(self.question.selection, activities=(), first_day=None, last_day=None)
        answers = entry_aggregates.assisted_basis(self.connection, every)["assisted"]
        return bool((answers == "no").any())

    @cached_property
    def answers_of_others(self) -> pd.DataFrame:
        """What the entries of the other activities since the rollout say about assistance."""
        return self.aggregate_others(entry_aggregates.answers_after_rollout)

    @cached_property
    def other_items(self) -> pd.DataFrame:
        """The work items of the other activities."""
        return self.aggregate_others(aggregates.items, with_task=False)

    @cached_property
    def draw_probabilities(self) -> pd.DataFrame | None:
        """With what probability arms were drawn; None where they were not drawn."""
        if self.rule.by != "assigned":
            return None
        return self.aggregate(estimate_aggregates.draw_probabilities)

    @cached_property
    def basis(self) -> pd.DataFrame:
        """Counts of the entries by the answer on assistance and its basis."""
        frame = entry_aggregates.assisted_basis(self.connection, self.selection)
        return self._suppress(frame)

    def aggregate(self, query: Callable[..., pd.DataFrame], **options: object) -> pd.DataFrame:
        """Return the frame of one of the store's aggregate queries.

        Args:
            query: Called with connection, selection, rule and maturity.
            **options: Further arguments of the query.

        """
        frame = query(self.connection, self.selection, self.rule, self.maturity, **options)
        return self._suppress(frame)

    def aggregate_others(
        self, query: Callable[..., pd.DataFrame], **options: object
    ) -> pd.DataFrame:
        """Return the frame of an aggregate query of the other activities, under the same rule."""
        frame = query(self.connection, self.other_selection, self.rule, self.maturity, **options)
        return self._suppress(frame)

    def release(self) -> None:
        """Free the work items, the estimate that holds them, and other work, until next used."""
        for name in ("items", "read_cells", "estimate", "other_moments"):
            vars(self).pop(name, None)

    def _suppress(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.iloc[:0] if self.suppressed else frame


def estimate_study(study: Study, question: Question) -> ActivityEstimate:
    """Estimate one activity at the levels, and with the kind of bounds, that a question asks for.

    Args:
        study: The activity and its frames.
        question: May differ from the study's own.

    """

    def read_clipped_sums(model: ResidualModel) -> pd.DataFrame:
        return study.aggregate(clipped_residuals.clipped_sums, model=model)

    return estimate_activity(
        study.moments,
        activity=study.activity,
        design=study.design,
        level=question.level,
        interval_level=question.interval_level,
        items=study.read_cells,
        clip=read_clipped_sums,
        anytime=question.anytime,
        draw_probabilities=study.draw_probabilities,
        rule=study.rule,
        without_arm=None if study.design else study.without_arm,
        other_work=_other_work(study),
    )


def _other_work(study: Study) -> OtherWork | None:
    """Where the other activities of a before/after study are read."""
    if study.other_selection is None:
        return None

    def read_clipped_sums(model: ResidualModel) -> pd.DataFrame:
        return study.aggregate_others(clipped_residuals.clipped_sums, model=model)

    return OtherWork(
        read=lambda: study.other_moments,
        clip=read_clipped_sums,
        answers=(lambda: study.answers_of_others) if study.some_say_no else None,
        min_developers=MIN_DEVELOPERS_SHOWN,
    )


def studies(part: Part, *, needs_design: bool = True) -> tuple[aggregates.LogSpan, Iterator[Study]]:
    """Return the span of the selected entries, and each activity under its study design.

    An activity is estimated when the iterator reaches it.

    Args:
        part: The part of the log, with the question.
        needs_design: Whether a study design that the question asks for must be recorded. If not,
            the strongest recorded one takes its place.

    Raises:
        NothingToDo: No entry is selected.
        BadValue: The question asks for a study design that is not recorded; from the iterator.

    """
    connection, question = part.connection, part.question
    span = require_log_span(part)
    now_epoch = (span.last_epoch or 0) if question.now_epoch is None else question.now_epoch
    rules = _recorded_rules(connection)
    log_developers = len(aggregates.developers(connection, Selection()))
    activity_studies = (
        _study(
            Study(
                *(connection, question, activity, None, study_design.BASELINE_ALONE),
                *(now_epoch, span, log_developers),
            ),
            rules,
            needs_design=needs_design,
        )
        for activity in question.judged_activities
    )
    return span, map(suppress_small_group, activity_studies)


def require_log_span(part: Part) -> aggregates.LogSpan:
    """Return the span of the entries that a question selects.

    Raises:
        NothingToDo: No entry is selected.

    """
    selection = part.question.selection
    span = aggregates.log_span(part.connection, selection)
    if span.last_epoch is None:
        raise NothingToDo(_no_entries_message(selection))
    return span


def _recorded_rules(connection: Connection) -> dict[StudyDesign, ArmRule]:
    """The rules of the study designs whose arms are recorded, strongest first."""
    recorded = recorded_arm_sources(connection)
    rules = arm_rules(queries.rollouts(connection))
    return {
        design: rule
        for design, rule in rules.items()
        if rule.by == "rollout" or rule.by in recorded
    }


def _study(study: Study, rules: dict[StudyDesign, ArmRule], *, needs_design: bool) -> Study:
    """One activity under its study design.

    Moments are aggregated for the strongest design first, until one has enough work items. If the
    question names a design, all are aggregated, since its refusal says which are recorded.

    Args:
        study: The activity as a baseline alone, which it is where no arms are recorded.
        rules: The rules of the designs whose arms are recorded, strongest first.
        needs_design: Whether the design that the question names must be recorded.

    """
    design = study.question.design
    candidates: dict[StudyDesign, Study] = {}
    for name, rule in rules.items():
        candidates[name] = replace(study, design=name, rule=rule)
        if design is None and missing_requirement(candidates[name].moments, name) is None:
            break
    moments = {name: candidate.moments for name, candidate in candidates.items()}
    if not needs_design and design is not None and (design not in moments or moments[design].empty):
        design = None
    choice = choose_design(moments, design)
    if choice.design is None:
        return replace(study, rule=ArmRule("assisted")) if rules else study
    return candidates[choice.design]


def suppress_small_group(study: Study) -> Study:
    """Suppress a study of fewer than five of many developers, unless the reader is one of them."""
    compared = disclosure.developers_compared(study.estimate)
    small = 0 < len(compared) < MIN_DEVELOPERS_SHOWN <= study.log_developers
    reader_compared = study.question.reader in compared
    return replace(study, suppressed=True) if small and not reader_compared else study


def _no_entries_message(selection: Selection) -> str:
    if selection == Selection(clock_epoch=selection.clock_epoch):
        return (
            "the log is empty: `tracker log design PAY-12 45m` adds an entry, "
            "`tracker import` brings in a log."
        )
    return (
        "no entry is in the part of the log that was asked for: "
        "widen --team, --project, --from or --to."
    )
