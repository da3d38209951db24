"""Remarks on what may not be meant: a new key, a completed task, an estimate of minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.cli.context import Context
from tracker.cli.options import Effort
from tracker.domain.counts import count_of

if TYPE_CHECKING:  # SQLAlchemy takes five times as long to import as click
    from tracker.local.timer import Timer
    from tracker.store.database import Database

_FEW_MINUTES = 5
"""Fewer minutes than that, typed without a unit, may be hours."""


def remark_on_new_task(
    context: Context, key: str, similar: str | None, advice: str, database: Database | None = None
) -> None:
    """Warn that a key is new, and name the one that was probably meant.

    Args:
        context: The run of the program.
        key: The key as it was given.
        similar: What :meth:`TaskCache.similar` returned before the key was used; None: no remark.
        advice: The command that corrects it, with ``{}`` for the right key.
        database: The database if it is open anyway: a key with facts there is not new.
    """
    if similar is not None and database is not None:
        # The cache was refreshed as the database was opened.
        is_new = not _has_facts(context, database, key)
        similar = context.tasks.similar(key, is_new=True) if is_new else None
    if similar is None:
        return
    context.warn(f"{key} is new; did you mean {similar} ({advice.format(similar)})?")
    context.tasks.accept(key)


def remark_on_completed_task(context: Context, timer: Timer, advice: str) -> None:
    """Tell that work goes on whose task was completed before it began.

    Args:
        context: The run of the program.
        timer: The work.
        advice: The command that gives it another task.
    """
    epoch = context.tasks.completed_epoch(timer.activity, timer.task)
    if epoch is not None and epoch <= timer.started_epoch:
        from shlex import quote  # late: for a message only

        context.warn(
            f"{timer} is done since {timer.when(epoch)}: its hours still count for it; "
            f"`tracker task {quote(timer.task)} --reopen` opens it again, {advice} if another task "
            "is meant."
        )


def remark_on_minutes(context: Context, estimate: Effort, option: str = "") -> None:
    """Tell that an estimate of a few minutes was typed, where hours may be meant.

    Args:
        context: The run of the program.
        estimate: The estimate.
        option: The option that it was given with; "" for an argument.
    """
    minutes = estimate.seconds // 60
    if estimate.is_bare and minutes < _FEW_MINUTES:
        context.warn(
            f"that is an estimate of {count_of(minutes, 'minute')}: `tracker undo`, then "
            f"{f'{option} {minutes}h'.strip()} if hours are meant."
        )


def _has_facts(context: Context, database: Database, key: str) -> bool:
    """Return whether something is recorded about a task, such as its title or an estimate."""
    from tracker.store.read import queries

    with database.reading() as connection:
        return bool(
            queries.task(connection, key) or queries.work_items(connection, context.developer, key)
        )
