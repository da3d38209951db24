"""The context of all commands: clock, environment, the developer's files and the database.

Click passes a :class:`Context` from the group to the commands. Tests pass one with their own clock
and environment. `tracker start` loads this module and must be fast, so the store is imported only
when the database is needed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tracker.cli import time_limit
from tracker.domain import names, times, urls
from tracker.domain.errors import BadValue, StoreError, TrackerError
from tracker.domain.ids import uuid7
from tracker.local import settings
from tracker.local.activity_cache import ActivityCache
from tracker.local.atomic_files import atomic_write
from tracker.local.outbox import Outbox
from tracker.local.outboxes import Outboxes
from tracker.local.record_files import Record
from tracker.local.timer import TimerFile

if TYPE_CHECKING:  # SQLAlchemy takes five times as long to import as click
    from random import Random

    from tracker.store.database import Database
    from tracker.store.write.entries import OutboxResult

DATABASE_SECONDS = 2.0
"""How long a command that can do without the database waits for it."""
FLUSH_SECONDS, FLUSH_SECONDS_IN_TIME = 10.0, 1.0
"""After which time no more batches of the outbox are stored: in other commands, and in those."""
FLUSH_BATCH = 25
"""Records that are stored in one transaction: on a slow line, few enough for the time limit."""

MAX_VALUE_CHARACTERS = 60
"""Maximum number of characters of an invalid value that an error message quotes."""


def parse_text(field: str, text: str, longest: int = names.LONGEST_NAME) -> str:
    """Return a name or a note without leading and trailing blanks.

    Raises:
        BadValue: The text is empty, too long or has characters that a name may not have.
    """
    value = text.strip()
    reason = names.fault(value, longest) if value else "give one line with something in it"
    if reason:
        ellipsis = "…" if len(text) > MAX_VALUE_CHARACTERS else ""
        raise BadValue(f"{field} is {text[:MAX_VALUE_CHARACTERS]!r}{ellipsis}: {reason}.")
    return value


class Context:
    """One run of the program.

    Args:
        environ: The environment variables.
        clock: Returns the current instant with its zone.
        random_bytes: Returns the given number of random bytes, as ``os.urandom`` does.
    """

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
        self._verbosity = 0
        self._database: Database | None = None
        self._is_abandoned = False

    @classmethod
    def from_process(cls) -> Context:
        """Return a context with the environment, clock and random generator of this process."""
        return cls(os.environ, lambda: datetime.now(UTC), os.urandom)

    def apply_options(self, *, url: str | None, config: str | None, verbosity: int) -> None:
        """Store the options of the group; ``verbosity`` is -1 with -q and 1 with -v."""
        self._url, self._config, self._verbosity = url, config, verbosity

    # messages

    def say(self, message: str) -> None:
        """Print a message to stderr, unless -q is given."""
        if self._verbosity >= 0:
            time_limit.echo(message)

    def say_verbose(self, message: str) -> None:
        """Print a message to stderr if -v is given."""
        if self._verbosity > 0:
            time_limit.echo(message)

    def warn(self, message: str) -> None:
        """Print a warning to stderr, also with -q."""
        time_limit.echo(f"tracker: {message}")

    def warn_of_long_effort(self, seconds: int) -> None:
        """Warn of more than 12 hours at a stretch, and name the correction."""
        if seconds > times.LONG_EFFORT_SECONDS:
            effort = times.format_minutes(seconds / 60)
            self.warn(
                f"that is {effort} at a stretch; `tracker undo` takes it back, `tracker edit`"
                " corrects it."
            )

    # clock, developer and settings

    @cached_property
    def _instant(self) -> datetime:
        """The current instant, read once so that all records of a command have the same."""
        return self._clock()

    def now(self) -> datetime:
        """Return the current instant in the developer's zone."""
        return self._instant.astimezone(self.zone)

    @property
    def now_epoch(self) -> int:
        """The current instant in whole seconds since 1970 UTC."""
        return int(self._instant.timestamp())

    def new_id(self) -> str:
        """Return an id for a new record."""
        return uuid7(int(self._instant.timestamp() * 1e6) * 1000, self.random_bytes(8))

    @property
    def rng(self) -> Random:
        """A random generator with an unpredictable seed."""
        from random import Random

        return Random(int.from_bytes(self.random_bytes(32), "big"))  # noqa: S311 - randomises arms, no secret

    @cached_property
    def settings(self) -> settings.Settings:
        """The settings file's content."""
        return settings.read_settings(self.settings_file, must_exist=self._config is not None)

    @property
    def settings_file(self) -> str:
        """The path of the settings file."""
        return self._config or settings.settings_file(self.environ)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The developer's zone: clock times are typed and printed in it."""
        return times.zone(self.settings.zone or times.local_zone_name(self.environ))

    @cached_property
    def configured_developer(self) -> str | None:
        """The developer of TRACKER_DEVELOPER or else of the settings; None where neither names one.

        Raises:
            BadValue: It is not a valid name.
        """
        developer = settings.configured_developer(self.environ, self.settings)
        if not developer:
            return None
        return names.normalise_name(parse_text("developer", developer))

    @cached_property
    def developer(self) -> str:
        """The developer who runs the program: the configured one, else the login name.

        Raises:
            BadValue: The system has no login name either, or it is not a valid name.
        """
        if self.configured_developer:
            return self.configured_developer
        name = settings.login_name(self.environ)
        if name is None:
            raise BadValue("developer is not known: `tracker config set developer NAME`.")
        developer = names.normalise_name(parse_text("developer", name))
        self._announce_login_name(name)
        return developer

    def _announce_login_name(self, name: str) -> None:
        """Tell the developer once that their entries are logged under their login name."""
        path = os.path.join(self.data_folder, "introduced")
        with suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8") as file:
            if file.read() == name:
                return
        self.say(
            f"Your work is logged under your login name, {name!r}; "
            "`tracker config set developer NAME` changes it."
        )
        with suppress(OSError):
            atomic_write(path, name)

    @cached_property
    def team(self) -> str | None:
        """The team of new entries, from the settings."""
        return names.normalise_name(self.settings.team) if self.settings.team else None

    @cached_property
    def assistant(self) -> str | None:
        """The assistant that ``--ai`` means where none is named, from the settings."""
        return names.normalise_name(self.settings.assistant) if self.settings.assistant else None

    # files

    @cached_property
    def data_folder(self) -> str:
        """The folder of the developer's timer and of their own database."""
        return settings.data_folder(self.environ)

    @cached_property
    def outboxes(self) -> Outboxes:
        """The outboxes of all databases."""
        default_url = settings.default_database_url(self.environ)
        return Outboxes(self.data_folder, default_url, self.warn)

    @cached_property
    def outbox(self) -> Outbox:
        """The outbox of records that are not yet stored in this database."""
        return self.outboxes.outbox(self.url)

    def waiting_for_other_databases(self) -> int:
        """Return how many records wait in the outboxes of other databases."""
        return sum(outbox.count() for outbox in self.outboxes.others(self.url))

    def warn_of_waiting(self) -> None:
        """Warn of records that wait for other databases, as for one that was renamed."""
        try:
            outboxes = self.outboxes.others(self.url)
        except (TrackerError, OSError):
            return  # the command itself has reported it
        waiting = ", ".join(f"{outbox.count()} for {outbox.database}" for outbox in outboxes)
        if waiting:
            self.warn(
                f"records wait for another database: {waiting}; a command with --db stores them "
                "there, `tracker outbox move` brings them here."
            )

    def own_files(self) -> list[str]:
        """Return the paths of the files that no output may replace."""
        database = urls.sqlite_path(self.url)
        files = [f"{database}{suffix}" for suffix in ("", "-wal", "-shm")] if database else []
        return [*files, self.settings_file, os.path.join(self.data_folder, "timer.json")]

    @cached_property
    def timer(self) -> TimerFile:
        """The developer's timer."""
        return TimerFile(self.data_folder, self.outbox, self.warn)

    @cached_property
    def activities(self) -> ActivityCache:
        """The activities that the database had when it was last read."""
        return ActivityCache(self.outboxes.folder(self.url))

    # the database

    @property
    def url(self) -> str:
        """The database's URL; it may hold a password, so it is never printed."""
        return self._url or settings.database_url(self.environ, self.settings)

    def database(self) -> Database:
        """Return the open database, after storing the records of the outbox.

        Raises:
            StoreError: The database cannot be opened.
        """
        if self._database is None:
            from tracker.store import upgrade
            from tracker.store.limits import DEFAULT_LIMITS, INTERACTIVE

            limits = INTERACTIVE if time_limit.is_limited() else DEFAULT_LIMITS
            self._database = upgrade.open_database(
                self.url, now=self._clock, notify=self.say, limits=limits
            )
            self.say_verbose(f"database: {self._database.safe_url}")
            self._flush_outbox(self._database)
        return self._database

    def submit(
        self,
        id_: str,
        record: Record,
        message: str,
        remark: Callable[[Database], None] = lambda _database: None,
    ) -> None:
        """Write a record to the outbox, print a message, then store the record in the database.

        The database has a time limit: where it exceeds it, the record waits in the outbox. If it is
        stored nevertheless, storing it again changes nothing.

        Args:
            id_: The record's id.
            record: The record.
            message: What is printed once the record is safe.
            remark: Called with the database once the record is stored there.
        """
        self.outbox.put(id_, record)
        self.say(message)
        path = self.outbox.path(id_)

        def store() -> None:
            database = self.database()
            if not os.path.exists(path):
                remark(database)

        # loaded here, outside the time limit
        from tracker.store.read import queries  # noqa: F401
        from tracker.store.write import entries  # noqa: F401

        try:
            self._is_abandoned = not time_limit.run(store, DATABASE_SECONDS)
            if self._is_abandoned:
                raise StoreError(
                    f"{urls.without_password(self.url)} has not answered in {DATABASE_SECONDS:g} s."
                )
        except StoreError as error:
            if os.path.exists(path):  # else it is stored, and only the remark is missing
                self.warn(f"{error} What was logged waits in the outbox, safe on this machine.")

    def close(self) -> None:
        """Close the database, unless a thread still waits for it."""
        if self._database is not None and not self._is_abandoned:
            self._database.close()

    def _flush_outbox(self, database: Database) -> None:
        """Store the records of the outbox and refresh the activity cache.

        They are stored in batches, so that whatever the time limit is, some are stored. Where the
        database cannot be written, the records stay in the outbox, with a warning.
        """
        from tracker.store.read import queries
        from tracker.store.write import entries

        with suppress(OSError):
            self.timer.running()  # also moves the entry that a killed process left to the outbox
        # Entries first, so that an estimate made after its work began is recognised as late.
        records = sorted(self.outbox.pending(), key=lambda pending: pending[1]["kind"] != "entry")
        end = monotonic() + (FLUSH_SECONDS_IN_TIME if time_limit.is_limited() else FLUSH_SECONDS)
        try:
            while records:
                batch = records[:FLUSH_BATCH]
                result = entries.store_outbox(database, [record for _, record in batch])
                self._clear_outbox(batch, result)
                records = records[FLUSH_BATCH:]
                if records and monotonic() >= end:
                    self.say(f"{len(records):,} records wait still: the next command stores more.")
                    break
        except StoreError as error:
            self.warn(
                f"{error} What was logged ({len(records)}) waits in the outbox, "
                "safe on this machine."
            )
            return
        with database.reading() as connection:
            names = queries.activities(connection)
        with suppress(OSError):  # a cache
            self.activities.remember(names)

    def _clear_outbox(self, records: Sequence[tuple[str, Record]], result: OutboxResult) -> None:
        """Delete stored records from the outbox, quarantine refused ones and print the counts."""
        reasons = {id(record): reason for record, reason in result.refused}
        self.outbox.discard(path for path, record in records if id(record) not in reasons)
        for path, record in records:
            if id(record) in reasons:
                self.outbox.quarantine(path, reasons[id(record)])
        for item in result.late:
            self.warn(
                f"the estimate of {item.activity} {item.task} was made after the work began: "
                "it does not count."
            )
        self.say_verbose(
            f"stored from the outbox: entries {result.entries}, estimates {result.estimates}"
        )
