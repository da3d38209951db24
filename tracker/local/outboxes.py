"""The outboxes of all databases: each database has one, in a folder of its own.

So a record that waits for one database is never stored in another, whether it is named by --db, the
environment or the settings. The default database uses the data folder itself.
"""

from __future__ import annotations

import os

from tracker.domain import urls
from tracker.local.outbox import Outbox
from tracker.local.record_files import Notify


class Outboxes:
    """The outboxes in a data folder.

    Args:
        data_folder: The data folder.
        default_url: The URL of the default database.
        notify: Called with a message about each file that cannot be used.

    """

    def __init__(self, data_folder: str, default_url: str, notify: Notify) -> None:
        self._data_folder = data_folder
        self._default_url = default_url
        self._notify = notify

    def folder(self, url: str) -> str:
        """Return the folder of a database's outbox and activities."""
        if url == self._default_url or (
            identity := urls.database_identity(url)
        ) == urls.database_identity(self._default_url):
            return self._data_folder
        import zlib  # late: not needed for the default database

        checksum = zlib.crc32(identity.encode(errors="surrogateescape"))
        return os.path.join(self._parent, f"{checksum:08x}")

    def outbox(self, url: str) -> Outbox:
        """Return the outbox of a database."""
        return Outbox(self.folder(url), self._notify, urls.without_password(url))

    def others(self, url: str) -> list[Outbox]:
        """Return the outboxes of other databases that hold records."""
        try:
            names = sorted(os.listdir(self._parent))
        except OSError:
            names = []
        folders = [self._data_folder, *(os.path.join(self._parent, name) for name in names)]
        own = self.folder(url)
        default = urls.without_password(self._default_url)
        outboxes = [
            Outbox(folder, self._notify, default if folder == self._data_folder else None)
            for folder in folders
            if folder != own
        ]
        return [outbox for outbox in outboxes if outbox.count()]

    @property
    def _parent(self) -> str:
        """The parent of the folders of all databases but the default one."""
        return os.path.join(self._data_folder, "databases")
