"""`continue`: go on with earlier work. Only a named entry needs the database."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from tracker.cli.context import Context
from tracker.cli.options import (
    at_option,
    entry_or_task,
    key_and_time,
    note_option,
    pass_context,
    time_argument,
)
from tracker.cli.timer_start import (
    epoch_of,
    naming_what_runs,
    new_timer,
    resume_timer,
    start_timer,
    with_drawn_arm,
)
from tracker.domain.errors import NotFound, NothingToDo
from tracker.local.timer import Timer

if TYPE_CHECKING:  # dataclasses are imported with the database
    from tracker.domain.records import Entry


_OTHER_WORK = "`tracker continue @1` goes on with your last entry, @2 with the one before."


@click.command("continue")
@click.argument("entry", type=entry_or_task, required=False)
@time_argument
@at_option
@note_option
@pass_context
def continue_command(
    context: Context,
    entry: str | None,
    time_typed: datetime | None,
    instant: datetime | None,
    note: str | None,
) -> None:
    """Go on with the work of the timer that was stopped last, of a task, or of an entry.

    ENTRY is the key of a task, for the last entry of it; @1 for the entry that started last, @2 for
    the one before; or a part of an id of `tracker entries`. A timer that runs is stopped first;
    without an ENTRY, one that is paused is resumed instead.

    \b
    $ tracker continue
    stopped testing PAY-9 after 45m (id 8c1f3a)
    started design PAY-12 at 2026-03-02 13:00
    $ tracker continue PAY-9
    $ tracker continue @2
    """
    entry, instant = key_and_time(entry, time_typed, instant)
    running = context.timer.running()
    if entry is None and running is not None and running.paused_epoch is not None:
        if note is not None:
            raise click.UsageError(f"a note goes with new work, and {running} is paused only")
        resume_timer(context, instant)
        return
    last = _last(context, running) if entry is None else _entry(context, entry)
    if running is not None and (running.activity, running.task) == (last.activity, last.task):
        raise NothingToDo(f"{running} runs already: {_OTHER_WORK}")
    with naming_what_runs(context):
        timer = new_timer(context, last.activity, last.task, epoch_of(context, instant))
        timer = timer._replace(assisted=last.assisted, assistant=last.assistant, note=note)
        if isinstance(last, Timer):
            timer = timer._replace(drawn=last.drawn)
        start_timer(context, with_drawn_arm(context, timer), None)


def _last(context: Context, running: Timer | None) -> Timer:
    """Return the timer that was stopped or cancelled last.

    Raises:
        NothingToDo: None was yet; the message names one that runs.
    """
    try:
        return context.timer.last()
    except NothingToDo:
        if running is None:
            raise
        raise NothingToDo(f"{running} runs, and none before it here: {_OTHER_WORK}") from None


def _entry(context: Context, reference: str) -> Entry:
    """Return one of the developer's entries, by its task or its id."""
    from tracker.store.read import entry_ids  # late: only an ENTRY needs the database

    with context.database().reading() as connection:
        try:
            return entry_ids.entry_of_task_or_id(connection, context.developer, reference)
        except NotFound as error:
            similar = context.similar_task(reference)
            raise NotFound(f"{error} Did you mean {similar}?" if similar else str(error)) from None
