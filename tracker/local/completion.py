"""Words that a shell completes: commands and options, and names from this machine's caches.

It runs at every press of the Tab key, so it reads files only, and imports neither click nor the
commands: ``command_words.json``, which `make docs` writes, says what each command takes.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tracker.local import settings
from tracker.local.outboxes import Outboxes
from tracker.local.record_files import Record, read_json, write_json

VARIABLE = "_TRACKER_COMPLETE"
"""The variable in which the shell's script asks for words: ``bash_complete`` and the like."""

_PLACE = "@"
"""What the place of an entry begins with: ``@2``."""
_FILES = "file"
"""The kind of word that the shell itself completes."""


class NameCache:
    """Names to complete, in the file ``completion.json`` of the database's folder.

    Args:
        folder: The folder.

    """

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, "completion.json")

    def remember(self, names: Mapping[str, Sequence[Sequence[str]]]) -> None:
        """Cache (name, description) pairs by kind. Writes only if they have changed.

        Raises:
            OSError: The disk cannot store them.

        """
        content = {kind: [list(pair) for pair in pairs] for kind, pairs in names.items()}
        if content != self.load():
            write_json(self._path, content)

    def load(self) -> Record:
        """Return the (name, description) pairs by kind; none if the file is missing or damaged."""
        try:
            content = read_json(self._path)
        except (OSError, ValueError):
            return {}
        return {kind: pairs for kind, pairs in content.items() if _are_pairs(pairs)}


def _are_pairs(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)
        for pair in value
    )


def answer(environ: Mapping[str, str]) -> str | None:
    """Return the output for a shell that asks for completions; None if none asks."""
    shell, _, instruction = environ.get(VARIABLE, "").partition("_")
    if instruction != "complete" or shell not in ("bash", "zsh", "fish"):
        return None
    words, incomplete = _typed(environ, shell)
    lines = []
    for word, text in complete(words, incomplete, environ):
        kind = "file" if text is _FILES else "plain"
        if shell == "bash":
            lines.append(f"{kind},{shlex.quote(word) if kind == 'plain' else word}")
        elif shell == "zsh":
            lines.append(f"{kind}\n{word.replace(':', chr(92) + ':')}\n{text or '_'}")
        else:
            lines.append(f"{kind},{word}\t{text}" if text else f"{kind},{word}")
    return "".join(f"{line}\n" for line in lines)


def _typed(environ: Mapping[str, str], shell: str) -> tuple[list[str], str]:
    """Return the whole words before the cursor, without the program, and the incomplete word."""
    line = environ.get("COMP_WORDS", "")
    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    try:
        words.extend(lexer)
    except ValueError:  # a quotation mark that is not closed
        words.append(lexer.token)
    if shell == "fish":
        incomplete = environ.get("COMP_CWORD", "")
        rest = words[1:]
        return (rest[:-1] if incomplete and rest and rest[-1] == incomplete else rest), incomplete
    position = environ.get("COMP_CWORD", "")
    index = int(position) if position.isdecimal() else len(words)
    before, incomplete = words[1:index], words[index] if index < len(words) else ""
    if shell == "bash" and before[-1:] == [_PLACE]:
        before, incomplete = before[:-1], _PLACE + incomplete
    return _without_breaks(before) if shell == "bash" else before, incomplete


def _without_breaks(words: Sequence[str]) -> list[str]:
    """Return words of which ``@`` and the word after it are one: bash breaks words at it."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == _PLACE:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def complete(
    words: Sequence[str], incomplete: str, environ: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return (word, description) of each word that may follow.

    Args:
        words: The words before, without the name of the program.
        incomplete: The beginning of the word.
        environ: The environment variables.
    """
    command, arguments, options = _parse(words)
    if words and (kind := options.get(words[-1])):
        return list(_words_of(kind, incomplete, environ))
    if incomplete.startswith("-"):
        return [(name, "") for name in options if name.startswith(incomplete)]
    commands = command.get("commands", {})
    if commands and not arguments:
        return [
            (name, content["help"])
            for name, content in commands.items()
            if name.startswith(incomplete)
        ]
    kinds = command["arguments"]
    if not kinds or (len(arguments) >= len(kinds) and not command.get("many")):
        return []
    return list(_words_of(kinds[min(len(arguments), len(kinds) - 1)], incomplete, environ))


def _parse(words: Sequence[str]) -> tuple[dict[str, Any], list[str], dict[str, Any]]:
    """Return the command that was typed, its arguments, and its options with their kinds."""
    command = _command_words()
    arguments: list[str] = []
    is_value = False
    for word in words:
        if is_value and not word.startswith("-"):
            is_value = False
        elif word.startswith("-") and word != "-":
            is_value = bool(command["options"].get(word))
        elif "commands" in command and not arguments:
            names = command["commands"]
            matches = [word] if word in names else [n for n in names if n.startswith(word)]
            if len(matches) == 1:
                command = names[matches[0]]
            else:
                arguments.append(word)
        else:
            arguments.append(word)
    return command, arguments, command["options"]


def _command_words() -> dict[str, Any]:
    path = os.path.join(os.path.dirname(__file__), "command_words.json")
    content: dict[str, Any] = read_json(path)
    return content


def _words_of(
    kind: str | list[str], incomplete: str, environ: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield (word, description) of a kind of word."""
    if kind == _FILES:
        yield incomplete, _FILES
        return
    if isinstance(kind, list):
        yield from ((word, "") for word in kind if word.startswith(incomplete))
        return
    for word, text in _names(kind, environ):
        if word.casefold().startswith(incomplete.casefold()):
            yield word, text


def _names(kind: str, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the cached names of a kind."""
    folder = _folder(environ)
    if kind == "activity":
        from tracker.local.activity_cache import ActivityCache

        yield from ((name, "") for name in ActivityCache(folder).names())
    elif kind == "entry or task":
        yield from _names("entry", environ)
        yield from _names("task", environ)
    elif kind == "task":
        try:
            content = read_json(os.path.join(folder, "tasks.json"))
            keys = [*content["candidates"], *content["keys"]]
        except (OSError, ValueError, KeyError, TypeError):
            keys = []
        yield from ((key, "") for key in dict.fromkeys(keys) if isinstance(key, str))
    else:
        if kind == "claim":
            yield from ((id_, "published") for id_ in _command_words()["published_claims"])
        yield from (tuple(pair) for pair in NameCache(folder).load().get(kind, []))


def _folder(environ: Mapping[str, str]) -> str:
    """Return the folder of the caches of the database in effect."""
    default = settings.default_database_url(environ)
    try:
        content = settings.read_settings(settings.settings_file(environ), must_exist=False)
        url = settings.database_url(environ, content)
        return Outboxes(settings.data_folder(environ), default, lambda _message: None).folder(url)
    except Exception:  # a wrong setting is reported by commands, not at the Tab key
        return settings.data_folder(environ)
