"""The task's key in the current git branch, read from the repository's files.

No git process is started: `start` must be instant, and git need not be installed.
"""

from __future__ import annotations

import re

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.domain.task_keys import KEY_PATTERN
from tracker.local.git_place import git_place


def key_of_branch(folder: str, pattern: str | None) -> str:
    """Return the task's key in the name of the branch that is checked out.

    Args:
        folder: A folder of the work tree.
        pattern: The pattern of a key with at most one group, from the settings; None: the usual
            one.

    Raises:
        BadValue: There is no branch, or its name does not have exactly one key.

    """
    branch = current_branch(folder)
    if branch is None:
        raise BadValue("task is missing, and no git branch is checked out here: give the TASK.")
    keys = _keys(branch, pattern or KEY_PATTERN)
    if not keys:
        raise BadValue(
            f"task is missing, and the git branch {quote(branch)} names none: give the TASK."
        )
    if len(keys) > 1:
        raise BadValue(
            f"task is missing, and the git branch {quote(branch)} names {' and '.join(keys)}: "
            "give the TASK."
        )
    return keys[0]


def current_branch(folder: str) -> str | None:
    """Return the branch that is checked out; None outside a work tree, and for a detached HEAD."""
    try:
        place = git_place(folder)
    except OSError:  # the current folder was deleted
        return None
    return None if place is None else place.branch


def _keys(branch: str, pattern: str) -> list[str]:
    """Return the different keys in a branch, in their order."""
    try:
        matches = list(re.finditer(pattern, branch))
    except re.error as error:
        raise BadValue(
            f"setting task_pattern is {quote(pattern)}: {error}; give the TASK, or correct it with "
            "`tracker config set task_pattern`."
        ) from None
    keys = (match[1] if match.re.groups else match[0] for match in matches)
    return list(dict.fromkeys(key for key in keys if key))
