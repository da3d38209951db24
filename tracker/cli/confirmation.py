"""Questions that a person answers with yes or no."""

from __future__ import annotations

import os
import sys

import click

from tracker.cli import streams
from tracker.cli.wrapping import fit
from tracker.domain import printing
from tracker.domain.errors import BadValue, NothingToDo

_CHOICES = " [y/N]: "
"""The suffix that click prints after a question."""


def confirm(question: str, *, unanswered: str, declined: str) -> None:
    """Ask a question, and return if the answer is yes.

    Args:
        question: The question, with its question mark.
        unanswered: The message where nobody can answer.
        declined: The message where the answer is no.

    Raises:
        BadValue: Nobody can answer, because standard input is no terminal.
        NothingToDo: The answer is no.
    """
    if not (sys.stdin and sys.stdin.isatty()):
        raise BadValue(unanswered)
    width = streams.terminal_width(sys.stderr, os.environ)
    lines = fit(printing.message(question), None if width is None else width - len(_CHOICES))
    if not click.confirm("\n".join(lines), err=True):
        raise NothingToDo(declined)
