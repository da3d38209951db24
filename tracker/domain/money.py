"""The cost of an hour of work and of an assistant, from `report --rate --currency --cost`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from tracker.domain.errors import BadValue

CostPeriod = Literal["month", "year"]

MAX_AMOUNT = 1e9
"""Larger amounts are typing errors."""

WEEKS_A_MONTH = 365.25 / 12 / 7
MONTHS_A_YEAR = 12

_CURRENCY = re.compile(r"[A-Z]{3}")
_COST = re.compile(r"(?P<amount>[^/]+)/developer/(?P<period>month|year)")


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of an assistant per developer."""

    amount: float
    per: CostPeriod

    @property
    def per_month(self) -> float:
        """The cost of one developer's month."""
        return self.amount if self.per == "month" else self.amount / MONTHS_A_YEAR

    def __str__(self) -> str:
        """Return the text that :func:`parse_cost` reads."""
        return f"{amount_text(self.amount)}/developer/{self.per}"


@dataclass(frozen=True, slots=True)
class Prices:
    """The cost of an hour of work, and of the assistant."""

    rate: float
    """The price of an hour of work."""
    currency: str
    """Three letters, as in ISO 4217."""
    cost: Cost | None = None
    """None: not stated."""


def parse_prices(rate: str | None, currency: str | None, cost: str | None) -> Prices | None:
    """Return the prices that the options state; None without a rate.

    Raises:
        BadValue: An option cannot be read, or one is missing that another needs.

    """
    if rate is None:
        for name, value in (("--currency", currency), ("--cost", cost)):
            if value is not None:
                raise BadValue(f"{name} is {value!r} without --rate: say what an hour costs.")
        return None
    if currency is None:
        raise BadValue(f"--rate is {rate!r} without --currency: give its code, such as EUR.")
    return Prices(
        _amount("--rate", rate, rate, "what an hour costs, above 0, such as 80", above_zero=True),
        _parse_currency(currency),
        None if cost is None else parse_cost(cost),
    )


def parse_cost(text: str) -> Cost:
    """Return the cost of ``30/developer/month`` or ``360/developer/year``.

    Raises:
        BadValue: The text has another form, or no amount.

    """
    example = "an amount per developer and month or year, such as 30/developer/month"
    match = _COST.fullmatch(text.strip())
    if match is None:
        raise BadValue(f"--cost is {text!r}: give {example}.")
    return Cost(
        _amount("--cost", text, match["amount"], example),
        "month" if match["period"] == "month" else "year",
    )


def amount_text(amount: float) -> str:
    """Return an amount as it can be typed: ``80``, ``82.5``."""
    return f"{amount:.10g}"


def _parse_currency(text: str) -> str:
    if not _CURRENCY.fullmatch(text):
        raise BadValue(
            f"--currency is {text!r}: give the three capital letters of its code, such as EUR."
        )
    return text


def _amount(
    option: str, value: str, amount_part: str, example: str, *, above_zero: bool = False
) -> float:
    """Return an amount in plain digits.

    Args:
        option: The option, for the message.
        value: Its value.
        amount_part: The part of it that is the amount.
        example: What to give instead.
        above_zero: Whether 0 is refused.

    """
    text = amount_part.strip()
    amount = float(text) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text, re.ASCII) else math.nan
    if not 0 <= amount <= MAX_AMOUNT or (above_zero and amount == 0):
        raise BadValue(f"{option} is {value!r}: give {example}.")
    return amount
