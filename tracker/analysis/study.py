"""One activity of a log under its study design, with the frames that the database aggregates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd
from sqlalchemy import Connection

from tracker.analysis.disclosure import Part, part_until_last_month
from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN, Limits
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
from tracker.store.database import Database
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
        return self.aggregate(aggregates.items)

    @cached_property
    def without_arm(self) -> int:
        """The number of work items to which the rule gives no arm."""
        return int(self.aggregate(aggregates.without_arm)["n"].sum())

    @cached_property
    def quality(self) -> pd.DataFrame:
        """Counts of the entries, such as late or edited ones."""
        return self.aggregate(entry_aggregates.quality)

    @cached_property
    def draw_odds(self) -> pd.DataFrame | None:
        """With what probability arms were drawn; None where they were not drawn."""
        if self.rule.by != "assigned":
            return None
        return self.aggregate(estimate_aggregates.draw_odds)

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

    def _suppress(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.iloc[:0] if self.suppressed else frame


def estimate_study(
    study: Study,
    question: Question,
    moments: pd.DataFrame | None = None,
    last_day: int | None = None,
) -> ActivityEstimate:
    """Estimate one activity at the levels, and with the kind of bounds, that a question asks for.

    Args:
        study: The activity and its frames.
        question: May differ from the study's own.
        moments: Moments to use in place of the study's own.
        last_day: The last day on which a work item of ``moments`` began. None is no limit.

    """

    def read_items() -> pd.DataFrame:
        return study.items if last_day is None else study.items[study.items["day"] <= last_day]

    def read_clipped_sums(model: ResidualModel) -> pd.DataFrame:
        return study.aggregate(clipped_residuals.clipped_sums, model=model)

    return estimate_activity(
        study.moments if moments is None else moments,
        activity=study.activity,
        design=study.design,
        level=question.level,
        interval_level=question.interval_level,
        items=read_items,
        clip=read_clipped_sums if moments is None else None,
        anytime=question.anytime,
        draw_odds=study.draw_odds,
        rule=study.rule,
        without_arm=None if study.design else study.without_arm,
    )


def studies(part: Part) -> tuple[aggregates.LogSpan, list[Study]]:
    """Return the span of the selected entries, and each activity under its study design.

    Raises:
        NothingToDo: No entry is selected.
        BadValue: The question asks for a study design that is not recorded.

    """
    connection, question = part.connection, part.question
    span = require_log_span(part)
    now_epoch = (span.last_epoch or 0) if question.now_epoch is None else question.now_epoch
    rules = _recorded_rules(connection)
    activity_studies = [
        _study(connection, question, activity, rules, now_epoch, span)
        for activity in question.judged_activities
    ]
    developers = aggregates.developers(connection, Selection())
    return span, [_suppress_small_group(study, developers) for study in activity_studies]


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


def exported_moments(
    database: Database, activities: Sequence[str], *, reader: str | None
) -> tuple[pd.DataFrame, Limits | None]:
    """Return the moments of each activity's study in groups that others may see.

    Args:
        database: The log.
        activities: The activities.
        reader: The developer who reads. A log of their own alone is not merged.

    Returns:
        The groups of :func:`tracker.evidence.disclosure.merge_small_groups` with ``study_design``,
        and the limits that were used.

    Raises:
        NothingToDo: No entry is selected.

    """
    question = Question(activities=tuple(activities), reader=reader)
    with part_until_last_month(database, question) as part:
        _, activity_studies = studies(part)
        options = {"min_developers": 1} if part.limits is None else {}
        groups = [
            disclosure.merge_small_groups(study.finished_moments, **options).assign(
                study_design=study.design
            )
            for study in activity_studies
        ]
    return pd.concat(groups, ignore_index=True), part.limits


def _recorded_rules(connection: Connection) -> dict[StudyDesign, ArmRule]:
    """The rules of the study designs whose arms are recorded, strongest first."""
    recorded = recorded_arm_sources(connection)
    rules = arm_rules(queries.rollouts(connection))
    return {
        design: rule
        for design, rule in rules.items()
        if rule.by == "rollout" or rule.by in recorded
    }


def _study(
    connection: Connection,
    question: Question,
    activity: str,
    rules: dict[StudyDesign, ArmRule],
    now_epoch: int,
    span: aggregates.LogSpan,
) -> Study:
    """One activity under its study design.

    Moments are aggregated for the strongest design first, until one has enough work items. If the
    question names a design, all are aggregated, since its refusal says which are recorded.
    """
    candidates: dict[StudyDesign, Study] = {}
    for design, rule in rules.items():
        study = Study(connection, question, activity, design, rule, now_epoch, span)
        candidates[design] = study
        if question.design is None and missing_requirement(study.moments, design) is None:
            break
    choice = choose_design(
        {design: study.moments for design, study in candidates.items()}, question.design
    )
    if choice.design is None:
        rule = ArmRule("assisted") if rules else study_design.BASELINE_ALONE
        return Study(connection, question, activity, None, rule, now_epoch, span)
    return candidates[choice.design]


def _suppress_small_group(study: Study, developers: set[str]) -> Study:
    """Suppress a study of fewer than five of many developers, unless the reader is one of them."""
    compared = disclosure.developers_compared(study.estimate)
    small = 0 < len(compared) < MIN_DEVELOPERS_SHOWN <= len(developers)
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
