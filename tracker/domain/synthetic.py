"""The made-up log of ``tracker demo``: how it is recognised, labelled, and which gains it was given."""

from __future__ import annotations

from types import MappingProxyType

SOURCE = "tracker-demo"
"""The source name under which its entries are stored."""

NOTICE = (
    "This log is made up: a demo, not evidence. Its true gains are known, because they were put in."
)

TRUE_GAINS = MappingProxyType({"design": 0.38, "testing": 0.12})
"""True efficiency gains by activity; the other activities gain nothing."""
