"""Made-up work items and the threat inputs made from them, for the tests of threats."""

from __future__ import annotations

import numpy as np
import pandas as pd
from support import panels

from tracker.domain.records import ArmRule, Cutover
from tracker.evidence.results import Threat
from tracker.evidence.threats.inputs import ThreatInputs

ONE_DATE = ArmRule("rollout", (Cutover(100),))
TWO_DATES = ArmRule("rollout", (Cutover(100, developer="a"), Cutover(200, developer="b")))


def work_items(**columns: object) -> pd.DataFrame:
    """Return 24 months of 8 developers' work, 12 before and 12 after a rollout, without a threat.

    Columns replace or add.
    """
    rng = np.random.default_rng(1)
    n = 1600
    month = 540 + rng.integers(0, 24, n)
    x = rng.normal(4, 0.9, n)
    items = panels.frame(
        developer=[f"d{d}" for d in rng.integers(0, 8, n)],
        arm=np.where(month >= 552, "assistance", "baseline"),
        minutes=np.exp(0.5 + 0.8 * x + rng.normal(0, 0.5, n)),
        estimate_minutes=np.exp(x),
        month=month,
    )
    return items.assign(**columns)


def threat_inputs(items: pd.DataFrame | None = None, **fields: object) -> ThreatInputs:
    """Return a before/after comparison of these items by eight developers.

    It has no other threats than those in the items and in ``fields``.
    """
    moments = panels.moments(work_items() if items is None else items)
    usual = {
        "activity": "design",
        "design": "before-after",
        "rule": ONE_DATE,
        "moments": moments,
        "developers": 8,
    }
    return ThreatInputs(**{**usual, **fields})


def since(items: pd.DataFrame) -> pd.DataFrame:
    """Return moments by blocks of one month since a rollout at month 552."""
    return panels.moments(items.assign(month=items["month"] - 552))


def quality(**of_baseline: int) -> pd.DataFrame:
    """Return two arms of 1,000 entries and 500 hours each, with these counts for the baseline."""
    counts = dict.fromkeys(
        (
            "heaped_15",
            "heaped_30",
            "heaped_60",
            *("over_12h", "over_24h", "beyond_span", "with_span", "sixtyfold", "sixtieth"),
            "late",
            "overlapping",
            "straddle_seconds",
        ),
        0,
    )
    counts |= {
        "entries": 1000,
        "seconds": 1_800_000,
        "logged_after": 0,
        "edited_after": 0,
        "activity": "design",
    }
    other = counts | {
        "activity": "testing",
        "late": 1000,
        "overlapping": 1000,
        "heaped_60": 1000,
        "over_12h": 1000,
    }
    rows = [
        counts | of_baseline | {"arm": "baseline"},
        counts | {"arm": "assistance"},
        other | {"arm": "baseline"},
    ]
    return pd.DataFrame(rows)


def require(threat: Threat | None) -> Threat:
    """Return a threat that must have been detected, with complete sentences and advice."""
    assert threat is not None
    assert threat.message.endswith(".")
    assert threat.advice or threat.severity == "note"
    assert "nan" not in f"{threat.message}{threat.figures}"
    return threat


def basis(yes: int = 100, no: int = 100, unknown: int = 0, trailer: int = 0) -> pd.DataFrame:
    """Return numbers of entries by ``assisted``; those of another activity are unknown."""
    rows = [
        ("design", "yes", "flag", yes),
        ("design", "no", "flag", no),
        ("design", "yes", "trailer", trailer),
    ]
    rows += [("design", "unknown", np.nan, unknown), ("testing", "unknown", np.nan, 10_000)]
    return pd.DataFrame(
        [row for row in rows if row[-1]], columns=["activity", "assisted", "basis", "n"]
    )


def projects(p: tuple[int, int], q: tuple[int, int]) -> pd.DataFrame:
    """Return the items of two projects: (baseline, assistance) each."""
    rows = [
        ("design", arm, name, n)
        for name, counts in (("p", p), ("q", q))
        for arm, n in zip(("baseline", "assistance"), counts, strict=True)
    ]
    return pd.DataFrame(rows, columns=["activity", "arm", "project", "n"])


def other_minutes(baseline: float, assistance: float, each: int = 400) -> pd.DataFrame:
    """Return testing of the same tasks: ``each`` items per arm, with these mean minutes."""
    rows = []
    for arm, mean in (("baseline", baseline), ("assistance", assistance)):
        minutes = np.random.default_rng(2).lognormal(0, 0.8, each)
        minutes *= mean / minutes.mean()
        rows.append(("design", arm, "testing", each, minutes.sum(), (minutes**2).sum()))
    return pd.DataFrame(
        rows, columns=["activity", "arm", "other", "n", "minutes", "minutes_squared"]
    )


def trending(monthly: float) -> pd.DataFrame:
    """Return work whose minutes change by e^monthly a month, over the whole log."""
    items = work_items()
    return work_items(minutes=items["minutes"] * np.exp(monthly * (items["month"] - 540)))


def unusual_block(block: int, by: float) -> pd.DataFrame:
    """Return moments since the rollout, one block's minutes multiplied by e^by."""
    items = work_items()
    moved = items["minutes"] * np.where(items["month"] - 552 == block, np.exp(by), 1)
    return since(work_items(minutes=moved))
