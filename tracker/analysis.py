"""From a question to results: which moments evidence needs, and the store that aggregates them.

Only this module and the notebook import both packages. Each activity is judged by itself: its study
design is the strongest for which enough is recorded, it has one interval, and each claim about it
has a verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from sqlalchemy import Connection

import tracker
from tracker.domain import synthetic
from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.errors import NothingToDo
from tracker.domain.question import Question
from tracker.domain.records import (
    INFERRED_BASES,
    STATED_BASES,
    ArmRule,
    Claim,
    MaturityRule,
    Selection,
    StudyDesign,
)
from tracker.evidence import disclosure, estimands, sensitivity
from tracker.evidence.activity import ActivityEstimate, estimate_activity
from tracker.evidence.charts import activity_charts
from tracker.evidence.charts.weekly import Fitted
from tracker.evidence.designs import study_design
from tracker.evidence.designs.study_design import arm_rules, choose_design, missing_requirement
from tracker.evidence.judgement import judge_claim
from tracker.evidence.moments import data_hash
from tracker.evidence.power import Plan, plan_claim
from tracker.evidence.results import (
    ActivityChartData,
    ActivityHours,
    Assessment,
    Interval,
    Result,
    Sensitivity,
)
from tracker.evidence.threats import detection, no_interval
from tracker.evidence.threats.inputs import ThreatInputs
from tracker.store.database import Database
from tracker.store.read import aggregates, entry_aggregates, queries

BIN_WIDTH = 0.25
"""Width of the distributions' bins, in natural-log units of minutes: each is 28 % longer than the last."""


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
    suppressed: bool = False
    """Whether fewer than five of many developers are compared and the reader is none of them.

    Every frame is empty then.
    """

    @property
    def selection(self) -> Selection:
        """The question's selection, limited to this activity."""
        return self.question.selection.only(self.activity)

    @property
    def claims(self) -> tuple[Claim | None, ...]:
        """The claims about this activity; a single None where there is no claim."""
        return self.question.about(self.activity) or (None,)

    @cached_property
    def estimate(self) -> ActivityEstimate:
        """The estimate that all claims about this activity share."""
        return _estimate(self, self.question)

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
        """Counts of the entries by whether they were assisted, and on what basis this is recorded."""
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


def assess(
    database: Database, question: Question, *, generated_epoch: int, for_page: bool = False
) -> Assessment:
    """Return the verdicts that answer a question, each with its interval and threats.

    Args:
        database: The log.
        question: The claims and activities to judge, and the part of the log to use.
        generated_epoch: The time to print on the results, in seconds since 1970-01-01 UTC.
        for_page: Add the data of every chart.

    Raises:
        NothingToDo: No entry is selected, or too few developers other than the reader.
        BadValue: The question asks for a study design that is not recorded.

    """
    with database.reading() as connection:
        span, activity_studies = studies(connection, question)
        results = [result for study in activity_studies for result in _judge(study)]
        sources = queries.sources(connection)
        own_log = aggregates.developers(connection, question.selection) <= {question.reader}
        page = (
            _page_data(activity_studies, rejected=sum(sources.values()), own_log=own_log)
            if for_page
            else _PageData()
        )
        log_hash = data_hash(study.moments for study in activity_studies)
    made_up = synthetic.SOURCE in sources
    return Assessment(
        generated_epoch=generated_epoch,
        question=question,
        results=tuple(results),
        version=tracker.__version__,
        data_hash=log_hash,
        first_day=span.first_day,
        last_day=span.last_day,
        now_epoch=question.now_epoch or span.last_epoch,
        entries=span.entries,
        made_up=synthetic.NOTICE if made_up else None,
        truths=dict(synthetic.TRUE_GAINS) if made_up else {},
        chart_data=page.chart_data,
        hours=page.hours,
        hours_suppressed=page.hours_suppressed,
        quality=page.quality,
        own_log=own_log,
    )


def plan(
    database: Database, question: Question, *, power: float, true_gain: float
) -> list[tuple[Claim, Plan | None]]:
    """Return how many more work items it takes to tell each claim from the true gain.

    Args:
        database: The log, from which the spread of work items is taken.
        question: The claims.
        power: The wished probability of telling them apart.
        true_gain: The gain to assume, as a fraction on the reading judged.

    Returns:
        Each claim with its plan. It is None where the log holds too little to know the spread.

    Raises:
        NothingToDo: No entry is selected, or too few developers other than the reader.

    """
    plans = []
    with database.reading() as connection:
        for study in studies(connection, question)[1]:
            for claim in question.about(study.activity):
                reading = question.reading or claim.reading or "efficiency_gain"
                plans.append(
                    (
                        claim,
                        plan_claim(
                            study.estimate, claim, reading, true_gain=true_gain, power=power
                        ),
                    )
                )
    return plans


def studies(connection: Connection, question: Question) -> tuple[aggregates.LogSpan, list[Study]]:
    """Return the span of the selected entries, and each activity under its study design.

    Raises:
        NothingToDo: No entry is selected, or too few developers other than the reader.
        BadValue: The question asks for a study design that is not recorded.

    """
    span = require_log_span(connection, question)
    now_epoch = (span.last_epoch or 0) if question.now_epoch is None else question.now_epoch
    rules = _recorded_rules(connection)
    activity_studies = [
        _study(connection, question, activity, rules, now_epoch) for activity in question.judged
    ]
    developers = aggregates.developers(connection, Selection())
    return span, [_suppress_small_group(study, developers) for study in activity_studies]


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


def _suppress_small_group(study: Study, developers: set[str]) -> Study:
    """The study, suppressed if it compares fewer than five of many developers and not the reader."""
    compared = disclosure.developers_compared(study.estimate)
    small = 0 < len(compared) < MIN_DEVELOPERS_SHOWN <= len(developers)
    reader_compared = study.question.reader in compared
    return replace(study, suppressed=True) if small and not reader_compared else study


def _refuse_small_groups(connection: Connection, question: Question) -> None:
    """Refuse a team or project of one to four other people, or one that leaves so few outside.

    The rest could be had by subtraction from the result of the whole log.
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
    if selection == Selection():
        return (
            "the log is empty: `tracker log design PAY-12 45m` adds an entry, "
            "`tracker import` brings in a log."
        )
    return (
        "no entry is in the part of the log that was asked for: "
        "widen --team, --project, --from or --to."
    )


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
) -> Study:
    """One activity under its study design.

    Moments are aggregated for the strongest design first, until one has enough work items. Where the
    question names a design, all are aggregated, since the refusal says which are recorded.
    """
    candidates: dict[StudyDesign, Study] = {}
    for design, rule in rules.items():
        study = candidates[design] = Study(connection, question, activity, design, rule, now_epoch)
        if question.design is None and missing_requirement(study.moments, design) is None:
            break
    choice = choose_design(
        {design: study.moments for design, study in candidates.items()}, question.design
    )
    if choice.design is None:
        return Study(connection, question, activity, None, ArmRule("assisted"), now_epoch)
    return candidates[choice.design]


def _estimate(
    study: Study,
    question: Question,
    moments: pd.DataFrame | None = None,
    last_day: int | None = None,
) -> ActivityEstimate:
    """Estimate one activity, as the question asks for it.

    Args:
        study: The activity with its frames.
        question: Level, kind of bounds.
        moments: Other moments than the study's own.
        last_day: The last day on which a work item of these moments began.

    """

    def read_items() -> pd.DataFrame:
        return study.items if last_day is None else study.items[study.items["day"] <= last_day]

    return estimate_activity(
        study.moments if moments is None else moments,
        activity=study.activity,
        design=study.design,
        level=question.level,
        interval_level=question.interval_level,
        items=read_items,
        anytime=question.anytime,
    )


def _judge(study: Study) -> list[Result]:
    """Judge every claim about one activity by its one interval; without a claim, the activity."""
    estimate, question = study.estimate, study.question
    curve = sensitivity.specification_curve(estimate, np.random.default_rng(question.seed))
    table = estimands.estimand_table(estimate)
    if study.suppressed:
        threats = (no_interval.suppressed(MIN_DEVELOPERS_SHOWN),)
    else:
        threats = estimate.reasons + detection.find_threats(_threat_inputs(study))
    results = [
        judge_claim(estimate, claim, reading=question.reading, curve=curve, panel=table)
        for claim in study.claims
    ]
    return [replace(result, threats=threats) for result in results]


def _threat_inputs(study: Study) -> ThreatInputs:
    """The frames in which threats are looked for. Each is one more query."""
    estimate = study.estimate
    by_rollout = study.rule.by == "rollout"
    return ThreatInputs(
        activity=study.activity,
        design=study.design,
        rule=study.rule,
        moments=study.moments,
        developers=estimate.sample.cells.developers,
        adjusted=estimate.sample.adjusted,
        excluded=estimate.excluded,
        without_arm=int(study.aggregate(aggregates.without_arm)["n"].sum()),
        since=study.aggregate(aggregates.moments, period="since") if by_rollout else None,
        projects=study.aggregate(aggregates.projects),
        quality=study.quality,
        basis=study.basis,
        minutes_in_other_activities=study.aggregate(entry_aggregates.minutes_in_other_activities),
        without_inferred=_without_inferred(study),
    )


def _without_inferred(study: Study) -> Sensitivity | None:
    """The same comparison without inferred answers on assistance; None if there are none.

    It has a verdict only where all claims get the same one.
    """
    if study.rule.by != "assisted" or not study.basis["basis"].isin(INFERRED_BASES).any():
        return None
    estimate = replace(study, rule=replace(study.rule, bases=STATED_BASES)).estimate
    verdicts = {
        judge_claim(estimate, claim, reading=study.question.reading).verdict
        for claim in study.claims
    }
    verdict = verdicts.pop() if len(verdicts) == 1 else None
    return Sensitivity("stated answers alone", estimate.log_ratio, verdict)


@dataclass(frozen=True, slots=True)
class _PageData:
    """What a page shows besides the results."""

    chart_data: tuple[ActivityChartData, ...] = ()
    hours: tuple[ActivityHours, ...] = ()
    hours_suppressed: int = 0
    quality: tuple[tuple[str, str], ...] = ()


def _page_data(activity_studies: list[Study], *, rejected: int, own_log: bool) -> _PageData:
    """The data of every chart. Hours by arm follow the first activity's rule."""
    if not activity_studies:
        return _PageData()
    first = activity_studies[0]
    seconds = entry_aggregates.hours(first.connection, first.question.selection, first.rule)
    thin = set() if own_log else activity_charts.thin_activities(seconds)
    return _PageData(
        chart_data=tuple(_chart_data(study, own_log=own_log) for study in activity_studies),
        hours=activity_charts.hours(seconds[~seconds["activity"].isin(thin)]),
        hours_suppressed=len(thin),
        quality=activity_charts.quality(
            pd.concat([study.moments for study in activity_studies], ignore_index=True),
            pd.concat([study.quality for study in activity_studies], ignore_index=True),
            pd.concat([study.basis for study in activity_studies], ignore_index=True),
            rejected=rejected,
        ),
    )


def _chart_data(study: Study, *, own_log: bool) -> ActivityChartData:
    """The data of one activity's charts, with anytime-valid bounds where arms were randomised."""

    def fit_until(*, anytime: bool) -> Fitted:
        question = replace(study.question, anytime=anytime)

        def fit(moments: pd.DataFrame, last_day: int) -> Interval | None:
            return _estimate(study, question, moments, last_day).log_ratio

        return fit

    return activity_charts.activity_chart_data(
        study.activity,
        rule=study.rule,
        adjusted=study.estimate.sample.adjusted,
        moments=study.moments,
        weekly=study.aggregate(aggregates.moments, period="week"),
        distribution=study.aggregate(aggregates.distribution, width=BIN_WIDTH),
        items=lambda: study.items,
        fit=fit_until(anytime=False),
        anytime=fit_until(anytime=True) if study.design == "randomised" else None,
        width=BIN_WIDTH,
        own_log=own_log,
    )
