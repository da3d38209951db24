"""Threats from how the log was kept: rounded, late, edited, overlapping and very long entries.

All read ``quality``.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracker.domain import plausibility
from tracker.domain.plausibility import count_of_entries
from tracker.evidence.results import Portion, Severity, Threat
from tracker.evidence.threats.inputs import (
    MIN_SHARED,
    ThreatInputs,
    by_arm,
    portions,
    telling_shares,
)
from tracker.evidence.verdict import count_of_total

_HEAPED = 0.5
_GAIN_AFTER_ROUNDING = {60: "+16", 30: "+25", 15: "+32"}
"""What a true gain of +40 % appears as where minutes are rounded; measured on real logs."""
_LATE = 0.1
_EDITED = 0.05
_OVERLAPPING = 0.05
_LONG = 0.01
_IMPLAUSIBLE = 0.01


@dataclass(frozen=True, slots=True)
class _EntryShare:
    """The entries of one kind, where they are worth a threat."""

    severity: Severity
    portion: Portion
    """Their number in both arms, of all entries."""
    figures: tuple[tuple[str, str], ...]
    """Their number and share by arm."""

    @property
    def text(self) -> str:
        """Their number and share in words."""
        return count_of_total(self.portion.part, self.portion.whole)


def heaping(inputs: ThreatInputs) -> Threat | None:
    """Detect that most entries are a multiple of 15, 30 or 60 minutes."""
    rows = inputs.rows_of_activity(inputs.quality)
    if rows.empty:
        return None
    entries = by_arm(rows, "entries")
    for minutes, gain in _GAIN_AFTER_ROUNDING.items():
        heaped = by_arm(rows, f"heaped_{minutes}")
        if max(telling_shares(heaped, entries).values()) >= _HEAPED:
            return Threat(
                "heaping",
                "serious" if minutes > 15 else "caution",
                f"Most entries are whole multiples of {minutes} minutes: guessed or rounded, not"
                f" clocked. Rounding hides differences: a true +40 % appears as about {gain} % in"
                " such a log.",
                "Use the timer (`start`, `stop`), or log to the minute.",
                portions(heaped, entries),
            )
    return None


def late_entries(inputs: ThreatInputs) -> Threat | None:
    """Detect entries written down more than 2 days after the work."""
    share = _entry_share(inputs, "late", _LATE)
    if share is None:
        return None
    return Threat(
        "late-entries",
        share.severity,
        f"{share.text} entries were written down more than 2 days after the work: remembered,"
        " not measured.",
        "Log on the same day; the timer does so by itself.",
        share.figures,
        share.portion,
    )


def overlaps(inputs: ThreatInputs) -> Threat | None:
    """Detect entries that begin before an earlier one of the same developer ends."""
    share = _entry_share(inputs, "overlapping", _OVERLAPPING)
    if share is None:
        return None
    return Threat(
        "overlaps",
        share.severity,
        f"{share.text} entries begin before an earlier one of the same developer ends: the same"
        " hour is counted twice, for example where several agents run at once.",
        "Log your working time, not the agents' running time; correct the entries with `edit`.",
        share.figures,
        share.portion,
    )


def outliers(inputs: ThreatInputs) -> Threat | None:
    """Detect entries of more than 12 hours; a small share of them is a note."""
    share = _entry_share(inputs, "over_12h", _LONG, note_any=True)
    if share is None:
        return None
    return Threat(
        "outliers",
        share.severity,
        f"{share.text} entries are longer than 12 hours: most likely a timer that was not stopped.",
        "Correct them with `edit`.",
        share.figures,
        share.portion,
    )


def implausible_entries(inputs: ThreatInputs) -> Threat | None:
    """Detect entries whose times cannot be right: too long, apart from all others, in the future.

    Those in the future are left out, the others are not.
    """
    rows = inputs.rows_of_activity(inputs.quality)
    counts = {
        "over_24h": 0 if rows.empty else int(rows["over_24h"].sum()),
        "beyond_span": 0 if rows.empty else int(rows["beyond_span"].sum()),
        "isolated": inputs.isolated_entries,
        "future": inputs.future_entries,
    }
    if not any(counts.values()):
        return None
    entries = 0.0 if rows.empty else float(rows["entries"].sum())
    few = counts["over_24h"] + counts["beyond_span"] <= _IMPLAUSIBLE * entries
    return Threat(
        "implausible-entries",
        "note" if few and not counts["isolated"] + counts["future"] else "caution",
        "The log holds "
        + "; ".join(
            f"{count_of_entries(n)} {plausibility.PHRASES[kind]}"
            + (", left out" if kind == "future" else "")
            for kind, n in counts.items()
            if n
        )
        + ": most likely wrong dates or units.",
        "List them with `db doctor`, and correct them with `edit`.",
        portion=Portion(sum(counts.values()), entries) if entries else None,
    )


def baseline_edited(inputs: ThreatInputs) -> Threat | None:
    """Detect work before the rollout that was written down, or changed, after it."""
    rows = inputs.rows_of_activity(inputs.quality)
    if rows.empty:
        return None
    baseline = rows[rows["arm"] == "baseline"]
    entries, logged, edited = (
        float(baseline[name].sum()) for name in ("entries", "logged_after", "edited_after")
    )
    if not logged + edited:
        return None
    many = entries >= MIN_SHARED and max(logged, edited) > _EDITED * entries
    return Threat(
        "baseline-edited",
        "serious" if many else "caution",
        f"Of the baseline's entries {count_of_total(logged, entries)} were written down after the"
        f" rollout and {count_of_total(edited, entries)} were changed after it: such changes can"
        " create a gain.",
        "Freeze the baseline: judge only what was logged before the rollout.",
    )


def _entry_share(
    inputs: ThreatInputs, column: str, limit: float, *, note_any: bool = False
) -> _EntryShare | None:
    """Return the entries counted in a column of ``quality`` where their share exceeds ``limit``.

    Either arm's share counts. With ``note_any`` a smaller share, if any, is a note.
    """
    rows = inputs.rows_of_activity(inputs.quality)
    if rows.empty:
        return None
    entries, counts = by_arm(rows, "entries"), by_arm(rows, column)
    beyond_limit = max(telling_shares(counts, entries).values()) > limit
    if not beyond_limit and not (note_any and any(counts.values())):
        return None
    return _EntryShare(
        severity="caution" if beyond_limit else "note",
        portion=Portion(sum(counts.values()), sum(entries.values())),
        figures=portions(counts, entries),
    )
