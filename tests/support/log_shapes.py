"""One log in many forms: languages, formats, units, delimiters, encodings."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

NAMES: dict[str, dict[str, str]] = {
    "en": {
        "developer": "User", "task": "Ticket", "activity": "Phase", "note": "Description",
        "start": "Start", "end": "End", "start_day": "Start date", "start_time": "Start time",
        "end_day": "End date", "end_time": "End time", "day": "Date", "minutes": "Duration",
        "hours": "Hours", "seconds": "Duration (s)", "id": "ID", "ai": "AI",
    },
    "de": {
        "developer": "Benutzer", "task": "Vorgang", "activity": "Tätigkeit",
        "note": "Beschreibung", "start": "Beginn", "end": "Ende", "start_day": "Startdatum",
        "start_time": "Startzeit", "end_day": "Enddatum", "end_time": "Endzeit", "day": "Datum",
        "minutes": "Dauer", "hours": "Stunden", "seconds": "Dauer (sek)", "id": "Id", "ai": "KI",
    },
    "fr": {
        "developer": "Utilisateur", "task": "Tâche", "activity": "Catégorie",
        "note": "Commentaire", "start": "Début", "end": "Fin", "start_day": "Date début",
        "start_time": "Heure début", "end_day": "Date fin", "end_time": "Heure fin",
        "day": "Jour", "minutes": "Durée", "hours": "Heures", "seconds": "Durée (sec)",
        "id": "id", "ai": "IA",
    },
    "es": {
        "developer": "Usuario", "task": "Tarea", "activity": "Actividad", "note": "Descripción",
        "start": "Inicio", "end": "Hasta", "start_day": "Fecha inicio", "start_time": "Hora inicio",
        "end_day": "Fecha hasta", "end_time": "Hora hasta", "day": "Fecha", "minutes": "Duración",
        "hours": "Horas", "seconds": "Duración (seg. seconds)", "id": "id", "ai": "IA",
    },
}  # fmt: skip
"""Language → part of a row → its header."""

DAY_FORMATS = (
    *("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%y", "%m/%d/%y"),
    *("%d-%b-%Y", "%b %d, %Y"),
)
TIME_FORMATS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")
UNITS = ("minutes", "hours", "seconds", "hms", "words")
PEOPLE = ("Ana Lima", "Bo", "Zoë Weiß")
WORDS = {"Design": "design", "testing": "testing", "REVIEW": "review", "Workshop": "Workshop"}


class Work(NamedTuple):
    """One stretch of work."""

    developer: str
    task: str
    word: str
    start: datetime
    minutes: int
    assisted: str = "unknown"


@dataclass(frozen=True)
class Shape:
    """The form of a log."""

    language: str
    day_format: str
    time_format: str
    layout: str
    """``instants``, ``pairs``, ``one day`` (a day, start and end), or ``days``."""
    unit: str | None
    """The unit of the column of efforts; None: the log has ends only."""
    decimal: str
    delimiter: str
    encoding: str
    title_lines: int
    key_in_note: bool
    has_id: bool
    has_assisted: bool
    order: Sequence[int] = field(default_factory=tuple)

    @property
    def names(self) -> Mapping[str, str]:
        return NAMES[self.language]

    @property
    def datetime_format(self) -> str:
        return f"{self.day_format} {self.time_format}"

    def cells(self, number: int, work: Work) -> dict[str, str]:
        """Return the cells of a row by header."""
        names = self.names
        end = work.start + timedelta(minutes=work.minutes)
        key, note = work.task, f"no. {number}"
        row = {names["developer"]: work.developer}
        if self.has_id:
            row[names["id"]] = f"e{number}"
        row[names["task"]] = "" if self.key_in_note else key
        row[names["activity"]] = work.word
        row |= self._times(work.start, end)
        if self.unit is not None:
            row[self.effort_name] = write_effort(work.minutes, self.unit, self.decimal)
        row[names["note"]] = f"[{key}] {note}" if self.key_in_note else note
        if self.has_assisted:
            row[names["ai"]] = {"yes": "x", "no": "no", "unknown": ""}[work.assisted]
        return row

    @property
    def effort_name(self) -> str:
        return self.names[self.unit if self.unit in ("hours", "seconds") else "minutes"]

    def _times(self, start: datetime, end: datetime) -> dict[str, str]:
        names = self.names
        if self.layout == "instants":
            both = {names["start"]: start, names["end"]: end}
            return {name: time.strftime(self.datetime_format) for name, time in both.items()}
        if self.layout == "days":
            return {names["day"]: start.strftime(self.day_format)}
        clock = {
            names["start_time"]: start.strftime(self.time_format),
            names["end_time"]: end.strftime(self.time_format),
        }
        if self.layout == "one day":
            return {names["day"]: start.strftime(self.day_format), **clock}
        days = {
            names["start_day"]: start.strftime(self.day_format),
            names["end_day"]: end.strftime(self.day_format),
        }
        return {**days, **clock}

    def write(self, log: Sequence[Work]) -> bytes:
        """Return the log in this shape."""
        rows = [self.cells(number, work) for number, work in enumerate(log, start=1)]
        header = list(rows[0])
        for swap, name in enumerate(list(header)):  # another order of columns
            if swap < len(self.order):
                header.remove(name)
                header.insert(self.order[swap] % (len(header) + 1), name)
        stream = io.StringIO()
        for number in range(self.title_lines):
            stream.write(f"Report {number + 1}\r\n")
        writer = csv.DictWriter(stream, header, delimiter=self.delimiter)
        writer.writeheader()
        writer.writerows(rows)
        return stream.getvalue().encode(self.encoding)

    def choose(self, key: str, alternatives: Sequence[Any]) -> Any:
        """Return the right one of the values that a suggestion proposes for a key."""
        if key in ("datetime", "date"):
            return next(value for value in alternatives if self.day_format in _first(value))
        if key == "minutes":
            return self.unit
        return {"decimal": ",", "activity": self.names["activity"], "task": self.names["task"]}[key]


def _first(value: Any) -> str:
    text: str = value[0] if isinstance(value, list) else value
    return text


def write_effort(minutes: int, unit: str, decimal: str) -> str:
    """Return an effort as trackers write it."""
    hours, rest = divmod(minutes, 60)
    if unit == "hms":
        return f"{hours}:{rest:02}:00"
    if unit == "words":
        return f"{hours}h {rest}m" if hours else f"{rest}m"
    number = {"minutes": minutes, "hours": minutes / 60, "seconds": minutes * 60}[unit]
    return f"{number:.2f}".replace(".", decimal) if unit == "hours" else str(number)


def fill_in(text: str, shape: Shape) -> str:
    """Return a suggested map with the undecided values filled in."""
    lines = text.splitlines()
    for index, line in enumerate(lines):
        match = re.fullmatch(r'(\w+) = "\?"', line)
        if match:
            key = match[1]
            alternatives = []
            for other in lines[index + 1 :]:
                if not other.startswith(f"# {key} = "):
                    break
                alternatives.append(tomllib.loads(other.removeprefix("# "))[key])
            choice = shape.choose(key, alternatives)
            value = str(choice) if isinstance(choice, list) else f'"{choice}"'
            lines[index] = f"{key} = {value}".replace("'", '"')
    return "\n".join(lines) + "\n"


_START = datetime(2026, 1, 2, 6, 0)

WORK = st.builds(
    Work,
    st.sampled_from(PEOPLE),
    st.integers(1, 999).map(lambda n: f"PAY-{n}"),
    st.sampled_from(list(WORDS)),
    st.builds(
        lambda day, slot: _START + timedelta(days=day, minutes=15 * slot),
        st.integers(0, 80),
        st.integers(0, 40),
    ),
    st.sampled_from([6, 15, 30, 45, 90, 120, 195, 240]),
    st.sampled_from(["yes", "no", "unknown"]),
)

LOGS = st.lists(WORK, min_size=4, max_size=12, unique_by=lambda work: (work.developer, work.start))

_UNITS_OF_LAYOUT = {"days": UNITS, "instants": (None, *UNITS)}

SHAPES = st.sampled_from(["instants", "pairs", "one day", "days"]).flatmap(
    lambda layout: st.builds(
        Shape,
        language=st.sampled_from(list(NAMES)),
        day_format=st.sampled_from(DAY_FORMATS),
        time_format=st.sampled_from(TIME_FORMATS),
        layout=st.just(layout),
        unit=st.sampled_from(_UNITS_OF_LAYOUT.get(layout, (None, *UNITS))),
        decimal=st.sampled_from(".,"),
        delimiter=st.sampled_from(",;\t"),
        encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
        title_lines=st.sampled_from([0, 0, 0, 1, 2]),
        key_in_note=st.booleans(),
        has_id=st.booleans(),
        has_assisted=st.booleans(),
        order=st.lists(st.integers(0, 12), max_size=6),
    )
)
