"""Numbers that a caller gives, who may give anything."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any, TypeGuard

from tracker.domain.printing import quote


def is_number(value: Any) -> TypeGuard[float]:
    """Return whether a value is a finite number; True and False are none.

    >>> is_number(0.8), is_number("0.8"), is_number(float("nan")), is_number(True)
    (True, False, False, False)
    """
    if type(value) is bool or not isinstance(value, Real):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number of some hundred digits
        return False


def is_whole_number(value: Any) -> TypeGuard[int]:
    """Return whether a value is a whole number, of any size; True and False are none."""
    return type(value) is not bool and isinstance(value, Integral)


def number_text(value: object) -> str:
    """Return a value as a message shows it: a number in short, everything else quoted.

    >>> number_text(1.2), number_text("x")
    ('1.2', "'x'")
    """
    return f"{value:g}" if is_number(value) or isinstance(value, float) else quote(value)
