"""The moments of a log, for export."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tracker.analysis.disclosure import part_until_last_month
from tracker.analysis.study import studies
from tracker.domain.disclosure import Limits
from tracker.domain.question import Question
from tracker.evidence import disclosure
from tracker.store.database import Database


def exported_moments(
    database: Database, activities: Sequence[str], *, reader: str | None
) -> tuple[pd.DataFrame, Limits | None]:
    """Return the moments of each activity's study in groups that others may see.

    Args:
        database: The log.
        activities: The activities.
        reader: The developer who reads. A log of their own alone is not merged.

    Returns:
        The groups of :func:`tracker.evidence.disclosure.merge_small_groups` with ``study_design``,
        and the limits that were used.

    Raises:
        NothingToDo: No entry is selected.

    """
    question = Question(activities=tuple(activities), reader=reader)
    with part_until_last_month(database, question) as part:
        _, activity_studies = studies(part)
        options = {"min_developers": 1} if part.limits is None else {}
        groups = [
            disclosure.merge_small_groups(study.finished_moments, **options).assign(
                study_design=study.design
            )
            for study in activity_studies
        ]
    return pd.concat(groups, ignore_index=True), part.limits
