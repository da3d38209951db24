"""Runs the examples of a page in docs/: its ```python blocks, in order, as one session."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[2] / "docs"


def run(page: str) -> dict[str, Any]:
    """Run a page's examples and return the variables of the session.

    Raises:
        AssertionError: An example prints something else than the page shows.

    """
    text = (DOCS / page).read_text(encoding="utf-8")
    session: dict[str, Any] = {"__name__": page}
    failures: list[str] = []
    blocks = list(re.finditer(r"```python\n(.*?)```", text, flags=re.DOTALL))
    assert blocks
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE, verbose=False)
    for block in blocks:
        line = text.count("\n", 0, block.start(1))
        test = doctest.DocTestParser().get_doctest(block[1], session, page, str(DOCS / page), line)
        assert test.examples, f"{page}, line {line}: a block without an example"
        runner.run(test, out=failures.append, clear_globs=False)
        session = test.globs
    assert not failures, "".join(failures)
    return session


def table(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, without header and backticks."""
    text = (DOCS / page).read_text(encoding="utf-8").split(f"# {heading}\n", 1)[1]
    lines = re.search(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    assert lines, f"{page} has no table below {heading}"
    return [
        [cell.strip(" `") for cell in line.strip("|").split("|")]
        for line in lines[0].splitlines()[2:]
    ]
