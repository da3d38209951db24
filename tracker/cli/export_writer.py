"""What `export` writes: rows as CSV, or as a JSON array with a row a line; streamed."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO, cast

from tracker.cli.context import Context
from tracker.cli.csv_lines import writer
from tracker.domain.records import EXPORTED_ENTRY_COLUMNS, EXPORTED_TASK_COLUMNS
from tracker.store.database import Database
from tracker.store.read import queries

if TYPE_CHECKING:
    from pandas import DataFrame

Row = Mapping[str, Any]
What = Literal["entries", "tasks", "moments"]
Form = Literal["csv", "json"]


@contextlib.contextmanager
def target(output: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears when it is complete and not before."""
    if output is None:
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(
                encoding="utf-8"
            )  # as in a file: no letter may be lost on the way
        yield sys.stdout
        return
    part = output.with_name(f".{output.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)


def write(context: Context, what: What, form: Form, file: TextIO) -> None:
    """Write everything of one kind."""
    database = context.database()
    if what == "moments":
        found = _moments(context, database)
        write_rows(cast("list[Row]", found.to_dict("records")), tuple(found.columns), form, file)
        return
    with database.reading() as connection:
        if what == "entries":
            write_rows(queries.export_entries(connection), EXPORTED_ENTRY_COLUMNS, form, file)
        else:
            write_rows(queries.export_tasks(connection), EXPORTED_TASK_COLUMNS, form, file)


def _moments(context: Context, database: Database) -> DataFrame:
    """The moments of every activity's study, in groups of five developers or more; one's own log as it is."""
    import pandas as pd  # late: the other exports can do without

    from tracker import analysis
    from tracker.domain.question import Question
    from tracker.evidence import disclosure

    with database.reading() as connection:
        question = Question(
            activities=tuple(queries.activities(connection)), reader=context.developer
        )
        _, studied = analysis.studies(connection, question)
        alone = all(set(study.moments["developer"]) <= {context.developer} for study in studied)
        groups = [
            disclosure.merge_small_groups(study.moments, **({"fewest": 1} if alone else {})).assign(
                study_design=study.design
            )
            for study in studied
        ]
    return pd.concat(groups, ignore_index=True)


def write_rows(found: Iterable[Row], columns: tuple[str, ...], form: Form, file: TextIO) -> None:
    """Rows with these columns. None is nothing in CSV, null in JSON."""
    if form == "csv":
        lines = writer(file)
        lines.writerow(columns)
        lines.writerows(map(row.__getitem__, columns) for row in found)
        return
    before = "["
    for row in found:
        file.write(f"{before}\n{json.dumps(dict(row), ensure_ascii=False)}")
        before = ","
    file.write("[]\n" if before == "[" else "\n]\n")
