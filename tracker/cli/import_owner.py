"""Whose entries an import brought, where it is not who imported them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracker.cli.context import Context
from tracker.domain.names import plain_name

if TYPE_CHECKING:  # imports SQLAlchemy
    from tracker.store.read.entry_sums import EntrySums


def lines(context: Context, sums: EntrySums, option: str | None, *, dry_run: bool) -> Iterator[str]:
    """Yield what to say about the people of a log.

    Args:
        context: The run of the program.
        sums: The sums of the imported entries.
        option: The value of ``--developer``; None where it is not given.
        dry_run: Whether nothing was stored.
    """
    from tracker.store.read.developer_names import present_name
    from tracker.store.write import developer_rename

    developer = context.developer
    with context.database().reading() as connection:
        is_used = option is not None and present_name(connection, option) in sums.developers
        if option and not is_used:
            yield (
                f"  --developer {shlex.quote(option)} has no effect: it is for a log that names "
                "nobody, and this one names people itself."
            )
        if len(sums.developers) != 1 or developer in sums.developers or is_used:
            return
        (owner,) = sums.developers
        whose = f"  these are {owner}'s; you are {developer}"
        if dry_run:
            yield f"{whose}."
        elif developer_rename.can_join(connection, developer, owner):
            names = " ".join(map(shlex.quote, (owner, developer)))
            is_variant = plain_name(owner) == plain_name(developer)
            condition = "" if is_variant else f"if you are {owner}, too, "
            yield f"{whose}: {condition}`tracker rename developer {names} --merge` makes them yours"
