"""Measure from your own time log whether an AI assistant made design and testing more efficient.

In a notebook, ``tracker.open()`` returns a :class:`~tracker.notebook.Log` (docs/notebook.md).
Importing the package loads nothing else, because the command line starts here too. Each public name
loads its module on first use.
"""

from __future__ import annotations

TYPE_CHECKING = False  # not from typing, which takes as long to load as Python

if TYPE_CHECKING:
    from tracker.domain.errors import TrackerError
    from tracker.domain.records import Claim
    from tracker.evidence.assessment import Assessment
    from tracker.evidence.results import Result
    from tracker.notebook import Log, open_log, to_frame
    from tracker.report import figures

    open = open_log  # noqa: A001 - read as tracker.open

__version__ = "0.1.0"

__all__ = ["Assessment", "Claim", "Log", "Result", "TrackerError", "figures", "open", "to_frame"]

_LAZY_NAMES = {
    "Assessment": "tracker.evidence.assessment:Assessment",
    "Claim": "tracker.domain.records:Claim",
    "Log": "tracker.notebook:Log",
    "Result": "tracker.evidence.results:Result",
    "TrackerError": "tracker.domain.errors:TrackerError",
    "figures": "tracker.report.figures:",
    "open": "tracker.notebook:open_log",
    "to_frame": "tracker.notebook:to_frame",
}
"""Where each public name is defined: ``module:attribute``, or ``module:`` for a module."""


if not TYPE_CHECKING:  # with a visible __getattr__ a type checker would accept any name

    def __getattr__(name: str) -> object:
        """Load a public name on first use (PEP 562)."""
        if name not in _LAZY_NAMES:
            raise AttributeError(f"module 'tracker' has no attribute {name!r}")
        from importlib import import_module  # late: the timer's commands never need it

        module_name, _, attribute = _LAZY_NAMES[name].partition(":")
        module: object = import_module(module_name)
        return getattr(module, attribute) if attribute else module


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
