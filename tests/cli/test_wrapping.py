"""Lines are broken between words to fit a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.cli.wrapping import cell_width, fit


@pytest.mark.parametrize(
    ("line", "width", "expected"),
    [
        ("one two three", None, ["one two three"]),
        ("one two three", 13, ["one two three"]),
        ("one two three", 9, ["one two", "  three"]),
        ("  one two three", 9, ["  one two", "    three"]),
        ("abcdefghij", 4, ["abcd", "  ef", "  gh", "  ij"]),
        ("設計 設計", 6, ["設計", "  設計"]),
        ("", 5, [""]),
        ("in /home/ada/log.db: it is new", 14, ["in", "/home/ada/log.db:", "  it is new"]),
        ("/home/ada/log.db", 8, ["/home/ada/log.db"]),
        ("  sqlite:///x/y.db", 17, ["  sqlite:///x/y.db".strip()]),
    ],
)
def test_a_line_is_broken(line: str, width: int | None, expected: list[str]) -> None:
    """What continues a line is indented by two more; wide letters take two columns."""
    assert fit(line, width) == expected


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"])))
def test_no_line_is_wider_and_nothing_is_lost(line: str) -> None:
    """But for blanks, whatever the text; a path is never broken, and stands alone."""
    parts = fit(line, 20)
    wide = [part for part in parts if cell_width(part) > 20]
    assert all(len(part.split()) == 1 and "/" in part for part in wide) or len(parts) == 1
    assert "".join("".join(parts).split()) == "".join(line.split())
