"""What can go wrong, said in one line: what, which value, what to do instead."""

from __future__ import annotations


class TrackerError(Exception):
    """A refusal. Its text is one line for a person: what is wrong, which value, what to do instead.

    The command line prints it to stderr and exits with ``exit_code``.
    """

    exit_code = 1


class BadValue(TrackerError):
    """A value that was not understood whole, or that lies outside what is allowed."""


class NotFound(TrackerError):
    """Something was named that is not there: an entry, a claim, a source, a file."""


class NothingToDo(TrackerError):
    """The command was understood, but there is nothing for it to work on."""


class StoreError(TrackerError):
    """The database cannot be used as asked: unreachable, read-only, newer than this program, busy."""


class RequirementNotMet(TrackerError):
    """``check --require`` named verdicts, and another one was reached."""

    exit_code = 3
