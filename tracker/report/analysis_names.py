"""Plain names of the other ways to analyse the same data, for readers without statistics."""

from __future__ import annotations

from tracker.evidence.charts.specification import PRIMARY

PLAIN_NAMES: dict[str, str] = {
    PRIMARY: "as judged",
    "least squares": "with rare long tasks at full weight",
    "against the same people's other work": "less the change of the same people’s other work",
    "not against the same people's other work": "without a look at the same people’s other work",
    "HC3": "each task counted by itself",
    "CRV3": "each developer left out in turn",
    "wild cluster bootstrap-t": "with developers resampled",
    "permutation within developer": "with the arms drawn again",
    "Poisson pseudo-likelihood": "mean minutes instead of the typical task",
    "Σt/Σestimate": "total hours per estimated hour",
    "no x": "without the estimate",
    "with x, items with an estimate": "with the estimate",
    "+ linear trend": "less a steady trend",
    "two-way fixed effects": "developers and months together",
    "before/after, no month effects": "before and after only",
    "without the first month": "without the first month",
    "leave one developer out (range)": "range without any one developer",
    "open items as done": "unfinished tasks counted too",
    "without answers from usage logs": "without answers from usage logs",
}
"""By the names that JSON and the method use."""

_METHODS = {
    *("HC3", "CRV3", "wild cluster bootstrap-t", "permutation within developer"),
    *("least squares", "Poisson pseudo-likelihood", "two-way fixed effects"),
}
"""The names that the literature has for an analysis."""


def plain_name(name: str) -> str:
    """Return an analysis in plain words."""
    return PLAIN_NAMES.get(name, name)


def method_name(name: str) -> str | None:
    """Return the name that the literature has for an analysis; None where it has none."""
    return name if name in _METHODS else None
