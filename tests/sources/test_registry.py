"""The sources by name."""

from __future__ import annotations

import pytest
from support.foreign_logs import HEADER, read

from tracker.domain.errors import NotFound
from tracker.sources.registry import SOURCES


def test_an_unknown_source_is_refused() -> None:
    """The refusal names the nearest source, else all of them."""
    with pytest.raises(NotFound, match=r"did you mean tasks\?"):
        read(HEADER, kind="task")
    with pytest.raises(NotFound, match=", ".join(SOURCES)):
        read(HEADER, kind="stopwatch")
    assert all(source.summary for source in SOURCES.values())
