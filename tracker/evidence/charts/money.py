"""What the hours saved are worth, and the gain at which an assistant pays."""

from __future__ import annotations

from tracker.domain.money import WEEKS_A_MONTH, Prices
from tracker.evidence.assessment import Savings
from tracker.evidence.results import Interval


def worth_of(saved: Interval, prices: Prices, *, months: int = 1) -> Interval:
    """Return what hours saved a week are worth in months, before the cost of the assistant."""
    factor = prices.rate * WEEKS_A_MONTH * months
    low, high = (None if bound is None else factor * bound for bound in (saved.low, saved.high))
    return Interval(factor * saved.estimate, low, high)


def cost_of(savings: Savings) -> float | None:
    """Return what the assistant costs a month for its developers; None where it is not stated."""
    if savings.prices is None or savings.prices.cost is None:
        return None
    return savings.prices.cost.per_month * savings.developers


def net_worth(savings: Savings) -> Interval | None:
    """Return what is saved a month less the cost of the assistant; None without that."""
    cost = cost_of(savings)
    if cost is None or savings.prices is None:
        return None
    worth = worth_of(savings.saved, savings.prices)
    low, high = (None if bound is None else bound - cost for bound in (worth.low, worth.high))
    return Interval(worth.estimate - cost, low, high)


def break_even_gain(savings: Savings) -> float | None:
    """Return the efficiency gain on all the work at which what is saved equals the cost.

    Saved are volume · (1 / ratio - 1) hours, and 1 / ratio - 1 is the efficiency gain.
    """
    cost = cost_of(savings)
    if cost is None or savings.prices is None:
        return None
    return cost / (savings.volume * savings.prices.rate * WEEKS_A_MONTH)
