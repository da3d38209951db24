"""An entry as a TOML text that a person changes in an editor.

The text is a file from the start, so that nothing is lost: it is removed only once the entry is
changed, or if nothing in it was.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.cli.context import Context
from tracker.domain import stored_times, times, typed_times
from tracker.domain.errors import BadValue, NotFound, NothingToDo
from tracker.domain.records import Entry
from tracker.domain.toml_text import parse_toml
from tracker.local.atomic_files import atomic_write

_EDITORS = ("sensible-editor", "editor", "nano", "vim", "vi")
"""Editors to use where neither VISUAL nor EDITOR names one."""

_OPTIONAL = ("team", "assistant", "note")
"""The keys whose text may be empty."""

_HEAD = """\
# {label}
# Change what is wrong, then save and leave the editor. An empty file changes nothing.
# Times are in {zone}. A duration that you leave as it is follows from "from" and "to"{rest}.
"""


@dataclass(frozen=True)
class Draft:
    """The file with the text of an entry.

    Args:
        path: The file.
        texts: The entry's values as the text shows them, by key.
        new_text: The text as it was just written; None for a draft that was kept after an error.
    """

    path: Path
    texts: Mapping[str, str]
    new_text: str | None = None

    def changes(self, convert: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
        """Return the values that were changed, by key; None for one that was emptied.

        Args:
            convert: Returns the value of a text, or raises BadValue, for each key.

        Raises:
            BadValue: The text is no TOML, or a key or a value is not valid.
            NothingToDo: The file is empty or was removed.
        """
        text = self._text()
        if not text.strip():
            raise NothingToDo("the draft is empty: nothing was changed.")
        try:
            content = parse_toml(text)
        except ValueError as error:
            raise BadValue(f"the draft is not valid TOML ({error}).") from None
        changed: dict[str, Any] = {}
        for key, value in content.items():
            if key not in self.texts:
                raise BadValue(f"key is {key!r}: an entry has {', '.join(self.texts)}.")
            if not isinstance(value, str):
                raise BadValue(f"{key} is {value!r}: write it in quotation marks.")
            if value == self.texts[key]:
                continue
            if not value.strip() and key in _OPTIONAL:
                changed[key] = None
            else:
                changed[key] = convert[key](value)
        return changed

    @property
    def is_untouched(self) -> bool:
        """Whether nobody has written in the file."""
        return self._text() in ("", self.new_text)

    def remove(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)

    def _text(self) -> str:
        """Return the text; "" where the file was removed."""
        try:
            return self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""


def write_draft(context: Context, entry: Entry) -> Draft:
    """Write the draft of an entry; one that was kept after an error is opened again.

    Raises:
        OSError: The disk cannot store it.
    """
    import tomlkit  # late: only to write

    path, texts = Path(context.data_folder, "drafts", f"{entry.id}.toml"), _texts(context, entry)
    if path.exists():
        context.say(f"your draft is opened again: {path}")
        return Draft(path, texts)
    document = tomlkit.document()
    for key, value in texts.items():
        document[key] = value
    minutes = entry.interruption_seconds / 60
    rest = f", less {times.format_minutes(minutes)} of interruptions" if minutes else ""
    head = _HEAD.format(
        label=f"{entry.activity} {entry.task}, {entry.id}", zone=context.zone.key, rest=rest
    )
    text = head + tomlkit.dumps(document)
    atomic_write(str(path), text)
    return Draft(path, texts, text)


def has_editor(environ: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Return whether an editor is named, or a person sits at the terminal."""
    return bool(environ.get("VISUAL") or environ.get("EDITOR") or is_terminal)


def open_editor(environ: Mapping[str, str], path: Path) -> None:
    """Let a person change a file, and wait until the editor ends.

    Raises:
        NotFound: There is no editor.
        NothingToDo: The editor reported an error.
    """
    command = environ.get("VISUAL") or environ.get("EDITOR")
    if not command:
        search = environ.get("PATH")
        command = next((name for name in _EDITORS if shutil.which(name, path=search)), None)
    if not command:
        raise NotFound("no editor is known: set EDITOR.")
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise BadValue(f"EDITOR is {command!r} ({error}): name a program.") from None
    try:
        code = subprocess.run([*words, path], env=dict(environ), check=False).returncode  # noqa: S603 - the user's own editor
    except OSError as error:
        reason = error.strerror or error
        raise NotFound(f"EDITOR is {command!r}, which does not start ({reason}): set it.") from None
    if code:
        end = f"ended with the code {code}" if code > 0 else f"was stopped by signal {-code}"
        raise NothingToDo(f"{words[0]} {end}.")


def _texts(context: Context, entry: Entry) -> dict[str, str]:
    return {
        "activity": entry.activity,
        "task": entry.task,
        "from": _time_text(context, entry.started_epoch),
        "to": _time_text(context, entry.end_epoch),
        "duration": times.format_minutes(entry.seconds / 60),
        "zone": entry.zone,
        "team": entry.team or "",
        "assisted": entry.assisted,
        "assistant": entry.assistant or "",
        "note": entry.note or "",
    }


def _time_text(context: Context, epoch: int) -> str:
    """Return an instant in the reader's zone, with its offset where the hour came twice."""
    if not stored_times.is_readable_epoch(epoch):
        return str(epoch)
    text = stored_times.iso_instant(epoch, context.zone.key).replace("T", " ")
    local = text[:19].removesuffix(":00")
    try:
        typed_times.parse_instant(local, now=context.now())
    except BadValue:
        return text
    return local
