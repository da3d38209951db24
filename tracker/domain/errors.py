"""The errors that tracker raises for its users. Each message is one line that says what to do."""

from __future__ import annotations


class TrackerError(Exception):
    """The base of all errors that a user can act on.

    The message is one line: what is wrong, which value, what to do instead. The command line prints
    it to stderr and exits with ``exit_code``.
    """

    exit_code = 1


class BadValue(TrackerError):
    """A value could not be parsed completely, or is outside the allowed range."""


class NotFound(TrackerError):
    """The named thing does not exist, for example an entry, a claim, a source or a file."""


class NothingToDo(TrackerError):
    """The command is valid, but there is nothing for it to act on."""


class StoreError(TrackerError):
    """The database is unusable: unreachable, read-only, busy, or newer than this program."""


class Interrupted(TrackerError):
    """Ctrl-C ended a command; the message says what is not kept."""

    exit_code = 130


class RequirementNotMet(TrackerError):
    """``check --require`` named verdicts, and the result is a different one."""

    exit_code = 3
