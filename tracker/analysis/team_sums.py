"""What a log, or a part of it, is about: people, period, hours, assistance, estimates.

Nobody's hours can be told from it: activities, answers and months of fewer than five developers are
merged, unless the log has no more or is the reader's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tracker.analysis.disclosure import Part, permitted_part, seconds_by_months
from tracker.domain import synthetic
from tracker.domain.disclosure import (
    MIN_DEVELOPERS_SHOWN,
    WITHHELD_RESULT,
    Limits,
    merge_names,
)
from tracker.domain.errors import NothingToDo
from tracker.domain.question import Question
from tracker.domain.records import Selection
from tracker.store.database import Database
from tracker.store.read import aggregates, queries
from tracker.store.read.entry_sums import EntrySums, ItemCounts, item_counts, selected_sums
from tracker.store.read.estimate_aggregates import EstimateMatch, estimate_match

_EMPTY = (
    "there is no entry to sum up: `tracker log` and `tracker import` add some, "
    "or leave the filters out."
)


@dataclass(frozen=True, slots=True)
class TeamSums:
    """The sums of a part of the log."""

    developers: int
    first_day: int
    last_day: int
    seconds: int
    by_activity: tuple[tuple[tuple[str, ...], int], ...]
    """Activities, several where they are merged, with their seconds; the largest first."""
    by_assisted: tuple[tuple[tuple[str, ...], int], ...]
    """Answers on assistance, several where they are merged, with their seconds."""
    by_month: tuple[tuple[int, int, int], ...]
    """First month, last month and seconds."""
    rest_seconds: int
    """Effort that is in no group of months, such as that of the running month."""
    items: ItemCounts
    estimates: EstimateMatch | None
    """The estimates of the whole log; None for a part of it."""
    these_developers_only: bool
    """Whether the log has fewer than five developers."""
    is_own: bool
    limits: Limits | None
    synthetic_notice: str | None


def team_sums(database: Database, question: Question) -> TeamSums:
    """Return the sums of the part of the log that a question may cover.

    Raises:
        NothingToDo: No entry is selected, no whole cell of five developers, or there are fewer.
        StoreError: The database cannot be read.
    """
    with permitted_part(database, question) as part:
        connection, selection = part.connection, part.question.selection
        sums = selected_sums(connection, selection)
        if sums is None:
            raise NothingToDo(_EMPTY)
        is_own = sums.developers <= {question.reader}
        is_small = len(aggregates.developers(connection, Selection())) < MIN_DEVELOPERS_SHOWN
        is_limited = not (selection.developer is not None or is_small)
        if is_limited and len(sums.developers) < MIN_DEVELOPERS_SHOWN:
            raise NothingToDo(WITHHELD_RESULT)
        months = _months(database, part, sums, is_limited=is_limited)
        total = sums.seconds_by_activity.total()
        min_developers = MIN_DEVELOPERS_SHOWN if is_limited else 1
        return TeamSums(
            developers=len(sums.developers),
            first_day=sums.first_day,
            last_day=sums.last_day,
            seconds=total,
            by_activity=_merged(
                sums.seconds_by_activity, sums.developers_by_activity, min_developers
            ),
            by_assisted=_merged(
                sums.seconds_by_assisted, sums.developers_by_assisted, min_developers
            ),
            by_month=months,
            rest_seconds=total - sum(seconds for _, _, seconds in months),
            items=item_counts(connection, selection, part.question.now_epoch or database.now_epoch),
            estimates=None
            if selection.is_filtered or part.limits or selection.developer
            else estimate_match(connection),
            these_developers_only=is_small and not is_own,
            is_own=is_own,
            limits=part.limits,
            synthetic_notice=synthetic.NOTICE if queries.is_made_up(connection) else None,
        )


def _months(
    database: Database, part: Part, sums: EntrySums, *, is_limited: bool
) -> tuple[tuple[int, int, int], ...]:
    """Return first month, last month and seconds of each group of months."""
    if not is_limited:
        return tuple(
            (month, month, seconds) for month, seconds in sorted(sums.seconds_by_month.items())
        )
    groups = seconds_by_months(database, part)
    return tuple((first, last, seconds) for (first, last), seconds in groups.items())


def _merged(
    seconds: Counter[str], developers: Mapping[str, set[str]], min_developers: int
) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Return the seconds of groups of names of enough developers each, the largest first."""
    groups = [
        (names, sum(seconds[name] for name in names))
        for names in merge_names(developers, min_developers=min_developers)
    ]
    return tuple(sorted(groups, key=lambda group: (-group[1], group[0])))
