"""The docs are in step with the program: every command, option, claim and source is told of."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import click
import pytest

from tracker.claims import catalogue
from tracker.cli import COMMANDS
from tracker.sources.registry import SOURCES

DOCS = Path(__file__).resolve().parents[2] / "docs"
GENERATOR = runpy.run_path(str(DOCS / "pages.py"))
ALL_COMMANDS = {context.command_path: context for context in GENERATOR["commands"]()}


def headings(page: str) -> set[str]:
    """The headings of a page."""
    return set(
        re.findall(r"^#+ (.+)$", (DOCS / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    )


@pytest.mark.parametrize("page", ["cli.md", "claims.md"])
def test_the_written_pages_are_what_the_program_says_now(page: str) -> None:
    """`make docs` would change nothing."""
    assert (DOCS / page).read_text(encoding="utf-8") == GENERATOR["pages"]()[page], (
        "run `make docs`"
    )


def test_every_command_has_its_place_in_the_docs() -> None:
    """Also those below `config`, `claims`, `db` and the like; and the generator leaves none out."""
    assert set(ALL_COMMANDS) <= headings("cli.md")
    assert {f"tracker {name}" for name in COMMANDS} <= set(ALL_COMMANDS)


@pytest.mark.parametrize("path", ALL_COMMANDS)
def test_every_command_and_option_says_what_it_is(path: str) -> None:
    """One sentence at least for a command; a few words for each option."""
    command = ALL_COMMANDS[path].command
    assert re.match(r"[A-Z`].*[.:]", command.help or "", flags=re.DOTALL), f"{path} has no help"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{path} {parameter.opts[-1]} has no help"


def test_every_source_is_told_of() -> None:
    """What can be imported is in the page on importing."""
    importing = (DOCS / "importing.md").read_text(encoding="utf-8")
    assert all(f"import {name}" in importing for name in SOURCES)


def test_every_claim_is_told_of() -> None:
    """With its source, in the page on claims."""
    assert {claim.id for claim in catalogue.published_claims()} <= headings("claims.md")


def test_links_between_the_pages_lead_somewhere() -> None:
    """In the docs and in the front page."""
    for page in [*DOCS.glob("*.md"), DOCS.parent / "README.md"]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
