"""What the commands share: the clock, the environment, the person's files, and the way to the database.

Click hands it from the group to the commands; tests put in their own clock and environment. On the timer's path: the
store loads when the database is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from tracker.domain import times, urls
from tracker.domain.errors import BadValue, StoreError
from tracker.domain.ids import uuid7
from tracker.local import settings
from tracker.local.activity_cache import ActivityCache
from tracker.local.atomic_files import atomic_write
from tracker.local.outbox import Outbox
from tracker.local.record_files import Record
from tracker.local.timer import TimerFile

if TYPE_CHECKING:  # SQLAlchemy takes five times as long to load as click
    from random import Random

    from tracker.store.database import Database


class Context:
    """One run of the program."""

    def __init__(
        self,
        environ: Mapping[str, str],
        clock: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self.environ = environ
        self.random_bytes = random_bytes
        self._clock = clock
        self._url: str | None = None
        self._config: str | None = None
        self._loudness = 0
        self._database: Database | None = None

    @classmethod
    def of_this_process(cls) -> Context:
        """What the system gives; tests give their own."""
        return cls(os.environ, lambda: datetime.now(UTC), os.urandom)

    def choose(self, *, url: str | None, config: str | None, loudness: int) -> None:
        """Take over the options of the group; ``loudness`` -1 is quiet, 1 is verbose."""
        self._url, self._config, self._loudness = url, config, loudness

    # what is said

    def say(self, message: str) -> None:
        """A message, to stderr, unless -q."""
        if self._loudness >= 0:
            click.echo(message, err=True)

    def detail(self, message: str) -> None:
        """A message, to stderr, with -v."""
        if self._loudness > 0:
            click.echo(message, err=True)

    def warn(self, message: str) -> None:
        """Something that needs a look, to stderr, also with -q."""
        click.echo(f"tracker: {message}", err=True)

    # when and who

    @cached_property
    def _moment(self) -> datetime:
        """The clock, read once: all of a command is of one instant, though a second may tick while it runs."""
        return self._clock()

    def now(self) -> datetime:
        """The instant, in the person's zone."""
        return self._moment.astimezone(self.zone)

    @property
    def now_epoch(self) -> int:
        """The instant, in whole seconds since 1970 UTC."""
        return int(self._moment.timestamp())

    def new_id(self) -> str:
        """An id for a record made now."""
        return uuid7(int(self._moment.timestamp() * 1e6) * 1000, self.random_bytes(8))

    @property
    def rng(self) -> Random:
        """A generator of random numbers that nobody can foresee."""
        from random import Random

        return Random(int.from_bytes(self.random_bytes(32), "big"))  # noqa: S311 - a coin, not a secret

    @cached_property
    def settings(self) -> settings.Settings:
        """What the settings file says."""
        return settings.read(self.settings_file, must_exist=self._config is not None)

    @property
    def settings_file(self) -> str:
        """Where the settings lie."""
        return self._config or settings.settings_file(self.environ)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of the person's clock times."""
        return times.zone(self.settings.zone or times.local_zone_name(self.environ))

    @cached_property
    def developer(self) -> str:
        """Whose log this is: TRACKER_DEVELOPER, else the settings, else the login name (said the first time)."""
        if chosen := settings.configured_developer(self.environ, self.settings):
            return chosen
        name = settings.login_name(self.environ)
        if name is None:
            raise BadValue("developer is not known: `tracker config set developer NAME`.")
        self._introduce(name)
        return name

    def _introduce(self, name: str) -> None:
        """Say once under which name is logged, where nobody has chosen it."""
        told = os.path.join(self.data_folder, "introduced")
        with suppress(OSError, UnicodeDecodeError), open(told, encoding="utf-8") as file:
            if file.read() == name:
                return
        self.say(
            f"You are {name!r} here, by your login name; `tracker config set developer NAME` changes it."
        )
        with suppress(OSError):
            atomic_write(told, name)

    # files

    @cached_property
    def data_folder(self) -> str:
        """The folder of the person's timer and of their own database."""
        return settings.data_folder(self.environ)

    @cached_property
    def outbox(self) -> Outbox:
        """The records that wait for the database."""
        return Outbox(self._database_folder, self.warn)

    def waiting_for_other_databases(self) -> int:
        """How many records wait for other databases than this one."""
        try:
            others = [os.path.join(self._folders, name) for name in os.listdir(self._folders)]
        except FileNotFoundError:
            others = []
        return sum(
            Outbox(folder, self.warn).count()
            for folder in (self.data_folder, *others)
            if folder != self._database_folder
        )

    @cached_property
    def timer(self) -> TimerFile:
        """The person's one running timer."""
        return TimerFile(self.data_folder, self.outbox, self.warn)

    @cached_property
    def activities(self) -> ActivityCache:
        """The activities that the database was last seen to know."""
        return ActivityCache(self._database_folder)

    @cached_property
    def _database_folder(self) -> str:
        """Where what belongs to one database lies: any but the usual one has an outbox and activities of its own.

        However it is named (--db, the environment, the settings): what waits for one never lands in another.
        """
        usual = settings.default_database_url(self.environ)
        if self.url == usual or (named := urls.target(self.url)) == urls.target(usual):
            return self.data_folder
        import zlib  # late: only for other databases

        return os.path.join(
            self._folders, f"{zlib.crc32(named.encode(errors='surrogateescape')):08x}"
        )

    @property
    def _folders(self) -> str:
        """Where the folders of other databases than the usual one lie."""
        return os.path.join(self.data_folder, "databases")

    # the database

    @property
    def url(self) -> str:
        """The URL of the database; it may hold a password, so it is never printed."""
        return self._url or settings.database_url(self.environ, self.settings)

    def database(self) -> Database:
        """The database, ready for use, with everything that waited in the outbox taken in. Raises StoreError."""
        if self._database is None:
            from tracker.store.upgrade import open_database

            self._database = open_database(self.url, now=self._clock, tell=self.say)
            self.detail(f"database: {self._database.url_shown}")
            self._absorb(self._database)
        return self._database

    def submit(self, id_: str, record: Record, said: str) -> Database | None:
        """Make a record durable in the outbox, say so, then have the database take it; None while it has to wait."""
        self.outbox.put(id_, record)
        self.say(said)
        try:
            database = self.database()
        except StoreError as refusal:
            self.warn(f"{refusal} What was logged waits in the outbox, safe on this machine.")
            return None
        return None if os.path.exists(self.outbox.path(id_)) else database

    def close(self) -> None:
        """Let go of the database."""
        if self._database is not None:
            self._database.close()

    def _absorb(self, database: Database) -> None:
        """Have the database take what waits; a database that cannot be written now can still be read."""
        from tracker.store.read import queries
        from tracker.store.write import entries

        self.timer.running()  # one that was stopped by a process that died goes to the outbox now
        # entries first, so that an estimate made after its work began is seen to be late
        waiting = sorted(self.outbox.pending(), key=lambda one: one[1]["kind"] != "entry")
        try:
            absorbed = (
                entries.store_outbox(database, [record for _, record in waiting])
                if waiting
                else None
            )
        except StoreError as refusal:
            self.warn(
                f"{refusal} What was logged ({len(waiting)}) waits in the outbox, safe on this machine."
            )
            return
        if absorbed is not None:
            reasons = {id(record): reason for record, reason in absorbed.refused}
            self.outbox.discard(path for path, record in waiting if id(record) not in reasons)
            for path, record in waiting:
                if id(record) in reasons:
                    self.outbox.quarantine(path, reasons[id(record)])
            for item in absorbed.late:
                self.warn(
                    f"the estimate of {item.activity} {item.task} came after the work began: it does not count."
                )
            self.detail(
                f"taken in from the outbox: entries {absorbed.entries}, estimates {absorbed.estimates}"
            )
        with database.reading() as connection:
            self.activities.remember(queries.activities(connection))
