"""Writes what `make docs` takes from the program itself.

docs/cli.md holds the help of every command, docs/claims.md the registry of published claims,
tracker/local/command_words.json what a shell completes after each command.
docs/report.svg and the excerpt in README.md show the demo's log judged by `tracker check`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner

import tracker
from docs.command_words import command_words
from docs.report_svg import report_svg
from tracker.claims import catalogue
from tracker.cli import cli
from tracker.cli.context import Context
from tracker.domain.gains import BOUND_LABELS, READING_LABELS
from tracker.domain.records import Claim

ROOT = Path(__file__).resolve().parents[1]
WIDTH = 100

EXCERPT_START = "<!-- check: written by `make docs` -->\n"
EXCERPT_END = "<!-- /check -->"
EXCERPT_BLOCKS = 3
"""Blocks of the output that are shown: the true gains, the table, the plot, one claim in words."""
TODAY = datetime(2026, 1, 1, tzinfo=UTC)
"""The clock for the demo: any day after the last of its log."""


def pages() -> dict[str, str]:
    """Return the text of each written file by its path from the repository's root."""
    with tempfile.TemporaryDirectory(prefix="tracker-docs-") as name:
        output, drawing = _demo(Path(name))
    return {
        "README.md": _readme(output),
        "docs/cli.md": _commands_page(),
        "docs/claims.md": _claims_page(),
        "docs/report.svg": drawing,
        "tracker/local/command_words.json": command_words(),
    }


def commands() -> Iterator[click.Context]:
    """Yield the context of every command; a group comes before its commands."""
    yield from _with_subcommands(_context(cli, "tracker", None))


def _with_subcommands(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command is not None:
                yield from _with_subcommands(_context(command, name, context))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    settings: dict[str, Any] = {
        **command.context_settings,
        "terminal_width": WIDTH,
        "max_content_width": WIDTH,
    }
    return click.Context(command, info_name=name, parent=parent, **settings)


def _demo(home: Path) -> tuple[str, str]:
    """What the demo prints, and the drawing of its log. Both depend on the code alone."""
    environ = {"HOME": str(home), "TRACKER_DEVELOPER": "ada", "TZ": "UTC"}
    context = Context(environ, lambda: TODAY, os.urandom)
    folder = home / "demo"
    result = CliRunner().invoke(cli, ["demo", "-o", str(folder)], obj=context, prog_name="tracker")
    if result.exception:
        raise result.exception
    url = f"sqlite:///{folder / 'demo.db'}"
    with tracker.open(url, reader="ada", environ=environ) as log:
        return result.stdout, report_svg(log.assess())


def _readme(output: str) -> str:
    """README.md with the last blocks of the demo's output between its two marks."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    before, _, rest = text.partition(EXCERPT_START)
    _, end, after = rest.partition(EXCERPT_END)
    if not end:
        raise ValueError(f"README.md has no {EXCERPT_START!r} followed by {EXCERPT_END!r}")
    blocks = output.rstrip().split("\n\n")[-EXCERPT_BLOCKS:]
    excerpt = "\n\n".join(blocks)
    return f"{before}{EXCERPT_START}```text\n{excerpt}\n```\n{end}{after}"


def _commands_page() -> str:
    parts = ["# Commands", "Written by `make docs` from the program's own `--help`."]
    for context in commands():
        parts.append(f"{'#' * max(2, context.command_path.count(' ') + 1)} {context.command_path}")
        parts.append(f"```text\n{context.get_help()}\n```")
    return "\n\n".join(parts) + "\n"


def _claims_page() -> str:
    parts = [
        "# Published claims",
        "Written by `make docs` from the registry that comes with the program. `tracker claims`"
        " lists it; `tracker claims add` adds a claim of your own. The claims differ in what their"
        " source measured: time, output and acceptance are different quantities. A log can judge"
        " only a claim that states time, or output per hour, for an activity.",
    ]
    for claim in catalogue.published_claims():
        when = "by default" if claim.by_default else "when you name it"
        facts = {
            "states": claim.quantity,
            "read as": _reading(claim),
            "activity": claim.activity,
            "source": claim.source,
            "method": claim.method,
            "status": claim.status,
            "judged by `tracker check`": when if claim.judgeable else "never; it is context",
        }
        parts.append(f"## {claim.id}")
        parts.append("\n".join(f"- {name}: {fact}" for name, fact in facts.items() if fact))
    return "\n\n".join(parts) + "\n"


def _reading(claim: Claim) -> str:
    if claim.reading is None or claim.value is None:
        return "neither time nor output per hour"
    return f"{BOUND_LABELS[claim.bound]} {claim.value * 100:g} % {READING_LABELS[claim.reading]}"


if __name__ == "__main__":
    for path, text in pages().items():
        (ROOT / path).write_text(text, encoding="utf-8")
