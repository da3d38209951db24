"""Threats from how the log was kept: rounded, late, edited, overlapping and endless entries. All read: quality."""

from __future__ import annotations

from tracker.evidence.results import Severity, Threat
from tracker.evidence.threats.inputs import ThreatInputs, by_arm, portions, shares
from tracker.evidence.verdict import portion

_HEAPED = 0.5
_SHOWN_AS = {60: "+16", 30: "+25", 15: "+32"}
"""What a true gain of +40 % shows as where minutes are rounded to so many; measured on real logs."""
_LATE = 0.1
_EDITED = 0.05
_OVERLAPPING = 0.05
_LONG = 0.01


def heaping(seen: ThreatInputs) -> Threat | None:
    """Most entries are a multiple of 15, 30 or 60 minutes."""
    mine = seen.mine(seen.quality)
    if mine.empty:
        return None
    entries = by_arm(mine, "entries")
    for minutes, shown in _SHOWN_AS.items():
        heaped = by_arm(mine, f"heaped_{minutes}")
        if max(shares(heaped, entries).values()) >= _HEAPED:
            return Threat(
                "heaping",
                "serious" if minutes > 15 else "caution",
                f"Most entries are whole multiples of {minutes} minutes: guessed or rounded, not clocked. Rounding "
                f"hides differences: a true +40 % shows as about {shown} % in such a log.",
                "Use the timer (`start`, `stop`), or log to the minute.",
                portions(heaped, entries),
            )
    return None


def late_entries(seen: ThreatInputs) -> Threat | None:
    """Entries written down more than 2 days after the work."""
    return _counted(
        seen,
        "late",
        _LATE,
        "late-entries",
        "{} entries were written down more than 2 days after the work: remembered, not measured.",
        "Log the same day; the timer does it by itself.",
    )


def overlaps(seen: ThreatInputs) -> Threat | None:
    """Entries that begin before an earlier one of the same developer ends."""
    return _counted(
        seen,
        "overlapping",
        _OVERLAPPING,
        "overlaps",
        "{} entries begin before an earlier one of the same developer ends: the same hour is counted twice, as where "
        "several agents run at once.",
        "Log one's own attention, not the agents' running time; mend the entries with `edit`.",
    )


def outliers(seen: ThreatInputs) -> Threat | None:
    """Entries of more than 12 hours."""
    return _counted(
        seen,
        "over_12h",
        _LONG,
        "outliers",
        "{} entries are longer than 12 hours: most likely a timer that was left running.",
        "Mend them with `edit`.",
        always=True,
    )


def baseline_edited(seen: ThreatInputs) -> Threat | None:
    """Work before the rollout that was written down, or changed, after it."""
    mine = seen.mine(seen.quality)
    if mine.empty:
        return None
    baseline = mine[mine["arm"] == "baseline"]
    entries, logged, edited = (
        float(baseline[name].sum()) for name in ("entries", "logged_after", "edited_after")
    )
    if not logged + edited:
        return None
    return Threat(
        "baseline-edited",
        "serious" if max(logged, edited) > _EDITED * entries else "caution",
        f"Of the baseline's entries {portion(logged, entries)} were written down after the rollout and "
        f"{portion(edited, entries)} were changed after it: whoever hopes for a gain can make one there.",
        "Freeze the baseline: judge what was logged before the rollout only.",
    )


def _counted(
    seen: ThreatInputs,
    column: str,
    limit: float,
    code: str,
    message: str,
    advice: str,
    *,
    always: bool = False,
) -> Threat | None:
    """A share of entries beyond ``limit`` in either arm; with ``always`` a smaller one, if any, is noted."""
    mine = seen.mine(seen.quality)
    if mine.empty:
        return None
    entries, counts = by_arm(mine, "entries"), by_arm(mine, column)
    grave = max(shares(counts, entries).values()) > limit
    if not grave and not (always and any(counts.values())):
        return None
    severity: Severity = "caution" if grave else "note"
    said = message.format(portion(sum(counts.values()), sum(entries.values())))
    return Threat(code, severity, said, advice, portions(counts, entries))
