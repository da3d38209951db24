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


def rounded(number: float) -> int:
    """Return a number as an estimate of it is read: with two significant digits.

    From 20 to 100 it is a multiple of 5, and below 20 the whole number.

    >>> rounded(19_859), rounded(1234), rounded(187), rounded(83), rounded(11.4)
    (20000, 1200, 190, 85, 11)
    """
    if number < 20:
        return round(number)
    unit = 5 if number < 100 else 10 ** (len(str(round(number))) - 2)
    return unit * round(number / unit)


def about(number: float, singular: str, plural: str = "") -> str:
    """Return an estimated number of things, such as ``about 1,200 tasks``; see :func:`rounded`."""
    return f"about {count_of(rounded(number), singular, plural)}"


def first_of(examples: Sequence[str], number: int) -> str:
    """Return examples in one line, with an ellipsis where there are more than these.

    Args:
        examples: The first of them.
        number: How many there are.
    """
    return ", ".join(examples) + (", …" if number > len(examples) else "")


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
