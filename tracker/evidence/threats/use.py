"""Threats from how assistants' use was watched, and from arms that were not followed.

Both read ``use``.
"""

from __future__ import annotations

from tracker.domain.gains import percent
from tracker.domain.records import Arm
from tracker.evidence.results import Portion, Threat
from tracker.evidence.threats.inputs import MIN_SHARED, ThreatInputs, by_arm, portions, shares
from tracker.evidence.verdict import count_of_total

_UNEVEN = 0.2
"""Difference between the arms' shares of watched entries beyond which it is a threat."""
_NOT_FOLLOWED = 0.1
"""Share of an arm's items done otherwise than drawn beyond which it is a caution."""


def uneven_coverage(inputs: ThreatInputs) -> Threat | None:
    """Detect that assistants' use was watched in one arm more than in the other."""
    rows = inputs.rows_of_activity(inputs.use)
    if rows.empty or not rows["watched"].sum():
        return None
    entries, watched = by_arm(rows, "entries"), by_arm(rows, "watched")
    if min(entries.values()) < MIN_SHARED:
        return None
    by_share = shares(watched, entries)
    if abs(by_share["baseline"] - by_share["assistance"]) <= _UNEVEN:
        return None
    return Threat(
        "coverage",
        "caution",
        "Assistants' use was watched on days with"
        f" {percent(by_share['baseline'])} of the baseline's entries and"
        f" {percent(by_share['assistance'])} of those with assistance: on other days use is not"
        " seen, and the arms differ in the days and developers that were watched.",
        "Run `collect` every week on every machine, from before the first compared task on.",
        portions(watched, entries),
        Portion(sum(watched.values()), sum(entries.values())),
    )


def arms_not_followed(inputs: ThreatInputs) -> Threat | None:
    """Report what share of the drawn items was done as drawn, as far as that is known."""
    rows = inputs.rows_of_activity(inputs.use)
    if inputs.rule.by != "assigned" or rows.empty:
        return None
    items = by_arm(rows, "items")
    done = {"used": by_arm(rows, "used"), "unused": by_arm(rows, "unused")}
    against: dict[Arm, float] = {
        "baseline": done["used"]["baseline"],
        "assistance": done["unused"]["assistance"],
    }
    stated = sum(sum(counts.values()) for counts in done.values())
    total, otherwise = sum(items.values()), sum(against.values())
    if not stated or not (otherwise or rows["watched"].sum()):
        return None
    many = any(
        items[arm] >= MIN_SHARED and count > _NOT_FOLLOWED * items[arm]
        for arm, count in against.items()
    )
    return Threat(
        "arms-not-followed",
        "caution" if many else "note",
        f"Of the drawn work items {count_of_total(stated, total)} show whether an assistant was"
        f" used, and {count_of_total(otherwise, total)} were done otherwise than drawn. The verdict"
        " compares them as drawn."
        + (
            " Such items make the difference smaller than that of the use itself."
            if otherwise
            else ""
        ),
        "Do the work as drawn, or say so with `assign` before it begins.",
        tuple(
            (f"drawn {arm}, {label}", count_of_total(done[use][arm], items[arm]))
            for arm in items
            for use, label in (("used", "used"), ("unused", "not used"))
        ),
        Portion(otherwise, total),
    )
