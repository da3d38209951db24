"""What an hour and an assistant cost, as options state it."""

from __future__ import annotations

import pytest

from tracker.domain.errors import BadValue
from tracker.domain.money import Cost, Prices, parse_cost, parse_prices


def test_prices_are_read_whole():
    """A rate and a currency, and a cost per month or year."""
    assert parse_prices(None, None, None) is None
    assert parse_prices("80", "EUR", None) == Prices(80.0, "EUR")
    assert parse_prices("82.50", "CHF", "360/developer/year") == Prices(
        82.5, "CHF", Cost(360.0, "year")
    )
    assert parse_cost("30/developer/month").per_month == 30.0
    assert parse_cost("360/developer/year").per_month == 30.0
    assert parse_cost("0/developer/month").per_month == 0.0


@pytest.mark.parametrize("text", ["30/developer/month", "12.5/developer/year"])
def test_a_cost_is_written_as_it_is_read(text: str):
    """The command that makes the page again repeats it."""
    assert str(parse_cost(text)) == text


@pytest.mark.parametrize(
    "rate", ["", "x", "nan", "inf", "-5", "0", "1e3", "80 EUR", "80,5", "\N{FULLWIDTH DIGIT EIGHT}"]
)
def test_a_rate_is_a_plain_amount_above_0(rate: str):
    """Anything else is refused with the value and an example."""
    with pytest.raises(BadValue, match=r"--rate is .* such as 80\.$"):
        parse_prices(rate, "EUR", None)


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "€", "EU", "E R", "EUR\n", "<b>"])
def test_a_currency_is_a_code_of_three_capital_letters(currency: str):
    """The page prints it as it is."""
    with pytest.raises(BadValue, match=r"--currency is .* such as EUR\.$"):
        parse_prices("80", currency, None)


@pytest.mark.parametrize(
    "cost",
    [
        *("30", "30/month", "30/developer", "30/developer/week", "/developer/month", "x/y/z"),
        *("-3/developer/month", "nan/developer/month", "30 EUR/developer/month"),
        "99999999999/developer/month",
    ],
)
def test_a_cost_has_an_amount_and_its_unit(cost: str):
    """Without the unit a cost could be anything."""
    with pytest.raises(BadValue, match=r"--cost is .* such as 30/developer/month\.$"):
        parse_prices("80", "EUR", cost)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((None, "EUR", None), "--currency is 'EUR' without --rate"),
        ((None, None, "3/developer/month"), "--cost is '3/developer/month' without --rate"),
        (("80", None, None), "--rate is '80' without --currency"),
    ],
)
def test_one_option_needs_another(options: tuple[str | None, ...], message: str):
    """An hour's price needs its currency, and both others need the rate."""
    with pytest.raises(BadValue, match=message):
        parse_prices(*options)
