"""Asks evidence what it needs, lets store reduce it, hands back results. The only room that knows both.

The command line and notebooks call it. A log is judged activity by activity: the study designs that its rollouts and
flags allow, the moments under each until one suffices, one interval an activity, a verdict a claim.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
from sqlalchemy import Connection

import tracker
from tracker import claims as registry
from tracker import demo
from tracker.errors import BadValue, NothingToDo
from tracker.evidence import design as designs
from tracker.evidence import (
    discreet,
    estimands,
    fingerprint,
    maturity,
    pictures,
    planning,
    reasons,
    sensitivity,
    threats,
)
from tracker.evidence.assess import Assessed
from tracker.evidence.assess import assess as estimate
from tracker.evidence.judge import judge
from tracker.evidence.power import Plan
from tracker.evidence.results import ActivityHours, Asked, Assessment, Interval, Picture, Result, Sensitivity
from tracker.evidence.weekly import Fitted
from tracker.gains import READINGS, Reading
from tracker.records import INFERRED, STATED, ArmRule, Claim, Maturity, Selection, StudyDesign
from tracker.store import entry_reductions, reductions, rows
from tracker.store.connections import Database

BIN_WIDTH = 0.25
"""Of the distributions' bars, in natural-log units of minutes: each is 28 % longer than the one before."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a log."""

    claims: tuple[Claim, ...] = ()
    activities: tuple[str, ...] = ()
    """Judged without a claim, beside those that the claims name."""
    selection: Selection = field(default_factory=Selection)
    design: StudyDesign | None = None
    """None: the strongest that the log has recorded well enough."""
    level: float = 0.95
    reading: Reading | None = None
    """Overrules the claims' own."""
    anytime: bool = False
    now_epoch: int | None = None
    """The "now" of the maturation rule; None: the log's last instant."""
    seed: int = 1
    """Of the bootstrap's and the permutation's draws."""
    reader: str | None = None
    """The developer who asks: a group under five is shown to its own people only. None: nobody's."""

    def __post_init__(self) -> None:
        if not 0.5 <= self.level < 1.0:
            raise BadValue(f"--level is {self.level:g}: give a number from 0.5 to below 1, such as 0.95.")
        first, last = self.selection.first_day, self.selection.last_day
        if first is not None and last is not None and first > last:
            raise BadValue("--from lies after --to: swap them.")
        if self.reading is not None and self.reading not in READINGS:
            raise BadValue(f"--reading is {self.reading!r}: choose one of {', '.join(READINGS)}.")

    @property
    def judged(self) -> tuple[str, ...]:
        """The activities, each once, in the order asked."""
        return tuple(dict.fromkeys((*(claim.activity for claim in self.claims), *self.activities)))

    def about(self, activity: str) -> tuple[Claim, ...]:
        """The claims on one activity."""
        return tuple(claim for claim in self.claims if claim.activity == activity)

    @property
    def asked(self) -> Asked:
        """What it takes to put the same question again."""
        by_default = self.claims == registry.chosen((), self.activities, ())
        ids = () if by_default else tuple(dict.fromkeys(claim.id for claim in self.claims))
        return Asked(ids, self.activities, self.design, self.reading, self.anytime, self.now_epoch)

    @property
    def interval_level(self) -> float:
        """Of each of m intervals, so that all of them hold at once with ``level`` (Bonferroni)."""
        return 1.0 - (1.0 - self.level) / max(1, len(self.judged))


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
    withheld: bool = False
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
    def estimated(self) -> Assessed:
        """Its one interval, as the question asks for it."""
        return _estimated(self, self.question)

    @cached_property
    def maturity(self) -> Maturity:
        """Which items had the time to be finished."""
        unlimited = Maturity(self.now_epoch)
        durations = reductions.durations(self.connection, self.selection, self.rule, unlimited)
        return replace(unlimited, last_start_day=maturity.last_start_day(durations, now_epoch=self.now_epoch))

    @cached_property
    def moments(self) -> pd.DataFrame:
        """Sums by developer, arm and month: all that the headline needs."""
        return self.reduce(reductions.moments)

    @cached_property
    def items(self) -> pd.DataFrame:
        """One row a work item, for what cannot do without."""
        return self.reduce(reductions.items)

    @cached_property
    def quality(self) -> pd.DataFrame:
        """How the entries were kept."""
        return self.reduce(entry_reductions.quality)

    @cached_property
    def basis(self) -> pd.DataFrame:
        """What is known of assistance, and from where."""
        return self._shown(entry_reductions.assisted_basis(self.connection, self.selection))

    def reduce(self, reduction: Callable[..., pd.DataFrame], **options: object) -> pd.DataFrame:
        """One of the reductions of a selection under a rule."""
        return self._shown(reduction(self.connection, self.selection, self.rule, self.maturity, **options))

    def _shown(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.iloc[:0] if self.withheld else frame


def assess(database: Database, question: Question, *, generated_epoch: int, for_page: bool = False) -> Assessment:
    """The verdicts on a question, each with its interval and its weaknesses.

    ``for_page``: with the data of every figure too.
    """
    with database.reading() as connection:
        span, studied = studies(connection, question)
        results = [result for study in studied for result in _results(study)]
        imported = rows.sources(connection)
        own_log = reductions.developers(connection, question.selection) <= {question.reader}
        shown = _shown(studied, sum(imported.values()), own_log=own_log) if for_page else _Shown()
    made_up = demo.SOURCE in imported
    return Assessment(
        generated_epoch=generated_epoch,
        level=question.level,
        interval_level=question.interval_level,
        selection=question.selection.only(*question.activities),
        results=tuple(results),
        version=tracker.__version__,
        seed=question.seed,
        data_hash=fingerprint.of_moments(study.moments for study in studied),
        first_day=span.first_day,
        last_day=span.last_day,
        now_epoch=question.now_epoch or span.last_epoch,
        entries=span.entries,
        made_up=demo.NOTICE if made_up else None,
        truths=dict(demo.TRUE_GAINS) if made_up else {},
        pictures=shown.pictures,
        hours=shown.hours,
        hours_withheld=shown.hours_withheld,
        quality=shown.quality,
        asked=question.asked,
        own_log=own_log,
    )


def plan(database: Database, question: Question, *, power: float, true_gain: float) -> list[tuple[Claim, Plan | None]]:
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
                    (claim, planning.plan(study.estimated, claim, reading, true_gain=true_gain, power=power))
                )
    return planned


def studies(connection: Connection, question: Question) -> tuple[reductions.Span, list[Study]]:
    """What part of the log is judged, and each activity of it under its study design."""
    span = visible(connection, question)
    now_epoch = (span.last_epoch or 0) if question.now_epoch is None else question.now_epoch
    rules = _recorded_rules(connection)
    studied = [_study(connection, question, activity, rules, now_epoch) for activity in question.judged]
    everybody = reductions.developers(connection, Selection())
    return span, [_discreet(study, everybody) for study in studied]


def _discreet(study: Study, everybody: set[str]) -> Study:
    """The study, withheld where only a few of many people stand behind its interval and the reader is none of them."""
    people = discreet.behind(study.estimated)
    few = 0 < len(people) < designs.FEWEST_DEVELOPERS <= len(everybody)
    return replace(study, withheld=True) if few and study.question.reader not in people else study


def visible(connection: Connection, question: Question) -> reductions.Span:
    """The part of the log that a question is about; refused where it is empty, or of a few other people."""
    span = reductions.span(connection, question.selection)
    if span.last_epoch is None:
        raise NothingToDo(_nothing_there(question.selection))
    _refuse_small_parts(connection, question)
    return span


def _recorded_rules(connection: Connection) -> dict[StudyDesign, ArmRule]:
    """The rules of the study designs that this log can speak to at all, strongest first."""
    recorded = reductions.recorded(connection)
    found = designs.rules(rows.rollouts(connection))
    return {design: rule for design, rule in found.items() if rule.by == "rollout" or rule.by in recorded}


def _study(
    connection: Connection, question: Question, activity: str, rules: dict[StudyDesign, ArmRule], now_epoch: int
) -> Study:
    """One activity under its study design: rules are reduced strongest first, until one has recorded enough."""
    studies: dict[StudyDesign, Study] = {}
    for design, rule in rules.items():
        studies[design] = Study(connection, question, activity, design, rule, now_epoch)
        if question.design is None and designs.lacks(studies[design].moments, design) is None:
            break
    choice = designs.choose({design: study.moments for design, study in studies.items()}, question.design)
    if choice.design is None:
        return Study(connection, question, activity, None, ArmRule("assisted"), now_epoch)
    return studies[choice.design]


def _estimated(
    study: Study, question: Question, moments: pd.DataFrame | None = None, last_day: int | None = None
) -> Assessed:
    """The one interval of an activity; of the items begun until ``last_day``, where their moments are given."""

    def items() -> pd.DataFrame:
        return study.items if last_day is None else study.items[study.items["day"] <= last_day]

    return estimate(
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
    curve = sensitivity.curve(found, np.random.default_rng(question.seed))
    panel = estimands.panel(found)
    dangers = (
        (reasons.withheld(designs.FEWEST_DEVELOPERS),) if study.withheld else found.reasons + threats.find(_seen(study))
    )
    judged = [judge(found, claim, reading=question.reading, curve=curve, panel=panel) for claim in study.claims]
    return [replace(result, threats=dangers) for result in judged]


def _seen(study: Study) -> threats.Seen:
    """What threats are looked for in: a few more reductions, each a GROUP BY of its own."""
    found = study.estimated
    return threats.Seen(
        activity=study.activity,
        design=study.design,
        rule=study.rule,
        moments=study.moments,
        developers=found.sample.cells.developers,
        adjusted=found.sample.adjusted,
        excluded=found.excluded,
        without_arm=int(study.reduce(reductions.without_arm)["n"].sum()),
        since=study.reduce(reductions.moments, period="since") if study.rule.by == "rollout" else None,
        projects=study.reduce(reductions.projects),
        quality=study.quality,
        basis=study.basis,
        elsewhere=study.reduce(entry_reductions.elsewhere),
        without_inferred=_without_inferred(study),
    )


def _without_inferred(study: Study) -> Sensitivity | None:
    """The same comparison by stated answers alone; None where no answer was inferred. Its verdict: where all agree."""
    if study.rule.by != "assisted" or not study.basis["basis"].isin(INFERRED).any():
        return None
    found = replace(study, rule=replace(study.rule, bases=STATED)).estimated
    verdicts = {judge(found, claim, reading=study.question.reading).verdict for claim in study.claims}
    return Sensitivity("stated answers alone", found.log_ratio, verdicts.pop() if len(verdicts) == 1 else None)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a page shows besides the verdicts."""

    pictures: tuple[Picture, ...] = ()
    hours: tuple[ActivityHours, ...] = ()
    hours_withheld: int = 0
    quality: tuple[tuple[str, str], ...] = ()


def _shown(studied: list[Study], rejected: int, *, own_log: bool) -> _Shown:
    """The data of every figure. Where the time went is shown under the first activity's rule."""
    if not studied:
        return _Shown()
    first = studied[0]
    seconds = entry_reductions.hours(first.connection, first.question.selection, first.rule)
    thin = set() if own_log else pictures.thin_activities(seconds)
    return _Shown(
        pictures=tuple(_picture(study, own_log=own_log) for study in studied),
        hours=pictures.hours(seconds[~seconds["activity"].isin(thin)]),
        hours_withheld=len(thin),
        quality=pictures.quality(
            pd.concat([study.moments for study in studied], ignore_index=True),
            pd.concat([study.quality for study in studied], ignore_index=True),
            pd.concat([study.basis for study in studied], ignore_index=True),
            rejected=rejected,
        ),
    )


def _picture(study: Study, *, own_log: bool) -> Picture:
    """The data of one activity's figures; where arms were drawn, with the bounds that hold however often one looks."""

    def fitted(*, anytime: bool) -> Fitted:
        def fit(until: pd.DataFrame, last_day: int) -> Interval | None:
            return _estimated(study, replace(study.question, anytime=anytime), until, last_day).log_ratio

        return fit

    return pictures.picture(
        study.activity,
        rule=study.rule,
        adjusted=study.estimated.sample.adjusted,
        moments=study.moments,
        weekly=study.reduce(reductions.moments, period="week"),
        distribution=study.reduce(reductions.distribution, width=BIN_WIDTH),
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
    inside = reductions.developers(connection, part)
    outside = reductions.developers(connection, Selection()) - inside
    for people, whose in ((inside, "that part of the log is"), (outside, "all but that part of the log is")):
        if 0 < len(people) < designs.FEWEST_DEVELOPERS and question.reader not in people:
            raise NothingToDo(
                f"withheld: {whose} of fewer than {designs.FEWEST_DEVELOPERS} developers, and you are none of them: "
                "leave out --team and --project."
            )


def _nothing_there(selection: Selection) -> str:
    if selection == Selection():
        return "the log is empty: `tracker log design PAY-12 45m` adds an entry, `tracker import` brings in a log."
    return "no entry is in the part of the log that was asked for: widen --team, --project, --from or --to."
