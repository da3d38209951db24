"""Which names are valid."""

from __future__ import annotations

import pytest

from tracker.domain import names


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a\tb", "a control character (U+0009)"),
        ("a\x1b[31m", "a control character (U+001B)"),
        ("a\nb", "a line break (U+000A)"),
        ("a\u2028b", "a line break (U+2028)"),
        ("caf\udce9", "a lone surrogate (U+DCE9)"),
        ("a\u202eb", "a bidirectional control character (U+202E)"),
    ],
)
def test_a_forbidden_character_is_named(name: str, kind: str) -> None:
    """The message names its kind and its code point."""
    assert names.fault(name) == f"it holds {kind}; leave that out"


@pytest.mark.parametrize("name", ["PAY-12", "Überblick", "設計", "a\u3000b", "👩\u200d💻"])
def test_printable_text_of_all_scripts_is_valid(name: str) -> None:
    """Letters of all scripts, wide spaces and joined emoji are allowed."""
    assert names.fault(name) is None


def test_a_name_has_a_maximum_length() -> None:
    """The limit is inclusive, and the message states both lengths."""
    assert names.fault("x" * names.LONGEST_NAME) is None
    assert names.fault("x" * 501) == "it has 501 characters; give at most 500"
    assert names.fault("x" * 501, names.LONGEST_NOTE) is None
