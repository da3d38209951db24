"""The files of hooks: git's ``post-commit``, Claude Code's settings, and lines of schedulers."""

from __future__ import annotations

import json
import os
import shlex
import stat
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from tracker.domain.errors import BadValue, NotFound
from tracker.domain.printing import quote

_BEGIN, _END = b"# tracker: begin\n", b"# tracker: end\n"
_SHELLS = ("sh", "bash", "dash", "ksh", "zsh")
_EVENT = "UserPromptSubmit"
_HOOK_ARGUMENTS = "mark --assistant claude-code"


def post_commit_path(folder: Path) -> Path:
    """Return the path of a repository's hook, also where the hooks are in another folder.

    Raises:
        NotFound: git is missing, or the folder is no repository.
    """
    command = ["git", "-C", str(folder), "rev-parse", "--git-path", "hooks"]
    try:
        result = subprocess.run(command, capture_output=True, check=True)  # noqa: S603
    except (FileNotFoundError, subprocess.CalledProcessError):
        raise NotFound(f"{folder} is not a git repository: change to one.") from None
    return folder / os.fsdecode(result.stdout).strip() / "post-commit"


def add_to_hook(path: Path, program: str) -> None:
    """Add the call of `tracker mark` to a hook, which is made where there is none.

    Raises:
        BadValue: The hook is not a shell script, or git does not run it.
    """
    content = _hook_content(path)
    own = _without_block(content) or b"#!/bin/sh\n"
    first, newline, rest = own.partition(b"\n")
    if not _is_shell(first):
        raise BadValue(
            f"{path} is not a shell script: "
            f"call `{shlex.quote(program)} mark --git-commit` from it."
        )
    if content and not os.access(path, os.X_OK):
        raise BadValue(
            f"{path} is not executable, so git does not run it: make it executable, or remove it."
        )
    call = f"{shlex.quote(program)} mark --git-commit </dev/null >/dev/null 2>&1 || true"
    # at the beginning, since a hook may end with `exit`
    block = b"".join((_BEGIN, os.fsencode(call), b"\n", _END))
    _replace(path, first + (newline or b"\n") + block + rest, executable=True)


def remove_from_hook(path: Path) -> bool:
    """Remove the call from a hook; return whether it was there. An empty hook is deleted."""
    content = _hook_content(path)
    own = _without_block(content)
    if own == content:
        return False
    if own == b"#!/bin/sh\n":
        path.unlink()
    else:
        _replace(path, own)
    return True


def claude_settings(environ: Mapping[str, str]) -> Path:
    """Return the path of Claude Code's settings."""
    listed = (environ.get("CLAUDE_CONFIG_DIR") or "").split(",")[0].strip()
    home = Path(environ.get("HOME") or Path.home())
    return (Path(listed) if listed else home / ".claude") / "settings.json"


def add_to_claude(path: Path, program: str) -> None:
    """Add the call of `tracker mark` to the hooks of Claude Code; the other settings stay.

    Raises:
        BadValue: The settings are not what Claude Code writes.
    """
    settings = _claude_content(path)
    groups = _without_call(_groups(settings, path))
    call = {"type": "command", "command": f"{shlex.quote(program)} {_HOOK_ARGUMENTS}"}
    settings["hooks"] = {**settings.get("hooks", {}), _EVENT: [*groups, {"hooks": [call]}]}
    _replace(path, _json_text(settings))


def remove_from_claude(path: Path) -> bool:
    """Remove the call from the hooks of Claude Code; return whether it was there.

    Raises:
        BadValue: The settings are not what Claude Code writes.
    """
    if not path.exists():
        return False
    settings = _claude_content(path)
    groups = _groups(settings, path)
    others = _without_call(groups)
    if others == groups:
        return False
    hooks = {name: value for name, value in settings["hooks"].items() if name != _EVENT}
    settings["hooks"] = {**hooks, _EVENT: others} if others else hooks
    if not settings["hooks"]:
        del settings["hooks"]
    _replace(path, _json_text(settings))
    return True


_VARIABLES = (
    *("TRACKER_DATABASE_URL", "TRACKER_DEVELOPER", "TRACKER_CONFIG", "XDG_CONFIG_HOME"),
    *("XDG_DATA_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "COPILOT_HOME"),
)
"""What `collect` depends on. A scheduler does not have the variables of a shell."""


def schedule_lines(
    scheduler: str, program: str, home: Path, environ: Mapping[str, str]
) -> Iterator[str]:
    """Yield the lines with which a scheduler runs `collect` every week."""
    command = shlex.join([program, "-q", "collect"])
    names = [name for name in _VARIABLES if environ.get(name)]
    if names:
        text = f"set {', '.join(names)} there, too: a scheduler has no variables of your shell"
        yield f"<!-- {text} -->" if scheduler == "launchd" else f"# {text}"
    if scheduler == "cron":
        yield "# with `crontab -e`: every Monday at 12:00"
        yield f"0 12 * * 1 {command.replace('%', chr(92) + '%')}"
    elif scheduler == "systemd":
        folder = home / ".config" / "systemd" / "user"
        yield f"# {folder}/tracker-collect.service"
        yield from ("[Service]", "Type=oneshot", f"ExecStart={command.replace('%', '%%')}")
        yield f"# {folder}/tracker-collect.timer"
        yield from ("[Timer]", "OnCalendar=weekly", "Persistent=true")
        yield from ("[Install]", "WantedBy=timers.target")
        yield "# then: systemctl --user enable --now tracker-collect.timer"
    else:
        yield f"<!-- {home}/Library/LaunchAgents/tracker.collect.plist; then: launchctl load it -->"
        yield '<plist version="1.0"><dict><key>Label</key><string>tracker.collect</string>'
        words = "".join(f"<string>{escape(word)}</string>" for word in (program, "-q", "collect"))
        yield f"<key>ProgramArguments</key><array>{words}</array>"
        yield "<key>StartInterval</key><integer>604800</integer></dict></plist>"


def _hook_content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _is_shell(line: bytes) -> bool:
    """Return whether the first line of a script names a shell, such as ``#!/bin/sh -e``."""
    words = os.fsdecode(line).removeprefix("#!").split()
    return line.startswith(b"#!") and any(Path(word).name in _SHELLS for word in words)


def _without_block(content: bytes) -> bytes:
    before, begin, rest = content.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    return before + after if begin and end else content


def _claude_content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("hooks", {}), dict):
        raise BadValue(f"{path} is not valid JSON with settings: correct it, then run this again.")
    return content


def _groups(settings: dict[str, Any], path: Path) -> list[Any]:
    groups = settings.get("hooks", {}).get(_EVENT, [])
    if not isinstance(groups, list):
        raise BadValue(f"{path} has hooks.{_EVENT} {quote(groups)}: write a list there.")
    return groups


def _without_call(groups: list[Any]) -> list[Any]:
    """Return the groups of hooks without the call of `tracker mark`."""
    remaining = []
    for group in groups:
        hooks = group.get("hooks") if isinstance(group, dict) else None
        others = [hook for hook in hooks if not _is_call(hook)] if isinstance(hooks, list) else []
        if not isinstance(hooks, list) or len(others) == len(hooks):
            remaining.append(group)
        elif others:
            remaining.append({**group, "hooks": others})
    return remaining


def _is_call(hook: Any) -> bool:
    command = hook.get("command") if isinstance(hook, dict) else None
    if not isinstance(command, str) or not command.endswith(f" {_HOOK_ARGUMENTS}"):
        return False
    return command.removesuffix(_HOOK_ARGUMENTS).strip(" '\"").endswith("tracker")


def _json_text(settings: dict[str, Any]) -> bytes:
    return f"{json.dumps(settings, ensure_ascii=False, indent=2)}\n".encode(
        "utf-8", "surrogatepass"
    )


def _replace(path: Path, content: bytes, *, executable: bool = False) -> None:
    """Replace a file of another program, and keep its mode."""
    from tracker.local.atomic_files import new_file, write_all  # late: only to write

    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644
    mode |= 0o111 if executable else 0
    with new_file(str(target), mode=mode) as file:
        write_all(file.descriptor, content)
        os.fchmod(file.descriptor, mode)
