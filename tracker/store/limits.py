"""How long the database may keep a command waiting."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the database may keep a command waiting, in seconds."""

    connect_seconds: int = 10
    """For a connection to a server."""
    read_lock_seconds: float = 30.0
    """For a lock, in a transaction that reads."""
    statement_seconds: float = 600.0
    """For the answer to a statement."""
    is_interactive: bool = False
    """Whether a person waits for a command that needs no answer, so that nothing exceeds them."""

    def lock_seconds(self, seconds: float) -> float:
        """Return how long a write may wait for a lock that it would wait for so long."""
        return min(seconds, self.statement_seconds) if self.is_interactive else seconds


DEFAULT_LIMITS = Limits()

INTERACTIVE = Limits(2, 2.0, 2.0, is_interactive=True)
"""The limits of commands that a person waits for, and that can do without the database."""
