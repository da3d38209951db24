"""`mark` and `hooks`: what git and assistants call, and how they come to call it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

import click

from tracker.cli.command_names import ShortNamesGroup
from tracker.cli.context import Context
from tracker.cli.messages import print_line
from tracker.cli.options import pass_context
from tracker.domain.errors import BadValue, NothingToDo
from tracker.local.usage_file import UsageFiles, new_header

Scheduler = Literal["systemd", "cron", "launchd"]


@click.command("mark", context_settings={"ignore_unknown_options": True})
@click.option("--assistant", metavar="NAME", help="The assistant that was used.")
@click.option("--git-commit", is_flag=True, help="Mark the last commit, if it names an assistant.")
@click.argument("rest", nargs=-1, type=click.UNPROCESSED, metavar="", expose_value=False)
@pass_context
def mark_command(context: Context, assistant: str | None, git_commit: bool) -> None:
    """Mark that an assistant is used here and now. For hooks, which it never makes fail.

    Writes the instant, and the repository and branch of the current folder as salted hashes, to
    your file of marks, if `collect` or `hooks install` made it. Reads no prompt. It writes in the
    background, and its exit code is 0 whatever happens.

    \b
    $ tracker mark --assistant claude-code
    """
    from tracker.local import mark  # late: only this command needs it

    arguments = ["--assistant", assistant] if assistant else []
    arguments += ["--git-commit"] if git_commit else []
    try:
        moment = mark.moment_of(arguments, context.now_epoch, str(Path.cwd()))
        mark.record(UsageFiles(context.data_folder).folder, arguments, moment)
    except (OSError, BadValue) as error:
        context.say_verbose(f"no mark: {error}")


@click.group("hooks", cls=ShortNamesGroup)
def hooks_group() -> None:
    """Let git and assistants mark their use, and collect marks every week.

    \b
    $ tracker hooks install --claude-code
    $ tracker hooks schedule
    """


@hooks_group.command("install")
@click.option("--claude-code", is_flag=True, help="Also the hook of Claude Code, in its settings.")
@pass_context
def install(context: Context, claude_code: bool) -> None:
    """Install the hook `post-commit` in the repositories of the settings, else in the current one.

    The hook marks commits that name an assistant. What is in the hook already stays.
    """
    from tracker.cli import hook_files  # late: `mark` does not need it

    folders = _folders(context)
    if not folders and not claude_code:
        raise NothingToDo(
            "no repository is here or in the settings: change to one, or add [[repositories]]."
        )
    program = _program()
    for folder in folders:
        path = hook_files.post_commit_path(folder)
        hook_files.add_to_hook(path, program)
        context.say(f"{path} marks commits that name an assistant")
    if claude_code:
        path = hook_files.claude_settings(context.environ)
        hook_files.add_to_claude(path, program)
        context.say(f"{path} marks prompts")
    files = UsageFiles(context.data_folder)
    with files.locked():
        if not files.exist():
            pattern = context.settings.task_pattern
            files.write(new_header(context.random_bytes, pattern), ())
    context.say(f"marks go to {files.marks_path}; `tracker collect --forget` deletes them")


@hooks_group.command("remove")
@pass_context
def remove(context: Context) -> None:
    """Remove what `hooks install` added; the rest of the hooks stays."""
    from tracker.cli import hook_files  # late: `mark` does not need it

    paths = [hook_files.post_commit_path(folder) for folder in _folders(context)]
    removed = [path for path in paths if hook_files.remove_from_hook(path)]
    settings = hook_files.claude_settings(context.environ)
    removed += [settings] if hook_files.remove_from_claude(settings) else []
    if not removed:
        raise NothingToDo("no hook of tracker is here: `tracker hooks install` installs one.")
    for path in removed:
        context.say(f"{path} marks nothing any more")


@hooks_group.command("schedule")
@click.option(
    "--for",
    "scheduler",
    type=click.Choice(["systemd", "cron", "launchd"]),
    help="Whose lines; that of this system if left out.",
)
@pass_context
def schedule(context: Context, scheduler: Scheduler | None) -> None:
    """Print what makes the system collect every week: transcripts are deleted after 30 days.

    Nothing is installed: put the lines where the comment says.
    """
    from tracker.cli import hook_files  # late: `mark` does not need it

    if scheduler is None:
        has_systemd = Path("/run/systemd/system").is_dir()
        scheduler = "systemd" if has_systemd else "cron"
        scheduler = "launchd" if sys.platform == "darwin" else scheduler
    home = Path(context.environ.get("HOME") or Path.home())
    for line in hook_files.schedule_lines(scheduler, _program(), home, context.environ):
        print_line(line)


def _folders(context: Context) -> list[Path]:
    """Return the folders of the repositories of the settings, else of the current one."""
    from tracker.local.repositories import Repositories  # late: `mark` does not need it

    home = context.environ.get("HOME") or str(Path.home())
    folders = Repositories(context.settings.repositories, [home]).folders()
    if folders:
        return [Path(folder) for folder in folders]
    command = ["git", "rev-parse", "--show-toplevel"]
    try:
        result = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    except FileNotFoundError:
        return []
    return [Path(os.fsdecode(result.stdout).strip())] if result.returncode == 0 else []


def _program() -> str:
    """Return the path of the installed program, which a hook may call without a search path."""
    installed = Path(sys.executable).with_name("tracker")
    return str(installed) if installed.exists() else shutil.which("tracker") or "tracker"
