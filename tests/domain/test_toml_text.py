"""Hostile TOML is refused in a moment, with a reason."""

from __future__ import annotations

import time

import pytest

from tracker.domain.toml_text import parse_toml

HOSTILE = {
    "no TOML": ("a = ", "Invalid value"),
    "deep lists": ("a = " + "[" * 20_000, "nested too deeply"),
    "deep tables": ("a = " + "{a=" * 20_000, "nested too deeply"),
    "deep key": ("a" + ".a" * 200_000 + " = 1", "more than 100 dots"),
    "deep section": ("[a" + ".a" * 200_000 + "]", "more than 100 dots"),
    "long number": ("a = " + "9" * 5_000, "too many digits"),
    "long text": ("#" * 1_000_001, "1,000,001 characters"),
}


@pytest.mark.parametrize(("text", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_toml_is_refused_at_once(text: str, reason: str) -> None:
    """Whatever the fault is, it is a ValueError, and it takes no time to find."""
    started = time.monotonic()
    with pytest.raises(ValueError, match=reason):
        parse_toml(text)
    assert time.monotonic() - started < 2


def test_a_document_is_parsed() -> None:
    """Dots in values are counted too, but a line may have a hundred."""
    assert parse_toml(f"a = '{'.' * 100}'") == {"a": "." * 100}
