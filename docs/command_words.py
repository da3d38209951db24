"""The words that a shell completes after each command, from the commands themselves."""

from __future__ import annotations

import json
from typing import Any

import click

from tracker.claims import catalogue
from tracker.cli import cli
from tracker.local.settings import Settings
from tracker.sources.registry import SOURCES

_KINDS_OF_TYPES = {"entry_id": "entry", "entry_or_task": "entry or task"}
"""The kind of a parameter by its type."""

_KINDS: dict[str, str | list[str]] = {
    "activity": "activity",
    "activities": "activity",
    "task": "task",
    "key": "task",
    "assistant": "assistant",
    "team": "team",
    "project": "project",
    "claims": "claim",
    "files": "file",
    "day": ["today", "yesterday"],
}
"""The kind of a parameter by its name."""


def command_words() -> str:
    """Return the content of ``tracker/local/command_words.json``."""
    words = _words(cli, "")
    words["commands"]["help"]["arguments"] = [list(words["commands"])]
    words["published_claims"] = [claim.id for claim in catalogue.published_claims()]
    return json.dumps(words, indent=1, sort_keys=False) + "\n"


def _words(command: click.Command, path: str) -> dict[str, Any]:
    context = click.Context(command, help_option_names=["-h", "--help"])
    options: dict[str, Any] = {}
    arguments = []
    is_many = False
    for param in command.get_params(context):
        kind = _kind(param, path)
        if isinstance(param, click.Argument):
            arguments.append(kind)
            is_many = param.nargs == -1
        elif isinstance(param, click.Option):
            takes_value = not (param.is_flag or param.count)
            for name in (*param.opts, *param.secondary_opts):
                options[name] = kind if takes_value else None
    words: dict[str, Any] = {
        "help": command.get_short_help_str(limit=60),
        "options": options,
        "arguments": arguments,
    }
    if is_many:
        words["many"] = True
    if isinstance(command, click.Group):
        words["commands"] = {
            name: _words(child, f"{path} {name}".strip())
            for name in command.list_commands(context)
            if (child := command.get_command(context, name))
        }
    return words


def _kind(param: click.Parameter, path: str) -> str | list[str]:
    """Return the kind of word that a parameter takes; "text" for one that is not completed."""
    if isinstance(param.type, click.Choice):
        return [str(choice) for choice in param.type.choices]
    if isinstance(param.type, click.Path) or param.name in ("output", "map_file"):
        return "file"
    if param.type.name in _KINDS_OF_TYPES:
        return _KINDS_OF_TYPES[param.type.name]
    if param.name == "setting":
        return list(Settings._fields)
    if path == "import" and param.name == "source":
        return list(SOURCES)
    if path in ("check", "report", "plan", "simulate") and param.name == "claims":
        return "claim"
    if path == "claims remove" and param.name == "id":
        return "claim"
    if path == "rename activity" and isinstance(param, click.Argument):
        return "activity"
    if path == "activities add":
        return "text"
    return _KINDS.get(param.name or "", "text")
