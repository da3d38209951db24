"""The folders of the settings and the data: one rule for every command.

`tracker mark` loads this module and must be fast, so it imports nothing.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal


def user_folder(environ: Mapping[str, str], kind: Literal["config", "data"]) -> str:
    """Return tracker's folder for its settings or its data.

    The rule is that of the XDG Base Directory Specification. On macOS the default is the
    Application Support folder for both.
    """
    base = environ.get(f"XDG_{kind.upper()}_HOME")
    if not base:
        home = environ.get("HOME") or os.path.expanduser("~")
        base = os.path.join(home, *_default_folder(kind))
    return os.path.join(base, "tracker")


def _default_folder(kind: Literal["config", "data"]) -> tuple[str, ...]:
    """Return the parts of a default folder below the home folder."""
    if sys.platform == "darwin":
        return ("Library", "Application Support")
    return (".config",) if kind == "config" else (".local", "share")
