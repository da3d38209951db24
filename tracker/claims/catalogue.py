"""Look up, select and validate claims: the published ones in ``published.toml`` and the user's."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

from tracker.domain.errors import BadValue, NotFound
from tracker.domain.gains import BOUNDS, READINGS, require_log_ratio
from tracker.domain.numbers import is_number, number_text
from tracker.domain.printing import quote
from tracker.domain.records import Claim

_MAX_PERCENT = 1_000_000
"""No gain is larger; a number of some hundred digits would be infinite."""

_VALUE_FORMS = "write a percentage or a fraction, such as 50% or 0.5"

_VALUE = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(%?)", re.ASCII)


@cache
def published_claims() -> tuple[Claim, ...]:
    """Return all published claims in the order of the file, those judged by default first."""
    text = files("tracker.claims").joinpath("published.toml").read_text(encoding="utf-8")
    return tuple(
        Claim(**{"value": None, "reading": None, **row}) for row in tomllib.loads(text)["claim"]
    )


def default_claims() -> tuple[Claim, ...]:
    """Return the published claims that ``check`` judges if none is named."""
    return tuple(claim for claim in published_claims() if claim.by_default)


def find_claim(claim_id: str, user_claims: Iterable[Claim] = ()) -> Claim:
    """Return the claim with an id; a claim of the user replaces a published one.

    Args:
        claim_id: The id.
        user_claims: The user's claims.

    Raises:
        NotFound: There is no such claim. The message suggests the most similar id.

    """
    claims = {claim.id: claim for claim in (*published_claims(), *user_claims)}
    if claim_id in claims:
        return claims[claim_id]
    suggestions = difflib.get_close_matches(claim_id, claims, n=1, cutoff=0.5)
    hint = f"did you mean {suggestions[0]}? " if suggestions else ""
    raise NotFound(f"no claim is called {claim_id!r}: {hint}`tracker claims` lists them.")


def select_claims(
    requested: Iterable[str | Claim], activities: Sequence[str], user_claims: Sequence[Claim]
) -> tuple[Claim, ...]:
    """Return the claims to judge, each with a single activity.

    Args:
        requested: Claims or their ids. If empty, the default claims and the user's are selected.
        activities: Activities to restrict the claims to; () for no restriction.
        user_claims: The user's claims.

    Raises:
        NotFound: A requested claim does not exist.
        BadValue: A requested claim is not about time, is about all work while no activity is given,
            or is about another activity.

    """
    items = tuple(requested)
    for item in items:
        if isinstance(item, Claim):
            check_claim(item)
        elif not isinstance(item, str):
            raise BadValue(f"the claim is {quote(item)}: give a claim or its id.")
    items = tuple(dict.fromkeys(items))
    if not items:
        default = (*default_claims(), *user_claims)
        return tuple(claim for claim in default if not activities or claim.activity in activities)
    claims = [find_claim(item, user_claims) if isinstance(item, str) else item for item in items]
    return tuple(
        activity_claim for claim in claims for activity_claim in _by_activity(claim, activities)
    )


def _by_activity(claim: Claim, activities: Sequence[str]) -> tuple[Claim, ...]:
    """Return a claim once for each activity to judge; BadValue if it cannot be judged."""
    if claim.reading is None or claim.value is None:
        raise BadValue(
            f"{claim.id} states {claim.quantity or 'no time'}: a log of hours cannot judge that."
        )
    if claim.activity == "all":
        if not activities:
            raise BadValue(
                f"{claim.id} is about all work: name the activities to judge with --activity."
            )
        return tuple(replace(claim, activity=activity) for activity in activities)
    if activities and claim.activity not in activities:
        raise BadValue(
            f"{claim.id} is about {claim.activity}: leave --activity out, or give {claim.activity}."
        )
    return (claim,)


def parse_value(text: str) -> float:
    """Return a gain as a fraction, from a text such as "50%" or "0.5".

    >>> parse_value("50%"), parse_value("0.5"), parse_value("-19 %")
    (0.5, 0.5, -0.19)

    Raises:
        BadValue: The text as a whole is not a number, or it is 2 or more without a per cent sign:
            "50" could mean 50 % or fiftyfold.

    """
    match = _VALUE.fullmatch(text.strip().replace("\N{MINUS SIGN}", "-"))
    if match is None:
        raise BadValue(f"the gain {text!r} is not understood: {_VALUE_FORMS}.")
    number = float(match[1])
    if abs(number) > _MAX_PERCENT:
        raise BadValue(f"the gain {quote(text)} is too large: give at most {_MAX_PERCENT}%.")
    return number / 100.0 if match[2] else check_value(number)


def check_value(number: float) -> float:
    """Return a gain that is given as a fraction.

    Raises:
        BadValue: It is no number, or is 2 or more: 50 could mean 50 % or fiftyfold.
    """
    if not is_number(number):
        raise BadValue(f"the gain {number_text(number)} is not understood: {_VALUE_FORMS}.")
    if not abs(number) < 2.0:
        raise BadValue(
            f"the gain '{number:.12g}' may mean a percentage or a factor: "
            f"write {number:.12g}% or {number / 100:g}."
        )
    return number


def user_claim(
    claim_id: str, activity: str, value: float, reading: str, bound: str, source: str
) -> Claim:
    """Return a claim of the user after validation.

    Args:
        claim_id: An id that no published claim has.
        activity: The activity that the claim is about.
        value: The gain as a fraction.
        reading: One of ``READINGS``.
        bound: One of ``BOUNDS``.
        source: Where the claim was made.

    Raises:
        BadValue: One of these is not valid, or no time ratio has that gain.

    """
    if any(claim.id == claim_id for claim in published_claims()):
        raise BadValue(
            f"the id {claim_id!r} is a published claim's: choose another, such as my-{claim_id}."
        )
    if not re.fullmatch(r"[\w][\w.-]*", claim_id):
        raise BadValue(
            f"the claim's id is {claim_id!r}: use letters, digits, dots and dashes, "
            "such as vendor-2026."
        )
    _check_gain(value, reading, bound)
    return Claim(claim_id, activity, value, reading, bound, source)  # type: ignore[arg-type]


def check_claim(claim: Claim) -> None:
    """Check the texts and the gain of a claim.

    Raises:
        BadValue: One is not valid, or no time ratio has that gain.
    """
    for name in ("id", "activity", "source"):
        if not isinstance(value := getattr(claim, name), str):
            raise BadValue(f"the claim's {name} is {quote(value)}: give a text.")
    if claim.reading is not None and claim.value is not None:
        _check_gain(claim.value, claim.reading, claim.bound)


def _check_gain(value: float, reading: str, bound: str) -> None:
    """Raise BadValue for a reading, a bound or a gain that no claim can have."""
    if reading not in READINGS:
        raise BadValue(f"the reading is {quote(reading)}: choose one of {', '.join(READINGS)}.")
    if bound not in BOUNDS:
        raise BadValue(f"the bound is {quote(bound)}: choose one of {', '.join(BOUNDS)}.")
    require_log_ratio(reading, value, "the claimed gain")
