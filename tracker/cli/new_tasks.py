"""Remarks on a task key that may not be meant: a new one, or a completed one. None refuses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.cli.context import Context

if TYPE_CHECKING:  # SQLAlchemy takes five times as long to import as click
    from tracker.local.timer import Timer
    from tracker.store.database import Database


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


def _has_facts(context: Context, database: Database, key: str) -> bool:
    """Return whether something is recorded about a task, such as its title or an estimate."""
    from tracker.store.read import queries

    with database.reading() as connection:
        return bool(
            queries.task(connection, key) or queries.work_items(connection, context.developer, key)
        )
