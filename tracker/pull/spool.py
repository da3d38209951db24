"""A temporary file for the fetched items of a pull, which bounds the memory."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from io import BufferedReader
from types import TracebackType
from typing import IO, Any, Self, cast

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote


class Spool:
    """Objects with keys. Of several with one key the last is kept: it was fetched last.

    The file has no name and is readable by nobody else. It ends with the context manager.
    """

    def __init__(self) -> None:
        self._files = ExitStack()
        self._file = self._new_file()
        self._offsets: dict[str, int] = {}
        self.repeated = 0
        """How many objects had the key of an earlier one."""
        self.deleted: set[str] = set()
        """The keys of objects that were deleted on the server."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._files.close()

    def _new_file(self) -> IO[bytes]:
        return self._files.enter_context(tempfile.TemporaryFile())

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self._offsets)

    def add(self, key: str, item: Mapping[str, Any] | None) -> None:
        """Append an object; None where it was deleted, so that an earlier form is dropped.

        Raises:
            BadValue: It is nested too deeply.
        """
        if item is None:
            self.deleted.add(key)
            self.repeated += self._offsets.pop(key, None) is not None
            return
        try:
            line = json.dumps(item).encode() + b"\n"
        except RecursionError:
            raise BadValue(
                f"the item {quote(key)} is nested too deeply: it is not the tool's documented "
                "interface. Nothing was kept."
            ) from None
        self.repeated += key in self._offsets
        self._offsets[key] = self._file.tell()
        self._file.write(line)

    def open(self) -> BufferedReader:
        """Return the objects as JSON, one a line, each key once, in the order of their last form.

        Nothing may be added after this.
        """
        file = self._file
        if not self._offsets and self.deleted:
            file = self._new_file()
            file.write(b"[]\n")  # a log without entries
        file.seek(0)
        if self._offsets and self.repeated:
            wanted = set(self._offsets.values())
            last_forms = self._new_file()
            offset = 0
            for line in file:
                if offset in wanted:
                    last_forms.write(line)
                offset += len(line)
            last_forms.seek(0)
            file = last_forms
        return BufferedReader(cast("Any", file))
