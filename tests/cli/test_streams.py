"""The standard streams: colour, width and encoding."""

from __future__ import annotations

import io

import pytest

from tracker.cli import streams


class FakeTerminal(io.TextIOWrapper):
    """A terminal without a size."""

    def isatty(self) -> bool:
        return True


def terminal(encoding: str = "utf-8") -> FakeTerminal:
    """Return a terminal with an encoding."""
    return FakeTerminal(io.BytesIO(), encoding=encoding)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_a_terminal_is_styled_unless_it_is_turned_off(
    environ: dict[str, str], expected: bool
) -> None:
    """NO_COLOR and TERM=dumb turn escape sequences off; an empty NO_COLOR is none."""
    assert streams.is_styled(terminal(), environ) == expected


def test_a_pipe_is_never_styled() -> None:
    """FORCE_COLOR, which CI services set, does not put escape sequences into files."""
    assert not streams.is_styled(io.StringIO(), {"TERM": "xterm", "FORCE_COLOR": "1"})


@pytest.mark.parametrize(("columns", "width"), [("132", 132), ("3", 20)])
def test_columns_takes_precedence_over_the_terminal(columns: str, width: int) -> None:
    """A width of a few columns is taken for 20."""
    assert streams.terminal_width(terminal(), {"COLUMNS": columns}) == width


def test_a_pipe_has_no_width() -> None:
    """COLUMNS does not cut what is written to a pipe."""
    assert streams.terminal_width(io.StringIO(), {"COLUMNS": "40"}) is None


@pytest.mark.parametrize(
    ("encoding", "expected"), [("utf-8", True), ("utf-16", True), ("latin-1", False)]
)
def test_unicode_encodings_have_all_characters(encoding: str, expected: bool) -> None:
    """Other encodings lack some."""
    assert streams.encodes_everything(terminal(encoding)) == expected


def test_only_a_pipe_is_set_to_utf8_for_programs() -> None:
    """A terminal keeps its encoding."""
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    screen = terminal("latin-1")
    for stream in (pipe, screen):
        streams.prepare_for_programs(stream)
    assert (pipe.encoding, screen.encoding) == ("utf-8", "latin-1")
