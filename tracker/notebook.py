"""A log in a notebook: frames to check numbers with, and verdicts as frozen results.

A log is only read. Frames hold no developer's name but the reader's. The others are
``developer 1``, ``developer 2``, … in the order of their first entries, so that a number means the
same person in every frame of a log.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, Unpack

import pandas as pd
from sqlalchemy import Connection

from tracker.analysis.assessment import assess
from tracker.analysis.disclosure import permitted_part
from tracker.analysis.notebook_options import (
    Filters,
    Options,
    check_flag,
    read_gain,
    read_name,
    read_question,
)
from tracker.analysis.planning import plan_claims
from tracker.analysis.study import Study, require_log_span, studies
from tracker.claims import catalogue
from tracker.domain.disclosure import WITHHELD_RESULT, Limits
from tracker.domain.errors import BadValue, NothingToDo
from tracker.domain.printing import quote
from tracker.domain.question import Question
from tracker.domain.records import Claim, Rollout
from tracker.evidence.assessment import Assessment
from tracker.evidence.planning.plan import POWER, Plan
from tracker.local import settings
from tracker.report.as_csv import assessment_rows
from tracker.report.labels import limits_text
from tracker.store.database import Database
from tracker.store.read import aggregates, entry_aggregates, queries
from tracker.store.read.developer_names import present_name
from tracker.store.read.item_rows import with_texts
from tracker.store.upgrade import open_database

WITHOUT_ENTRIES = "a developer without entries"
"""Replaces the name of a developer who never logged, for example in a rollout."""


def open_log(
    url: str | os.PathLike[str] | None = None,
    *,
    reader: str | None = None,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Log:
    """Open a log for reading.

    Entries that still wait in an outbox are not in it. Any command except those of the timer moves
    them into the database.

    Args:
        url: ``sqlite:////folder/log.db``, ``postgresql://user@host/name``, or the path of an SQLite
            file. None is the database that the command line uses: ``TRACKER_DATABASE_URL``, the
            settings, or the default path.
        reader: The developer who reads. None is the one that the command line takes for the user.
        environ: Environment variables. None is the environment at the time of the call.
        clock: Returns the present as an aware datetime.

    Raises:
        NotFound: There is no such file.
        BadValue: The URL or the reader's name is not valid.
        StoreError: The database cannot be used.

    """
    environ = os.environ if environ is None else environ
    reader = read_name("reader", reader)
    config = settings.read_settings(settings.settings_file(environ), must_exist=False)
    database = open_database(
        settings.database_url(environ, config) if url is None else _database_url(url, environ),
        now=clock,
        notify=warnings.warn,
        must_exist=True,
    )
    reader = (
        reader or settings.configured_developer(environ, config) or settings.login_name(environ)
    )
    if reader:
        with database.reading() as connection:
            reader = present_name(connection, reader)
    return Log(database, reader)


def to_frame(assessment: Assessment) -> pd.DataFrame:
    """Return one row a result, as in ``tracker check --format csv``. Undefined is missing.

    Raises:
        BadValue: It is something else than an assessment.
    """
    if not isinstance(assessment, Assessment):
        raise BadValue(f"assessment is {quote(assessment)}: give what Log.assess() returns.")
    return pd.DataFrame(assessment_rows(assessment))


class Log:
    """An open log. Close it, or use it as a context manager."""

    def __init__(self, database: Database, reader: str | None) -> None:
        self.database = database
        self.reader = reader

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Log {self.database.safe_url}>"

    def close(self) -> None:
        """Close the connection to the database."""
        self.database.close()

    # frames

    def entries(self, **filters: Unpack[Filters]) -> pd.DataFrame:
        """Return one row an entry, by developer and start.

        Returns:
            developer, team, task, activity, started_at and logged_at (UTC), day (local date),
            minutes (effort, without interruptions), interruption_minutes, assisted (yes, no,
            unknown), basis, assistant, source. Notes and tags are left out.

        Raises:
            NothingToDo: No entry is selected, or no whole cell of five developers.
            BadValue: An option or its value is not possible.

        """
        with permitted_part(self.database, self._read_question((), filters)) as part:
            require_log_span(part)
            selection = part.question.selection.with_activities(*part.question.activities)
            frame = self._hide_names(
                part.connection, entry_aggregates.entry_frame(part.connection, selection)
            )
        entries = pd.DataFrame(
            {
                **{name: frame[name] for name in ("developer", "team", "task", "activity")},
                "started_at": _to_utc(frame["started_epoch"]),
                "day": _to_dates(frame["local_day"]),
                "minutes": frame["seconds"] / 60.0,
                "interruption_minutes": frame["interruption_seconds"] / 60.0,
                **{name: frame[name] for name in ("assisted", "basis", "assistant")},
                "logged_at": _to_utc(frame["logged_epoch"]),
                "source": frame["source"],
            }
        )
        return _with_limits(entries, part.limits)

    def work_items(self, **options: Unpack[Options]) -> pd.DataFrame:
        """Return one row a work item that has an arm, under its activity's study design.

        Returns:
            developer, task, activity, arm, month (since 1970-01), day and last_day (local dates of
            the first and the last entry), status (closed, open, immature, zero; only closed ones
            are compared), minutes, estimate_minutes and estimate_points (missing where no
            estimate was made beforehand; points also where there are minutes), project,
            study_design.

        Raises:
            NothingToDo: No entry is selected, or no whole cell of five developers.
            BadValue: An option or its value is not possible.

        """
        frame = self._study_frames(options, lambda study: study.items_with_task)
        return frame.assign(day=_to_dates(frame["day"]), last_day=_to_dates(frame["last_day"]))

    def moments(self, **options: Unpack[Options]) -> pd.DataFrame:
        """Return the sums from which the estimate is made.

        Returns:
            A row for each developer × activity × arm × period (months since 1970-01) × status ×
            unit of the estimate (minutes, points, none), with n (work items) and sums of
            y = ln minutes, x = ln estimate, t = minutes, w = estimate_minutes (0 for points) and
            their products: y, yy, x, xx, xy, t, tt, w, ww, tw; estimated (whether there is an
            estimate); and study_design.

        Raises:
            NothingToDo: No entry is selected, or no whole cell of five developers.
            BadValue: An option or its value is not possible.

        """
        return self._study_frames(options, lambda study: study.moments)

    def rollouts(self) -> pd.DataFrame:
        """Return who had an assistant from when.

        Returns:
            assistant, day (date), developer, team. Where both are missing it is everybody.

        """
        with self.database.reading() as connection:
            frame = pd.DataFrame(
                queries.rollouts(connection), columns=[*Rollout.__dataclass_fields__]
            )
            frame = self._hide_names(connection, frame)
        return frame.assign(day=_to_dates(frame["day"])).sort_values(
            ["day", "assistant"], ignore_index=True
        )

    # frozen results

    def claims(self) -> tuple[Claim, ...]:
        """Return the published claims, then those stored in the log. :meth:`assess` takes them."""
        with self.database.reading() as connection:
            return (*catalogue.published_claims(), *queries.claims(connection))

    def assess(
        self, *claims: str | Claim, charts: bool = False, **options: Unpack[Options]
    ) -> Assessment:
        """Return the verdicts on claims.

        Args:
            *claims: Ids of claims, or claims that need not be stored. Without any, those that
                ``tracker check`` judges.
            charts: Add the data of every chart (:mod:`tracker.report.figures`).
            **options: Filters and options of ``tracker check``.

        Raises:
            NothingToDo: No entry is selected, or no whole cell of five developers.
            NotFound: There is no claim with such an id.
            BadValue: An option or its value is not possible, or a claim cannot be judged.

        """
        check_flag("charts", charts)
        question = self._read_question(claims, options)
        return assess(
            self.database, question, generated_epoch=self.database.now_epoch, for_page=charts
        )

    def plan(
        self,
        *claims: str | Claim,
        true_gain: float | str | None = None,
        power: float = POWER,
        **options: Unpack[Options],
    ) -> list[tuple[Claim, Plan | None]]:
        """Return how many more work items it takes to tell each claim from a true gain.

        Args:
            *claims: As in :meth:`assess`.
            true_gain: A fraction or a text such as "20%", on the claim's reading; None: no gain, or
                the one that the log shows where it rules out no gain, or holds what that would
                take.
            power: The probability with which the study shall tell them apart.
            **options: Filters and options of ``tracker check``. The study design need not be
                recorded; without one all are planned.

        Returns:
            Each claim with its plan. It is None where the log holds too little to know how work
            items spread.

        Raises:
            NothingToDo: No entry is selected, or no whole cell of five developers.
            NotFound: There is no claim with such an id.
            BadValue: An option or its value is not possible, or a claim cannot be judged.

        """
        question, gain = self._read_question(claims, options), read_gain(true_gain)
        return plan_claims(self.database, question, power=power, true_gain=gain)

    # helpers

    def _read_question(self, claims: Sequence[str | Claim], options: Filters | Options) -> Question:
        with self.database.reading() as connection:
            return read_question(
                connection, claims, options, reader=self.reader, today=self.database.now()
            )

    def _study_frames(
        self, options: Options, read_frame: Callable[[Study], pd.DataFrame]
    ) -> pd.DataFrame:
        """The frames of every activity, one below the other, each under its study design.

        Raises:
            NothingToDo: Too few developers other than the reader stand behind every activity.

        """
        with permitted_part(self.database, self._read_question((), options)) as part:
            activity_studies = [*studies(part)[1]]
            if all(study.suppressed for study in activity_studies):
                raise NothingToDo(WITHHELD_RESULT)
            frames = [
                with_texts(read_frame(study)).assign(study_design=study.design)
                for study in activity_studies
            ]
            frame = self._hide_names(part.connection, pd.concat(frames, ignore_index=True))
        frame.attrs["withheld"] = [study.activity for study in activity_studies if study.suppressed]
        return _with_limits(frame, part.limits)

    def _hide_names(self, connection: Connection, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with numbers in place of names other than the reader's, sorted by them."""
        developers = aggregates.developers_by_first_entry(connection)
        ranks = {name: rank for rank, name in enumerate(developers)}
        labels = {name: f"developer {rank + 1}" for name, rank in ranks.items()}
        if self.reader is not None:
            labels[self.reader] = self.reader
        ordered = frame.sort_values(
            "developer", key=lambda names: names.map(ranks), kind="stable", ignore_index=True
        )
        names = ordered["developer"].map(
            lambda name: labels.get(name, WITHOUT_ENTRIES), na_action="ignore"
        )
        return ordered.assign(developer=names)


def _database_url(url: str | os.PathLike[str], environ: Mapping[str, str]) -> str:
    """Return the URL of a database that is named as with ``--db``."""
    if not isinstance(url, str | os.PathLike):
        raise BadValue(f"url is {quote(url)}: give a URL or the path of a file.")
    return settings.typed_database_url(os.fspath(url), environ, "url")


def _with_limits(frame: pd.DataFrame, limits: Limits | None) -> pd.DataFrame:
    """The frame with the limits that were used in place of the filters among its attributes."""
    frame.attrs["limits"] = limits_text(limits)
    return frame


def _to_dates(local_days: pd.Series[int]) -> pd.Series[pd.Timestamp]:
    return pd.to_datetime(local_days, unit="D")


def _to_utc(epochs: pd.Series[int]) -> pd.Series[pd.Timestamp]:
    return pd.to_datetime(epochs, unit="s", utc=True)
