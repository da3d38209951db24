"""Whether an AI assistant made your design and testing more efficient, from your own time log.

For a notebook (docs/notebook.md): ``tracker.open()`` gives a :class:`~tracker.notebook.Log`. Importing the package
loads nothing else, since the command line starts through here: each name loads its room when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.domain.errors import TrackerError
    from tracker.domain.records import Claim
    from tracker.evidence.results import Assessment, Result
    from tracker.notebook import Log, to_frame
    from tracker.notebook import open_log as open  # noqa: A004 - read as tracker.open
    from tracker.report import figures

__version__ = "0.1.0"

__all__ = ["Assessment", "Claim", "Log", "Result", "TrackerError", "figures", "open", "to_frame"]

_ROOMS = {
    "Assessment": "tracker.evidence.results:Assessment",
    "Claim": "tracker.domain.records:Claim",
    "Log": "tracker.notebook:Log",
    "Result": "tracker.evidence.results:Result",
    "TrackerError": "tracker.domain.errors:TrackerError",
    "figures": "tracker.report.figures:",
    "open": "tracker.notebook:open_log",
    "to_frame": "tracker.notebook:to_frame",
}
"""Where each public name lies: module and attribute."""


if not TYPE_CHECKING:  # a type checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        """A public name, from its room (PEP 562)."""
        if name not in _ROOMS:
            raise AttributeError(f"module 'tracker' has no attribute {name!r}")
        from importlib import import_module  # late: the timer's commands never need it

        module, _, attribute = _ROOMS[name].partition(":")
        found: object = import_module(module)
        return getattr(found, attribute) if attribute else found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
