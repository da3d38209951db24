"""The documentation agrees with the program: commands, options, claims, sources, the drawing."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest

from docs import pages
from tracker.claims import catalogue
from tracker.cli import COMMANDS
from tracker.sources.registry import SOURCES

ROOT = Path(__file__).resolve().parents[2]
ALL_COMMANDS = {context.command_path: context for context in pages.commands()}
GENERATED = [
    *("README.md", "docs/cli.md", "docs/claims.md", "docs/report.svg"),
    "tracker/local/command_words.json",
]


def text_of(page: str) -> str:
    """The text of a file of the repository."""
    return (ROOT / page).read_text(encoding="utf-8")


def headings(page: str) -> set[str]:
    """The headings of a Markdown page."""
    return set(re.findall(r"^#+ (.+)$", text_of(page), flags=re.MULTILINE))


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    """What `make docs` would write now."""
    return pages.pages()


def test_every_generated_page_is_tested(generated: dict[str, str]) -> None:
    """The list above names each file that `make docs` writes."""
    assert sorted(generated) == sorted(GENERATED)


@pytest.mark.parametrize("page", GENERATED)
def test_generated_pages_are_up_to_date(generated: dict[str, str], page: str) -> None:
    """`make docs` would change nothing."""
    assert text_of(page) == generated[page], "run `make docs`"


def test_the_readme_shows_the_output_and_the_drawing_before_its_first_section() -> None:
    """A reader sees what the tool prints before how it is installed."""
    first_screen = text_of("README.md").partition("\n## ")[0]
    assert "efficiency gain, log scale" in first_screen
    assert "(docs/report.svg)" in first_screen


def test_the_drawing_needs_nothing_but_itself() -> None:
    """The SVG is small, well formed, has no script and no reference to another file."""
    text = text_of("docs/report.svg")
    elements = ElementTree.fromstring(text).iter()
    assert len(text.encode()) < 40_000
    for element in elements:
        assert element.tag.rpartition("}")[2] not in {"script", "image", "foreignObject"}
        links = [v for name, v in element.attrib.items() if name.rpartition("}")[2] == "href"]
        assert all(link.startswith("#") for link in links)
    assert "url(" not in text
    assert "@import" not in text
    assert text.count("http") == text.count('xmlns="http://www.w3.org/2000/svg"') == 1


def test_the_drawing_has_colours_for_light_and_dark_backgrounds() -> None:
    """Every colour name of the style sheet is replaced, in both schemes."""
    style = text_of("docs/report.svg").partition("<style>")[2].partition("</style>")[0]
    light, _, dark = style.partition("@media (prefers-color-scheme:dark)")
    assert "$" not in style
    assert ".page{fill:#ffffff" in light
    assert ".page{fill:#14181d" in dark


def test_every_command_has_a_section_in_the_docs() -> None:
    """The commands of groups have one too: `config`, `claims`, `db` and the like."""
    assert set(ALL_COMMANDS) <= headings("docs/cli.md")
    assert {f"tracker {name}" for name in COMMANDS} <= set(ALL_COMMANDS)


@pytest.mark.parametrize("path", ALL_COMMANDS)
def test_every_command_and_option_has_help(path: str) -> None:
    """A command has at least one sentence, an option a few words."""
    command = ALL_COMMANDS[path].command
    assert re.match(r"[A-Z`].*[.:]", command.help or "", flags=re.DOTALL), f"{path} has no help"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{path} {parameter.opts[-1]} has no help"


def test_every_source_is_documented() -> None:
    """The page on importing names the command of each source."""
    importing = text_of("docs/importing.md")
    assert all(f"import {name}" in importing for name in SOURCES)


def test_every_claim_is_documented() -> None:
    """The page on claims has a section for each published claim."""
    assert {claim.id for claim in catalogue.published_claims()} <= headings("docs/claims.md")
