"""Which keys look like one key typed in two ways, and which are a normal next task."""

from __future__ import annotations

import random
import re

import pytest

from tracker.domain.task_keys import KEY_PATTERN, canonical_key, similar_key

VARIANTS = [
    ("PAY-12", ["pay-12", "PAY 12", "PAY12", "PAY_12", "PAY \u2013 12", "PAY\u00ad-12"]),
    ("PAY-34", ["\uff30\uff21\uff39-34", "PAY\u201134", "P\u200bAY-34"]),
    ("fix login", ["Fix Login", "fix-login", "fix  login", "FIX_LOGIN"]),
    ("STRASSE-1", ["straße-1"]),
    ("Größe 3", ["GRÖSSE-3", "gro\u0308ße3"]),
    ("#123", ["# 123"]),
]

DIFFERENT = [
    ("PAY-12", "PAY-13"),
    ("1-23", "12-3"),
    ("2026-1-12", "2026-11-2"),
    ("PAY-12", "PAY-12b"),
    ("PAY-12", "PAYS-12"),
    ("a.b", "ab"),
]


@pytest.mark.parametrize(("key", "variants"), VARIANTS, ids=[key for key, _ in VARIANTS])
def test_variants_have_one_canonical_form(key: str, variants: list[str]) -> None:
    """Case, width, and the kind of dash or space do not count."""
    assert {canonical_key(variant) for variant in variants} == {canonical_key(key)}


@pytest.mark.parametrize(("key", "other"), DIFFERENT)
def test_other_keys_have_other_forms(key: str, other: str) -> None:
    """Between two numbers a dash counts, and so does every letter and digit."""
    assert canonical_key(key) != canonical_key(other)


@pytest.mark.parametrize(
    ("key", "expected_key"),
    [
        ("PAY-21", "PAY-12"),
        ("pay-21", "PAY-12"),
        ("PAY-112", "PAY-12"),
        ("PAY-1", "PAY-12"),
        ("PAY-3412", "PAY-3421"),
        ("PAY-3241", "PAY-3421"),
        ("PAY-341", "PAY-3421"),
        ("PAY-342", "PAY-3421"),
        ("ABC-21", None),
        ("PAY-13", None),
        ("PAY-22", None),
        ("PAY-3422", None),
        ("PAY-3431", None),
        ("PAY", None),
    ],
)
def test_a_slip_in_the_number_of_expected_work(key: str, expected_key: str | None) -> None:
    """Two digits swapped, one too many or too few; a substituted digit is a usual neighbour."""
    candidates = ["PAY-12", "PAY-3421"]
    assert similar_key(key, candidates, candidates) == expected_key


def test_a_slip_counts_for_expected_work_only() -> None:
    """A key that is merely recorded is no reason to doubt another one."""
    assert similar_key("PAY-21", ["PAY-12"], []) is None
    assert similar_key("PAY-21", ["PAY-12"], ["PAY-12"], with_slips=False) is None
    assert similar_key("pay-12", ["PAY-12"], [], with_slips=False) == "PAY-12"


def test_the_next_numbers_of_a_series_are_no_slip() -> None:
    """PAY-21 after PAY-12 to PAY-20 is the next task, though 12 is expected."""
    keys = [f"PAY-{number}" for number in range(12, 21)]
    assert similar_key("PAY-21", keys, ["PAY-12"]) is None
    assert similar_key("PAY-31", keys, ["PAY-13"]) == "PAY-13"


def test_a_very_long_number_is_compared_too() -> None:
    """Thousands of digits neither fail nor take long."""
    long = "9" * 5000
    assert similar_key(f"T-{long}", [f"t {long}"], []) == f"t {long}"
    assert similar_key(f"T-{long}1", ["T-1", f"T-{long}"], [f"T-{long}"]) == f"T-{long}"


def remarks(rng: random.Random, *, start: int, step: int, ahead: int) -> tuple[int, int]:
    """Return the new keys and the remarks on them of a developer without slips.

    Args:
        rng: The random generator.
        start: The number at which the log begins.
        step: How many numbers of the project go to others, at most, between two tasks.
        ahead: How many tasks are estimated ahead, at most.
    """
    keys: list[str] = []
    waiting: list[str] = []
    number, new, count = start, 0, 0
    for _ in range(150):
        number += rng.randint(1, step)
        if rng.random() < 0.3:
            planned = [f"PAY-{number + n}" for n in range(rng.randint(1, ahead))]
            waiting += [key for key in planned if key not in keys]
            keys += [key for key in planned if key not in keys]
        if waiting and rng.random() < 0.7:
            waiting.pop(rng.randrange(len(waiting)))
            continue
        key = f"PAY-{number - rng.randint(0, 2 * step)}"
        if key not in keys:
            new += 1
            count += similar_key(key, keys, waiting[-50:]) is not None
            keys.append(key)
    return new, count


@pytest.mark.parametrize("start", [1, 95, 800, 4000])
def test_realistic_series_are_rarely_remarked_on(start: int) -> None:
    """Under 3 % of the new keys of somebody who estimates some tasks ahead and types right."""
    rng = random.Random(start)
    results = [
        remarks(rng, start=start, step=step, ahead=ahead)
        for step in (1, 4, 30)
        for ahead in (1, 5)
        for _ in range(20)
    ]
    new, count = map(sum, zip(*results, strict=True))
    assert new > 1000
    assert count < 0.03 * new


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("feature/PAY-12-refunds", ["PAY-12"]),
        ("UTF-8 in PAY-1", ["PAY-1"]),
        ("SHA-256, ISO-8601 and RFC-7231", []),
        ("CVE-2024-1234: SEC-9", ["SEC-9"]),
        ("ISO-12 UTF-80 SHA-2567", ["ISO-12", "UTF-80", "SHA-2567"]),
    ],
)
def test_names_of_standards_are_no_keys(text: str, keys: list[str]) -> None:
    """A project with such a prefix keeps its other numbers."""
    assert re.findall(KEY_PATTERN, text) == keys


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("PYA-14", "PAY-14"),
        ("PAYY-14", "PAY-14"),
        ("PA-14", None),  # too short to assume a slip
        ("WEB-1", None),
        ("PAY-99", None),
    ],
)
def test_a_slip_in_the_letters_of_a_new_prefix(key: str, expected: str | None) -> None:
    """A new prefix that is one slip away from a known one was probably meant to be that."""
    assert similar_key(key, ["PAY-12", "APP-3"], []) == expected
    assert similar_key(key, ["PAY-12", "APP-3"], [], with_slips=False) is None
