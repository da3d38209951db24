"""Fictitious assessments for the tests of the report: one for each case that a page must show."""

from __future__ import annotations

import dataclasses
import math
import random
from datetime import date
from typing import Any

from tracker.claims import catalogue
from tracker.domain.gains import other_reading
from tracker.domain.question import Question
from tracker.domain.records import ARMS, Arm, Claim, Selection, StudyDesign
from tracker.domain.times import date_to_day
from tracker.evidence.assessment import (
    ActivityChartData,
    Assessment,
    Bin,
    CoursePeriod,
    Forecast,
    InterimLook,
    Subgroup,
)
from tracker.evidence.charts.weekly_hours import ActivityHours, WeeklyHours
from tracker.evidence.overview import Overview, RolloutDates
from tracker.evidence.planning.pace import duration_of
from tracker.evidence.planning.plan import DesignPlan, Pace, Plan, PowerCurve
from tracker.evidence.results import (
    Estimand,
    Interval,
    OtherReading,
    Result,
    Sensitivity,
    Threat,
    Verdict,
)
from tracker.evidence.verdict import sentences_for

HOSTILE = "</script><img src=x onerror=\"document.title='owned'\"><b>bold</b>"
FIRST = date_to_day(date(2025, 9, 1))
ROLLOUT = date_to_day(date(2026, 1, 12))
LAST = date_to_day(date(2026, 5, 29))
NOW = LAST * 86_400 + 61_200
STRENGTH: dict[str, str] = {
    "randomised": "causes",
    "staggered": "quasi-experimental",
    "before-after": "before/after, not proof",
    "self-selected": "associated with",
}
WITHIN = (
    "least squares of ln minutes on arm, developer effects and ln estimate; "
    "CR2 standard error by developer"
)
STAGGERED = (
    "imputation from developer and month effects and ln estimate on untreated items; "
    "jackknife over developers"
)


def theta(gain: float, low: float, high: float) -> Interval:
    """ln(time ratio) for an efficiency gain and its bounds."""
    return Interval(-math.log1p(gain), -math.log1p(high), -math.log1p(low))


def specification_curve(headline: Interval, verdict: Verdict) -> tuple[Sensitivity, ...]:
    """A specification curve around an interval on θ. Its last point has no estimate."""
    shift_and_width = {
        "HC3": (0.0, 0.9),
        "CRV3": (0.0, 1.1),
        "wild cluster bootstrap-t": (0.0, 1.05),
        "Poisson pseudo-likelihood": (0.06, 1.2),
        "Σt/Σestimate": (0.09, 1.4),
        "no x": (-0.05, 1.3),
        "+ linear trend": (0.12, 1.6),
        "without the first month": (-0.02, 1.05),
        "open items as done": (-0.08, 1.0),
    }
    assert headline.low is not None
    half_width = headline.estimate - headline.low
    curve = [
        Sensitivity(
            name,
            Interval(
                headline.estimate + shift,
                headline.estimate + shift - width * half_width,
                headline.estimate + shift + width * half_width,
            ),
            verdict if abs(shift) < 0.1 else "cannot-tell",
        )
        for name, (shift, width) in shift_and_width.items()
    ]
    curve.append(
        Sensitivity("permutation within developer", None, None, "only where the arms were drawn")
    )
    return tuple(curve)


THREATS = (
    Threat(
        "one-rollout-date",
        "serious",
        "Everybody got the assistant on the same day, so whatever else changed that day looks like "
        "its effect.",
        "Give the next team the assistant at another date, or draw the arm of each task with "
        "`assign`.",
    ),
    Threat(
        "task-mix",
        "caution",
        "Tasks were estimated 12 % shorter after the rollout; the comparison adjusts for it as far "
        "as estimates tell.",
        "Compare tasks of one kind with `--project`.",
        (
            ("mean estimate before", "95 min"),
            ("mean estimate after", "84 min"),
            ("standardised difference", "−0.11"),
        ),
    ),
    Threat(
        "heaping",
        "note",
        "61 % of the entries are multiples of 15 minutes.",
        "Use the timer.",
        (("in 15s", "61 %"),),
    ),
)


def plan(
    items_needed: int, claim: Claim | None, design: StudyDesign = "before-after", items: int = 200
) -> Plan:
    """A plan of the log's own comparison, at 12 items a week."""
    pace = Pace(items=144, weeks=12, dispersion=1.5)
    value = claim.value if claim and claim.value is not None else 0.0
    design_plan = DesignPlan(
        study_design=design,
        is_recorded=True,
        items=items,
        items_in_all=items + items_needed,
        items_more=items_needed,
        developers=12,
        developers_more=0,
        obstacle=None,
        duration=duration_of(pace, items_needed),
        power=0.8,
        power_curve=PowerCurve(0.05, 0.3, 0.8, 0.81),
    )
    return Plan(
        claimed_log_ratio=-math.log(1 + value),
        true_log_ratio=0.0,
        assumption="no-gain",
        level=0.975,
        power=0.8,
        spread=0.7,
        pace=pace,
        now_day=20_513,
        is_current=True,
        is_decided=False,
        designs=(design_plan,),
    )


def result(
    activity: str,
    claim: Claim | None,
    interval: Interval | None,
    verdict: Verdict,
    *,
    other_verdict: Verdict | None = None,
    design: StudyDesign = "before-after",
    items: tuple[int, int] = (120, 98),
    developers: int = 12,
    items_needed: int | None = None,
    threats: tuple[Threat, ...] = THREATS,
) -> Result:
    """A result whose gains, sensitivity, estimands and sentences follow from its interval on θ."""
    reading = claim.reading if claim and claim.reading else "efficiency_gain"
    without_gains = Result(
        activity=activity,
        claim=claim,
        reading=reading,
        study_design=design,
        estimator=STAGGERED if design == "staggered" else WITHIN,
        estimand="typical task: geometric mean of minutes, assistance over baseline",
        strength=STRENGTH[design],
        items_baseline=items[0],
        items_assistance=items[1],
        developers=developers,
        excluded={"open": 7, "zero-minutes": 1, "no-estimate": 4, "one-arm-developer": 9},
        log_ratio=interval,
        se=None if interval is None else 0.07,
        df=None if interval is None else 9.4,
        drift_sd=0.15 if design in {"before-after", "self-selected"} else None,
        level=0.95,
        interval_level=0.975,
        verdict=verdict,
        other_reading=None,
        largest_supported=None,
        smallest_refuted=None,
        plan=None if items_needed is None else plan(items_needed, claim, design, sum(items)),
        threats=threats,
    )
    gain = without_gains.gain(reading)
    whole = dataclasses.replace(
        without_gains,
        largest_supported=gain.low if gain else None,
        smallest_refuted=gain.high if gain else None,
        other_reading=OtherReading(other_reading(reading), claim.value, other_verdict)
        if claim and claim.value is not None and other_verdict
        else None,
        sensitivity=specification_curve(interval, verdict) if interval else (),
        estimands=_estimands(interval) if interval else (),
    )
    return dataclasses.replace(whole, sentences=sentences_for(whole))


def _estimands(interval: Interval) -> tuple[Estimand, ...]:
    ratio = math.exp(interval.estimate)
    ratio_interval = Interval(ratio, math.exp(interval.low or 0), math.exp(interval.high or 0))
    return (
        Estimand(
            "typical task",
            92.0,
            92.0 * ratio,
            "minutes",
            ratio_interval,
            "geometric mean, adjusted",
        ),
        Estimand(
            "total hours",
            151.0,
            151.0 * ratio * 0.93,
            "minutes per task",
            Interval(ratio * 0.93, None, None),
            "mean",
        ),
        Estimand(
            "hours per estimated hour",
            78.6,
            78.6 * ratio * 0.95,
            "minutes per estimated hour",
            Interval(ratio * 0.95, None, None),
        ),
        Estimand(
            "median task", 88.0, 88.0 * ratio * 1.04, "minutes", Interval(ratio * 1.04, None, None)
        ),
    )


def activity_chart_data(
    activity: str,
    interval: Interval,
    *,
    items: tuple[int, int] = (120, 98),
    drawn_arms: bool = False,
    seed: int = 1,
) -> ActivityChartData:
    """Chart data of one activity: log-normal minutes from a seed, and a rollout in the middle.

    With drawn arms there is no rollout, and there are bounds that hold at all looks.
    """
    rng = random.Random(f"{activity}{seed}")
    dots = tuple(
        (arm, math.exp(rng.gauss(4.5 + shift, 0.9)))
        for arm, n, shift in (
            ("baseline", items[0], 0.0),
            ("assistance", items[1], interval.estimate),
        )
        for _ in range(n)
    )
    arms: tuple[Arm | None, ...] = ARMS if drawn_arms else (None,)
    periods = tuple(
        _week(
            day,
            math.exp(
                4.5
                + rng.gauss(0, 0.12)
                + (interval.estimate if arm == "assistance" or (not arm and day >= ROLLOUT) else 0)
            ),
            rng,
            arm,
        )
        for arm in arms
        for day in range(FIRST, LAST, 7)
    )
    days = range(ROLLOUT + 34, LAST + 1, 7)
    looks = tuple(
        _interim_look(step, day, interval, drawn_arms, rng) for step, day in enumerate(days)
    )
    last = dataclasses.replace(looks[-1], log_ratio=interval)
    return ActivityChartData(
        activity=activity,
        bins=_bins(dots),
        dots=dots if len(dots) <= 2_000 else (),
        typical_baseline_minutes=90.0,
        typical_assistance_minutes=90.0 * math.exp(interval.estimate),
        adjusted_baseline_minutes=90.0,
        periods=periods,
        cutover_days=() if drawn_arms else (ROLLOUT,),
        rollouts=OVERVIEW.rollouts,
        looks=(*looks[:-1], last),
        forecasts=(
            Forecast("baseline", 96, 78.0, 92.0, Interval(1.18, 1.07, 1.30)),
            Forecast("assistance", 80, 52.0, 66.0, Interval(1.27, 1.12, 1.44)),
        ),
        subgroups=_subgroups(interval, items),
    )


def _subgroups(headline: Interval, items: tuple[int, int]) -> tuple[Subgroup, ...]:
    """The headline, thirds by estimate, and two spans since the rollout."""

    def subgroup(by: Any, above: float | None, up_to: float | None, share: int) -> Subgroup:
        unit = {"size": "minutes", "weeks": "weeks"}.get(by, "")
        shift = 0.05 * (share - 1)
        return Subgroup(
            by,
            above,
            up_to,
            unit,
            items[0] if by == "weeks" else items[0] // share,
            items[1] // share,
            12,
            Interval(
                headline.estimate + shift,
                (headline.low or 0.0) - 2 * shift,
                (headline.high or 0.0) + 3 * shift,
            ),
            "least squares of Huber pseudo-values",
        )

    return (
        subgroup("all", None, None, 1),
        subgroup("size", None, 60.0, 3),
        subgroup("size", 60.0, 150.0, 3),
        subgroup("size", 150.0, None, 3),
        subgroup("weeks", None, 8.0, 2),
        subgroup("weeks", 8.0, None, 2),
    )


def _bins(dots: tuple[tuple[str, float], ...]) -> tuple[Bin, ...]:
    width = math.log(2) / 2
    low, high = (math.floor(bound(math.log(m) for _, m in dots) / width) for bound in (min, max))
    return tuple(
        Bin(
            math.exp(edge * width),
            math.exp((edge + 1) * width),
            *(
                sum(a == arm and math.floor(math.log(m) / width) == edge for a, m in dots)
                for arm in ("baseline", "assistance")
            ),
        )
        for edge in range(low, high + 1)
    )


def _week(day: int, minutes: float, rng: random.Random, arm: Arm | None) -> CoursePeriod:
    developers = rng.choice((5, 6, 7, 7, 8, 8, 9))
    return CoursePeriod(
        day,
        developers + rng.randrange(4),
        developers,
        Interval(minutes, minutes / 1.4, minutes * 1.4),
        arm,
    )


def _interim_look(
    step: int, day: int, final: Interval, anytime: bool, rng: random.Random
) -> InterimLook:
    assert final.low is not None
    assert final.high is not None
    half_width = (final.high - final.low) / 2 * math.sqrt(16 / (step + 1)) ** 0.8
    middle = final.estimate + rng.gauss(0, 0.03) * math.sqrt(16 - min(step, 15))
    return InterimLook(
        day,
        60 + 9 * step,
        Interval(middle, middle - half_width, middle + half_width) if step > 1 else None,
        Interval(middle, middle - 1.4 * half_width, middle + 1.4 * half_width)
        if anytime and step > 1
        else None,
    )


OVERVIEW = Overview(
    developers=21,
    tasks=612,
    teams=("Birch", "Cedar"),
    small_teams=1,
    assistants=("Helper 1.0",),
    rollouts=(RolloutDates("Helper 1.0", None, None, ROLLOUT, ROLLOUT),),
)


def weekly_hours(*activities: ActivityHours, **fields: Any) -> WeeklyHours:
    """Hours of twelve developers before and after a rollout. ``fields`` replace the others."""
    default = WeeklyHours(
        activities, by_date=True, developers=12, baseline_weeks=412, assistance_weeks=388
    )
    return dataclasses.replace(default, **fields)


def assessment(*results: Result, **fields: object) -> Assessment:
    """An assessment of these results. ``fields`` replace the defaults of its other fields."""
    default = Assessment(
        generated_epoch=NOW + 3600,
        question=Question(
            activities=tuple(dict.fromkeys(r.activity for r in results)), seed=20260529
        ),
        results=results,
        version="0.1.0",
        data_hash="9f2c41d07be85a63",
        first_day=FIRST,
        last_day=LAST,
        now_epoch=NOW,
        entries=2_413,
        assistants=OVERVIEW.assistants,
        overview=OVERVIEW,
        hours=weekly_hours(
            ActivityHours("coding", 12.2, 11.9),
            ActivityHours("design", 6.1, 4.3),
            ActivityHours("testing", 5.3, 5.0),
            ActivityHours("meeting", 2.4, 2.3),
            ActivityHours("review", 2.0, 3.1),
        ),
        quality=(
            ("entries", "2,413"),
            ("work items without an estimate", "4 (2 %)"),
            ("entries logged more than 2 days late", "112 (4.6 %)"),
            ("baseline entries edited after the rollout", "0"),
            ("rows rejected at import", "3"),
        ),
    )
    return dataclasses.replace(default, **fields)  # type: ignore[arg-type]


DESIGN = catalogue.find_claim("iflytek-2024-design")
TESTING = catalogue.find_claim("iflytek-2024-testing")


def demo() -> Assessment:
    """The demo, with known true gains: design is plausible, testing cannot tell."""
    design, testing = theta(0.41, 0.22, 0.61), theta(0.19, -0.05, 0.49)
    return assessment(
        result("design", DESIGN, design, "plausible", other_verdict="smaller", items_needed=60),
        result(
            "testing",
            TESTING,
            testing,
            "cannot-tell",
            other_verdict="smaller",
            items=(210, 188),
            items_needed=460,
        ),
        chart_data=(
            activity_chart_data("design", design),
            activity_chart_data("testing", testing, items=(210, 188)),
        ),
        synthetic_notice="This log is made up: a demonstration, nobody's work.",
        truths={"design": 0.35, "testing": 0.15},
    )


def placebo() -> Assessment:
    """A rollout that never took place: no gain is shown, on more than 2,000 work items."""
    design, testing = theta(0.02, -0.28, 0.41), theta(-0.2, -0.45, 0.12)
    return assessment(
        result(
            "design",
            DESIGN,
            design,
            "contradicted",
            other_verdict="contradicted",
            items=(1500, 1340),
            developers=31,
        ),
        result(
            "testing",
            TESTING,
            testing,
            "contradicted",
            other_verdict="contradicted",
            items=(1820, 990),
            developers=28,
        ),
        chart_data=(
            activity_chart_data("design", design, items=(1500, 1340)),
            activity_chart_data("testing", testing, items=(1820, 990)),
        ),
        question=Question(
            activities=("design", "testing"), selection=Selection(team="149"), seed=20260529
        ),
    )


def injected() -> Assessment:
    """A randomised study with a true effect: the claim is supported, with anytime-valid bounds."""
    design, testing = theta(0.72, 0.53, 0.94), theta(0.44, 0.12, 0.82)
    return assessment(
        result(
            "design",
            DESIGN,
            design,
            "supported",
            other_verdict="smaller",
            design="randomised",
            threats=(),
        ),
        result(
            "testing",
            TESTING,
            testing,
            "plausible",
            other_verdict="plausible",
            design="randomised",
            items_needed=85,
        ),
        chart_data=tuple(
            activity_chart_data(activity, interval, drawn_arms=True)
            for activity, interval in (("design", design), ("testing", testing))
        ),
    )


def too_little() -> Assessment:
    """Six work items in one arm: no interval, and the threat that says so."""
    missing = Threat(
        "too-few-items",
        "serious",
        "Only 6 work items fall after the rollout; at least 8 in each arm are needed for an "
        "interval.",
        "Log 2 more design tasks.",
    )
    return assessment(
        result(
            "design",
            DESIGN,
            None,
            "cannot-tell",
            items=(14, 6),
            developers=3,
            items_needed=180,
            threats=(missing,),
        ),
        result(
            "testing", TESTING, None, "cannot-tell", items=(0, 0), developers=0, threats=(missing,)
        ),
        chart_data=(
            ActivityChartData("design", dots=(("baseline", 44.0), ("assistance", 30.0))),
            ActivityChartData("testing"),
        ),
        hours=None,
        quality=(),
    )


def contradicted() -> Assessment:
    """No gain shown, and the claim is ruled out."""
    design, testing = theta(0.03, -0.11, 0.2), theta(0.16, 0.05, 0.28)
    return assessment(
        result(
            "design",
            DESIGN,
            design,
            "contradicted",
            other_verdict="contradicted",
            design="staggered",
        ),
        result("testing", TESTING, testing, "smaller", other_verdict="smaller", design="staggered"),
        chart_data=(activity_chart_data("design", design), activity_chart_data("testing", testing)),
    )


def slower() -> Assessment:
    """Work with assistance took longer, in a team of four; and an activity without a claim."""
    design, coding = theta(-0.16, -0.28, -0.02), theta(0.21, 0.04, 0.4)
    return assessment(
        result(
            "design",
            DESIGN,
            design,
            "slower",
            other_verdict="slower",
            design="self-selected",
            developers=4,
        ),
        result("coding", None, coding, "faster", design="self-selected", developers=4),
        chart_data=(
            ActivityChartData("design", suppressed=True),
            ActivityChartData("coding", suppressed=True),
        ),
        hours=None,
    )


def hostile() -> Assessment:
    """Names that are markup of HTML or of Plotly: activity, claim, source, threat, filter."""
    interval = theta(0.41, 0.22, 0.61)
    claim = Claim(HOSTILE, HOSTILE, 0.5, "efficiency_gain", "at_least", HOSTILE, quantity=HOSTILE)
    plotly_markup = '<a href="javascript:alert(1)">x</a> %{x} $\\alpha$ &lt;br&gt; {{ 7*7 }} \u202e'
    threat = Threat(HOSTILE, "serious", HOSTILE, HOSTILE, ((HOSTILE, plotly_markup),))
    return assessment(
        result(HOSTILE, claim, interval, "plausible", other_verdict="smaller", threats=(threat,)),
        result(
            plotly_markup,
            dataclasses.replace(claim, id=plotly_markup, activity=plotly_markup),
            interval,
            "plausible",
            threats=(threat,),
        ),
        chart_data=(
            activity_chart_data(HOSTILE, interval),
            activity_chart_data(plotly_markup, interval),
        ),
        question=Question(
            activities=(HOSTILE,),
            selection=Selection(team=plotly_markup, project=HOSTILE),
            seed=20260529,
        ),
        hours=weekly_hours(
            ActivityHours(HOSTILE, 10.0, 12.0), ActivityHours(plotly_markup, 3.0, 4.0)
        ),
        quality=((HOSTILE, plotly_markup),),
        synthetic_notice=HOSTILE,
        truths={HOSTILE: 0.35},
    )


def ten_activities() -> Assessment:
    """Eight claims about ten activities, with every verdict."""
    cases: tuple[tuple[float, float, float, Verdict], ...] = (
        (0.72, 0.53, 0.94, "supported"),
        (0.41, 0.22, 0.61, "plausible"),
        (0.2, 0.05, 0.38, "smaller"),
        (0.1, -0.2, 0.6, "cannot-tell"),
        (0.03, -0.11, 0.2, "contradicted"),
        (-0.16, -0.28, -0.02, "slower"),
        (0.3, 0.11, 0.49, "smaller"),
        (0.0, -0.4, 0.7, "cannot-tell"),
        (0.21, 0.04, 0.4, "faster"),
        (0.05, -0.1, 0.25, "cannot-tell"),
    )
    names = (
        *("design", "testing", "coding", "review", "debugging"),
        *("documentation", "deployment", "requirements", "meeting", "migration of old data"),
    )
    results = []
    for number, (name, (*gain, verdict)) in enumerate(zip(names, cases, strict=True)):
        claim = dataclasses.replace(DESIGN, id=f"vendor-{name}", activity=name)
        own = claim if number < 8 else None
        needed = 80 * (number + 1) if verdict in ("plausible", "cannot-tell") else None
        results.append(result(name, own, theta(*gain), verdict, items_needed=needed))
    return assessment(
        *results,
        chart_data=tuple(
            activity_chart_data(name, theta(*gain))
            for name, (*gain, _) in zip(names, cases, strict=True)
        ),
    )


def empty() -> Assessment:
    """A log without entries."""
    return assessment(
        hours=None, quality=(), first_day=None, last_day=None, now_epoch=None, entries=0
    )


ASSESSMENT_BUILDERS = {
    build.__name__: build
    for build in (
        *(demo, placebo, injected, too_little, contradicted),
        *(slower, hostile, ten_activities, empty),
    )
}
"""The function that builds each assessment, by its name."""
