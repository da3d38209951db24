"""Writes the pages of docs/ that the program itself knows best: `make docs`.

cli.md is the help of every command, claims.md the registry of published claims.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from tracker.claims import catalogue
from tracker.cli import cli
from tracker.domain.gains import BOUND_LABELS, READING_LABELS
from tracker.domain.records import Claim

FOLDER = Path(__file__).parent
WIDTH = 100


def pages() -> dict[str, str]:
    """The text of each page by its file's name."""
    return {"cli.md": _commands_page(), "claims.md": _claims_page()}


def commands() -> Iterator[click.Context]:
    """Every command with its place in the program: the group itself first, the parts of a group after it."""
    yield from _below(_context(cli, "tracker", None))


def _below(here: click.Context) -> Iterator[click.Context]:
    yield here
    if isinstance(here.command, click.Group):
        for name in here.command.list_commands(here):
            command = here.command.get_command(here, name)
            if command is not None:
                yield from _below(_context(command, name, here))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    settings: dict[str, Any] = {
        **command.context_settings,
        "terminal_width": WIDTH,
        "max_content_width": WIDTH,
    }
    return click.Context(command, info_name=name, parent=parent, **settings)


def _commands_page() -> str:
    parts = ["# Commands", "Written by `make docs` from the program's own `--help`."]
    for context in commands():
        parts.append(f"{'#' * max(2, context.command_path.count(' ') + 1)} {context.command_path}")
        parts.append(f"```text\n{context.get_help()}\n```")
    return "\n\n".join(parts) + "\n"


def _claims_page() -> str:
    parts = [
        "# Published claims",
        "Written by `make docs` from the registry that the program ships: `tracker claims` lists it, `tracker claims "
        "add` adds one's own. Each keeps what its source measured: time, output and acceptance are different things, "
        "and only what states time or output per hour for an activity can be judged by a log.",
    ]
    for claim in catalogue.published_claims():
        judged = (
            "by `tracker check`, unless others are named"
            if claim.by_default
            else "when it is named"
        )
        facts = {
            "states": claim.quantity,
            "read as": _reading(claim),
            "activity": claim.activity,
            "source": claim.source,
            "how it was got": claim.method,
            "status": claim.status,
            "judged": judged if claim.judgeable else "never: it is context",
        }
        parts.append(f"## {claim.id}")
        parts.append("\n".join(f"- {name}: {fact}" for name, fact in facts.items() if fact))
    return "\n\n".join(parts) + "\n"


def _reading(claim: Claim) -> str:
    if claim.reading is None or claim.value is None:
        return "neither time nor output per hour"
    return f"{BOUND_LABELS[claim.bound]} {claim.value * 100:g} % {READING_LABELS[claim.reading]}"


if __name__ == "__main__":
    for name, text in pages().items():
        FOLDER.joinpath(name).write_text(text, encoding="utf-8")
