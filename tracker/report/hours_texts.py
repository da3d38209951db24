"""The hours saved, and what they are worth, as the texts of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tracker.domain.money import MONTHS_A_YEAR, Prices, amount_text
from tracker.evidence.estimands import HOURS_PER_ESTIMATED_HOUR, TOTAL_HOURS, TYPICAL_TASK
from tracker.evidence.money import break_even_gain, cost_of, net_worth, worth_of
from tracker.evidence.results import Assessment, HoursSaved, Interval, Savings
from tracker.report import formats

MEASURES = {
    HOURS_PER_ESTIMATED_HOUR: "total hours per estimated hour, which holds also where long tasks"
    " change by another percentage than short ones",
    TOTAL_HOURS: "total hours per task, which holds also where long tasks change by another"
    " percentage than short ones, if the tasks of both arms are alike",
    TYPICAL_TASK: "the typical task, which holds if all tasks change by the same percentage",
}
"""What the hours are made from, and what that assumes."""


@dataclass(frozen=True, slots=True)
class HoursTexts:
    """The section on hours and money."""

    days: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
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
    rows = [_activity_row(name, saved, savings.prices) for name, saved in activities.items()]
    if len(rows) > 1:
        rows.append(_total_row(savings))
    money = ("worth a month", "worth a year") if savings.prices else ()
    return HoursTexts(
        days=formats.days(min(h.first_day for h in hours), max(h.last_day for h in hours)),
        header=(
            *("activity", "with assistance a week", "saved a week", "low to high"),
            "if all tasks change alike",
            *money,
        ),
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
    """Return what writes an amount of a currency: "1,234 EUR"."""

    def text(amount: float) -> str:
        return f"{formats.number(amount, 0)}{formats.NO_BREAK_SPACE}{prices.currency}"

    return text


def _activity_row(name: str, hours: HoursSaved, prices: Prices | None) -> tuple[str, ...]:
    return (
        formats.capitalize(formats.printable(name)),
        formats.hours(hours.volume),
        saved_text(hours.saved.estimate),
        saved_range(hours.saved),
        saved_range(hours.typical),
        *_money_cells(hours.saved, prices),
    )


def _total_row(savings: Savings) -> tuple[str, ...]:
    return (
        "Together",
        formats.hours(savings.volume),
        saved_text(savings.saved.estimate),
        saved_range(savings.saved),
        formats.UNDEFINED,
        *_money_cells(savings.saved, savings.prices),
    )


def _money_cells(saved: Interval, prices: Prices | None) -> tuple[str, ...]:
    if prices is None:
        return ()
    worth, text = worth_of(saved, prices), money_text(prices)
    bounds = (None if bound is None else MONTHS_A_YEAR * bound for bound in (worth.low, worth.high))
    year = Interval(MONTHS_A_YEAR * worth.estimate, *bounds)
    return saved_range(worth, text), saved_range(year, text)


def _measure_notes(activities: dict[str, HoursSaved]) -> tuple[str, ...]:
    """Return from what the hours are made, once for all activities where that is the same."""
    by_measure: dict[str, list[str]] = {}
    for name, hours in activities.items():
        by_measure.setdefault(hours.measure, []).append(formats.printable(name))
    single = len(by_measure) == 1
    return tuple(
        f"{'' if single else formats.capitalize(', '.join(names)) + ': '}"
        f"{'From' if single else 'from'} {MEASURES[measure]}."
        for measure, names in by_measure.items()
    )


def _total_notes(activities: int) -> tuple[str, ...]:
    if activities < 2:
        return ()
    return (
        "The bounds of all together are the sums of the bounds: they hold if each of them does.",
    )


def _strength_note(assessment: Assessment) -> str:
    """Return that hours are no better evidence than the verdicts on their activities."""
    strengths = {r.activity: r.strength for r in assessment.results if r.hours_saved}
    texts = [f"{formats.printable(name)} {strength}" for name, strength in strengths.items()]
    return f"The hours show no more than the verdicts do: {'; '.join(texts)}."


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
        f"The assistant costs {text(cost)} a month for {formats.count(savings.developers)}"
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
