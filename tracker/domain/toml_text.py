"""Parsing TOML that may be hostile: every fault of it is one exception, in limited time."""

from __future__ import annotations

from typing import Any

MAX_CHARACTERS = 1_000_000
"""Maximum length of a settings file or a map."""

MAX_DOTS = 100
"""Maximum number of dots in a line. A key of n dots takes the parser time in proportion to n²."""


def parse_toml(text: str) -> dict[str, Any]:
    """Return the content of a TOML document.

    Raises:
        ValueError: It is no TOML, too long, or nested too deeply. The message is the reason.
    """
    import tomllib  # late: it compiles many patterns, and the timer's commands load this module

    check_size(text)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:  # int() of a number of thousands of digits
        raise ValueError("it holds a number of too many digits") from None


def check_size(text: str) -> None:
    """Check that a TOML document can be parsed in a moment.

    Raises:
        ValueError: It is too long, or has a key of too many parts.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"it has {len(text):,} characters, at most {MAX_CHARACTERS:,} are read")
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > MAX_DOTS:
            raise ValueError(f"line {number} has more than {MAX_DOTS} dots")
