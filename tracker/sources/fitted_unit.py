"""Fits the unit of an export's durations to the starts and ends of its rows."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace

from tracker.domain.errors import BadValue
from tracker.domain.plausibility import MIN_ROWS_FOR_UNITS, UNIT_FACTOR
from tracker.sources.table.column_map import ColumnMap
from tracker.sources.table.durations import PLAIN_UNITS, Unit

_MAX_RATIO = math.sqrt(UNIT_FACTOR)
"""Factor by which the median duration may differ from the time from start to end.

The next unit differs by a factor of 60.
"""


def fit_unit(map_: ColumnMap, efforts: Sequence[tuple[str, float]], name: str) -> ColumnMap:
    """Return a map with the unit in which the durations of a file fit its starts and ends.

    Args:
        map_: The map, with the form of the durations.
        efforts: Pairs of a duration as a text and the minutes from start to end of its row.
        name: The file's name, for messages.

    Raises:
        BadValue: The durations fit in no unit.
    """
    unit = map_.units.get("minutes", "minutes")
    units = PLAIN_UNITS if unit in PLAIN_UNITS else (unit,)
    ratios = {unit: ratio for unit in units if (ratio := _typical_ratio(map_, efforts, unit))}
    if not ratios:
        return map_
    best = min(ratios, key=lambda unit: abs(math.log(ratios[unit])))
    is_fitting = 1 / _MAX_RATIO <= ratios[best] <= _MAX_RATIO
    if not is_fitting and len(efforts) >= MIN_ROWS_FOR_UNITS:
        (column,) = map_.columns["minutes"]
        raise BadValue(
            f"{name}: the durations in {column!r} are typically {ratios[best]:,.2g} times as long "
            f"as the time from start to end, read as {best}: export it again with durations in "
            "hours."
        )
    return replace(map_, units={**map_.units, "minutes": best}) if is_fitting else map_


def _typical_ratio(
    map_: ColumnMap, efforts: Sequence[tuple[str, float]], unit: Unit
) -> float | None:
    """Return the median ratio of a duration to the time from start to end.

    Returns:
        None if no duration is above 0.
    """
    durations = map_.formats.durations
    ratios = [
        minutes / span
        for text, span in efforts
        if (minutes := durations.minutes(text, unit) or 0) > 0
    ]
    return statistics.median(ratios) if ratios else None
