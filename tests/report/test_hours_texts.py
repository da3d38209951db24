"""The section on hours and money."""

from __future__ import annotations

import dataclasses

import pytest
from support import assessments

from tracker.domain.money import Cost, Prices
from tracker.evidence.assessment import Assessment
from tracker.evidence.hours_saved import total_savings
from tracker.evidence.results import HoursSaved, Interval
from tracker.report.hours_texts import hours_texts, saved_range
from tracker.report.page import report_html, reproduce_command

PRICES = Prices(80.0, "EUR", Cost(30.0, "month"))


def with_hours(prices: Prices | None = None, developers: int = 12) -> Assessment:
    """Return the demo with hours of both activities."""
    demo = assessments.demo()
    saved = {"design": Interval(8.0, 3.0, 14.0), "testing": Interval(2.0, -4.0, 9.0)}
    results = tuple(
        dataclasses.replace(
            result,
            hours_saved=HoursSaved(
                volume=40.0,
                first_day=assessments.LAST - 69,
                last_day=assessments.LAST,
                developers=developers,
                saved=saved[result.activity],
                measure="hours per estimated hour",
                typical=Interval(7.0, 4.0, 11.0),
            ),
        )
        for result in demo.results
    )
    names = {f"d{n}" for n in range(developers)}
    return dataclasses.replace(demo, results=results, savings=total_savings(results, names, prices))


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        ((9.8, 33.52), "9.8 h to 33.5 h saved"),
        ((-14.1, 26.6), "14.1 h lost to 26.6 h saved"),
        ((-9.0, -2.0), "2.0 h to 9.0 h lost"),
        ((None, 2.0), "— to 2.0 h saved"),
    ],
)
def test_a_loss_is_said_in_words(bounds: tuple[float | None, float], text: str):
    """No sign has to be read."""
    assert plain(saved_range(Interval(1.0, *bounds))) == text


def test_hours_without_money():
    """Volume, bounds, estimate and the typical task; no currency anywhere."""
    section = hours_texts(with_hours())
    row = section.rows[0]
    assert plain(row.saved) == "3.0 h to 14.0 h saved"
    assert plain(row.typical) == "4.0 h to 11.0 h saved"
    assert [row.name for row in section.rows] == ["Design", "Testing", "Together"]
    assert plain(section.rows[-1].saved) == "1.0 h lost to 23.0 h saved"
    assert not section.has_money
    assert {row.worth_a_month for row in section.rows} == {""}
    assert hours_texts(assessments.demo()) is None


def test_the_page_shows_money_its_cost_and_where_it_breaks_even():
    """80 EUR an hour, 52.18 weeks a year; 12 developers at 30 EUR."""
    html = plain(report_html(with_hours(PRICES), prices=PRICES))
    assert "1,040 EUR to 4,870 EUR saved a month" in html
    assert "12,500 EUR to 58,400 EUR saved a year" in html
    assert "The assistant costs 360 EUR a month for 12 developers (30 EUR per developer" in html
    assert "breaks even at an efficiency gain of 1.3 % on this work" in html
    assert "--rate 80 --currency EUR --cost 30/developer/month" in html
    assert "EUR saved" not in plain(report_html(with_hours()))


def test_one_developer_is_not_priced():
    """The hours are shown, and why no money is."""
    assessment = with_hours(PRICES, developers=1)
    html = plain(report_html(assessment, prices=PRICES))
    assert "No money is shown: these are the hours of one developer" in html
    assert "a month</td>" not in html
    assert "No money" not in report_html(with_hours())


def test_the_command_repeats_the_prices():
    """With the digits that were given."""
    question = assessments.demo().question
    command = reproduce_command(question, Prices(82.5, "CHF", Cost(360.0, "year")))
    assert command.endswith("--rate 82.5 --currency CHF --cost 360/developer/year")
    assert "--rate" not in reproduce_command(question)
