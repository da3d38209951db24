"""The registry of published claims, and reading one's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.claims import catalogue
from tracker.domain.errors import BadValue, NotFound
from tracker.domain.gains import BOUNDS, READINGS
from tracker.domain.records import Claim

MINE = Claim("vendor-2026", "coding", 0.3, "efficiency_gain", "about", "a brochure")


def test_the_two_vendor_claims_are_judged_by_default():
    """Without being named, the two iFLYTEK claims are judged, as efficiency gains of at least 50 % and over 40 %."""
    assert [
        (c.id, c.activity, c.value, c.reading, c.bound) for c in catalogue.default_claims()
    ] == [
        ("iflytek-2024-design", "design", 0.5, "efficiency_gain", "at_least"),
        ("iflytek-2024-testing", "testing", 0.4, "efficiency_gain", "more_than"),
    ]


def test_every_published_claim_says_what_it_measured_and_how():
    """No claim is without its source, its own quantity, its method and whether the figure was seen."""
    for claim in catalogue.published_claims():
        assert claim.source, claim.id
        assert claim.quantity, claim.id
        assert claim.method, claim.id
        assert claim.status in {"checked", "checked in part", "reported"}, claim.id
        assert claim.bound in BOUNDS, claim.id
        assert claim.reading is None or claim.reading in READINGS, claim.id


def test_ids_are_unique():
    """Each published claim can be named."""
    ids = [claim.id for claim in catalogue.published_claims()]
    assert len(set(ids)) == len(ids)


def test_an_interval_holds_its_figure():
    """A low and a high bound come together and lie around the value, also where time went up."""
    bounded = [claim for claim in catalogue.published_claims() if claim.low is not None]
    assert {"peng-2023", "metr-2025", "metr-2026"} <= {claim.id for claim in bounded}
    for claim in bounded:
        assert claim.high is not None
        assert claim.low < claim.high
        assert claim.value is None or claim.low < claim.value < claim.high


@pytest.mark.parametrize(
    "claim_id", ["cui-2026", "bis-2024", "dx-2026", "westpac-2023", "bain-2025", "capgemini-2024"]
)
def test_output_and_undefined_quantities_cannot_be_judged(claim_id: str):
    """What counts pull requests, or nothing defined, has no reading in hours."""
    assert not catalogue.find_claim(claim_id).judgeable


def test_a_slowdown_is_a_negative_saving():
    """The trial that found +19 % time is in the registry as -19 % time saved."""
    assert catalogue.find_claim("metr-2025").value == -0.19


def test_a_misspelt_claim_is_refused_with_the_nearest_one():
    """`check peng-2032` says peng-2023 rather than nothing."""
    with pytest.raises(NotFound, match=r"'peng-2032'.*did you mean peng-2023\?"):
        catalogue.find_claim("peng-2032")


def test_a_name_like_no_other_is_refused_without_a_guess():
    """Where nothing is near, the refusal still says what to do."""
    with pytest.raises(NotFound, match="`tracker claims` lists them") as refusal:
        catalogue.find_claim("zzzzzz")
    assert "did you mean" not in str(refusal.value)


def test_ones_own_claims_are_found_too():
    """A user's claim is found by its id, beside the published ones."""
    assert catalogue.find_claim("vendor-2026", [MINE]) is MINE
    assert catalogue.find_claim("metr-2025", [MINE]).id == "metr-2025"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("50%", 0.5),
        ("0.5", 0.5),
        ("+40 %", 0.4),
        ("-19%", -0.19),
        ("−19 %", -0.19),
        ("250%", 2.5),
        ("0", 0.0),
    ],
)
def test_gains_are_read_as_percentages_or_fractions(text: str, value: float):
    """Both ways of writing a gain are understood, with either minus sign."""
    assert catalogue.parse_value(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["", "%", "half", "50 percent", "50%%", "1e3", "nan", "inf", "0.5 0.6", "1,5", "٥%x"]
)
def test_what_is_not_understood_whole_is_refused(text: str):
    """A gain that is only partly a number is not guessed at."""
    with pytest.raises(BadValue, match=r"such as 50% or 0\.5"):
        catalogue.parse_value(text)


def test_a_bare_fifty_is_refused_as_ambiguous():
    """50 without a sign may mean 50 % or fiftyfold: both spellings are offered."""
    with pytest.raises(BadValue, match=r"write 50% or 0\.5"):
        catalogue.parse_value("50")


@given(st.integers(-99, 10_000))
def test_a_percentage_is_a_hundredth(percent: int):
    """Every whole percentage reads back as itself."""
    assert catalogue.parse_value(f"{percent}%") == pytest.approx(percent / 100)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"claim_id": "metr-2025"}, "published claim's"),
        ({"claim_id": "no spaces please"}, "letters, digits"),
        ({"reading": "speedup"}, "choose one of efficiency_gain, time_saved"),
        ({"bound": "roughly"}, "choose one of at_least"),
        ({"reading": "time_saved", "value": 1.0}, "less than 100%"),
        ({"value": -1.0}, "more than -100%"),
    ],
)
def test_an_impossible_claim_of_ones_own_is_refused(changed: dict[str, object], message: str):
    """A taken id, an unknown word or a figure that cannot exist is refused, and says what to give instead."""
    given_claim = {
        "claim_id": "vendor-2026",
        "activity": "coding",
        "value": 0.3,
        "reading": "efficiency_gain",
        "bound": "about",
        "source": "a brochure",
    }
    assert catalogue.own_claim(**given_claim) == MINE
    with pytest.raises(BadValue, match=message):
        catalogue.own_claim(**{**given_claim, **changed})
