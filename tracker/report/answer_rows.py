"""The rows of the page's first table: a claim, its measured gain, a bar, a verdict, the evidence.

All bars are drawn on one scale, on which gains rise to the right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from markupsafe import Markup

from tracker.evidence.assessment import Assessment
from tracker.evidence.grade import Evidence, grade_evidence
from tracker.evidence.results import Result
from tracker.report import axis, formats, labels

BAR_HEIGHT = 32
MAX_DETAILED_ROWS = 3
"""Number of rows above which cautions are left out and next steps are listed below the table."""
NO_INTERVAL, MISLEADING = "Why there is no gain", "What could mislead"
NOTHING = ("", "")
_MIDDLE = BAR_HEIGHT / 2
_TICKS_WITHIN = (0.05, 0.95)
"""Shares of the scale within which ticks are labelled."""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One row."""

    result: Result
    verdict: str
    claim: str
    """The claim in short: "≥ +50 % efficiency gain"; "" without a claim."""
    gain: str
    """The measured gain: "+31 %"."""
    interval: str
    """Its bounds: "+14 to +51 %"; "" without a gain."""
    expected: str
    """The developers' own forecast: "+30 %"; "" where there is none."""
    bar: Markup
    evidence: Evidence
    reasons: tuple[str, ...]
    """What the evidence consists of, in words."""
    caution: tuple[str, str]
    """A label and a text: why there is no interval, or the worst threat; empty without one."""
    next_step: str


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """The rows, and the scale of their bars."""

    rows: tuple[AnswerRow, ...]
    scale: Markup
    shared_caution: tuple[str, str]
    """The caution that all rows share; empty if they differ."""
    has_details: bool
    """Whether a row tells its caution and its next step."""
    shared_step: str
    """The sentence with which the next steps of several rows without details begin; else "".
    The rows' own steps are what follows it."""


def answer_table(assessment: Assessment) -> AnswerTable:
    """Return the rows of an assessment's results, in their order."""
    results = assessment.results
    expected = expected_gains(assessment)
    span = axis.span([*axis.result_positions(results), *expected.values()])
    rows = tuple(
        _row(result, expected.get(result.activity), span, withhold=not assessment.own_log)
        for result in results
    )
    cautions = {row.caution for row in rows}
    shared = cautions.pop() if len(cautions) == 1 else NOTHING
    has_details = len(rows) <= MAX_DETAILED_ROWS
    step = "" if has_details else _first_sentence([row.next_step for row in rows if row.next_step])
    rows = tuple(replace(row, next_step=row.next_step.removeprefix(step).strip()) for row in rows)
    return AnswerTable(rows, _scale(span), shared, has_details, step)


def _first_sentence(texts: list[str]) -> str:
    """Return the sentence with which several texts begin; "" where it is not the same."""
    sentences = {f"{text.partition('. ')[0].removesuffix('.')}." for text in texts}
    return sentences.pop() if len(texts) > 1 and len(sentences) == 1 else ""


def expected_gains(assessment: Assessment) -> dict[str, float]:
    """Return the developers' own forecast by activity, as a position on the scale."""
    return {
        data.activity: -data.expected_log_ratio
        for data in assessment.chart_data
        if data.expected_log_ratio is not None
    }


def _row(result: Result, expected: float | None, span: axis.Span, *, withhold: bool) -> AnswerRow:
    gain = result.gain(result.reading)
    evidence = grade_evidence(result)
    return AnswerRow(
        result=result,
        verdict=labels.verdict_label(result.verdict),
        claim="" if result.claim is None else f"{labels.short_claim(result)}",
        gain=formats.percent(gain.estimate if gain else None),
        interval=formats.percent_range(gain) if gain else "",
        expected=_expected_text(result, expected),
        bar=_bar(result, expected, span, evidence),
        evidence=evidence,
        reasons=labels.evidence_words(result, evidence, withhold=withhold),
        caution=_caution(result, evidence),
        next_step=result.sentences.needed,
    )


def _caution(result: Result, evidence: Evidence) -> tuple[str, str]:
    if result.reason is not None:
        return NO_INTERVAL, f"{result.reason.message} {result.reason.advice}".strip()
    return (MISLEADING, evidence.serious[0].message) if evidence.serious else NOTHING


def _expected_text(result: Result, expected: float | None) -> str:
    return (
        "" if expected is None else formats.percent(axis.position_to_gain(result.reading, expected))
    )


def _x(position: float, span: axis.Span) -> str:
    return f"{100 * span.share(span.clamp(position)):.2f}%"


def _scale(span: axis.Span) -> Markup:
    """Return the labelled ticks above the bars; none so near an end that a phone would cut it."""
    ticks = Markup().join(
        Markup('<text x="{}" y="12" text-anchor="middle">{}</text>').format(
            _x(tick.at, span), tick.label
        )
        for tick in axis.ticks("efficiency_gain", span, apart=0.2)
        if _TICKS_WITHIN[0] <= span.share(tick.at) <= _TICKS_WITHIN[1]
    )
    return Markup('<svg class="scale" width="100%" height="16" aria-hidden="true">{}</svg>').format(
        ticks
    )


def _bar(result: Result, expected: float | None, span: axis.Span, evidence: Evidence) -> Markup:
    """Return the interval, the claim and the forecast; the numbers stand beside it as text."""
    zero = _x(0.0, span)
    parts = [
        Markup(
            '<line class="zero" x1="{0}" x2="{0}" y1="0" y2="100%" stroke="currentColor"/>'
        ).format(zero)
    ]
    claim = axis.claim_position(result)
    if claim is not None:
        parts.append(
            _mark("claim", f"M0-16V{BAR_HEIGHT - _MIDDLE:g}M0-16L4-11 0-6-4-11z", claim, span)
        )
    if expected is not None:
        parts.append(_mark("expected", "M-5 16h10L0 7z", expected, span))
    parts.append(_interval(result, span, evidence))
    return Markup('<svg class="bar" width="100%" height="{}" aria-hidden="true">{}</svg>').format(
        BAR_HEIGHT, Markup().join(parts)
    )


def _interval(result: Result, span: axis.Span, evidence: Evidence) -> Markup:
    """Return an interval with its ends; an arrow where an end lies beyond the scale."""
    bar = axis.interval_to_bar(result.log_ratio)
    if bar is None:
        return Markup()
    low = span.low if bar.low is None else bar.low
    high = span.high if bar.high is None else bar.high
    ends = Markup().join(
        _end(
            position, is_inside=bound is not None and span.clamp(bound) == bound, span=span, side=s
        )
        for position, bound, s in ((low, bar.low, -1), (high, bar.high, 1))
    )
    return Markup(
        '<g class="interval e-{}" stroke="currentColor" stroke-width="2">'
        '<line x1="{}" x2="{}" y1="{}" y2="{}"/>{}<circle cx="{}" cy="{}" r="5.5"/></g>'
    ).format(
        evidence.grade,
        _x(low, span),
        _x(high, span),
        f"{_MIDDLE:g}",
        f"{_MIDDLE:g}",
        ends,
        _x(bar.middle, span),
        f"{_MIDDLE:g}",
    )


def _end(position: float, *, is_inside: bool, span: axis.Span, side: int) -> Markup:
    path = "M0-6V6" if is_inside else f"M{-5 * side}-5L0 0 {-5 * side} 5"
    return _path(path, position, span)


def _mark(name: str, path: str, position: float, span: axis.Span) -> Markup:
    return Markup('<g class="{}" stroke="currentColor">{}</g>').format(
        name, _path(path, position, span)
    )


def _path(path: str, position: float, span: axis.Span) -> Markup:
    return Markup('<svg class="at" x="{}" y="{}" overflow="visible"><path d="{}"/></svg>').format(
        _x(position, span), f"{_MIDDLE:g}", path
    )
