"""The registry of published claims, and the validation of the user's claims."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.claims import catalogue
from tracker.domain.errors import BadValue, NotFound
from tracker.domain.gains import BOUNDS, READINGS
from tracker.domain.records import Claim

USER_CLAIM = Claim("vendor-2026", "coding", 0.3, "efficiency_gain", "about", "a brochure")


def test_the_two_vendor_claims_are_the_default():
    """They are efficiency gains of at least 50 % in design and over 40 % in testing."""
    assert [
        (claim.id, claim.activity, claim.value, claim.reading, claim.bound)
        for claim in catalogue.default_claims()
    ] == [
        ("iflytek-2024-design", "design", 0.5, "efficiency_gain", "at_least"),
        ("iflytek-2024-testing", "testing", 0.4, "efficiency_gain", "more_than"),
    ]


def test_every_published_claim_is_complete():
    """Each has a source, a quantity, a method and a status."""
    for claim in catalogue.published_claims():
        assert claim.source, claim.id
        assert claim.quantity, claim.id
        assert claim.label, claim.id
        assert claim.method, claim.id
        assert claim.status in {"checked", "checked in part", "reported"}, claim.id
        assert claim.bound in BOUNDS, claim.id
        assert claim.reading is None or claim.reading in READINGS, claim.id


def test_ids_are_unique():
    """An id names one published claim."""
    ids = [claim.id for claim in catalogue.published_claims()]
    assert len(set(ids)) == len(ids)


def test_an_interval_contains_its_value():
    """A claim has both bounds or none, also if time increased."""
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
    """Counts of pull requests and undefined quantities have no reading in hours."""
    assert not catalogue.find_claim(claim_id).judgeable


def test_a_slowdown_is_a_negative_time_saved():
    """A trial with +19 % time is in the registry as -19 % time saved."""
    assert catalogue.find_claim("metr-2025").value == -0.19


def test_a_misspelt_claim_is_refused_with_a_suggestion():
    """`check peng-2032` suggests peng-2023."""
    with pytest.raises(NotFound, match=r"'peng-2032'.*did you mean peng-2023\?"):
        catalogue.find_claim("peng-2032")


def test_an_id_unlike_all_others_is_refused_without_a_suggestion():
    """The message still says what to do."""
    with pytest.raises(NotFound, match="`tracker claims` lists them") as error:
        catalogue.find_claim("zzzzzz")
    assert "did you mean" not in str(error.value)


def test_a_claim_of_the_user_has_an_id_too():
    """The user's claims and the published ones are looked up together."""
    assert catalogue.find_claim("vendor-2026", [USER_CLAIM]) is USER_CLAIM
    assert catalogue.find_claim("metr-2025", [USER_CLAIM]).id == "metr-2025"


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
def test_a_gain_is_parsed_as_a_percentage_or_a_fraction(text: str, value: float):
    """Both notations are accepted, with a hyphen or a minus sign."""
    assert catalogue.parse_value(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["", "%", "half", "50 percent", "50%%", "1e3", "nan", "inf", "0.5 0.6", "1,5", "٥%x"]
)
def test_another_text_is_not_a_gain(text: str):
    """A text that is a number only in part is refused."""
    with pytest.raises(BadValue, match=r"such as 50% or 0\.5"):
        catalogue.parse_value(text)


@pytest.mark.parametrize("text", ["9" * 400 + "%", "9" * 400, "-" + "9" * 5000 + "%", "1000001%"])
def test_an_absurd_gain_is_refused(text: str) -> None:
    """A number of hundreds of digits is infinite as a float."""
    with pytest.raises(BadValue, match="give at most 1000000%"):
        catalogue.parse_value(text)


def test_a_bare_fifty_is_refused_as_ambiguous():
    """50 could mean 50 % or fiftyfold; the message offers two notations of the former."""
    with pytest.raises(BadValue, match=r"write 50% or 0\.5"):
        catalogue.parse_value("50")


@given(st.integers(-99, 10_000))
def test_every_whole_percentage_is_parsed(percent: int):
    """A percentage is divided by 100."""
    assert catalogue.parse_value(f"{percent}%") == pytest.approx(percent / 100)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"claim_id": "metr-2025"}, "published claim's"),
        ({"claim_id": "no spaces please"}, "letters, digits"),
        ({"reading": "speedup"}, "choose one of efficiency_gain, time_saved"),
        ({"bound": "roughly"}, "choose one of at_least"),
        ({"reading": "time_saved", "value": 1.0}, "less than 100%"),
        ({"value": -1.0}, "more than -100%"),
    ],
)
def test_an_invalid_claim_of_the_user_is_refused(changes: dict[str, object], message: str):
    """The message for a used id, an unknown word or an impossible value says what to give."""
    arguments = {
        "claim_id": "vendor-2026",
        "activity": "coding",
        "value": 0.3,
        "reading": "efficiency_gain",
        "bound": "about",
        "source": "a brochure",
    }
    assert catalogue.user_claim(**arguments) == USER_CLAIM
    with pytest.raises(BadValue, match=message):
        catalogue.user_claim(**{**arguments, **changes})
