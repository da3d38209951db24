"""Fixtures for the tests of local state."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.local_state import LocalState


@pytest.fixture
def local_state(tmp_path: Path) -> LocalState:
    """A data folder that does not exist yet."""
    return LocalState(tmp_path / "data")
