"""What an assessed log says of the work it would take to tell a claim from the truth."""

from __future__ import annotations

from tracker import gains
from tracker.evidence import power as power_of
from tracker.evidence.assess import Assessed
from tracker.evidence.power import POWER, Plan
from tracker.gains import Reading
from tracker.records import Claim


def plan(
    found: Assessed, claim: Claim, reading: Reading, *, true_gain: float = 0.0, power: float = POWER
) -> Plan | None:
    """How many work items and developers it takes, with the spread and the developers of this log.

    ``true_gain`` is on the claim's ``reading``, as a fraction. None where the log holds too little to know its spread,
    where no study design is recorded, or where the claim's figure has no time ratio.
    """
    rows = found.rows()
    sigma = power_of.spread(rows) if rows else power_of.residual_spread(found.sample)
    claimed = None if claim.value is None else gains.to_log_ratio(reading, claim.value)
    true = gains.to_log_ratio(reading, true_gain)
    if sigma is None or found.design is None or claimed is None or true is None:
        return None
    return power_of.plan(
        sigma=sigma,
        claimed_log_ratio=claimed,
        true_log_ratio=true,
        study_design=found.design,
        developers=found.sample.cells.developers,
        items=found.sample.cells.items,
        level=found.interval_level,
        power=power,
    )
