"""Threats from how assistants' use was watched, and from arms that were not followed."""

from __future__ import annotations

import pandas as pd
from support.threat_data import require, threat_inputs

from tracker.domain.records import ArmRule
from tracker.evidence.threats import use


def frame(
    *,
    watched: tuple[int, int] = (0, 0),
    used: tuple[int, int] = (0, 0),
    unused: tuple[int, int] = (0, 0),
    n: int = 100,
) -> pd.DataFrame:
    """Return two arms of ``n`` items and twice as many entries; pairs are baseline, assistance."""
    return pd.DataFrame(
        {
            "activity": "design",
            "arm": ["baseline", "assistance"],
            "entries": 2 * n,
            "items": n,
            "watched": watched,
            "used": used,
            "unused": unused,
        }
    )


def test_one_arm_watched_and_the_other_not_is_a_threat() -> None:
    """From a difference of over 20 points on, and from 20 entries in each arm."""
    threat = require(use.uneven_coverage(threat_inputs(use=frame(watched=(20, 180)))))
    assert "10\N{NO-BREAK SPACE}%" in threat.message
    assert "90\N{NO-BREAK SPACE}%" in threat.message
    assert use.uneven_coverage(threat_inputs(use=frame(watched=(145, 180)))) is None
    assert use.uneven_coverage(threat_inputs(use=frame(watched=(0, 0)))) is None
    assert use.uneven_coverage(threat_inputs(use=frame(watched=(0, 18), n=9))) is None
    assert use.uneven_coverage(threat_inputs()) is None


def test_what_was_drawn_against_what_was_used() -> None:
    """Shares only; a caution where more than a tenth of an arm went the other way."""
    drawn = {"rule": ArmRule("assigned"), "design": "randomised"}
    followed = frame(used=(5, 80), unused=(70, 2))
    threat = require(use.arms_not_followed(threat_inputs(use=followed, **drawn)))
    assert threat.severity == "note"
    assert "157 of 200" in threat.message
    assert "7 of 200" in threat.message
    assert threat.figures[0] == ("drawn baseline, used", "5 of 100 (5\N{NO-BREAK SPACE}%)")
    other = frame(used=(11, 80))
    threat = require(use.arms_not_followed(threat_inputs(use=other, **drawn)))
    assert threat.severity == "caution"
    assert use.arms_not_followed(threat_inputs(use=frame(), **drawn)) is None
    flags = frame(used=(0, 100), unused=(100, 0))
    assert use.arms_not_followed(threat_inputs(use=flags, **drawn)) is None
    watched = frame(used=(0, 100), unused=(100, 0), watched=(200, 200))
    threat = require(use.arms_not_followed(threat_inputs(use=watched, **drawn)))
    assert "0 of 200 (0\N{NO-BREAK SPACE}%) were done otherwise" in threat.message
    assert use.arms_not_followed(threat_inputs(use=followed)) is None
