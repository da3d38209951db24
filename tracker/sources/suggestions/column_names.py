"""The words that time trackers use in the headers of their exports, in several languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


START = _words(
    "start started starts begin began begins beginning from von ab beginn anfang debut inicio"
    " inizio desde de da startzeit startdatum inizia begintijd comeco starttime startdate"
)
END = _words(
    "end ended ends stop stopped finish finished to till until bis ende fin fine einde eind hasta"
    " final fim ate endzeit enddatum eindtijd endtime enddate a"
)
DAY = _words("date day datum tag jour fecha giorno data dag dia workdate dato")
NOT_WORK = _words(
    "created updated modified logged entered submitted approved due deadline exported erstellt"
    " angelegt aktualisiert geandert fallig cree modifie creado modificado creato modificato"
    " gemaakt gewijzigd criado"
)
"""Words for instants that are not of work, such as when a row was written or is due."""
CLOCK_IN = _words("in kommen arrivee entrada entrata") | START
CLOCK_OUT = _words("out gehen depart salida uscita") | END
"""Words for the times of a punch clock, in addition to those of starts and ends."""
TIME = _words("time uhrzeit zeit heure hora ora tijd uhr at")

HOURS = _words("h hours hour hrs hr std stunden stunde heures horas ore uren decimal")
MINUTES = _words("min mins minutes minute minuten minuti minutos")
MILLISECONDS = _words("ms msec millis milliseconds millisekunden")
SECONDS = _words("s sec secs seconds second sekunden secondes segundos secondi sek")
POINTS = _words("points point sp storypoints punkte puntos")

_NAMES: dict[str, str] = {
    "key": "id|uuid|guid|key|entry id|row id|worklog id|time entry id|eintrag id",
    "developer": "developer|user|username|user name|who|wer|person|employee|member|work author"
    "|name|full name"
    "|benutzer|mitarbeiter|mitarbeiterin|nutzer|bearbeiter|entwickler|utilisateur|employe"
    "|collaborateur|usuario|empleado|utente|dipendente|gebruiker|medewerker|author|worker|email"
    "|assignee|resource|dev",
    "team": "team|group|squad|department|gruppe|abteilung|equipe|equipo|grupo|gruppo|afdeling",
    "task": "task|ticket|issue|issue key|ticket no|ticket id|task id|task key|story|work item"
    "|aufgabe|vorgang|tache|tarea|compito|taak|tarefa|item|key|jira|issue id|ticket number",
    "activity": "activity|phase|kind|category|type|work type|activity name|tatigkeit|taetigkeit"
    "|kategorie|art|activite|actividad|attivita|activiteit|atividade|categorie|categoria|act"
    "|kind of work|type of work|leistung|aktivitat|labour category",
    "note": "note|notes|comment|comments|description|memo|remark|beschreibung|bemerkung|notiz"
    "|kommentar|commentaire|descripcion|descrizione|omschrijving|descricao|work description"
    "|anmerkung|descriptif|nota",
    "tags": "tag|tags|label|labels|schlagworte|schlagwort|etiquettes|etiquetas|etichette",
    "project": "project|projekt|projet|proyecto|progetto|projeto|component|repository|repo"
    "|project name",
    "title": "title|summary|subject|titel|betreff|titre|titulo|titolo|issue summary|task name"
    "|issue title|zusammenfassung",
    "assisted": "assisted|ai|ki|ia|copilot|assistant used|ai used|with ai|ai assisted|mit ki"
    "|used ai|ai treatment|claude|cursor",
    "assistant": "assistant|ai tool|tool|model|assistent|ki werkzeug",
    "minutes": "minutes|duration|hours|time spent|effort|spent|dauer|stunden|minuten|std|h|min"
    "|aufwand|zeit|duree|heures|duracion|horas|durata|ore|duur|uren|minuti|minutos|timespent"
    "|logged|worked|seconds|sekunden|duration h|duration decimal|duracao|arbeitszeit|time"
    "|hours worked|total|mins|hrs|time spent h|spent hours|logged hours|dauer h|durationminutes",
    "interruption_minutes": "interruption|interrupt|break|pause|breaks|unterbrechung|pausa|pauze"
    "|interruptions|pausen|descanso|interrupt minutes|interruption minutes|break minutes",
    "estimate_minutes": "estimate|estimated|estimation|original estimate|schatzung|schaetzung"
    "|forecast|planned|estimated hours|estimate hours|estimate h|story points|points|soll"
    "|geschatzt|estimacion|stima|schatting|estimativa|estimate minutes|estimated minutes"
    "|sollzeit|estime|plan|hours estimated|estimated time|time estimate|issue original estimate",
    "estimated_at": "estimated at|estimated on|estimate date|estimate made|geschatzt am"
    "|schatzung vom",
    "completed_at": "completed at|completed|done|resolved|closed|finished on|done on|resolution"
    "|erledigt|erledigt am|abgeschlossen|fertig|closed at|completed on|resolution date",
}
"""Tracker's column → headers, in lower case without accents, the most usual first."""

_WHOLE_HEADERS = frozenset(("name", "key", "type", "item"))
"""Words that count as the whole header only: "group name" is no developer."""

NAMES = {column: tuple(words.split("|")) for column, words in _NAMES.items()}


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a header, without accents and in lower case."""
    spaced = _CAMEL.sub(" ", name)
    plain = unicodedata.normalize("NFKD", spaced.replace("ß", "ss"))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return tuple(_WORD.findall(plain.casefold()))


def rank(name: str, column: str) -> int | None:
    """Return how well a header matches one of tracker's columns.

    Returns:
        A rank, where 0 is best and the whole header ranks before a part of it. None without a
        match.
    """
    words = words_of(name)
    text = " ".join(words)
    names = NAMES[column]
    if text in names:
        return names.index(text)
    return min(
        (
            len(names) + index
            for index, candidate in enumerate(names)
            if len(candidate) > 2
            and candidate not in _WHOLE_HEADERS
            and f" {candidate} " in f" {text} "
        ),
        default=None,
    )


def is_id(name: str) -> bool:
    """Return whether a header names ids, such as ``person_key``; they may be numbers."""
    return words_of(name)[-1:] in (("id",), ("key",), ("no",), ("nr",), ("number",))


def has_word(name: str, vocabulary: Iterable[str]) -> bool:
    """Return whether one of a header's words is in a vocabulary."""
    return not set(words_of(name)).isdisjoint(vocabulary)
