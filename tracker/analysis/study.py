"""One activity of a log under its study design, with the frames that the database aggregates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd
from sqlalchemy import Connection

from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.errors import BadValue, NothingToDo
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
from tracker.evidence.activity import ActivityEstimate, estimate_activity
from tracker.evidence.designs import study_design
from tracker.evidence.designs.study_design import arm_rules, choose_design, missing_requirement
from tracker.store.read import aggregates, entry_aggregates, queries


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
        return estimate_study(self, self.question)

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
    def items(self) -> pd.DataFrame:
        """One row a work item, for methods that moments do not suffice for."""
        return self.aggregate(aggregates.items)

    @cached_property
    def quality(self) -> pd.DataFrame:
        """Counts of the entries, such as late or edited ones."""
        return self.aggregate(entry_aggregates.quality)

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
        return study.aggregate(aggregates.clipped_sums, model=model)

    return estimate_activity(
        study.moments if moments is None else moments,
        activity=study.activity,
        design=study.design,
        level=question.level,
        interval_level=question.interval_level,
        items=read_items,
        clip=read_clipped_sums if moments is None else None,
        anytime=question.anytime,
    )


def studies(
    connection: Connection, question: Question, *, clock_epoch: int
) -> tuple[aggregates.LogSpan, list[Study]]:
    """Return the span of the selected entries, and each activity under its study design.

    Args:
        connection: The transaction.
        question: The claims and activities to judge, and the part of the log to use.
        clock_epoch: The clock. Entries that lie after it are left out.

    Raises:
        NothingToDo: No entry is selected, or too few developers other than the reader.
        BadValue: The question asks for a study design that is not recorded, or its ``now_epoch``
            lies after the clock.

    """
    question = until_clock(question, clock_epoch)
    span = require_log_span(connection, question)
    now_epoch = (span.last_epoch or 0) if question.now_epoch is None else question.now_epoch
    rules = _recorded_rules(connection)
    activity_studies = [
        _study(connection, question, activity, rules, now_epoch, span)
        for activity in question.judged_activities
    ]
    developers = aggregates.developers(connection, Selection())
    return span, [_suppress_small_group(study, developers) for study in activity_studies]


def until_clock(question: Question, clock_epoch: int) -> Question:
    """Return the question limited to entries that do not lie after the clock.

    Raises:
        BadValue: The question's ``now_epoch`` lies after the clock.
    """
    if question.now_epoch is not None and question.now_epoch > clock_epoch:
        raise BadValue("--now lies in the future: give a time that has passed, or leave it out.")
    selection = replace(question.selection, clock_epoch=clock_epoch)
    return replace(question, selection=selection)


def require_log_span(connection: Connection, question: Question) -> aggregates.LogSpan:
    """Return the span of the entries that a question selects.

    Raises:
        NothingToDo: No entry is selected, or too few developers other than the reader.

    """
    span = aggregates.log_span(connection, question.selection)
    if span.last_epoch is None:
        raise NothingToDo(_no_entries_message(question.selection))
    _refuse_small_groups(connection, question)
    return span


def _recorded_rules(connection: Connection) -> dict[StudyDesign, ArmRule]:
    """The rules of the study designs whose arms are recorded, strongest first."""
    recorded = aggregates.recorded_arm_sources(connection)
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
        return Study(connection, question, activity, None, ArmRule("assisted"), now_epoch, span)
    return candidates[choice.design]


def _suppress_small_group(study: Study, developers: set[str]) -> Study:
    """Suppress a study of fewer than five of many developers, unless the reader is one of them."""
    compared = disclosure.developers_compared(study.estimate)
    small = 0 < len(compared) < MIN_DEVELOPERS_SHOWN <= len(developers)
    reader_compared = study.question.reader in compared
    return replace(study, suppressed=True) if small and not reader_compared else study


def _refuse_small_groups(connection: Connection, question: Question) -> None:
    """Refuse a team or project with one to four developers inside or outside it, reader apart.

    The result of those outside is known by subtraction from the whole log.
    """
    selection = question.selection
    if selection.team is None and selection.project is None:
        return
    inside = aggregates.developers(connection, selection)
    outside = aggregates.developers(connection, Selection()) - inside
    for developers, subject in (
        (inside, "that part of the log is"),
        (outside, "all but that part of the log is"),
    ):
        if 0 < len(developers) < MIN_DEVELOPERS_SHOWN and question.reader not in developers:
            raise NothingToDo(
                f"withheld: {subject} of fewer than {MIN_DEVELOPERS_SHOWN} developers, "
                "and you are none of them: leave out --team and --project."
            )


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
