"""Numbers of things in words."""

from __future__ import annotations

from collections.abc import Sequence


def count_of(number: int, singular: str, plural: str = "") -> str:
    """Return a number of things, such as ``1 task`` or ``1,200 tasks``.

    Args:
        number: How many there are.
        singular: What one is called.
        plural: What several are called; "": the singular with an s.
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def first_of(examples: Sequence[str], number: int) -> str:
    """Return examples in one line, with an ellipsis where there are more than these.

    Args:
        examples: The first of them.
        number: How many there are.
    """
    return ", ".join(examples) + (", …" if number > len(examples) else "")
