"""From a question to an assessment.

Each activity is judged by itself. Its study design is the strongest for which enough is recorded,
it has one interval, and each claim about it has a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

import tracker
from tracker.analysis.disclosure import Part, permitted_part
from tracker.analysis.hours import savings_of, volume_of, weekly_hours_of
from tracker.analysis.interim_estimates import estimate_until
from tracker.analysis.planning import with_plans
from tracker.analysis.study import Study, studies, suppress_small_group
from tracker.analysis.subgroups import subgroups_of
from tracker.domain import synthetic
from tracker.domain.disclosure import WITHHELD_RESULT
from tracker.domain.money import Prices
from tracker.domain.question import Question
from tracker.domain.records import BASES, INFERRED_BASES, STATED_BASES, Basis
from tracker.evidence import estimands, sensitivity, sensitivity_points
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.assessment import ActivityChartData, Assessment
from tracker.evidence.charts.activity_charts import ActivityChartInputs, activity_chart_data
from tracker.evidence.charts.adjustment import adjust_items
from tracker.evidence.charts.data_quality import quality_figures
from tracker.evidence.charts.weekly_hours import WeeklyHours
from tracker.evidence.data_hash import DataHash
from tracker.evidence.estimators.influence import developer_weights
from tracker.evidence.hours_saved import hours_saved
from tracker.evidence.judgement import judge_claim
from tracker.evidence.overview import Overview, assistants_of, overview_of, relevant_rollouts
from tracker.evidence.results import Result, Sensitivity
from tracker.evidence.threats import detection, no_interval
from tracker.evidence.threats.inputs import ThreatInputs
from tracker.evidence.verdict import sentences_for
from tracker.store.database import Database
from tracker.store.read import (
    aggregates,
    entry_aggregates,
    estimate_aggregates,
    participants,
    queries,
    usage_aggregates,
)
from tracker.store.read.estimate_aggregates import EstimateMatch

BIN_WIDTH = 0.25
"""Width of the distributions' bins, in natural-log units: each begins 28 % above the one before."""


def assess(
    database: Database,
    question: Question,
    *,
    generated_epoch: int,
    for_page: bool = False,
    prices: Prices | None = None,
) -> Assessment:
    """Return the verdicts that answer a question, each with its interval and threats.

    Args:
        database: The log.
        question: The claims and activities to judge, and the part of the log to use.
        generated_epoch: The time to print on the results, in seconds since 1970-01-01 UTC.
        for_page: Add the data of every chart.
        prices: What an hour and the assistant cost; None: hours get no price.

    Raises:
        NothingToDo: No entry is selected, or no whole cell of five developers.
        BadValue: The question asks for a study design that is not recorded.

    """
    with permitted_part(database, question) as part:
        span, unjudged = studies(part)
        activity_studies, results = [], []
        data_hash = DataHash()
        for study in unjudged:
            activity_studies.append(study)
            results += _judge(study)
            _add_moments(data_hash, study)
            if not for_page:  # which shows the same work items
                study.release()
        sources = queries.sources(part.connection)
        made_up = queries.is_made_up(part.connection)
        own_log = part.limits is None and aggregates.developers(
            part.connection, part.question.selection
        ) <= {question.reader}
        assistants = _assistants(part)
        savings = savings_of(activity_studies, results, prices)
        page = (
            _page_data(part, activity_studies, rejected=sum(sources.values()), own_log=own_log)
            if for_page
            else _PageData()
        )
    return Assessment(
        generated_epoch=generated_epoch,
        question=question,
        results=tuple(results),
        version=tracker.__version__,
        data_hash=data_hash.hexdigest(),
        first_day=span.first_day,
        last_day=span.last_day,
        now_epoch=part.question.now_epoch or span.last_epoch,
        entries=span.entries,
        synthetic_notice=synthetic.NOTICE if made_up else None,
        truths=dict(synthetic.TRUE_GAINS) if made_up else {},
        chart_data=page.chart_data,
        hours=page.hours,
        savings=savings,
        quality=page.quality,
        own_log=own_log,
        assistants=assistants,
        overview=page.overview,
        limits=part.limits,
    )


def _add_moments(data_hash: DataHash, study: Study) -> None:
    """Add the moments that a study's results are made from."""
    data_hash.add(study.moments)
    read_control = study.estimate.read_control
    if read_control is not None and read_control() is not None:
        data_hash.add(study.other_moments)


def _judge(study: Study) -> list[Result]:
    """Judge every claim about one activity by its one interval; without a claim, the activity."""
    estimate, question = study.estimate, study.question
    curve = sensitivity.specification_curve(estimate, np.random.default_rng(question.seed))
    curve += _without_usage(study)
    table = estimands.estimand_table(estimate)
    results = [
        judge_claim(estimate, claim, reading=question.reading, curve=curve, estimand_table=table)
        for claim in study.claims
    ]
    if study.suppressed:
        return [_withheld(result) for result in results]
    results = with_plans(study, results)
    threats = estimate.reasons + detection.find_threats(threat_inputs(study))
    hours = hours_saved(estimate, table, volume_of(study))
    return [replace(result, threats=threats, hours_saved=hours) for result in results]


def _withheld(result: Result) -> Result:
    """The result without its figures, and with the reason."""
    return replace(
        result,
        items_baseline=None,
        items_assistance=None,
        developers=None,
        threats=(no_interval.withheld(),),
        sentences=sentences_for(result, suppressed=WITHHELD_RESULT),
    )


def threat_inputs(study: Study) -> ThreatInputs:
    """The frames in which threats are looked for. Each is one more query."""
    estimate = study.estimate
    by_rollout = study.rule.by == "rollout"
    match = _estimate_match(study)
    return ThreatInputs(
        activity=study.activity,
        design=study.design,
        rule=study.rule,
        moments=study.moments,
        developers=estimate.sample.cells.developers,
        adjusted=estimate.adjusted,
        controlled=estimate.is_controlled,
        estimates_dropped=estimate.sample.adjusted and not estimate.adjusted,
        excluded=estimate.excluded,
        without_arm=study.without_arm,
        since=study.aggregate(aggregates.moments, period="since") if by_rollout else None,
        projects=study.aggregate(aggregates.projects),
        quality=study.quality,
        basis=study.basis,
        use=_use(study),
        minutes_in_other_activities=study.aggregate(entry_aggregates.minutes_in_other_activities),
        without_inferred=_without_inferred(study),
        isolated_entries=study.span.isolated_entries,
        future_entries=study.span.future_entries,
        estimate_dates=study.aggregate(estimate_aggregates.estimate_dates),
        estimates=match.estimates,
        unmatched_estimates=match.without_entries,
        randomisation=estimate.randomisation,
        largest_weight=_largest_weight(estimate),
    )


def _estimate_match(study: Study) -> EstimateMatch:
    """How many estimates are of tasks without entries; counted only where work has no estimate."""
    closed = study.moments[study.moments["status"] == "closed"]
    if closed["estimated"].astype(bool).all():
        return EstimateMatch(0, 0)
    return estimate_aggregates.estimate_match(study.connection, study.activity)


def _largest_weight(estimate: ActivityEstimate) -> float | None:
    """The largest share of the weight of θ that one developer holds; None for other designs."""
    fit = estimate.estimate.fit if estimate.estimate else None
    if estimate.log_ratio is None or fit is None:
        return None
    return float(developer_weights(fit).max())


def _use(study: Study) -> pd.DataFrame | None:
    """What was watched and used of each arm's work; None where arms have nothing to do with it."""
    bases = set(study.basis["basis"].dropna())
    says_of_use = {"assisted": "usage" in bases, "assigned": bool(bases)}
    if not says_of_use.get(study.rule.by):
        return None
    return study.aggregate(usage_aggregates.use_by_arm)


def _without_usage(study: Study) -> tuple[Sensitivity, ...]:
    """The point of the curve without answers from usage logs; () where none decides an arm."""
    if study.estimate.log_ratio is None or study.rule.by != "assisted":
        return ()
    if "usage" not in set(study.basis["basis"]):
        return ()
    bases = tuple(basis for basis in BASES if basis != "usage")
    estimate, note = _with_bases(study, bases), sensitivity_points.TOO_FEW_ITEMS
    interval = estimate.log_ratio if estimate is not None else None
    if estimate is None:
        note = sensitivity_points.NEEDS_FIVE
    return (
        Sensitivity(sensitivity_points.WITHOUT_USAGE, interval, None, "" if interval else note),
    )


def _with_bases(study: Study, bases: tuple[Basis, ...]) -> ActivityEstimate | None:
    """The estimate from answers of some bases alone.

    None where that compares fewer than five of many developers, though all answers compare more.
    """
    rule = replace(study.rule, bases=bases)
    restricted = suppress_small_group(replace(study, rule=rule))
    return None if restricted.suppressed else restricted.estimate


def _without_inferred(study: Study) -> Sensitivity | None:
    """The same comparison without inferred answers on assistance; None if there are none.

    It has a verdict only where all claims get the same one.
    """
    if study.rule.by != "assisted" or not study.basis["basis"].isin(INFERRED_BASES).any():
        return None
    estimate = _with_bases(study, STATED_BASES)
    if estimate is None:
        return Sensitivity("stated answers alone", None, None)
    verdicts = {
        judge_claim(estimate, claim, reading=study.question.reading).verdict
        for claim in study.claims
    }
    verdict = verdicts.pop() if len(verdicts) == 1 else None
    return Sensitivity("stated answers alone", estimate.judged_log_ratio, verdict)


@dataclass(frozen=True, slots=True)
class _PageData:
    """What a page shows besides the results."""

    chart_data: tuple[ActivityChartData, ...] = ()
    hours: WeeklyHours | None = None
    quality: tuple[tuple[str, str], ...] = ()
    overview: Overview | None = None


def _page_data(
    part: Part, activity_studies: list[Study], *, rejected: int, own_log: bool
) -> _PageData:
    """The data of every chart. Hours by arm follow the first activity's rule."""
    if not activity_studies:
        return _PageData()
    overview = _overview(part, own_log=own_log)
    return _PageData(
        chart_data=tuple(
            replace(_chart_data(study, own_log=own_log), rollouts=overview.rollouts)
            for study in activity_studies
        ),
        hours=weekly_hours_of(activity_studies[0], own_log=own_log),
        quality=quality_figures(
            pd.concat([study.moments for study in activity_studies], ignore_index=True),
            pd.concat([study.quality for study in activity_studies], ignore_index=True),
            pd.concat([study.basis for study in activity_studies], ignore_index=True),
            rejected=rejected,
        ),
        overview=overview,
    )


def _assistants(part: Part) -> tuple[str, ...]:
    """The assistants of a part of the log, as the overview names them."""
    connection, selection = part.connection, part.question.selection
    rollouts = queries.rollouts(connection)
    teams = {rollout.team for rollout in rollouts if rollout.team is not None}
    has_developers = any(rollout.developer is not None for rollout in rollouts)
    relevant = relevant_rollouts(
        rollouts,
        participants.teams_at_work(connection, selection, teams),
        aggregates.developers(connection, selection) if has_developers else set(),
    )
    return assistants_of(relevant, lambda: participants.assistants_named(connection, selection))


def _overview(part: Part, *, own_log: bool) -> Overview:
    """Who worked in a part of the log, and from when they had an assistant."""
    connection, selection = part.connection, part.question.selection
    return overview_of(
        participants.developers_by_team(connection, selection),
        participants.task_count(connection, selection),
        queries.rollouts(connection),
        participants.assistants_named(connection, selection),
        own_log=own_log,
    )


def _chart_data(study: Study, *, own_log: bool) -> ActivityChartData:
    """The data of one activity's charts, with anytime-valid bounds where arms were randomised."""
    inputs = ActivityChartInputs(
        activity=study.activity,
        rule=study.rule,
        adjusted=study.estimate.adjusted,
        moments=study.moments,
        weekly=study.aggregate(aggregates.moments, period="week"),
        distribution=study.aggregate(aggregates.distribution, width=BIN_WIDTH),
        bin_width=BIN_WIDTH,
        items=lambda: study.items,
        adjusted_items=lambda: adjust_items(study.estimate),
        expected=study.aggregate(estimate_aggregates.expected_with_assistance),
        estimate=estimate_until(study, anytime=False),
        anytime=estimate_until(study, anytime=True) if study.design == "randomised" else None,
        own_log=own_log,
    )
    chart_data = activity_chart_data(inputs)
    if chart_data.suppressed:
        return chart_data
    return replace(chart_data, subgroups=subgroups_of(study))
