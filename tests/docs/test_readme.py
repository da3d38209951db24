"""README.md and the other pages speak of commands that work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from support.person import Person

from tracker.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_readmes_console_lines_run_one_after_the_other(tmp_path: Path) -> None:
    """Everything shown with a $ works, in a new home, in the order shown."""
    ada = Person(tmp_path)
    blocks = re.findall(
        r"```console\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    lines = [
        line.removeprefix("$ ")
        for block in blocks
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
    assert len(lines) >= 8
    for line in lines:
        program, *arguments = shlex.split(line)
        assert program == "tracker"
        ada.later(30)
        ada.run(
            *[
                str(tmp_path / argument) if argument.endswith(".html") else argument
                for argument in arguments
            ]
        )


def test_every_command_that_a_page_names_exists() -> None:
    """`tracker WORD` in backticks or in a block is a command of the program."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for word in re.findall(r"(?:`|\$ )tracker ([a-z]+)", text):
            assert word in COMMANDS, f"{page.name} names `tracker {word}`"


def test_every_link_between_pages_leads_somewhere() -> None:
    """Relative links name files that are there."""
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
