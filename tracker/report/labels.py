"""Short labels for the report's tables and cards.

The sentences about a result are worded in :mod:`tracker.evidence.verdict` and come with it.
"""

from __future__ import annotations

from tracker.claims.wording import describe_claim
from tracker.domain.counts import count_of, listed
from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN, Limits
from tracker.domain.gains import READING_LABELS, level_percent
from tracker.domain.records import Claim
from tracker.domain.times import DAY_SECONDS, day_to_date, format_month
from tracker.evidence.answer import answer_sentence
from tracker.evidence.assessment import Assessment
from tracker.evidence.grade import Evidence
from tracker.evidence.overview import Overview, RolloutDates
from tracker.evidence.results import Interval, Result, Verdict, counts_developers
from tracker.evidence.verdict import describe_design, share
from tracker.report import formats

_BOUND_SIGNS = {"at_least": "≥", "more_than": ">", "about": "≈", "up_to": "≤"}
_MAX_SOURCE = 40
"""Characters of a claim's source up to which a table shows it."""
_MAX_NAMES = 4
"""More teams or projects than that are counted, not listed."""
_EXCLUSION_LABELS = {
    "open": "tasks still open",
    "immature": "tasks started too late to be done",
    "zero-minutes": "tasks of zero minutes",
    "no-estimate": "tasks without an estimate",
    "not-imputable": "tasks in months when everybody had the assistant",
    "one-arm-developer": "developers who appear in one arm only",
    "both-arms-developer": "developers who appear in both arms",
}


def answer(assessment: Assessment) -> str:
    """Return the answer in one sentence: the heading and the title of the page."""
    return answer_sentence(assessment.results, assessment.assistants)


def evidence_words(result: Result, evidence: Evidence, *, withhold: bool) -> tuple[str, ...]:
    """Return the basis of a result's evidence, in a few phrases.

    Args:
        result: The result.
        evidence: Its evidence.
        withhold: Suppress numbers of developers below five.

    """
    if result.developers is None:
        return ()
    phrases = [describe_design(result)] if result.study_design else []
    phrases.append(_compared_words(evidence, withhold=withhold))
    if evidence.analyses:
        phrases.append(f"{evidence.agreeing} of {evidence.analyses} other analyses agree")
    if evidence.serious:
        phrases.append(count_of(len(evidence.serious), "serious threat"))
    return tuple(filter(None, phrases))


def _compared_words(evidence: Evidence, *, withhold: bool) -> str:
    """Return the number of developers that are compared, in words."""
    developers, left_out = evidence.developers or 0, evidence.left_out
    if not developers:
        return "nobody compared"
    if withhold and min(developers, left_out or developers) < MIN_DEVELOPERS_SHOWN:
        return formats.developers(developers, withhold=True) + " compared"
    if not left_out:
        return f"all {formats.developers(developers, withhold=False)} compared"
    return (
        f"{developers:,} of {formats.developers(developers + left_out, withhold=False)} compared"
        f" ({share(developers, developers + left_out)})"
    )


def who_and_when(assessment: Assessment) -> tuple[str, ...]:
    """Return who worked on what, when, and who had which assistant from when."""
    overview = assessment.overview
    period = formats.days(assessment.first_day, assessment.last_day)
    if overview is None:
        return tuple(filter(None, (period, f"{formats.count(assessment.entries)} entries")))
    people = formats.developers(overview.developers, withhold=not assessment.own_log)
    return tuple(
        filter(
            None,
            (
                formats.capitalize(f"{people}{_team_words(overview)}"),
                count_of(overview.tasks, "task"),
                period,
                *_rollout_words(overview),
            ),
        )
    )


def _team_words(overview: Overview) -> str:
    """Return the teams: " in teams Birch, Cedar and 2 smaller teams"; "" where there are none."""
    names, small = overview.teams, overview.small_teams
    if not names and not small:
        return ""
    if len(names) > _MAX_NAMES or not names:
        return f" in {count_of(len(names) + small, 'team')}"
    rest = [count_of(small, "smaller team")] if small else []
    noun = "team" if len(names) == 1 else "teams"
    return f" in {noun} {listed([*names, *rest])}"


def _rollout_words(overview: Overview) -> tuple[str, ...]:
    """Return each assistant with the dates from which it was used."""
    words = []
    for assistant in overview.assistants:
        dates = [rollout for rollout in overview.rollouts if rollout.assistant == assistant]
        since = _since(dates)
        words.append(f"{assistant} {since}" if since else assistant)
    return tuple(words)


def _since(dates: list[RolloutDates]) -> str:
    """Return from when an assistant was used; "" where that is not shown."""
    days = [day for date in dates for day in (date.first_day, date.last_day) if day is not None]
    if not days:
        return ""
    if len(set(days)) == 1:
        return f"since {formats.day(days[0])}"
    teams = [date for date in dates if date.team is not None]
    if len(teams) == len(dates) <= _MAX_NAMES:
        return "since " + listed([f"{formats.day(d.first_day)} ({d.team})" for d in teams])
    return f"since dates from {formats.days(min(days), max(days)).replace(' – ', ' to ')}"


def verdict_label(verdict: Verdict) -> str:
    """The name of a verdict in prose: "cannot tell"."""
    return verdict.replace("-", " ")


def short_claim(result: Result) -> str:
    """The claim for a table cell: "≥ +50 %". It is "—" without a claim."""
    if result.claim is None:
        return formats.UNDEFINED
    sign = _BOUND_SIGNS[result.claim.bound]
    return f"{sign}{formats.NO_BREAK_SPACE}{formats.percent(result.claim.value)}"


def claim_phrase(result: Result) -> str:
    """The claim as a phrase: "at least 50 % efficiency gain", or "no claim"."""
    return describe_claim(result.claim, result.reading) if result.claim else "no claim"


def reading_label(result: Result) -> str:
    """The name of the reading that was judged: "efficiency gain"."""
    return READING_LABELS[result.reading]


def study_summary(claim: Claim, gain: Interval | None) -> str:
    """A published study in short, by its efficiency gain: "METR 2025, …: −16 %".

    The quantity that it measured may be the time, of which a fall is a gain.
    """
    return f"{claim.label}: {formats.percent(gain.estimate if gain else None)}"


def claim_source(claim: Claim) -> str:
    """Who states a claim, in a few words; the id of a claim of one's own with a long source."""
    is_short = claim.source and len(claim.source) <= _MAX_SOURCE
    return claim.label or (claim.source if is_short else claim.id)


def item_counts(result: Result) -> str:
    """The number of work items in baseline and assistance: "120 + 98 tasks".

    It is "" where the numbers are withheld.
    """
    if result.items_baseline is None:
        return ""
    return (
        f"{formats.count(result.items_baseline)} + {formats.count(result.items_assistance)} tasks"
    )


def excluded(result: Result, *, withhold: bool) -> str:
    """What was excluded and why: "7 tasks still open, 1 task of zero minutes".

    Args:
        result: The result with its counts by reason.
        withhold: Suppress counts of developers below five.

    Returns:
        "" where nothing was excluded.

    """
    parts = []
    for reason, n in result.excluded.items():
        if n:
            suppress = withhold and counts_developers(reason)
            parts.append(
                f"{formats.developer_count(n, withhold=suppress)} {_exclusion_label(reason, n)}"
            )
    return ", ".join(parts)


def _exclusion_label(reason: str, n: int) -> str:
    """The label of a reason, with "task" in the singular where ``n`` is 1."""
    noun, space, rest = _EXCLUSION_LABELS.get(reason, reason).partition(" ")
    return f"{noun.removesuffix('s') if n == 1 and noun == 'tasks' else noun}{space}{rest}"


def filters(assessment: Assessment) -> tuple[tuple[str, str], ...]:
    """The filters in use, as pairs of name and value."""
    question = assessment.question
    selection = question.selection
    first_day, last_day = selection.first_day, selection.last_day
    values = (
        ("activities", ", ".join(question.activities)),
        ("team", selection.team),
        ("project", selection.project),
        ("developer", "one’s own log" if selection.developer else None),
        ("from", None if first_day is None else formats.day(first_day)),
        ("to", None if last_day is None else formats.day(last_day)),
        ("limits used", limits_text(assessment.limits)),
    )
    return tuple((name, value) for name, value in values if value)


def facts(assessment: Assessment) -> tuple[tuple[str, str], ...]:
    """The filters that :func:`who_and_when` does not tell already, as pairs of name and value."""
    told_names = {"activities", "from", "to"}
    overview, team = assessment.overview, assessment.question.selection.team
    if overview is not None and overview.teams == (team,) and not overview.small_teams:
        told_names.add("team")
    return tuple((name, value) for name, value in filters(assessment) if name not in told_names)


def limits_text(limits: Limits | None) -> str:
    """The limits that were used in place of the filters; "" where the filters were used."""
    if limits is None:
        return ""
    last_day = day_to_date((limits.now_epoch - 1) // DAY_SECONDS).isoformat()
    if limits.cells is None:
        return f"the whole log, as of {last_day}"
    months = {format_month(limits.first_month or 0), format_month(limits.last_month or 0)}
    return (
        f"{_names(limits.teams, 'team')}, {_names(limits.projects, 'project')}, begun "
        f"{' to '.join(sorted(months))}, as of {last_day} "
        f"(whole groups of at least {MIN_DEVELOPERS_SHOWN} developers, without the running month)"
    )


def _names(names: tuple[str, ...], noun: str) -> str:
    """Names with their noun: "team Elm", "projects web + no project", "12 projects"."""
    if len(names) > _MAX_NAMES:
        return f"{len(names)} {noun}s"
    if names == ("",):
        return f"no {noun}"
    shown = " + ".join(formats.printable(name) or f"no {noun}" for name in names)
    return f"{noun}{'s' if len(names) > 1 else ''} {shown}"


def level_label(value: float) -> str:
    """A confidence level: 0.975 → "97.5 %"."""
    return level_percent(value)


def quality(assessment: Assessment) -> tuple[tuple[str, str], ...]:
    """The data quality, without what is counted as 0."""
    return tuple((label, figure) for label, figure in assessment.quality if figure != "0")


def true_gains(assessment: Assessment) -> str:
    """The true gains of a made-up log, in a sentence; "" for a real log."""
    if not assessment.truths:
        return ""
    gains = ", ".join(
        f"{activity} {formats.percent(gain)}" for activity, gain in assessment.truths.items()
    )
    return f"This log is made up, so the truth is known: {gains}."
