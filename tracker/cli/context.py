"""The context of all commands: the run of the program and its database.

Click passes a :class:`Context` from the group to the commands. Tests pass one with their own clock
and environment. `tracker start` loads this module and must be fast, so the store is imported only
when the database is needed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from tracker.cli import time_limit
from tracker.cli.session import Session
from tracker.domain import urls
from tracker.domain.errors import StoreError
from tracker.local.record_files import Record

if TYPE_CHECKING:  # SQLAlchemy takes five times as long to import as click
    from tracker.store.database import Database

DATABASE_SECONDS = 2.0
"""How long a command that can do without the database waits for it."""


class Context(Session):
    """One run of the program, with its database.

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
        super().__init__(environ, clock, random_bytes)
        self._database: Database | None = None
        self._is_abandoned = False

    def database(self) -> Database:
        """Return the open database, after storing the records of the outbox.

        Raises:
            StoreError: The database cannot be opened.
        """
        if self._database is None:
            from tracker.cli.flushing import flush_outbox
            from tracker.store import upgrade
            from tracker.store.limits import DEFAULT_LIMITS, INTERACTIVE

            missing_file = self._missing_file()
            limits = INTERACTIVE if time_limit.is_limited() else DEFAULT_LIMITS
            self._database = upgrade.open_database(
                self.url, now=self._clock, notify=self.say, limits=limits
            )
            if missing_file is not None:
                self._tell_of_new_file(missing_file)
            self.say_verbose(f"database: {self._database.safe_url}")
            flush_outbox(self, self._database)
        return self._database

    @cached_property
    def developer(self) -> str:
        """The developer who runs the program, by their name in the database, which is opened.

        It is the stated name, or a later one: see `tracker rename developer`.

        Raises:
            BadValue: There is no valid name.
            StoreError: The database cannot be opened.
        """
        from tracker.store.read.developer_names import present_name

        name = self.stated_name
        with self.database().reading() as connection:
            return present_name(connection, name)

    def _missing_file(self) -> str | None:
        """Return the database's file if it does not exist; its folder is made if it is our own."""
        path = urls.sqlite_path(self.url)
        if path is None or os.path.exists(path):
            return None
        if os.path.dirname(path) == self.data_folder:
            with suppress(OSError):  # the database names the reason
                os.makedirs(self.data_folder, mode=0o700, exist_ok=True)
        return path

    def _tell_of_new_file(self, path: str) -> None:
        if self.completion_names.load().get("entry"):
            self.warn(
                f"{path} held entries before and is gone: a new, empty log is created. "
                "If you have the file, put it back in its place."
            )
        elif self.is_url_typed:
            self.say(f"{path} is new: an empty log is created there.")

    def submit(
        self,
        id_: str,
        record: Record,
        message: str,
        remark: Callable[[Database], None] = lambda _database: None,
    ) -> bool:
        """Write a record to the outbox, print a message, then store the record in the database.

        The database has a time limit: where it exceeds it, the record waits in the outbox. If it is
        stored nevertheless, storing it again changes nothing.

        Args:
            id_: The record's id.
            record: The record.
            message: What is printed once the record is safe.
            remark: Called with the database once the record is stored there.

        Returns:
            Whether the record is stored; else it waits in the outbox.
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
        return not os.path.exists(path)

    def abandon_database(self) -> None:
        """Leave the database open, because a thread still waits for it."""
        self._is_abandoned = True

    def close(self) -> None:
        """Close the database, unless a thread still waits for it."""
        if self._database is not None and not self._is_abandoned:
            self._database.close()
