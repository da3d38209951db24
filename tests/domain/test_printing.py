"""Text for people holds nothing that a terminal obeys, no password, and is of limited length."""

from __future__ import annotations

import json
import sys

import pytest

from tracker.domain import printing
from tracker.domain.names import forbidden
from tracker.domain.printing import MAX_MESSAGE, escape_json, message, printable, quote

STEERING = ["\x00", "\x07", "\x1b[31m", "\x7f", "\x9b2J", "\r", "\n", "\u202e", "\u2028", "\ud800"]


@pytest.mark.parametrize("text", STEERING)
def test_what_a_terminal_obeys_is_escaped(text: str) -> None:
    """Controls, line breaks, changes of direction and lone surrogates become escapes."""
    result = printable(f"a{text}b")
    assert not forbidden().search(result)
    assert result.startswith("a\\")
    assert result.endswith("b")
    result.encode()


@pytest.mark.parametrize("text", ["", "Zoë", "工作", "a\u00a0b", "👩\u200d💻", "a\\x1bb"])
def test_other_text_stays(text: str) -> None:
    """Letters of all scripts, joined emoji and wide spaces are printed as they are."""
    assert printable(text) == text


@pytest.mark.parametrize("text", STEERING)
def test_json_keeps_its_content(text: str) -> None:
    """A control character in JSON is escaped as JSON does it, so that nothing is lost."""
    line = escape_json(json.dumps({"note": text}, ensure_ascii=False))
    assert not forbidden().search(line)
    assert json.loads(line) == {"note": text}


def test_a_long_message_is_cut_in_its_middle() -> None:
    """Its beginning says what is wrong, its end what to do."""
    text = message(f"name is {'x' * 20_000}: give a shorter one.")
    assert len(text) <= MAX_MESSAGE + 3
    assert text.startswith("name is xxx")
    assert text.endswith("xxx: give a shorter one.")


def test_a_quoted_value_is_cut() -> None:
    """A value of any type is quoted in at most some sixty characters."""
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    limit = sys.get_int_max_str_digits()
    values = ["." * 20_000, ["x" * 1000], {"a": 1}, nested, 1 << (limit * 4), None, 1.5]
    for value in values:
        assert len(quote(value)) <= printing.MAX_QUOTED + 3
    assert quote(nested) == "a list too large to show"
    assert quote(1 << (limit * 4)) == "a int too large to show"
    while nested:  # taken apart step by step, because the interpreter would do it recursively
        nested = nested[0]  # type: ignore[assignment]
