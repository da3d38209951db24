"""Simulated studies from the baseline of a log."""

from __future__ import annotations

from tracker.analysis.study import Study
from tracker.domain.disclosure import WITHHELD_RESULT
from tracker.domain.errors import NothingToDo
from tracker.simulation.work_model import WorkModel, work_model


def baseline_model(study: Study) -> WorkModel:
    """Return what simulated work of an activity is drawn from: its baseline.

    Raises:
        NothingToDo: The baseline has too few finished work items, or may not be shown.

    """
    if study.suppressed:
        raise NothingToDo(f"{study.activity}: {WITHHELD_RESULT}")
    try:
        return work_model(study.items)
    except NothingToDo as error:
        raise NothingToDo(f"{study.activity}: {error}") from None
