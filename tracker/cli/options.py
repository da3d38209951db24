"""What several commands take: times, days, durations, activities, the form of a list, whether one was assisted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click

from tracker.cli.context import Context
from tracker.domain import names, times
from tracker.domain.errors import BadValue

pass_context = click.make_pass_decorator(Context)

Command = TypeVar("Command", bound=Callable[..., Any])

_SHOWN = 60
"""Characters that a refusal repeats of a text."""


def current() -> Context:
    """The context of the command that is being parsed or run."""
    context = click.get_current_context().find_object(Context)
    if context is None:
        raise RuntimeError("a command was called without the group, which makes the context")
    return context


# What an option's text becomes. Their names are what `--help` shows; each raises BadValue.


def duration(text: str) -> int:
    """``45m``, ``1h30m``, ``1:30``, ``1.5h`` → whole seconds, more than none."""
    seconds = times.parse_duration(text)
    if not seconds:
        raise BadValue(f"duration is {text!r}: give more than nothing.")
    return seconds


def time(text: str) -> datetime:
    """``9:30``, ``yesterday 14:00``, ``2026-03-01 14:00``, ``40 minutes ago`` → an aware datetime."""
    return times.parse_instant(text, now=current().now())


def date(text: str) -> int:
    """``2026-03-01``, ``today``, ``3 days ago`` → days since 1970-01-01."""
    return times.parse_day(text, now=current().now())


def activity(text: str) -> str:
    """A known activity; an unknown one is refused with the nearest name."""
    return current().activities.check(text)


def name(text: str, longest: int = names.LONGEST_NAME) -> str:
    """A task's key, a person, a team: one line with something in it."""
    stripped = text.strip()
    wrong = names.fault(stripped, longest) if stripped else "give one line with something in it"
    if wrong:
        shown = f"{text[:_SHOWN]!r}{'…' if len(text) > _SHOWN else ''}"
        raise BadValue(f"text is {shown}: {wrong}.")
    return stripped


def note(text: str) -> str:
    """A note: as a name, but longer."""
    return name(text, names.LONGEST_NOTE)


def known_activities(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 - click's
    """The activities that begin so, for completion."""
    context = ctx.find_object(Context) or Context.of_this_process()  # the group is not run for it
    return [known for known in context.activities.names() if known.startswith(incomplete)]


activity_argument = click.argument("activity", type=activity, shell_complete=known_activities)
task_argument = click.argument("task", type=name)
note_option = click.option("-m", "--note", type=note, metavar="NOTE", help="A note on the entry.")
format_option = click.option(
    "--format",
    "format",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    help="How it is printed.",
)


def assisted_options(command: Command) -> Command:
    """``--ai [--assistant NAME] | --no-ai``."""
    ai = click.option(
        "--ai/--no-ai",
        default=None,
        help="Whether an AI assistant helps; unknown where nothing is said.",
    )
    assistant = click.option(
        "--assistant", type=name, metavar="NAME", help="Which assistant (with --ai)."
    )
    return ai(assistant(command))


def assisted(context: Context, ai: bool | None, assistant: str | None) -> tuple[str, str | None]:
    """What the options say: ``yes``, ``no`` or ``unknown``, and the assistant (the settings' own if none is named)."""
    if assistant and not ai:
        raise click.UsageError("--assistant goes with --ai")
    if ai is None:
        return "unknown", None
    return ("yes", assistant or context.settings.assistant) if ai else ("no", None)
