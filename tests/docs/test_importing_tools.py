"""The section of docs/importing.md on logs of other tools: each session prints what is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.person import Person

PAGE = (Path(__file__).parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## Logs of other tools\n")[2].partition("\n## ")[0]
SESSIONS = re.findall(r"```shell-session\n(.*?)```", SECTION, flags=re.DOTALL)


def commands(session: str) -> list[tuple[str, str]]:
    """Return each command of a session with its output."""
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", session, flags=re.MULTILINE)


def test_each_session_prints_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`cat FILE` shows a file that the other tool wrote; each session has a log of its own.

    What follows an ellipsis is not shown.
    """
    monkeypatch.chdir(tmp_path)
    imported = set()
    for number, session in enumerate(SESSIONS):
        ada = Person(tmp_path / str(number))
        for command, output in commands(session):
            program, *arguments = command.split()
            if program == "cat":
                Path(arguments[0]).write_text(output)
            elif program == "tracker":
                assert ada.run(*arguments).output.startswith(output.removesuffix("…\n"))
                imported.add(arguments[1])
    assert imported == {"bartib", "klog", "org", "processdash", "timewarrior", "watson"}
