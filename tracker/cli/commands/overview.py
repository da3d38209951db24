"""The output of `tracker` without a command: timer, today's hours, outbox, next step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tracker.cli import time_limit
from tracker.cli.context import DATABASE_SECONDS, Context
from tracker.cli.output import print_paragraph
from tracker.cli.timer_messages import timer_in_words, warn_of_forgotten_timer
from tracker.domain import times, urls
from tracker.domain.counts import count_of
from tracker.domain.errors import NothingToDo, StoreError
from tracker.local.timer import Timer


def show_overview(context: Context) -> None:
    """Print the overview, without the hours of today if the database does not answer."""
    timer = context.timer.running()
    print_paragraph(timer_in_words(timer, context.now_epoch))
    seconds = _logged_today(context)
    if seconds is not None:
        total = seconds + (_seconds_today(context, timer) if timer else 0)
        running = ", the running timer included" if timer else ""
        print_paragraph(f"today: {times.format_minutes(total / 60)}{running}")
    if count := context.outbox.count():
        print_paragraph(
            f"waiting for the database: {count_of(count, 'record')}; `tracker outbox list`"
        )
    for line in _next_steps(context, timer):
        print_paragraph(line)
    if timer is not None:
        warn_of_forgotten_timer(context, timer)


def _logged_today(context: Context) -> int | None:
    """Return the seconds logged today; None where there is no database, or it does not answer."""
    path = urls.sqlite_path(context.url)
    if path and not Path(path).exists() and not context.outbox.count():
        return None  # nothing was logged yet: reading makes no file
    sums: list[int] = []

    def read() -> None:
        from tracker.store.read import summaries

        today = times.date_to_day(context.now().date())
        with context.database().reading() as connection:
            sums.extend(summaries.efforts(connection, context.developer, today, today).values())

    try:
        if not time_limit.run(read, DATABASE_SECONDS):
            context.warn(f"{urls.without_password(context.url)} has not answered in time.")
            context.abandon_database()
            return None
    except StoreError as error:
        context.warn(str(error))
        return None
    return sum(sums)


def _seconds_today(context: Context, timer: Timer) -> int:
    """Return the running timer's effort since midnight."""
    midnight = context.now().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    before = timer.seconds(int(midnight)) if timer.started_epoch < midnight else 0
    return timer.seconds(context.now_epoch) - before


def _next_steps(context: Context, timer: Timer | None) -> Iterator[str]:
    """Yield commands that make sense now, with what they do."""
    if timer is not None and timer.paused_epoch is not None:
        yield "next: `tracker resume` goes on, `tracker stop` makes the entry"
    elif timer is not None:
        yield "next: `tracker stop` makes the entry, `tracker pause` interrupts it"
    else:
        try:
            last = context.timer.last()
            yield f"next: `tracker continue` goes on with {last}, `tracker start` with another task"
        except NothingToDo:
            yield (
                "next: `tracker start design TASK` starts the timer, `tracker log testing TASK "
                "45m` logs finished work, `tracker import --list` names the logs it reads"
            )
    yield "`tracker summary` shows your hours, `tracker help` lists all commands"
