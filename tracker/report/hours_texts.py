"""The hours saved, and what they are worth, as the texts of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tracker.domain.counts import listed
from tracker.domain.money import MONTHS_A_YEAR, Prices, amount_text
from tracker.evidence.assessment import Assessment, Savings
from tracker.evidence.charts.money import break_even_gain, cost_of, net_worth, worth_of
from tracker.evidence.results import (
    HOURS_PER_ESTIMATED_HOUR,
    TOTAL_HOURS,
    TYPICAL_TASK,
    HoursSaved,
    Interval,
)
from tracker.report import formats

MEASURES = {
    HOURS_PER_ESTIMATED_HOUR: "total hours per estimated hour, which are right even if long"
    " tasks change by another percentage than short ones",
    TOTAL_HOURS: "total hours per task, which are right even if long tasks change by another"
    " percentage than short ones, as long as the tasks of both arms are alike",
    TYPICAL_TASK: "the typical task, which is right if all tasks change by the same percentage",
}
"""How the hours are computed, and what is assumed."""


@dataclass(frozen=True, slots=True)
class HoursRow:
    """The hours of one activity, or of all together; the worth is "" where there is none."""

    name: str
    volume: str
    saved: str
    """From the lower to the upper bound."""
    estimate: str
    typical: str
    """The same from the typical task; "" if that is shown already."""
    worth_a_month: str
    worth_a_year: str


@dataclass(frozen=True, slots=True)
class HoursTexts:
    """The section on hours and money."""

    days: str
    has_money: bool
    rows: tuple[HoursRow, ...]
    """An activity each, and all together where there are several."""
    notes: tuple[str, ...]


def hours_texts(assessment: Assessment, prices: Prices | None = None) -> HoursTexts | None:
    """Return the section's texts; None where no activity has hours.

    Args:
        assessment: The assessment.
        prices: What was asked for; hours without a price are explained.

    """
    savings = assessment.savings
    activities = {r.activity: r.hours_saved for r in assessment.results if r.hours_saved}
    if savings is None or not activities:
        return None
    hours = tuple(activities.values())
    rows = [
        _row(formats.capitalize(formats.printable(name)), saved, saved.saved, savings.prices)
        for name, saved in activities.items()
    ]
    if len(rows) > 1:
        rows.append(_row("Together", savings, savings.saved, savings.prices))
    return HoursTexts(
        days=formats.days(min(h.first_day for h in hours), max(h.last_day for h in hours)),
        has_money=savings.prices is not None,
        rows=tuple(rows),
        notes=(
            *_measure_notes(activities),
            _strength_note(assessment),
            *_total_notes(len(activities)),
            *_money_notes(savings, prices),
        ),
    )


def saved_text(value: float | None, text: Callable[[float], str] = formats.hours) -> str:
    """Return a quantity that is saved or lost: "12.3 h saved", "4.0 h lost"."""
    if value is None:
        return formats.UNDEFINED
    return f"{text(abs(value))} {'lost' if value < 0 else 'saved'}"


def saved_range(interval: Interval, text: Callable[[float], str] = formats.hours) -> str:
    """Return the bounds: "9.8 h to 33.5 h saved", "14.1 h lost to 26.6 h saved"."""
    low, high = interval.low, interval.high
    if low is None or high is None or (low < 0) != (high < 0):
        return f"{saved_text(low, text)} to {saved_text(high, text)}"
    first, last = sorted((abs(low), abs(high)))
    return f"{text(first)} to {text(last)} {'lost' if high < 0 else 'saved'}"


def money_text(prices: Prices) -> Callable[[float], str]:
    """Return a formatter of amounts, with three significant digits: "1,230 EUR"."""

    def text(amount: float) -> str:
        rounded = formats.number(float(f"{amount:.3g}"), 0)
        return f"{rounded}{formats.NO_BREAK_SPACE}{prices.currency}"

    return text


def _row(
    name: str, hours: HoursSaved | Savings, saved: Interval, prices: Prices | None
) -> HoursRow:
    has_typical = isinstance(hours, HoursSaved) and hours.measure != TYPICAL_TASK
    typical = saved_range(hours.typical) if isinstance(hours, HoursSaved) and has_typical else ""
    return HoursRow(
        name,
        formats.hours(hours.volume),
        saved_range(saved),
        saved_text(saved.estimate),
        typical,
        *(_worth(saved, prices, months) for months in (1, MONTHS_A_YEAR)),
    )


def _worth(saved: Interval, prices: Prices | None, months: int) -> str:
    """Return the value of hours saved per week, for a number of months."""
    if prices is None:
        return ""
    return saved_range(worth_of(saved, prices, months=months), money_text(prices))


def _measure_notes(activities: dict[str, HoursSaved]) -> tuple[str, ...]:
    """Return from what the hours are made, once for all activities where that is the same."""
    by_measure: dict[str, list[str]] = {}
    for name, hours in activities.items():
        tasks = hours.measured_tasks
        text = (
            f"{MEASURES[hours.measure]}{tasks and f', of the {tasks} tasks estimated in minutes'}"
        )
        by_measure.setdefault(text, []).append(formats.printable(name))
    single = len(by_measure) == 1
    return tuple(
        f"{'' if single else formats.capitalize(', '.join(names)) + ': '}"
        f"{'Computed' if single else 'computed'} from {measure}."
        for measure, names in by_measure.items()
    )


def _total_notes(activities: int) -> tuple[str, ...]:
    if activities < 2:
        return ()
    return (
        "The bounds of “Together” are the sums of the other bounds, and hold if all of these do.",
    )


def _strength_note(assessment: Assessment) -> str:
    """Return that hours are no better evidence than the verdicts on their activities."""
    by_strength: dict[str, dict[str, None]] = {}
    for result in assessment.results:
        if result.hours_saved:
            name = formats.printable(result.activity)
            by_strength.setdefault(result.strength, {})[name] = None
    single = len(by_strength) == 1
    texts = [
        strength if single else f"{listed(list(names))} {strength}"
        for strength, names in by_strength.items()
    ]
    return f"The hours are no better evidence than the verdicts: {'; '.join(texts)}."


def _money_notes(savings: Savings, requested: Prices | None) -> tuple[str, ...]:
    """Return the prices, the cost of the assistant and where it breaks even."""
    prices = savings.prices
    if prices is None:
        withheld = "No money is shown: these are the hours of one developer, and nobody is priced."
        return () if requested is None else (withheld,)
    text = money_text(prices)
    rate = (
        f"An hour is taken as {amount_text(prices.rate)}{formats.NO_BREAK_SPACE}{prices.currency}."
    )
    cost, net, gain = cost_of(savings), net_worth(savings), break_even_gain(savings)
    if cost is None or net is None or gain is None or prices.cost is None:
        return (rate,)
    return (
        rate,
        f"The assistant costs {formats.number(cost, 0)}{formats.NO_BREAK_SPACE}{prices.currency}"
        f" a month for {formats.count(savings.developers)}"
        f" developers ({amount_text(prices.cost.amount)}{formats.NO_BREAK_SPACE}{prices.currency}"
        f" per developer and {prices.cost.per}): {saved_range(net, text)} a month after that."
        f" It breaks even at an efficiency gain of {_gain_text(gain)} on this work.",
    )


def _gain_text(gain: float) -> str:
    """Return a gain with two significant digits, as it is often below 1 %."""
    return (
        f"{100 * gain:.2g}{formats.NO_BREAK_SPACE}%"
        if gain < 0.1
        else formats.percent(gain, signed=False)
    )
