"""The outbox: records that are safe on this machine but not yet in the database."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress

from tracker.local.atomic_files import quarantine
from tracker.local.record_files import Notify, Record, checked_record, read_json, write_json


class Outbox:
    """Records that are safe on this machine but not yet in the database: one file each, so that it takes no lock."""

    def __init__(self, folder: str, tell: Notify) -> None:
        self.folder = os.path.join(folder, "outbox")
        self._tell = tell

    def put(self, id_: str, record: Record) -> None:
        """Make a record durable; the same id again replaces it. OSError when the disk does not take it."""
        write_json(self.path(id_), record)

    def path(self, id_: str) -> str:
        """Where the record of an id lies while it waits."""
        return os.path.join(self.folder, f"{id_}.json")

    def count(self) -> int:
        """How many records wait."""
        return sum(os.path.isfile(os.path.join(self.folder, name)) for name in self._names())

    def pending(self) -> list[tuple[str, Record]]:
        """The waiting records with their files, oldest first; one that cannot be read is set aside."""
        found = []
        for name in self._names():
            path = os.path.join(self.folder, name)
            try:
                found.append((path, checked_record(read_json(path))))
            except FileNotFoundError:
                continue  # absorbed by another command since it was listed
            except OSError as refusal:
                self._tell(
                    f"{path} could not be read ({refusal.strerror}): it is passed by; move it away."
                )
            except ValueError as damage:
                self.quarantine(path, str(damage))
        return found

    def quarantine(self, path: str, reason: str) -> None:
        """Keep a file that is of no use out of the way, and say so."""
        self._tell(f"{path} could not be taken ({reason}); it is kept as {quarantine(path)}.")

    def discard(self, paths: Iterable[str]) -> None:
        """Forget records that the database has taken."""
        for path in paths:
            with suppress(FileNotFoundError):  # another command absorbed it too: once is enough
                os.unlink(path)

    def _names(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self.folder) if name.endswith(".json"))
        except FileNotFoundError:
            return []
