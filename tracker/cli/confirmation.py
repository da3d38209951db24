"""Questions that a person answers with yes or no."""

from __future__ import annotations

import sys

import click

from tracker.domain.errors import BadValue, NothingToDo


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
    if not click.confirm(question, err=True):
        raise NothingToDo(declined)
