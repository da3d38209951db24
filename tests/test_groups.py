"""Tests that share what is expensive run in one process."""

from __future__ import annotations

import pytest

GROUP = "a group"


@pytest.fixture(scope="module")
def expensive() -> None:
    """What a module makes once."""


def group_in_id(request: pytest.FixtureRequest) -> str:
    """Return the group in the id of a test; "" where there is none."""
    return request.node.nodeid.rpartition("@")[2] if "@" in request.node.nodeid else ""


@pytest.mark.xdist_group(GROUP)
def test_a_named_group_is_in_the_id(request: pytest.FixtureRequest) -> None:
    """Else the groups are ignored without a word: Chromium would start in every process."""
    uses_groups = bool(request.config.getoption("loadgroup", False))
    assert group_in_id(request) == (GROUP if uses_groups else "")


def test_the_module_of_a_fixture_is_the_group(
    expensive: None, request: pytest.FixtureRequest
) -> None:
    """The fixture is made in one process."""
    uses_groups = bool(request.config.getoption("loadgroup", False))
    assert group_in_id(request) == ("tests/test_groups.py" if uses_groups else "")
