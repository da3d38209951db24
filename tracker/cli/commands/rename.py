"""`rename`: a task or an activity under another name, or joined with another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracker.cli.command_names import ShortNamesGroup
from tracker.cli.context import Context
from tracker.cli.options import activity, name, pass_context
from tracker.domain.counts import count_of

if TYPE_CHECKING:  # SQLAlchemy is imported with the database
    from tracker.store.write.renames import Kind

_merge_option = click.option(
    "--merge", is_flag=True, help="Join it with the work that has the new name already."
)


@click.group("rename", cls=ShortNamesGroup)
def rename_group() -> None:
    """Rename a task or an activity in your own log, or join two of them.

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


def _rename(context: Context, kind: Kind, names: tuple[str, str], *, merge: bool) -> None:
    from tracker.store.write import renames

    result = renames.rename(context.database(), context.developer, kind, names, merge=merge)
    joined = ", joined with what was there" if result.is_merge else ""
    old, new = names
    context.say(
        f"renamed {kind} {old} to {new}: {count_of(result.entries, 'entry', 'entries')}, "
        f"{count_of(result.work_items, 'work item')}{joined}"
    )
    timer = context.timer.running()
    if timer is not None and getattr(timer, kind) == old:
        context.warn(
            f"the timer of {timer} keeps its name: `tracker edit @1 --{kind} {new}` corrects the "
            "entry once it is stopped."
        )
