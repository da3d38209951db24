"""Plain forms of characters that an encoding lacks."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tracker.domain.plain_text import encodable, readable


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("−5 … 3 × 2 – 1 ≥ 0", "-5 ... 3 x 2 - 1 >= 0"),
        ("12\N{NO-BREAK SPACE}%\N{NARROW NO-BREAK SPACE}h", "12 % h"),
        ("Größe", "Gr??e"),
        ("設計", "????"),
        ("e\u0301", "e"),
        ("a\u200db", "ab"),
        ("\udcc3", "?"),
    ],
)
def test_a_character_that_ascii_lacks_has_a_plain_form(text: str, plain: str) -> None:
    """The program's signs become ASCII; letters become question marks of the same width."""
    assert encodable(text, "ascii") == plain


def test_the_width_of_letters_stays() -> None:
    """A table that was laid out before the replacement stays aligned."""
    for text in ("Größe", "設計", "e\u0301te\u0301", "שלום", "👍"):
        assert cell_len(encodable(text, "ascii")) == cell_len(text)


def test_an_encoding_keeps_what_it_has() -> None:
    """Latin-1 has the multiplication sign, and lacks the dash."""
    assert encodable("Größe × –", "latin-1") == "Größe × -"
    assert encodable("設 – \udcc3", "utf-8") == "設 – ?"


def test_bytes_that_the_locale_cannot_read_are_read_as_utf8() -> None:
    """What is not UTF-8 either has the replacement character."""
    assert readable("größe".encode().decode("ascii", "surrogateescape")) == "größe"
    assert readable("gr\udcf6") == "gr\N{REPLACEMENT CHARACTER}"
    assert readable("größe") == "größe"
    assert readable("a\ud800b") == "a\N{REPLACEMENT CHARACTER}b"
