"""The published claims that the project ships (``claims.toml``), and one's own: named, found, chosen and read."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

from tracker.domain.errors import BadValue, NotFound
from tracker.domain.gains import BOUNDS, READINGS
from tracker.domain.records import Claim

_VALUE = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(%?)", re.ASCII)


@cache
def published_claims() -> tuple[Claim, ...]:
    """Every published claim, in the registry's order; the ones judged by default come first."""
    text = files("tracker.claims").joinpath("published.toml").read_text(encoding="utf-8")
    return tuple(
        Claim(**{"value": None, "reading": None, **row}) for row in tomllib.loads(text)["claim"]
    )


def default_claims() -> tuple[Claim, ...]:
    """The published claims that ``check`` judges when none is named."""
    return tuple(claim for claim in published_claims() if claim.by_default)


def find_claim(claim_id: str, own: Iterable[Claim] = ()) -> Claim:
    """One's own or a published claim by its id; one's own wins. An unknown id is refused with the nearest one."""
    known = {claim.id: claim for claim in (*published_claims(), *own)}
    if claim_id in known:
        return known[claim_id]
    near = difflib.get_close_matches(claim_id, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}? " if near else ""
    raise NotFound(f"no claim is called {claim_id!r}: {hint}`tracker claims` lists them.")


def select_claims(
    named: Iterable[str | Claim], activities: Sequence[str], own: Sequence[Claim]
) -> tuple[Claim, ...]:
    """The claims to judge: the named ones, else those judged by default and one's own; of ``activities`` if given."""
    wanted = tuple(dict.fromkeys(named))
    if not wanted:
        default = (*default_claims(), *own)
        return tuple(claim for claim in default if not activities or claim.activity in activities)
    found = [find_claim(one, own) if isinstance(one, str) else one for one in wanted]
    return tuple(placed for claim in found for placed in _placed(claim, activities))


def _placed(claim: Claim, activities: Sequence[str]) -> tuple[Claim, ...]:
    """A claim by the activity it speaks of; one that speaks of all work is judged on the activities given."""
    if claim.reading is None or claim.value is None:
        raise BadValue(
            f"{claim.id} states {claim.quantity or 'no time'}: a log of hours cannot judge that."
        )
    if claim.activity == "all":
        if not activities:
            raise BadValue(
                f"{claim.id} speaks of all work: say with --activity what to hold it against."
            )
        return tuple(replace(claim, activity=activity) for activity in activities)
    if activities and claim.activity not in activities:
        raise BadValue(
            f"{claim.id} is about {claim.activity}: leave --activity out, or give {claim.activity}."
        )
    return (claim,)


def parse_value(text: str) -> float:
    """A gain as a fraction, from "50%" or "0.5"; what is not understood whole is refused.

    A bare number of 2 or more is refused too: "50" may mean 50 % or fiftyfold.

    >>> parse_value("50%"), parse_value("0.5"), parse_value("-19 %")
    (0.5, 0.5, -0.19)
    """
    match = _VALUE.fullmatch(text.strip().replace("\N{MINUS SIGN}", "-"))
    if match is None:
        raise BadValue(
            f"the gain {text!r} is not understood: write a percentage or a fraction, such as 50% or 0.5."
        )
    number = float(match[1])
    if match[2]:
        return number / 100.0
    if not abs(number) < 2.0:
        raise BadValue(
            f"the gain {text!r} may mean a percentage or a factor: write {match[1]}% or {number / 100:g}."
        )
    return number


def own_claim(
    claim_id: str, activity: str, value: float, reading: str, bound: str, source: str
) -> Claim:
    """A claim of one's own, checked: its id is free among the published ones, and the figure can exist."""
    if any(claim.id == claim_id for claim in published_claims()):
        raise BadValue(
            f"the id {claim_id!r} is a published claim's: choose another, such as my-{claim_id}."
        )
    if not re.fullmatch(r"[\w][\w.-]*", claim_id):
        raise BadValue(
            f"the claim's id is {claim_id!r}: use letters, digits, dots and dashes, such as vendor-2026."
        )
    if reading not in READINGS:
        raise BadValue(f"the reading is {reading!r}: choose one of {', '.join(READINGS)}.")
    if bound not in BOUNDS:
        raise BadValue(f"the bound is {bound!r}: choose one of {', '.join(BOUNDS)}.")
    if reading == "time_saved" and value >= 1.0:
        raise BadValue(
            f"the time saved is {value:.0%}: nothing saves all the time, give less than 100%."
        )
    if reading == "efficiency_gain" and value <= -1.0:
        raise BadValue(
            f"the efficiency gain is {value:.0%}: give more than -100%, which would be no output at all."
        )
    return Claim(claim_id, activity, value, reading, bound, source)
