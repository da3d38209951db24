"""The synthetic log of ``tracker demo``: its source name, its label and its true gains."""

from __future__ import annotations

from types import MappingProxyType

SOURCE = "tracker-demo"
"""The source name of the synthetic entries in the database."""

NOTICE = (
    "This log is made up: a demo, not evidence. Its true gains are known, because they were put in."
)

TRUE_GAINS = MappingProxyType({"design": 0.38, "testing": 0.12})
"""True efficiency gains by activity, as fractions. Other activities have no gain."""
