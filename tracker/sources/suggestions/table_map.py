"""Drafts of maps for tables of unknown tools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from tracker.domain.counts import count_of
from tracker.sources.suggestions import amounts
from tracker.sources.suggestions.column_evidence import (
    activity_share,
    describe,
    encoding_evidence,
    is_only_key,
    looks_like_task,
)
from tracker.sources.suggestions.column_names import has_word, is_id, rank
from tracker.sources.suggestions.draft import DRAFT_PREFIX, Alternative, Draft, Line, quote_text
from tracker.sources.suggestions.key_patterns import KeyColumns, find_keys
from tracker.sources.suggestions.profiles import Profile, profiles_of
from tracker.sources.suggestions.sample import Sample
from tracker.sources.suggestions.time_columns import (
    TimeColumns,
    TimeFormats,
    find_formats,
    find_time_columns,
    overnight_line,
    span_minutes,
)
from tracker.sources.suggestions.words import (
    MAX_WORDS,
    WORDS_NOTE,
    activity_words,
    assisted_value,
    assisted_words,
    split_tags,
    weigh_words,
)

Kind = Literal["csv", "tasks"]

_FIRST_NAME = frozenset(("first", "vorname", "prenom", "nombre"))
_LAST_NAME = frozenset(("last", "surname", "nachname", "apellido"))
_ASSISTANT_WORDS = frozenset(("ai", "ki", "ia", "assisted", "assistant", "copilot"))
_MAX_CATEGORIES = 60
"""The most distinct words that a column of activities may have."""
_MIN_ACTIVITY_SHARE = 0.5
"""Share of the rows that must name an activity for a column to be taken as the activity."""
_NOT_ACTIVITY = ("developer", "title", "note", "team")
"""Columns whose headers exclude that a column is the activity."""
_TEXTS: dict[Kind, tuple[str, ...]] = {
    "csv": ("developer", "team", "assistant", "project", "title", "note", "tags"),
    "tasks": ("title", "project"),
}
_AMOUNTS: dict[Kind, tuple[str, ...]] = {
    "csv": ("interruption_minutes", "estimate_minutes", "minutes"),
    "tasks": ("estimate_minutes",),
}


class TableMap:
    """Guesses the parts of a map from a sample, and collects them in a draft.

    Args:
        sample: The table.
        kind: Whether its rows are stretches of work or tasks.
        zone: The zone in the options or settings; None if there is none.
        source: The name of the log.
        key_pattern: The pattern of a task's key in the settings; None is the usual one.
    """

    def __init__(
        self,
        sample: Sample,
        kind: Kind,
        zone: str | None,
        source: str,
        key_pattern: str | None = None,
    ) -> None:
        self._sample = sample
        self._kind = kind
        self._zone = zone
        self._key_pattern = key_pattern
        self._columns = profiles_of(sample)
        self._used: set[str] = set()
        self._times = TimeColumns()
        self._formats: TimeFormats | None = None
        self._minutes: list[float | None] = []
        title = f"{DRAFT_PREFIX} {quote_text(sample.name)}, {sample.extent}."
        self.draft = Draft([f"{title} Check it before you import."], source, {"columns": []})
        if shared := [name for name, number in Counter(sample.header).items() if number > 1]:
            names = ", ".join(map(quote_text, filter(None, shared)))
            self.draft.note("columns", f"Not read, since several columns have this name: {names}.")
        if sample.odd_rows:
            self.draft.note(
                "columns",
                f"{count_of(sample.odd_rows, 'row has', 'rows have')} more or fewer fields than "
                "the header, perhaps totals or notes. The import rejects such rows.",
            )

    def fill(self) -> Draft:
        """Guess every part of the map and return the draft."""
        self._find_times()
        self._add_key()
        task = self._add_task()
        if self._kind == "csv":
            self._add_developer()
        self._add_amounts()
        activity = self._add_activity() if self._kind == "csv" else None
        self._add_texts(activity, task)
        if self._kind == "csv":
            self._add_assisted()
        self._add_table_formats()
        if activity is not None:
            self._add_activity_words(activity)
        self._note_unused()
        return self.draft

    def _unused(self) -> list[Profile]:
        return [column for column in self._columns if column.name not in self._used]

    def _best_match(self, name: str, columns: Sequence[Profile]) -> Profile | None:
        """Return the column whose header matches one of tracker's columns best."""
        ranked = [
            (order, index)
            for index, column in enumerate(columns)
            if (order := rank(column.name, name)) is not None and column.filled
        ]
        return columns[min(ranked)[1]] if ranked else None

    def _add_column(self, name: str, columns: Sequence[Profile], evidence: str) -> None:
        """Add a line to ``[columns]``."""
        names = tuple(column.name for column in columns)
        value = names[0] if len(names) == 1 else names
        self.draft.add("columns", Line(name, value, evidence))
        self._used.update(names)

    def _find_times(self) -> None:
        self._times = find_time_columns(self._columns)
        if self._kind == "tasks":
            self._times = TimeColumns(others=self._times.others)
        self._formats = find_formats(self._times)
        if self._formats is None:  # no format matches the days of all columns
            self._times = replace(self._times, others={})
            self._formats = find_formats(self._times)
        if self._formats is None:
            self._times = TimeColumns()
        self._used.update(self._times.used)
        if not self._times.columns and self._kind == "csv":
            self.draft.note("columns", "No column of dates was found: add started_at or date.")

    def _add_key(self) -> None:
        candidates = [c for c in self._unused() if c.is_distinct and c.instant is None]
        column = self._best_match("key", candidates)
        if column is not None and self._kind == "csv" and not looks_like_task(column):
            number = count_of(column.filled, "row")
            evidence = f"{quote_text(column.name)} differs in each of {number}"
            self._add_column("key", [column], evidence)

    def _add_task(self) -> Profile | None:
        """Add the column of the task, or the pattern of its key; return the column."""
        free = self._unused()
        texts = [column for column in free if column.is_text and column.filled]
        named = self._best_match("task", texts) or self._best_match("task", free)
        keys = find_keys(texts, named, self._key_pattern)
        if keys is not None and keys.is_whole:
            column = keys.columns[0]
            evidence = f"every cell is a key, such as {quote_text(column.cells[0])}"
            self._add_column("task", [column], evidence)
            return column
        if keys is not None:
            self._add_extract(keys)
            return None
        if named is not None and named.filled:
            self._add_column("task", [named], self._describe(named))
            return named
        alternatives = tuple(Alternative(c.name, self._describe(c)) for c in texts)
        line = Line("task", "", "no header names the task, and no text holds keys", alternatives)
        self.draft.add("columns", line if alternatives else None)
        if not alternatives:
            self.draft.note("columns", "No column of tasks was found: add task.")
        return None

    def _add_extract(self, keys: KeyColumns) -> None:
        total = len(self._sample.rows)
        names = tuple(column.name for column in keys.columns)
        example = next(cell for cell in keys.columns[0].cells if cell)
        evidence = (
            f"{keys.rows:,} of {count_of(total, 'row')} hold a key in "
            f"{' or '.join(map(quote_text, names))}, such as {quote_text(example)}"
        )
        section = "extract.task"
        self.draft.add(section, Line("from", names, evidence))
        rest = total - keys.rows
        otherwise = "every row has one"
        if rest:
            otherwise = (
                f"the other {count_of(rest, 'row keeps its', 'rows keep their')} whole text; "
                'otherwise = "skip" leaves such rows out, "refuse" rejects them'
            )
        self.draft.add(section, Line("pattern", keys.pattern, otherwise))
        self._used.update(column.name for column in keys.columns if is_only_key(column))

    def _add_developer(self) -> None:
        texts = [column for column in self._unused() if column.is_text]
        first = [column for column in texts if has_word(column.name, _FIRST_NAME)]
        last = [column for column in texts if has_word(column.name, _LAST_NAME)]
        if first and last:
            self._add_column("developer", [first[0], last[0]], "first and last name")
            return
        column = self._best_match("developer", texts) or self._best_match(
            "developer", [column for column in self._unused() if is_id(column.name)]
        )
        if column is not None:
            people = count_of(len(column.counts), "person", "people")
            self._add_column("developer", [column], f"{quote_text(column.name)} holds {people}")
        else:
            self.draft.note(
                "columns", "No column of developers was found: the log counts as your own."
            )

    def _add_amounts(self) -> None:
        spans: list[float | None] = []
        if self._formats is not None and self._formats.is_decided:
            spans = span_minutes(self._times, self._formats)
            self.draft.add("formats", overnight_line(self._times, spans))
            spans = [span + 1440 if span is not None and span < 0 else span for span in spans]
        self._minutes = spans
        for name in _AMOUNTS[self._kind]:
            candidates = [column for column in self._unused() if column.amount is not None]
            if name == "estimate_minutes":
                self._add_estimate_with_assistant(candidates)
                candidates = [column for column in candidates if column.name not in self._used]
            column = self._best_match(name, candidates)
            if column is not None:
                self._add_amount(name, column, spans if name == "minutes" else [])

    def _add_estimate_with_assistant(self, candidates: Sequence[Profile]) -> None:
        own = [column for column in candidates if has_word(column.name, _ASSISTANT_WORDS)]
        column = self._best_match("estimate_minutes", own)
        if column is not None:
            self._add_amount("estimate_ai_minutes", column, [])

    def _add_amount(self, name: str, column: Profile, spans: Sequence[float | None]) -> None:
        """Add a column of amounts, with its unit and the decimal mark."""
        amount = column.amount
        if amount is None:
            return
        if name.startswith("estimate") and amounts.names_points(column.name):
            self._add_column(name, [column], f"{quote_text(column.name)}: story points, no minutes")
            self.draft.add("units", Line(name, "points", "a covariate, never minutes"))
            return
        self._add_column(name, [column], f"{quote_text(column.name)}, {self._filled(column)}")
        guess = amounts.guess_unit(column.name, amount, column.cells, spans)
        alternatives = guess.alternatives
        if alternatives and name == "estimate_minutes":
            alternatives += (Alternative("points", "story points, never counted as minutes"),)
        line = Line(name, guess.unit, guess.evidence, alternatives)
        if guess.alternatives or guess.unit != "minutes":
            self.draft.add("units", line)
        if amount.decimal == ",":
            self._add_decimal(column, is_doubtful=amount.is_doubtful)
        if name == "minutes":
            durations = amount.durations
            self._minutes = [
                durations.minutes(cell, guess.unit) if cell and guess.unit else None  # type: ignore[arg-type]
                for cell in column.cells
            ]

    def _add_decimal(self, column: Profile, *, is_doubtful: bool) -> None:
        if any(line.key == "decimal" for line in self.draft.sections.get("formats", ())):
            return
        example = next(text for text in column.counts if "," in text)
        evidence = f"{quote_text(column.name)} holds {example}"
        alternatives: tuple[Alternative, ...] = ()
        if is_doubtful:
            evidence += ": the comma may be the decimal mark or separate thousands"
            alternatives = (
                Alternative(",", f"{example} is {example.replace(',', '.')}"),
                Alternative(".", "the comma separates thousands: remove it from the file"),
            )
        self.draft.add("formats", Line("decimal", ",", evidence, alternatives))

    def _add_activity(self) -> Profile | None:
        """Add the column of the activity, by its header or else by its words; return it."""
        texts = [c for c in self._unused() if c.is_text and c.filled]
        texts = [c for c in texts if len(c.counts) <= _MAX_CATEGORIES]
        shares = [(activity_share(column), column) for column in texts]
        named = self._best_match("activity", texts)
        best = max(shares, key=lambda pair: pair[0], default=(0.0, None))
        if named is not None and (activity_share(named) or best[0] < _MIN_ACTIVITY_SHARE):
            self._add_column("activity", [named], self._describe(named))
            return named
        if best[1] is not None and best[0] >= _MIN_ACTIVITY_SHARE:
            share = f"{best[0]:.0%} of the rows name an activity in {quote_text(best[1].name)}"
            self._add_column("activity", [best[1]], share)
            return best[1]
        alternatives = tuple(
            Alternative(c.name, self._describe(c))
            for c in texts
            if all(rank(c.name, other) is None for other in _NOT_ACTIVITY)
            and not any(map(assisted_value, c.counts))
        )
        if alternatives:
            evidence = (
                "no header names the kind of work, and no column holds known ones; or delete "
                "this line and give activity in [constants]"
            )
            self.draft.add("columns", Line("activity", "", evidence, alternatives))
        else:
            self.draft.note(
                "columns",
                "No column of the kind of work was found: add activity here or in [constants].",
            )
        return None

    def _add_texts(self, activity: Profile | None, task: Profile | None) -> None:
        for name in _TEXTS[self._kind]:
            texts = [c for c in self._unused() if c.is_text and c is not activity and c is not task]
            column = self._best_match(name, texts)
            if column is not None and name != "developer":
                self._add_column(
                    name, [column], f"{quote_text(column.name)}, {self._filled(column)}"
                )
        if self._times.columns and self._formats is not None:
            for name, columns in self._times.columns.items():
                self._add_column(name, columns, " and ".join(quote_text(c.name) for c in columns))

    def _add_assisted(self) -> None:
        columns = [c for c in self._unused() if 1 <= len(c.counts) <= len(("yes", "no", "?")) + 1]
        column = self._best_match("assisted", columns)
        if column is None or not any(map(assisted_value, column.counts)):
            return
        self._add_column("assisted", [column], f"{quote_text(column.name)}, {self._filled(column)}")
        counts, sums = weigh_words([[cell] if cell else [] for cell in column.cells], self._minutes)
        self.draft.words["assisted"] = assisted_words(counts, sums)
        self.draft.notes["values.assisted"] = ["A word that is not translated is rejected."]

    def _add_table_formats(self) -> None:
        """Add the formats of the file: dates, zone, missing values, encoding."""
        sample = self._sample
        if self._formats is not None:
            for line in self._formats.lines(self._times):
                self.draft.add("formats", line)
        if self._formats is not None and self._formats.has_naive and self._times.columns:
            self._add_zone()
        missing = sorted({w for c in self._columns if c.name in self._used for w in c.missing})
        if missing:
            evidence = "words for missing values in columns of dates or amounts"
            self.draft.add("formats", Line("missing", tuple(missing), evidence))
        if sample.encoding:
            self.draft.add("formats", Line("encoding", sample.encoding, encoding_evidence(sample)))
        if not sample.is_json and sample.delimiter != ",":
            self.draft.add("formats", Line("delimiter", sample.delimiter, "between the columns"))
        if sample.skip_lines:
            evidence = f"the header is line {sample.skip_lines + 1}"
            self.draft.add("formats", Line("skip_lines", sample.skip_lines, evidence))

    def _add_zone(self) -> None:
        if self._zone is not None:
            evidence = "the times have no offset; this is the zone in your options or settings"
            self.draft.add("formats", Line("timezone", self._zone, evidence))
        else:
            self.draft.lacks_zone = True
            self.draft.note(
                "formats",
                "The times have no offset: name the zone of their clock here, such as "
                'timezone = "Europe/Berlin", or give --tz.',
            )

    def _add_activity_words(self, activity: Profile) -> None:
        is_tags = rank(activity.name, "tags") in (0, 1)
        rows = [split_tags(cell) if is_tags else [cell] if cell else [] for cell in activity.cells]
        if is_tags:
            self._add_column("tags", [activity], "tags; the activity is the first that is known")
        counts, sums = weigh_words(rows, self._minutes)
        self.draft.words["activity"] = activity_words(counts, sums)
        self.draft.notes["values.activity"] = [WORDS_NOTE]
        if len(counts) > MAX_WORDS:
            self.draft.notes["values.activity"].append(f"{len(counts) - MAX_WORDS:,} more words.")

    def _note_unused(self) -> None:
        rest = [quote_text(column.name) for column in self._unused() if column.filled]
        if rest:
            shown = ", ".join(rest[:20]) + (", …" if len(rest) > len(rest[:20]) else "")
            self.draft.note("columns", f"Not used: {shown}.")

    def _describe(self, column: Profile) -> str:
        return describe(column, len(self._sample.rows))

    def _filled(self, column: Profile) -> str:
        return f"filled in {column.filled:,} of {count_of(len(self._sample.rows), 'row')}"
