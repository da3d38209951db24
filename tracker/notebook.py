"""A log in a notebook: frames to check numbers with, and the verdicts as frozen results. Thin over ``analysis``.

A log is only read. Names of developers do not leave the database: in frames they are ``developer 1``, ``developer 2``,
…, in the order of their first entries, so that a number stays the same person's in every frame of a log; the reader's
own name stays what it is.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

import pandas as pd
from sqlalchemy import Connection

from tracker import analysis
from tracker.analysis import Study
from tracker.claims import catalogue
from tracker.domain.errors import BadValue
from tracker.domain.gains import Reading
from tracker.domain.question import Question
from tracker.domain.records import Claim, Rollout, Selection, StudyDesign
from tracker.domain.times import date_to_day
from tracker.evidence.power import POWER, Plan
from tracker.evidence.results import Assessment
from tracker.local import settings
from tracker.report.as_csv import assessment_rows
from tracker.store.database import Database
from tracker.store.read import aggregates, entry_aggregates, queries
from tracker.store.upgrade import open_database

SETTINGS = ("design", "level", "reading", "anytime", "seed")
"""Options that a question takes as they are."""

WITHOUT_ENTRIES = "a developer without entries"


class Part(TypedDict, total=False):
    """Which part of the log. Days are those of a work item's first entry; in :meth:`Log.entries`, the entry's own."""

    activities: str | Sequence[str]
    team: str
    project: str
    mine: bool
    """The reader's own work alone."""
    first_day: date
    last_day: date


class Options(Part, total=False):
    """What may be asked of a log; left out, as ``tracker check`` has it. See :class:`tracker.domain.question.Question`."""

    design: StudyDesign
    level: float
    reading: Reading
    anytime: bool
    now: datetime
    """The "now" of the maturation rule: an aware datetime."""
    seed: int


def open_log(
    url: str | None = None,
    *,
    reader: str | None = None,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Log:
    """The log at ``url`` (``sqlite:////folder/log.db``, ``postgresql://user@host/name``); without one, one's own.

    One's own is where the command line finds it (TRACKER_DATABASE_URL, the settings, the platform's place), and
    ``reader``, whose own log it is, is told as there. ``environ`` None is the environment at the time of the call.
    Entries that still wait in an outbox are not here yet: any command but the timer's has the database take them.

    Raises NotFound where there is no such file, StoreError where the database cannot be used.
    """
    environ = os.environ if environ is None else environ
    found = settings.read(settings.settings_file(environ), must_exist=False)
    database = open_database(
        url or settings.database_url(environ, found), now=clock, tell=warnings.warn, must_exist=True
    )
    reader = reader or settings.configured_developer(environ, found) or settings.login_name(environ)
    return Log(database, reader)


def to_frame(assessment: Assessment) -> pd.DataFrame:
    """One row a result, as ``tracker check --format csv`` prints it; undefined is missing."""
    return pd.DataFrame(assessment_rows(assessment))


class Log:
    """An open log. Close it, or use it in a ``with``."""

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
        return f"<Log {self.database.url_shown}>"

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    # frames

    def entries(self, **part: Unpack[Part]) -> pd.DataFrame:
        """One row an entry, developer by developer in the order of their starts; without note and tags.

        developer, team, task, activity, started_at and logged_at (UTC), day (local date), minutes (effort,
        interruptions taken off), interruption_minutes, assisted (yes, no, unknown), basis, assistant, source.
        """
        with self.database.reading() as connection:
            question = self._question(connection, (), part)
            analysis.checked_span(connection, question)
            selection = question.selection.only(*question.activities)
            found = self._hidden(connection, entry_aggregates.entry_frame(connection, selection))
        return pd.DataFrame(
            {
                **{name: found[name] for name in ("developer", "team", "task", "activity")},
                "started_at": _instants(found["started_epoch"]),
                "day": _days(found["local_day"]),
                "minutes": found["seconds"] / 60.0,
                "interruption_minutes": found["interruption_seconds"] / 60.0,
                **{name: found[name] for name in ("assisted", "basis", "assistant")},
                "logged_at": _instants(found["logged_epoch"]),
                "source": found["source"],
            }
        )

    def work_items(self, **options: Unpack[Options]) -> pd.DataFrame:
        """One row a work item that has an arm, under the study design by which its activity is judged.

        developer, task, activity, arm, month (since 1970-01), day and last_day (local dates of its first and last
        entry), status (closed, open, immature, zero; only closed ones are compared), minutes, estimate_minutes
        (missing where none was made beforehand), project, study_design.
        """
        found = self._of_studies(options, lambda study: study.items)
        return found.assign(day=_days(found["day"]), last_day=_days(found["last_day"]))

    def moments(self, **options: Unpack[Options]) -> pd.DataFrame:
        """The sums that the estimate is made of: a row each developer × activity × arm × month × status × estimated.

        developer, activity, arm, period (months since 1970-01), status, estimated (bool), n (work items), and sums of
        y = ln minutes, x = ln estimate_minutes, t = minutes, w = estimate_minutes: y, yy, x, xx, xy, t, tt, w, ww, tw;
        study_design.
        """
        return self._of_studies(options, lambda study: study.moments)

    def rollouts(self) -> pd.DataFrame:
        """Who had an assistant from when: assistant, day (date), developer, team; neither of these: everybody."""
        with self.database.reading() as connection:
            found = pd.DataFrame(
                queries.rollouts(connection), columns=[*Rollout.__dataclass_fields__]
            )
            found = self._hidden(connection, found)
        return found.assign(day=_days(found["day"])).sort_values(
            ["day", "assistant"], ignore_index=True
        )

    # frozen results

    def claims(self) -> tuple[Claim, ...]:
        """The published claims, then one's own; each can be handed to :meth:`assess`."""
        with self.database.reading() as connection:
            return (*catalogue.published_claims(), *queries.claims(connection))

    def assess(
        self, *judged: str | Claim, charts: bool = False, **options: Unpack[Options]
    ) -> Assessment:
        """The verdicts on claims, by id or as records of your own; without any, on those that ``check`` judges.

        ``charts``: with the data of every figure (:mod:`tracker.report.figures`) too.
        """
        with self.database.reading() as connection:
            question = self._question(connection, judged, options)
        return analysis.assess(
            self.database, question, generated_epoch=self.database.now_epoch, for_page=charts
        )

    def plan(
        self,
        *judged: str | Claim,
        true_gain: float = 0.0,
        power: float = POWER,
        **options: Unpack[Options],
    ) -> list[tuple[Claim, Plan | None]]:
        """How much more work it takes to tell each claim from a true gain (a fraction, on the claim's reading).

        None beside a claim where the log holds too little to know how work items spread.
        """
        with self.database.reading() as connection:
            question = self._question(connection, judged, options)
        return analysis.plan(self.database, question, power=power, true_gain=true_gain)

    # within

    def _question(
        self, connection: Connection, judged: Sequence[str | Claim], options: Part | Options
    ) -> Question:
        asked: dict[str, Any] = {**options}
        unknown = [name for name in asked if name not in Options.__annotations__]
        if unknown:
            raise BadValue(
                f"option is {unknown[0]!r}: choose from {', '.join(Options.__annotations__)}."
            )
        given = asked.get("activities", ())
        activities = (given,) if isinstance(given, str) else tuple(given)
        return Question(
            claims=catalogue.select_claims(judged, activities, queries.claims(connection)),
            activities=activities,
            selection=Selection(
                team=asked.get("team"),
                project=asked.get("project"),
                developer=self.reader if asked.get("mine") else None,
                first_day=_day(asked.get("first_day")),
                last_day=_day(asked.get("last_day")),
            ),
            now_epoch=_epoch(asked.get("now")),
            reader=self.reader,
            **{name: asked[name] for name in SETTINGS if name in asked},
        )

    def _of_studies(
        self, options: Options, reduced: Callable[[Study], pd.DataFrame]
    ) -> pd.DataFrame:
        """A frame of each activity under its study design, one below the other."""
        with self.database.reading() as connection:
            _, studied = analysis.studies(connection, self._question(connection, (), options))
            frames = [reduced(study).assign(study_design=study.design) for study in studied]
            return self._hidden(connection, pd.concat(frames, ignore_index=True))

    def _hidden(self, connection: Connection, found: pd.DataFrame) -> pd.DataFrame:
        """The frame with a number in the place of each developer's name but the reader's, and by these numbers."""
        everyone = aggregates.developers_by_first_entry(connection)
        places = {name: place for place, name in enumerate(everyone)}
        shown = {name: f"developer {place + 1}" for name, place in places.items()}
        if self.reader is not None:
            shown[self.reader] = self.reader
        ordered = found.sort_values(
            "developer", key=lambda names: names.map(places), kind="stable", ignore_index=True
        )
        names = ordered["developer"].map(
            lambda name: shown.get(name, WITHOUT_ENTRIES), na_action="ignore"
        )
        return ordered.assign(developer=names)


def _day(given: date | None) -> int | None:
    return None if given is None else date_to_day(given)


def _epoch(given: datetime | None) -> int | None:
    if given is not None and given.tzinfo is None:
        raise BadValue(f"now is {given}: say of which zone, such as datetime(…, tzinfo=UTC).")
    return None if given is None else int(given.timestamp())


def _days(local_days: pd.Series[int]) -> pd.Series[pd.Timestamp]:
    return pd.to_datetime(local_days, unit="D")


def _instants(epochs: pd.Series[int]) -> pd.Series[pd.Timestamp]:
    return pd.to_datetime(epochs, unit="s", utc=True)
