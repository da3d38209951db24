"""Option types and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click

from tracker.cli.context import Context
from tracker.cli.session import parse_text
from tracker.domain import names, times
from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name

pass_context = click.make_pass_decorator(Context)

Command = TypeVar("Command", bound=Callable[..., Any])


def current_context() -> Context:
    """Return the context of the command that is being parsed or run."""
    context = click.get_current_context().find_object(Context)
    if context is None:
        raise RuntimeError("a command was called without the group, which makes the context")
    return context


# Option types: each converts a text or raises BadValue. They are nouns because `--help` shows
# their names.


def duration(text: str) -> int:
    """Return the seconds, at least 1, of ``45m``, ``1h30m``, ``1:30`` or ``1.5h``."""
    seconds = times.parse_duration(text)
    if not seconds:
        raise BadValue(f"duration is {text!r}: give more than nothing.")
    return seconds


def time(text: str) -> datetime:
    """Return the aware datetime of ``9:30``, ``yesterday 14:00`` or ``40 minutes ago``."""
    return times.parse_instant(text, now=current_context().now())


def date(text: str) -> int:
    """Return the day of ``2026-03-01``, ``today`` or ``3 days ago``, in days since 1970-01-01."""
    return times.parse_day(text, now=current_context().now())


def activity(text: str) -> str:
    """Return a known activity; the error for an unknown one suggests a similar one."""
    return current_context().activities.check(normalise_name(text))


def name(text: str) -> str:
    """Return a task's key, a developer, a team or the like in Unicode NFC, stripped of blanks."""
    return normalise_name(parse_text("text", text))


def note(text: str) -> str:
    """Return a note as it was typed, stripped of leading and trailing blanks."""
    return parse_text("text", text, names.LONGEST_NOTE)


def task_of_branch(context: Context) -> str:
    """Return the task's key in the git branch that is checked out in the current folder.

    Raises:
        BadValue: There is none, or more than one.
    """
    from tracker.local.git_branch import key_of_branch  # late: only where the task is left out

    return name(key_of_branch(".", context.settings.task_pattern))


def complete_activity(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001 - click passes it
    incomplete: str,
) -> list[str]:
    """Return the activities that begin with a text, for shell completion."""
    # During completion click does not run the group, which creates the context.
    context = ctx.find_object(Context) or Context.from_process()
    return [name for name in context.activities.names() if name.startswith(incomplete)]


activity_argument = click.argument("activity", type=activity, shell_complete=complete_activity)
task_argument = click.argument("task", type=name)
task_or_branch_argument = click.argument("task", type=name, required=False)
"""A task's key; where it is left out, :func:`task_of_branch` has it."""
note_option = click.option("-m", "--note", type=note, metavar="NOTE", help="A note on the entry.")
format_option = click.option(
    "--format",
    "format",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    help="The output format.",
)


def assisted_options(command: Command) -> Command:
    """Add the options ``--ai [--assistant NAME] | --no-ai`` to a command."""
    ai = click.option(
        "--ai/--no-ai",
        default=None,
        help="Whether an AI assistant is used; unknown if neither is given.",
    )
    assistant = click.option(
        "--assistant", type=name, metavar="NAME", help="Which assistant (with --ai)."
    )
    return ai(assistant(command))


def assistance(context: Context, ai: bool | None, assistant: str | None) -> tuple[str, str | None]:
    """Return ``yes``, ``no`` or ``unknown``, and the assistant, from ``assisted_options``.

    The assistant of the settings is used where ``--ai`` names none.

    Raises:
        click.UsageError: An assistant is named without ``--ai``.
    """
    if assistant and not ai:
        raise click.UsageError("--assistant goes with --ai")
    if ai is None:
        return "unknown", None
    return ("yes", assistant or context.assistant) if ai else ("no", None)
