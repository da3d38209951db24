"""`rename`: a task, an activity or a developer under another name, or joined with another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracker.cli.command_names import ShortNamesGroup
from tracker.cli.confirmation import confirm
from tracker.cli.context import Context
from tracker.cli.options import activity, name, pass_context
from tracker.domain.counts import count_of
from tracker.domain.errors import NotFound

if TYPE_CHECKING:  # SQLAlchemy is imported with the database
    from tracker.store.write.renames import Kind, Renamed

_merge_option = click.option(
    "--merge", is_flag=True, help="Join it with the work that has the new name already."
)


@click.group("rename", cls=ShortNamesGroup)
def rename_group() -> None:
    """Rename a task, an activity or yourself in your own log, or join two of them.

    One `tracker undo` takes it back. The entries of others stay as they are.

    \b
    $ tracker rename task PYA-12 PAY-12 --merge
    renamed task PYA-12 to PAY-12: 3 entries, 1 work item, joined with what was
      there
    """


@rename_group.command("task")
@click.argument("key", type=name)
@click.argument("new", type=name)
@_merge_option
@pass_context
def rename_task(context: Context, key: str, new: str, merge: bool) -> None:
    """Rename the task KEY in your entries, estimates and draws."""
    _rename(context, "task", (key, new), merge=merge)


@rename_group.command("activity")
@click.argument("old", type=name)
@click.argument("new", type=activity)
@_merge_option
@pass_context
def rename_activity(context: Context, old: str, new: str, merge: bool) -> None:
    """Rename the activity OLD to NEW, which is a known one, in your entries and estimates."""
    _rename(context, "activity", (old, new), merge=merge)


@rename_group.command("developer")
@click.argument("old", type=name)
@click.argument("new", type=name)
@_merge_option
@click.option("--yes", is_flag=True, help="Do not ask whether both names are yours.")
@pass_context
def rename_developer(context: Context, old: str, new: str, merge: bool, yes: bool) -> None:
    """Rename yourself from OLD to NEW, or join what you logged under two names.

    One of the names is the one that you use now. Whatever arrives under OLD later, from an import
    or from a machine with other settings, is stored under NEW, and each of the names shows you the
    whole log.

    \b
    $ tracker rename developer ada@example.org ada --merge --yes
    renamed developer ada@example.org to ada: 12 entries, 3 work items, joined
      with what was there
    """
    from tracker.store.read.developer_names import present_name
    from tracker.store.write import developer_rename

    database = context.database()
    with database.reading() as connection:
        developer_rename.check_rename(connection, context.developer, (old, new), merge=merge)
        others = [n for n in (old, new) if present_name(connection, n) != context.developer]
        is_asked = len(others) == 1 and (merge or others == [old]) and not yes
        is_asked = is_asked and developer_rename.has_log(connection, others[0])
    if is_asked:
        confirm(
            f"{others[0]} has a log, which you will see and can change. Is {others[0]} you?",
            unanswered=f"{others[0]} has a log: give --yes if {others[0]} is you.",
            declined="nothing was renamed.",
        )
    result = developer_rename.rename_developer(database, context.developer, (old, new), merge=merge)
    _say_renamed(context, "developer", (old, new), result)
    if result.doubles:
        context.say(
            f"stored under both names, now once: {count_of(result.doubles, 'entry', 'entries')}"
        )


def _not_found(context: Context, kind: Kind, name: str, error: NotFound) -> NotFound:
    """Return the refusal of an unknown task or activity, with what was probably meant."""
    similar = context.similar_task(name) if kind == "task" else None
    hint = (
        f" Did you mean {similar}?" if similar else f" `tracker summary --by {kind}` lists yours."
    )
    return NotFound(f"{error}{hint}")


def _rename(context: Context, kind: Kind, names: tuple[str, str], *, merge: bool) -> None:
    from tracker.cli.flushing import refresh_caches
    from tracker.store.write import renames

    database, (old, new) = context.database(), names
    try:
        result = renames.rename(database, context.developer, kind, names, merge=merge)
    except NotFound as error:
        raise _not_found(context, kind, old, error) from None
    if kind == "task":
        context.tasks.forget(old)
    refresh_caches(context, database)
    _say_renamed(context, kind, names, result)
    timer = context.timer.running()
    if timer is not None and getattr(timer, kind) == old:
        context.warn(
            f"the timer of {timer} keeps its name: `tracker edit --{kind} {new}` changes it."
        )


def _say_renamed(context: Context, kind: str, names: tuple[str, str], result: Renamed) -> None:
    joined = ", joined with what was there" if result.is_merge else ""
    counts = count_of(result.entries, "entry", "entries")
    if result.work_items:
        counts += f", {count_of(result.work_items, 'work item')}"
    context.say(f"renamed {kind} {names[0]} to {names[1]}: {counts}{joined}")
