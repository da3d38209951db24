"""The interval of one activity as it stood on an earlier day."""

from __future__ import annotations

import pandas as pd

from tracker.analysis.study import Study
from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.records import ItemStatus
from tracker.evidence.charts.buildup import EstimateUntil
from tracker.evidence.comparison import compare_arms
from tracker.evidence.item_cells import ReadCells
from tracker.evidence.moments import Cells
from tracker.evidence.other_work import OtherWork, began_with
from tracker.evidence.results import Interval
from tracker.evidence.sample import select_sample


def estimate_until(study: Study, *, anytime: bool) -> EstimateUntil:
    """Return the function that estimates θ from the work items that began until a day.

    Args:
        study: The activity. Where its own estimate gives no verdict, no earlier one does.
        anytime: Whether the bounds must hold however often one looks.

    """

    def estimate(closed: Cells, last_day: int) -> Interval | None:
        if study.design is None or study.estimate.suppressed:
            return None
        return compare_arms(
            closed,
            select_sample(closed, study.design),
            design=study.design,
            interval_level=study.question.interval_level,
            items=_cell_reader_until(study, last_day),
            anytime=anytime,
            other_work=_other_work_until(study, last_day),
        ).log_ratio

    return estimate


def _cell_reader_until(study: Study, last_day: int) -> ReadCells:
    """Return a reader of the cells of work items that began until a day."""

    def read_cells(statuses: tuple[ItemStatus, ...]) -> Cells:
        cells = study.read_cells(statuses)
        return cells.select(study.items["day"].to_numpy()[cells.source] <= last_day)

    return read_cells


def _other_work_until(study: Study, last_day: int) -> OtherWork | None:
    """Where the other activities of an earlier look at a before/after study are read.

    It is held against the work items that began until that day, in the time of those that it
    judges, where the estimate of the whole log is: then the other work is unassisted.
    """
    if not study.estimate.is_controlled:
        return None

    def read_items() -> pd.DataFrame:
        return began_with(study.items[study.items["day"] <= last_day], study.other_items)

    return OtherWork(
        read=read_items,
        answers=lambda: study.answers_of_others.assign(
            unassisted=study.answers_of_others["entries"]
        ),
        min_developers=MIN_DEVELOPERS_SHOWN,
    )
