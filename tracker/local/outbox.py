"""The outbox: records that are safe on this machine but not yet in the database."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from tracker.domain.errors import NothingToDo
from tracker.local.atomic_files import atomic_write, durable_move, quarantine
from tracker.local.record_files import Notify, Record, checked_record, read_json, write_json

_LOCK_SECONDS = 2
"""How long a command that stores records and one that takes them back wait for each other."""


class Outbox:
    """Records that wait for the database, one file each, so that no lock is needed.

    Args:
        folder: The data folder; the files are in its subfolder ``outbox``.
        notify: Called with a message about each file that cannot be used.
        database: The URL of the database, without the password; None if only its outbox is known.

    """

    def __init__(self, folder: str, notify: Notify, database: str | None = None) -> None:
        self.folder = os.path.join(folder, "outbox")
        self._notify = notify
        self._database = database
        self._database_path = os.path.join(folder, "database.txt")

    @property
    def database(self) -> str:
        """The URL of the database, without the password."""
        if self._database is None:
            try:
                with open(self._database_path, encoding="utf-8", errors="surrogateescape") as file:
                    self._database = file.read().strip()
            except OSError:
                self._database = ""
        return self._database or f"the database of {os.path.dirname(self.folder)}"

    def put(self, id_: str, record: Record) -> None:
        """Store a record durably, replacing one of the same id.

        Raises:
            OSError: The disk cannot store it.

        """
        self._store_database()
        write_json(self.path(id_), record)

    def receive(self, path: str, id_: str) -> None:
        """Move the file of a record into this outbox, durably.

        Raises:
            OSError: The disk cannot store it. The file is where it was.

        """
        self._store_database()
        durable_move(path, self.path(id_))

    def move_all(self, target: Outbox) -> int:
        """Move every record into another outbox; return their number.

        Each is at any moment in one of the two. Ids are unique, so none replaces another.
        """
        names = self._file_names()
        for name in names:
            target.receive(os.path.join(self.folder, name), name.removesuffix(".json"))
        return len(names)

    def path(self, id_: str) -> str:
        """Return the path of the file for a record's id."""
        return os.path.join(self.folder, f"{id_}.json")

    def count(self) -> int:
        """Return the number of pending records."""
        return sum(os.path.isfile(os.path.join(self.folder, name)) for name in self._file_names())

    def pending(self) -> list[tuple[str, Record]]:
        """Return (path, record) of each pending record, oldest first.

        A file that holds no valid record is quarantined.
        """
        records = []
        for name in self._file_names():
            path = os.path.join(self.folder, name)
            try:
                records.append((path, checked_record(read_json(path))))
            except FileNotFoundError:
                continue  # another command has stored it since the folder was listed
            except OSError as error:
                self._notify(
                    f"{path} could not be read ({error.strerror}): it is skipped; move it away."
                )
            except ValueError as error:
                self.quarantine(path, str(error))
        return records

    @contextmanager
    def storing(self) -> Iterator[None]:
        """Keep `undo` from taking records back while they are stored in the database.

        Raises:
            NothingToDo: Another command takes records back for longer than a moment.

        """
        with self._locked(fcntl.LOCK_SH):
            yield

    @contextmanager
    def taking_back(self) -> Iterator[None]:
        """Keep other commands from storing records, or taking them back, at the same time.

        Raises:
            NothingToDo: Another command does so for longer than a moment.

        """
        with self._locked(fcntl.LOCK_EX):
            yield

    @contextmanager
    def _locked(self, operation: int) -> Iterator[None]:
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            descriptor = os.open(os.path.join(self.folder, "lock"), flags, 0o600)
        except OSError:  # where no lock can be made, no record can be put or taken back either
            yield
            return
        try:
            _wait_for_lock(descriptor, operation)
            yield
        finally:
            os.close(descriptor)

    def quarantine(self, path: str, reason: str) -> None:
        """Rename a file that cannot be stored, so that it is not tried again, and notify."""
        self._notify(f"{path} could not be stored ({reason}); it is kept as {quarantine(path)}.")

    def discard(self, paths: Iterable[str]) -> None:
        """Delete the files of records that are in the database."""
        for path in paths:
            with suppress(FileNotFoundError):  # another command has deleted it
                os.unlink(path)

    def _store_database(self) -> None:
        """Store which database the records wait for: the folder's name does not say it."""
        if self._database and not os.path.exists(self._database_path):
            with suppress(OSError):  # the record matters more
                text = self._database.encode("utf-8", "replace").decode()
                atomic_write(self._database_path, text)

    def _file_names(self) -> list[str]:
        """Return the names of the record files, oldest first: names are ids, which sort by time."""
        try:
            return sorted(name for name in os.listdir(self.folder) if name.endswith(".json"))
        except (FileNotFoundError, NotADirectoryError):
            return []


def _wait_for_lock(descriptor: int, operation: int) -> None:
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise NothingToDo(
                    "another command stores or undoes what was logged: try again in a moment."
                ) from None
            time.sleep(0.02)
        else:
            return
