"""A developer's data folder with its timer and outbox, for the tests of local state."""

from __future__ import annotations

from pathlib import Path

from tracker.local.outbox import Outbox
from tracker.local.record_files import Record
from tracker.local.timer_file import TimerFile


class LocalState:
    """A data folder with the objects that the command line creates on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.messages: list[str] = []
        """The messages to the user."""
        self.outbox = Outbox(str(folder), self.messages.append)
        self.timer = TimerFile(str(folder), self.outbox, self.messages.append)

    def records(self) -> list[Record]:
        """Return the pending records of the outbox, oldest first."""
        return [record for _, record in self.outbox.pending()]
