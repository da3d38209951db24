"""What an assessment asks the database: each question once, and hardly more for a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import event
from support.demo_log import fill_with_demo
from support.store_kit import NOW_EPOCH, open_test_database

from tracker.analysis.assessment import assess
from tracker.domain.question import Question
from tracker.domain.records import StudyDesign
from tracker.store.database import Database

LOG = ("entries", "entry_totals", "work_items", "tasks")
FURTHER_OF_PAGE = 4
"""What a page asks besides a check: teams and people, number of tasks, assistants, hours."""
FURTHER_OF_ACTIVITY = 1
"""What developers expected of assistance."""


def statements_of(database: Database, question: Question, *, for_page: bool) -> list[str]:
    """Return the statements of an assessment that read the log, with their parameters."""
    statements: list[str] = []

    def note(
        _connection: object, _cursor: object, text: str, parameters: object, *_: object
    ) -> None:
        if any(f" {table}" in text for table in LOG):
            statements.append(f"{text} {parameters}")

    event.listen(database.engine, "before_cursor_execute", note)
    assess(database, question, generated_epoch=NOW_EPOCH, for_page=for_page)
    event.remove(database.engine, "before_cursor_execute", note)
    return statements


@pytest.mark.parametrize("design", ["before-after", "self-selected"])
def test_no_statement_is_executed_twice(tmp_path: Path, design: StudyDesign) -> None:
    """Neither by a check nor by a page, which asks little more."""
    question = Question(activities=("design", "testing"), design=design)
    with open_test_database(f"sqlite:///{tmp_path / 'log.db'}") as database:
        fill_with_demo(database)
        check, page = (
            statements_of(database, question, for_page=for_page) for for_page in (False, True)
        )
    for statements in (check, page):
        repeated = sorted({text for text in statements if statements.count(text) > 1})
        assert repeated == []
    further = FURTHER_OF_PAGE + FURTHER_OF_ACTIVITY * len(question.activities)
    assert len(page) <= len(check) + further
