"""The commands and files that README.md and the other pages name exist and work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from support.person import Person

from tracker.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_console_lines_of_the_readme_run_in_order(tmp_path: Path) -> None:
    """Each line after a $ succeeds, starting from an empty home."""
    ada = Person(tmp_path)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n(.*?)```", readme, re.DOTALL)
    commands = [
        line.removeprefix("$ ")
        for block in blocks
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
    assert len(commands) >= 8
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "tracker"
        ada.later(30)
        ada.run(
            *(
                str(tmp_path / argument) if argument.endswith(".html") else argument
                for argument in arguments
            )
        )


def test_every_command_that_a_page_names_exists() -> None:
    """`tracker WORD` in backticks or in a block names a command of the program."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for word in re.findall(r"(?:`|\$ )tracker ([a-z]+)", text):
            assert word in COMMANDS, f"{page.name} names `tracker {word}`"


def test_every_relative_link_names_an_existing_file() -> None:
    """Checked are links with and without a section, and images."""
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_file_that_contributing_names_exists() -> None:
    """Paths are relative to the repository or to tracker/. NAME stands for a new file."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for path in re.findall(r"`([a-z_]+/[\w./-]*)`", text):
        if "NAME" not in path:
            places = (ROOT / path, ROOT / f"{path}.py", ROOT / "tracker" / path)
            assert any(place.exists() for place in places), f"CONTRIBUTING.md names {path}"
