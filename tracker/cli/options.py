"""Option types and options that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import click

from tracker.cli.context import Context
from tracker.cli.session import parse_text
from tracker.domain import names, typed_times
from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name
from tracker.domain.typed_intervals import TypedInterval, parse_interval

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
    """Return the seconds, at least 1, of ``45m``, ``1h30m``, ``1:30``, ``1.5h`` or ``90``."""
    seconds = typed_times.parse_duration(text)
    if not seconds:
        raise BadValue(f"duration is {text!r}: give more than nothing.")
    return seconds


class Effort(NamedTuple):
    """An expected effort as it was typed."""

    seconds: int
    is_bare: bool
    """Whether it was a number without a unit, which is minutes."""


def effort(text: str) -> Effort:
    """Return the effort, at least 1 second, that is expected."""
    return Effort(duration(text), is_bare=text.strip().isdecimal())


def interval(text: str) -> TypedInterval:
    """Return the stretch of work of ``45m``, ``13:00-14:30``, ``9:05-`` or ``17:00 20m``."""
    return parse_interval(text.strip())


def new_times(text: str) -> TypedInterval:
    """Return the new times of an entry; ``9:05`` alone may be its start, its end or its effort."""
    if typed_times.is_clock_time(text) and "-" not in text:
        raise BadValue(
            f"times are {text!r}: write {text}- for the right start, -{text} for the right end, or "
            "an effort with its units, such as 1h30m."
        )
    return interval(text)


def time_text(text: str) -> str:
    """Return the text of a time whose day, if it has none, follows from another time."""
    typed_times.parse_instant(text, now=current_context().now())
    return text


def time(text: str) -> datetime:
    """Return the aware datetime of ``9:30``, ``monday 14:00``, ``40 minutes ago`` or ``-40m``."""
    return typed_times.parse_instant(text, now=current_context().now())


def date(text: str) -> int:
    """Return the day of ``2026-03-01``, ``monday`` or ``3 days ago``, in days since 1970-01-01."""
    return typed_times.parse_day(text.strip(), now=current_context().now())


def activity(text: str) -> str:
    """Return a known activity; the error for an unknown one suggests a similar one."""
    return current_context().activities.check(normalise_name(text))


def name(text: str) -> str:
    """Return a task's key, a developer, a team or the like in Unicode NFC, stripped of blanks."""
    return normalise_name(parse_text("text", text))


def entry_id(text: str) -> str:
    """Return a reference to an entry: ``@1`` or a part of an id."""
    return parse_text("ID", text)


def entry_or_task(text: str) -> str:
    """Return what names an entry, or the key of a task in Unicode NFC."""
    return normalise_name(parse_text("ENTRY", text))


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


def _is_read_by(parse: Callable[[str], object]) -> Callable[[str], bool]:
    """Return whether a text is one that a parser, which needs no clock, does not refuse."""

    def is_read(text: str) -> bool:
        try:
            parse(text)
        except BadValue:
            return False
        return True

    return is_read


is_duration = _is_read_by(typed_times.parse_duration)
"""Whether a text is a duration."""

_IS_VALUE: dict[str, Callable[[str], bool]] = {
    "duration": is_duration,
    "effort": is_duration,
    "interval": _is_read_by(parse_interval),
    "new_times": _is_read_by(parse_interval),
    "time_text": typed_times.is_instant,
    "time": typed_times.is_instant,
    "date": typed_times.is_day,
}
"""Whether a text is a value, for each option type whose values may have blanks."""

_MAX_WORDS = 8
"""Words of the longest of these values: ``2 days ago 10:00 1 hour 30 minutes``."""

_NUMBER_AFTER_DASH = r"[-–]\s*[0-9].*"
"""A word such as ``-17:30``, which is no option."""


def join_words(command: click.Command, arguments: Sequence[str]) -> list[str]:
    """Join the words of unquoted durations and times, as in ``log design PAY-12 1h 30m``.

    The value of an option for a duration, a time or a day has as many words as can be read as one;
    so has an argument for a stretch of work or a day. One such as ``-17:30`` gets a blank before
    it, so that click does not take it for options. Where the last argument is one of these, all
    further words are part of it, so that ``45 minuten`` is refused as a whole.
    """
    options = {
        flag: param
        for param in command.params
        if isinstance(param, click.Option)
        for flag in (*param.opts, *param.secondary_opts)
    }
    parameters = [param for param in command.params if isinstance(param, click.Argument)]
    of_arguments = [
        _IS_VALUE[param.type.name] for param in parameters if param.type.name in _IS_VALUE
    ]
    joined: list[str] = []
    places: list[int] = []  # of arguments among the joined words
    words = list(arguments)
    while words:
        word = words.pop(0)
        joined.append(word)
        if word == "--":
            return [*joined, *words]
        option = options.get(word)
        if option is not None and not option.is_flag:
            joined += _take_value(words, _IS_VALUE.get(option.type.name))
        elif of_arguments and (not word.startswith("-") or re.fullmatch(_NUMBER_AFTER_DASH, word)):
            words.insert(0, joined.pop())
            (value,) = _take_value(words, of_arguments[0])
            places.append(len(joined))
            joined.append(f" {value}" if value.startswith("-") else value)
    if of_arguments and parameters[-1].type.name in _IS_VALUE:
        joined = _with_one_last_argument(joined, places[len(parameters) - 1 :])
    return joined


def _with_one_last_argument(words: list[str], places: Sequence[int]) -> list[str]:
    """Return words of which those at successive places, if there are several, are one."""
    if (
        len(places) < 2
        or places[-1] - places[0] != len(places) - 1
        or not all(map(str.strip, words))
    ):
        return words
    first, last = places[0], places[-1]
    return [*words[:first], " ".join(words[first : last + 1]), *words[last + 1 :]]


def _take_value(words: list[str], is_value: Callable[[str], bool] | None) -> list[str]:
    """Remove the most words that are one value, else one word; return it, or nothing if none is.

    Args:
        words: What is left of the command line.
        is_value: Whether a text is a value; None where values have no blanks.
    """
    for number in range(min(_MAX_WORDS, len(words)), 1, -1):
        text = " ".join(words[:number])
        if not all(word.strip() for word in words[:number]):
            continue  # an empty word is a value of its own, to be refused
        if is_value is not None and is_value(text):
            del words[:number]
            return [text]
    return [words.pop(0)] if words else []


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
at_option = click.option(
    "--at", "instant", type=time, metavar="T", help="When it was: '9:30', '40 minutes ago'."
)
time_argument = click.argument("time_typed", metavar="[T]", type=time, required=False)
"""The same as ``--at``, at the end of the command; :func:`given_time` joins both."""


def given_time(typed: datetime | None, option: datetime | None) -> datetime | None:
    """Return a time that is given as an argument or with ``--at``; None where neither is.

    Raises:
        click.UsageError: Both are given.
    """
    if typed is not None and option is not None:
        raise click.UsageError("give the time once, at the end or with --at")
    return option if typed is None else typed


def key_and_time(
    key: str | None, typed: datetime | None, option: datetime | None
) -> tuple[str | None, datetime | None]:
    """Return a key and a time from two arguments and ``--at``; a single argument may be either.

    Raises:
        click.UsageError: Two times are given.
        BadValue: There is no such time.
    """
    if key is not None and typed is None and typed_times.is_instant(key):
        return None, given_time(time(key), option)
    return key, given_time(typed, option)


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
