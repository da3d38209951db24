"""Numbers that a caller gives, who may give anything."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any, TypeGuard

from tracker.domain.printing import quote


def is_number(value: Any) -> TypeGuard[float]:
    """Return whether a value is a finite number; True and False are none.

    >>> is_number(0.8), is_number("0.8"), is_number(float("nan")), is_number(True)
    (True, False, False, False)
    """
    return type(value) is not bool and isinstance(value, Real) and math.isfinite(value)


def number_text(value: object) -> str:
    """Return a value as a message shows it: a number in short, everything else quoted.

    >>> number_text(1.2), number_text("x")
    ('1.2', "'x'")
    """
    return f"{value:g}" if isinstance(value, float | int) else quote(value)
