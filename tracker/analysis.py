"""Asks evidence what it needs, lets store reduce it, hands back results. The only room that knows both.

The command line and notebooks call it. A log is judged activity by activity: the study designs that its rollouts and
flags allow, the moments under each until one suffices, one interval an activity, a verdict a claim.
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
from tracker.evidence.designs.study_design import (
    arm_rules,
    choose_design,
    missing_requirement,
)
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
"""Of the distributions' bars, in natural-log units of minutes: each is 28 % longer than the one before."""


@dataclass(frozen=True)
class Study:
    """One activity under one study design's rule; every frame is reduced at most once, when it is asked for."""

    connection: Connection
    question: Question
    activity: str
    design: StudyDesign | None
    """None where no arms are recorded."""
    rule: ArmRule
    now_epoch: int
    suppressed: bool = False
    """Of a few people who are not the reader: every frame is empty."""

    @property
    def selection(self) -> Selection:
        """The part of the log that is asked about, of this activity."""
        return self.question.selection.only(self.activity)

    @property
    def claims(self) -> tuple[Claim | None, ...]:
        """What is claimed of it; one None where nothing is."""
        return self.question.about(self.activity) or (None,)

    @cached_property
    def estimated(self) -> ActivityEstimate:
        """Its one interval, as the question asks for it."""
        return _estimated(self, self.question)

    @cached_property
    def maturity(self) -> MaturityRule:
        """Which items had the time to be finished."""
        unlimited = MaturityRule(self.now_epoch)
        durations = aggregates.durations(self.connection, self.selection, self.rule, unlimited)
        return replace(
            unlimited,
            last_start_day=study_design.last_mature_start_day(durations, now_epoch=self.now_epoch),
        )

    @cached_property
    def moments(self) -> pd.DataFrame:
        """Sums by developer, arm and month: all that the headline needs."""
        return self.reduce(aggregates.moments)

    @cached_property
    def items(self) -> pd.DataFrame:
        """One row a work item, for what cannot do without."""
        return self.reduce(aggregates.items)

    @cached_property
    def quality(self) -> pd.DataFrame:
        """How the entries were kept."""
        return self.reduce(entry_aggregates.quality)

    @cached_property
    def basis(self) -> pd.DataFrame:
        """What is known of assistance, and from where."""
        return self._shown(entry_aggregates.assisted_basis(self.connection, self.selection))

    def reduce(self, reduction: Callable[..., pd.DataFrame], **options: object) -> pd.DataFrame:
        """One of the reductions of a selection under a rule."""
        return self._shown(
            reduction(self.connection, self.selection, self.rule, self.maturity, **options)
        )

    def _shown(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.iloc[:0] if self.suppressed else frame


def assess(
    database: Database, question: Question, *, generated_epoch: int, for_page: bool = False
) -> Assessment:
    """The verdicts on a question, each with its interval and its weaknesses.

    ``for_page``: with the data of every figure too.
    """
    with database.reading() as connection:
        span, studied = studies(connection, question)
        results = [result for study in studied for result in _results(study)]
        imported = queries.sources(connection)
        own_log = aggregates.developers(connection, question.selection) <= {question.reader}
        shown = _shown(studied, sum(imported.values()), own_log=own_log) if for_page else _Shown()
    made_up = synthetic.SOURCE in imported
    return Assessment(
        generated_epoch=generated_epoch,
        question=question,
        results=tuple(results),
        version=tracker.__version__,
        data_hash=data_hash(study.moments for study in studied),
        first_day=span.first_day,
        last_day=span.last_day,
        now_epoch=question.now_epoch or span.last_epoch,
        entries=span.entries,
        made_up=synthetic.NOTICE if made_up else None,
        truths=dict(synthetic.TRUE_GAINS) if made_up else {},
        chart_data=shown.chart_data,
        hours=shown.hours,
        hours_suppressed=shown.hours_suppressed,
        quality=shown.quality,
        own_log=own_log,
    )


def plan(
    database: Database, question: Question, *, power: float, true_gain: float
) -> list[tuple[Claim, Plan | None]]:
    """How much more work each claim takes to be told from the true gain (a fraction, on the reading judged).

    None where the log holds too little to know how work items spread.
    """
    planned = []
    with database.reading() as connection:
        _, studied = studies(connection, question)
        for study in studied:
            for claim in question.about(study.activity):
                reading = question.reading or claim.reading or "efficiency_gain"
                planned.append(
                    (
                        claim,
                        plan_claim(
                            study.estimated, claim, reading, true_gain=true_gain, power=power
                        ),
                    )
                )
    return planned


def studies(connection: Connection, question: Question) -> tuple[aggregates.LogSpan, list[Study]]:
    """What part of the log is judged, and each activity of it under its study design."""
    span = checked_span(connection, question)
    now_epoch = (span.last_epoch or 0) if question.now_epoch is None else question.now_epoch
    rules = _recorded_rules(connection)
    studied = [
        _study(connection, question, activity, rules, now_epoch) for activity in question.judged
    ]
    everybody = aggregates.developers(connection, Selection())
    return span, [_discreet(study, everybody) for study in studied]


def _discreet(study: Study, everybody: set[str]) -> Study:
    """The study, withheld where only a few of many people stand behind its interval and the reader is none of them."""
    people = disclosure.developers_compared(study.estimated)
    few = 0 < len(people) < MIN_DEVELOPERS_SHOWN <= len(everybody)
    return replace(study, suppressed=True) if few and study.question.reader not in people else study


def checked_span(connection: Connection, question: Question) -> aggregates.LogSpan:
    """The part of the log that a question is about; refused where it is empty, or of a few other people."""
    span = aggregates.log_span(connection, question.selection)
    if span.last_epoch is None:
        raise NothingToDo(_nothing_there(question.selection))
    _refuse_small_parts(connection, question)
    return span


def _recorded_rules(connection: Connection) -> dict[StudyDesign, ArmRule]:
    """The rules of the study designs that this log can speak to at all, strongest first."""
    recorded = aggregates.recorded_arm_sources(connection)
    found = arm_rules(queries.rollouts(connection))
    return {
        design: rule
        for design, rule in found.items()
        if rule.by == "rollout" or rule.by in recorded
    }


def _study(
    connection: Connection,
    question: Question,
    activity: str,
    rules: dict[StudyDesign, ArmRule],
    now_epoch: int,
) -> Study:
    """One activity under its study design: rules are reduced strongest first, until one has recorded enough."""
    studies: dict[StudyDesign, Study] = {}
    for design, rule in rules.items():
        studies[design] = Study(connection, question, activity, design, rule, now_epoch)
        if question.design is None and missing_requirement(studies[design].moments, design) is None:
            break
    choice = choose_design(
        {design: study.moments for design, study in studies.items()}, question.design
    )
    if choice.design is None:
        return Study(connection, question, activity, None, ArmRule("assisted"), now_epoch)
    return studies[choice.design]


def _estimated(
    study: Study,
    question: Question,
    moments: pd.DataFrame | None = None,
    last_day: int | None = None,
) -> ActivityEstimate:
    """The one interval of an activity; of the items begun until ``last_day``, where their moments are given."""

    def items() -> pd.DataFrame:
        return study.items if last_day is None else study.items[study.items["day"] <= last_day]

    return estimate_activity(
        study.moments if moments is None else moments,
        activity=study.activity,
        design=study.design,
        level=question.level,
        interval_level=question.interval_level,
        items=items,
        anytime=question.anytime,
    )


def _results(study: Study) -> list[Result]:
    """Every claim about one activity (one row without a claim where there is none), off its one interval."""
    found, question = study.estimated, study.question
    curve = sensitivity.specification_curve(found, np.random.default_rng(question.seed))
    panel = estimands.estimand_table(found)
    dangers = (
        (no_interval.suppressed(MIN_DEVELOPERS_SHOWN),)
        if study.suppressed
        else found.reasons + detection.find_threats(_seen(study))
    )
    judged = [
        judge_claim(found, claim, reading=question.reading, curve=curve, panel=panel)
        for claim in study.claims
    ]
    return [replace(result, threats=dangers) for result in judged]


def _seen(study: Study) -> ThreatInputs:
    """What threats are looked for in: a few more reductions, each a GROUP BY of its own."""
    found = study.estimated
    return ThreatInputs(
        activity=study.activity,
        design=study.design,
        rule=study.rule,
        moments=study.moments,
        developers=found.sample.cells.developers,
        adjusted=found.sample.adjusted,
        excluded=found.excluded,
        without_arm=int(study.reduce(aggregates.without_arm)["n"].sum()),
        since=study.reduce(aggregates.moments, period="since")
        if study.rule.by == "rollout"
        else None,
        projects=study.reduce(aggregates.projects),
        quality=study.quality,
        basis=study.basis,
        minutes_in_other_activities=study.reduce(entry_aggregates.minutes_in_other_activities),
        without_inferred=_without_inferred(study),
    )


def _without_inferred(study: Study) -> Sensitivity | None:
    """The same comparison by stated answers alone; None where no answer was inferred. Its verdict: where all agree."""
    if study.rule.by != "assisted" or not study.basis["basis"].isin(INFERRED_BASES).any():
        return None
    found = replace(study, rule=replace(study.rule, bases=STATED_BASES)).estimated
    verdicts = {
        judge_claim(found, claim, reading=study.question.reading).verdict for claim in study.claims
    }
    return Sensitivity(
        "stated answers alone", found.log_ratio, verdicts.pop() if len(verdicts) == 1 else None
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a page shows besides the verdicts."""

    chart_data: tuple[ActivityChartData, ...] = ()
    hours: tuple[ActivityHours, ...] = ()
    hours_suppressed: int = 0
    quality: tuple[tuple[str, str], ...] = ()


def _shown(studied: list[Study], rejected: int, *, own_log: bool) -> _Shown:
    """The data of every figure. Where the time went is shown under the first activity's rule."""
    if not studied:
        return _Shown()
    first = studied[0]
    seconds = entry_aggregates.hours(first.connection, first.question.selection, first.rule)
    thin = set() if own_log else activity_charts.thin_activities(seconds)
    return _Shown(
        chart_data=tuple(_picture(study, own_log=own_log) for study in studied),
        hours=activity_charts.hours(seconds[~seconds["activity"].isin(thin)]),
        hours_suppressed=len(thin),
        quality=activity_charts.quality(
            pd.concat([study.moments for study in studied], ignore_index=True),
            pd.concat([study.quality for study in studied], ignore_index=True),
            pd.concat([study.basis for study in studied], ignore_index=True),
            rejected=rejected,
        ),
    )


def _picture(study: Study, *, own_log: bool) -> ActivityChartData:
    """The data of one activity's figures; where arms were drawn, with the bounds that hold however often one looks."""

    def fitted(*, anytime: bool) -> Fitted:
        def fit(until: pd.DataFrame, last_day: int) -> Interval | None:
            return _estimated(
                study, replace(study.question, anytime=anytime), until, last_day
            ).log_ratio

        return fit

    return activity_charts.activity_chart_data(
        study.activity,
        rule=study.rule,
        adjusted=study.estimated.sample.adjusted,
        moments=study.moments,
        weekly=study.reduce(aggregates.moments, period="week"),
        distribution=study.reduce(aggregates.distribution, width=BIN_WIDTH),
        items=lambda: study.items,
        fit=fitted(anytime=False),
        anytime=fitted(anytime=True) if study.design == "randomised" else None,
        width=BIN_WIDTH,
        own_log=own_log,
    )


def _refuse_small_parts(connection: Connection, question: Question) -> None:
    """Withhold a team's or project's result where it, or what subtraction leaves, is of one to four other people."""
    part = question.selection
    if part.team is None and part.project is None:
        return
    inside = aggregates.developers(connection, part)
    outside = aggregates.developers(connection, Selection()) - inside
    for people, whose in (
        (inside, "that part of the log is"),
        (outside, "all but that part of the log is"),
    ):
        if 0 < len(people) < MIN_DEVELOPERS_SHOWN and question.reader not in people:
            raise NothingToDo(
                f"withheld: {whose} of fewer than {MIN_DEVELOPERS_SHOWN} developers, and you are none of them: "
                "leave out --team and --project."
            )


def _nothing_there(selection: Selection) -> str:
    if selection == Selection():
        return "the log is empty: `tracker log design PAY-12 45m` adds an entry, `tracker import` brings in a log."
    return "no entry is in the part of the log that was asked for: widen --team, --project, --from or --to."
