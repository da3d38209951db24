"""What of the log a result may cover: all of it, whole cells, or the reader's own work.

Every result comes from a :class:`Part`, and :func:`permitted_part` is the only way to one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from tracker.domain.disclosure import (
    MIN_DEVELOPERS_SHOWN,
    WITHHELD_FILTER,
    CellKey,
    Limits,
    form_cells,
    limits_of,
    month_spans,
    select_cells,
    selectable_cells,
)
from tracker.domain.errors import BadValue, NothingToDo
from tracker.domain.question import Question
from tracker.domain.records import CellSelection, Selection
from tracker.domain.times import DAY_SECONDS, first_day_of_month, month_of_day
from tracker.store.database import Database
from tracker.store.read import aggregates
from tracker.store.read.cells import (
    LogParts,
    cell_selection,
    log_parts,
    seconds_by_part,
    stored_partition,
)
from tracker.store.write.disclosure_cells import store_cells


@dataclass(frozen=True, slots=True)
class Part:
    """The part of the log that a result covers, in an open transaction."""

    connection: Connection
    question: Question
    """The question, with whole cells in place of its filters."""
    limits: Limits | None = None
    """The limits that were used; None where the question is answered as it was asked."""
    cells: Mapping[int, list[CellKey]] | None = None
    """The whole cells that the part consists of, if it does."""


@contextlib.contextmanager
def permitted_part(database: Database, question: Question) -> Iterator[Part]:
    """Open a transaction on the part of the log that a question may cover.

    Without filters that is the whole log; with filters the cells that lie wholly in them, as of the
    end of the last calendar month. A "now" before the end of the log is such a filter: it selects
    the cells before it. Whether a work item in them counts as finished does not depend on it, since
    an item that alone was finished between two instants would be the difference. The reader's own
    work may be filtered freely.

    Entries that lie after the clock are left out.

    Raises:
        NothingToDo: The log is empty, or the filters select no whole cell.
        BadValue: The question's ``now_epoch`` lies after the clock.
        StoreError: The database cannot be read.

    """
    question = _until_clock(question, database.now_epoch)
    with database.reading() as connection:
        selection = question.selection
        if selection.developer is not None and selection.developer != question.reader:
            raise NothingToDo(WITHHELD_FILTER)
        is_own = selection.developer is not None
        is_limited = selection.is_filtered or question.now_epoch is not None
        if is_own or not is_limited or _is_small_log(connection, question):
            yield Part(connection, question)
        else:
            ended_log = _ended_log(connection, question)
            yield ended_log or _part_of_cells(database, connection, question)


@contextlib.contextmanager
def part_until_last_month(database: Database, question: Question) -> Iterator[Part]:
    """Open a transaction on the whole log as it was at the end of the last calendar month.

    The log of the reader alone is not limited.

    Raises:
        StoreError: The database cannot be read.

    """
    question = _until_clock(question, database.now_epoch)
    with database.reading() as connection:
        if aggregates.developers(connection, Selection()) <= {question.reader}:
            yield Part(connection, question)
            return
        last_month = _last_month(database)
        end_epoch = _first_epoch(last_month + 1)
        selection = replace(question.selection, cells=CellSelection(None, (), last_month))
        yield Part(
            connection,
            replace(question, selection=selection, now_epoch=end_epoch),
            Limits(None, (), (), None, last_month, end_epoch),
        )


def _until_clock(question: Question, clock_epoch: int) -> Question:
    """The question limited to entries that do not lie after the clock."""
    if question.now_epoch is not None and question.now_epoch > clock_epoch:
        raise BadValue("--now lies in the future: give a time that has passed, or leave it out.")
    selection = replace(question.selection, clock_epoch=clock_epoch)
    return replace(question, selection=selection)


def _is_small_log(connection: Connection, question: Question) -> bool:
    """Whether a question without filters is about fewer than five developers in all."""
    if question.selection.is_filtered:
        return False
    return len(aggregates.developers(connection, Selection())) < MIN_DEVELOPERS_SHOWN


def _ended_log(connection: Connection, question: Question) -> Part | None:
    """The whole log as of the start of the month of a "now"; None where the log ends after that."""
    if question.selection.is_filtered or question.now_epoch is None:
        return None
    now_epoch = _month_start(question.now_epoch)
    last_epoch = aggregates.log_span(connection, question.selection).last_epoch
    if last_epoch is not None and last_epoch > now_epoch:
        return None
    limits = Limits(None, (), (), None, None, now_epoch)
    return Part(connection, replace(question, now_epoch=now_epoch), limits)


def _part_of_cells(database: Database, connection: Connection, question: Question) -> Part:
    """The part of a question with filters or with another "now"."""
    last_month = _last_month(database)
    parts = log_parts(connection, last_month)
    developers = parts.all_developers
    if developers <= {question.reader}:
        return Part(connection, question)
    cells = _selectable_cells(database, connection, parts)
    selected = select_cells(cells, _ended_before(question.selection, question.now_epoch))
    if len(developers) < MIN_DEVELOPERS_SHOWN or not selected:
        raise NothingToDo(WITHHELD_FILTER)
    end_epoch = _first_epoch(last_month + 1)
    now_epoch = end_epoch if parts.last_epoch is None else min(parts.last_epoch, end_epoch)
    keys = [key for cell in selected.values() for key in cell]
    selection = Selection(
        activities=question.selection.activities,
        cells=cell_selection(parts, keys, last_month),
        clock_epoch=question.selection.clock_epoch,
    )
    return Part(
        connection,
        replace(question, selection=selection, now_epoch=now_epoch),
        limits_of(selected, now_epoch),
        selected,
    )


def seconds_by_months(database: Database, part: Part) -> dict[tuple[int, int], int]:
    """Return the effort on the cells of a part by the months in which the work began.

    Of the whole log these are all cells that filters may select. What is in none of them, such as
    the running month, is missing.

    Args:
        database: The log.
        part: The whole log, or whole cells.

    Returns:
        Seconds by first and last month. Each such group consists of whole cells.
    """
    last_month = _last_month(database)
    parts = log_parts(part.connection, last_month)
    cells = part.cells
    if cells is None:
        cells = _selectable_cells(database, part.connection, parts)
    spans = month_spans(cells)
    seconds = dict.fromkeys(sorted(set(spans.values())), 0)
    by_part = seconds_by_part(part.connection, parts, part.question.selection, last_month)
    for key in (key for keys in cells.values() for key in keys):
        seconds[spans[key.month]] += by_part.get(key, 0)
    return seconds


def _ended_before(selection: Selection, now_epoch: int | None) -> Selection:
    """The selection without the month of an instant, in UTC, and those after it."""
    if now_epoch is None:
        return selection
    last_day = _month_start(now_epoch) // DAY_SECONDS - 1
    if selection.last_day is not None:
        last_day = min(last_day, selection.last_day)
    return replace(selection, last_day=last_day)


def _selectable_cells(
    database: Database, connection: Connection, parts: LogParts
) -> dict[int, list[CellKey]]:
    """The cells that filters may select; new ones are stored."""
    partition = stored_partition(connection)
    new_cells = form_cells(parts.developers, partition)
    if new_cells:
        store_cells(database, new_cells, partition)
    return selectable_cells(parts.developers, partition | new_cells, parts.others)


def _last_month(database: Database) -> int:
    """The last calendar month that has ended, in UTC and by the clock."""
    return month_of_day(database.now_epoch // DAY_SECONDS) - 1


def _month_start(epoch: int) -> int:
    """The first instant of the calendar month of an instant, in UTC."""
    return _first_epoch(month_of_day(epoch // DAY_SECONDS))


def _first_epoch(month: int) -> int:
    return first_day_of_month(month) * DAY_SECONDS
