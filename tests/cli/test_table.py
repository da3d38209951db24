"""Tables: the layout for a terminal of a given width, and for a pipe."""

from __future__ import annotations

import dataclasses
import io

import pytest
from rich.cells import cell_len

from tracker.cli.table import Column, print_table

ID = Column("ID", ["01a20917", "01a20918"])
NUMBER = Column("work items", [7, 12_345], is_right=True)
NAME = Column("Task", ["設計-7", "e\u0301te\u0301"], is_text=True)
NOTE = Column("Note", ["word " * 30, None], is_text=True)


def table(*columns: Column, width: int | None = None, styled: bool = False) -> list[str]:
    """Return the lines of a table, without blanks at their ends."""
    file = io.StringIO()
    print_table(columns, file, width=width, styled=styled)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def columns_before(line: str, text: str) -> int:
    """Return how many columns of a terminal a line has before a text."""
    return cell_len(line.partition(text)[0])


def test_a_table_without_a_width_has_one_line_a_row() -> None:
    """Nothing is wrapped, and a missing value is a dash."""
    header, first, second = table(ID, NUMBER, NAME, NOTE)
    assert header.split() == ["ID", "work", "items", "Task", "Note"]
    assert first.endswith(" ".join(["word"] * 30))
    assert second.endswith("—")


@pytest.mark.parametrize("width", [None, 80, 30])
def test_columns_are_aligned_whatever_the_width_of_a_character(width: int | None) -> None:
    """Wide characters have two columns, and combining ones none."""
    other = Column("Other", ["first", "second"])
    lines = table(ID, NAME, other, width=width)
    assert (
        len(
            {
                columns_before(*pair)
                for pair in zip(lines, ("Other", "first", "second"), strict=True)
            }
        )
        == 1
    )


def test_a_heading_is_wrapped_before_a_text_is() -> None:
    """A column of numbers is as wide as its numbers and the longest word of its heading."""
    lines = table(ID, NUMBER, width=18)
    assert [line.split() for line in lines] == [
        ["work"],
        ["ID", "items"],
        ["01a20917", "7"],
        ["01a20918", "12345"],
    ]


@pytest.mark.parametrize(("encoding", "end"), [("utf-8", "…"), ("ascii", "...")])
def test_a_text_is_cut_in_its_column(encoding: str, end: str) -> None:
    """Each row is one line, filled up to the width; ids and numbers are whole."""
    note = dataclasses.replace(NOTE, encoding=encoding)
    lines = table(ID, NUMBER, note, width=50)
    assert max(map(cell_len, lines)) in range(44, 51)
    assert [line.endswith(end) for line in lines] == [False, True, False]
    assert "01a20918       12345" in lines[2]


def test_columns_that_do_not_fit_are_below_the_row() -> None:
    """They have their headings there; a missing value is left out."""
    lines = table(ID, NUMBER, NAME, NOTE, width=32)
    assert lines[0].split() == ["ID", "work", "items", "Task"]
    assert lines[2].startswith("    Note: word word")
    assert all(cell_len(line) <= 32 for line in lines)
    assert lines[-1].split()[:2] == ["01a20918", "12345"]


def test_texts_below_the_row_are_cut_to_one_line() -> None:
    """Each has its share of the line, and an id or a number is whole."""
    texts = [Column(name, ["word " * 30], is_text=True) for name in ("Task", "Note")]
    lines = table(Column("ID", ["x" * 60]), *texts, Column("n", [12_345]), width=76)
    assert len(lines) == 3
    assert cell_len(lines[2].rstrip()) in range(70, 77)
    assert lines[2].count("…") == 2
    assert lines[2].rstrip().endswith("n: 12345")


WHOLE = Column("Message", ["word " * 12, "short"], is_whole=True)
PATH = "sqlite:////home/Ada Lovelace/.local/share/tracker/tracker.db"


def test_a_whole_text_is_broken_between_words() -> None:
    """Nothing of it is lost, and no line is wider."""
    lines = table(ID, WHOLE, width=32)
    assert sum(line.count("word") for line in lines) == 12
    assert all(cell_len(line) <= 32 for line in lines)
    assert lines[-1] == "01a20918  short"


@pytest.mark.parametrize("width", [10, 30, 60])
def test_a_path_that_does_not_fit_is_a_line_of_its_own(width: int) -> None:
    """It can be copied from the terminal as it is, blanks included."""
    lines = table(ID, Column("Value", [PATH, "ada"], is_whole=True), width=width)
    assert PATH in [line.strip() for line in lines]
    assert table(Column("", ["ID"]), Column("", [PATH], is_whole=True)) == [f"ID  {PATH}"]


def test_a_path_in_a_sentence_is_whole() -> None:
    """The sentence is broken between words around it."""
    lines = table(ID, Column("", [f"mend {PATH} soon", ""], is_whole=True), width=30)
    assert "".join("".join(lines[2:-1]).split()) == "".join(f"mend{PATH}soon".split())
    assert "Lovelace/.local/share/tracker/tracker.db" in lines


def test_a_table_without_headings_has_no_line_for_them() -> None:
    """A list of facts begins with the first."""
    assert table(Column("", ["kind"]), Column("", ["SQLite"])) == ["kind  SQLite"]


def test_a_cell_that_is_wider_than_the_terminal_is_whole() -> None:
    """An id or a number is never cut or broken."""
    assert "12345" in "\n".join(table(Column("n", [12_345]), ID, width=3)).split()


def test_a_cell_cannot_steer_the_terminal() -> None:
    """Control characters are escaped, line breaks are blanks; markup is text."""
    lines = table(Column("Note", ["a\x1b[31m\nb [red]c[/red] :smile:"]), styled=True)
    assert lines[1] == "a\\x1b[31m b [red]c[/red] :smile:"


def test_an_encoding_decides_the_layout() -> None:
    """Plain forms are put in before the widths are computed."""
    claim = Column("states", ["≥ 50 %", "… 設 –"], encoding="ascii")
    other = Column("Other", ["first", "second"], encoding="ascii")
    lines = table(claim, other)
    assert lines[1:] == [">= 50 %   first", "... ?? -  second"]


@pytest.mark.parametrize("styled", [False, True])
def test_only_a_styled_table_has_escape_sequences(styled: bool) -> None:
    """The heading is bold on a terminal."""
    assert ("\x1b[1m" in "".join(table(ID, styled=styled))) == styled
