"""The covered days of a developer's machines, and machines that are not used any more.

Each machine collects on its own, so work counts as watched only where all of them were. A machine
that is not used any more would stay uncovered: a person states the day of its last use.
"""

from __future__ import annotations

from collections.abc import Mapping

from tracker.domain.errors import BadValue, NotFound
from tracker.domain.printing import quote
from tracker.domain.times import day_to_date

MachineDays = dict[int, bool]
"""Covered days, each with whether all use of it lies in entries that say yes. The day of the last
run is among them, as one with other use: nobody knows yet what is used on the rest of it."""

_SHOWN = 8


def machine_name(machine: str) -> str:
    """Return the beginning of a machine's random name, which is enough to name it."""
    return machine[:_SHOWN]


def last_run_day(days: MachineDays) -> int:
    """Return the day on which a machine collected last."""
    return max((day for day, is_attributed in days.items() if not is_attributed), default=max(days))


def retired_days(days: MachineDays, last_used: int, today: int) -> MachineDays:
    """Return a machine's own days, and those since it was used last, without any use.

    Args:
        days: The days of the machine.
        last_used: The day on which it was used last.
        today: The running day, which is covered nowhere.
    """
    last_run = last_run_day(days)
    own = {day: is_attributed for day, is_attributed in days.items() if day <= last_run}
    return own | dict.fromkeys(range(last_used + 1, today), True)


def machine_to_retire(
    machines: Mapping[str, MachineDays], own: str, prefix: str, last_used: int, today: int
) -> str:
    """Return the machine whose name begins with a text.

    Args:
        machines: The days of all machines.
        own: The machine that runs the program.
        prefix: The beginning of a name.
        last_used: The day on which the machine was used last, by what the person says.
        today: The running day.

    Raises:
        NotFound: No other machine, or more than one, has such a name.
        BadValue: The machine was in use later, or the day has not come.
    """
    others = sorted(set(machines) - {own})
    matches = [machine for machine in others if machine.startswith(prefix)]
    if len(matches) != 1:
        listed = ", ".join(
            f"{machine_name(machine)} (read last on {day_to_date(last_run_day(machines[machine]))})"
            for machine in others
        )
        number = "several machines have" if matches else "no other machine has"
        raise NotFound(
            f"{number} a name that begins with {quote(prefix)}: "
            + (f"choose from {listed}." if others else "only this one has collected.")
        )
    (machine,) = matches
    last_run = last_run_day(machines[machine])
    if last_used < last_run:
        raise BadValue(
            f"machine {machine_name(machine)} cannot have been used last on "
            f"{day_to_date(last_used)}: its logs were read on {day_to_date(last_run)}; give that "
            "day or a later one."
        )
    if last_used > today:
        raise BadValue(
            f"machine {machine_name(machine)} cannot have been used last on "
            f"{day_to_date(last_used)}, which is in the future: give the day of its last use."
        )
    return machine
