"""Netting of corrections: what negative timelogs leave of the positive ones before them.

GitLab has two kinds of negative timelogs. One that equals minus the total of its item so far resets
the item: it takes back every row before it, whoever wrote it. Any other takes back time of its own
author on that item, the latest first. Where it exceeds that, rows are missing, and it may be a
reset: then it is not known what is left of the rows before it, whoever wrote them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tracker.sources.json_values import whole_number


@dataclass(frozen=True, slots=True)
class Netted:
    """A timelog after netting."""

    seconds: int
    """Seconds left of a positive timelog; 0 if all were subtracted."""
    excess: int = 0
    """Seconds of a negative timelog that no earlier timelog of its author covers."""
    is_doubtful: bool = False
    """Whether a later timelog with an excess may have subtracted this positive one."""


class Timelogs:
    """The timelogs of a file, with the few numbers that netting needs."""

    def __init__(self) -> None:
        self._spent: list[int] = []
        self._numbers: list[int] = []
        self._users: list[int] = []
        self._items: defaultdict[str, list[int]] = defaultdict(list)
        """Item → the places of its timelogs."""
        self._known_users: dict[str, int] = {}
        self._known_numbers: set[int] = set()
        self._excess: dict[int, int] = {}
        self._doubtful: set[int] = set()

    def add(self, number: int | None, item: str, user: str, timelog: Mapping[str, Any]) -> bool:
        """Add a timelog.

        Args:
            number: Its number, which grows with the time of writing; None where it has none.
            item: What identifies its issue or merge request.
            user: Whose it is.
            timelog: The timelog, with ``timeSpent``.

        Returns:
            Whether it was added: one with a number that was there before is not.
        """
        if number is not None:
            if number in self._known_numbers:
                return False
            self._known_numbers.add(number)
        place = len(self._spent)
        self._spent.append(whole_number(timelog.get("timeSpent")) or 0)
        self._numbers.append(place if number is None else number)
        self._users.append(self._known_users.setdefault(user, len(self._known_users)))
        self._items[item].append(place)
        return True

    def net(self) -> Iterator[Netted]:
        """Yield each timelog after netting, in the order in which they were added."""
        for places in self._items.values():
            if any(self._spent[place] < 0 for place in places):
                self._net_item(sorted(places, key=self._numbers.__getitem__))
        return (
            Netted(seconds, self._excess.get(place, 0), place in self._doubtful)
            for place, seconds in enumerate(self._spent)
        )

    def _net_item(self, places: list[int]) -> None:
        """Net the timelogs of an item, given in the order in which they were written."""
        earlier: list[int] = []
        total = 0
        for place in places:
            spent = self._spent[place]
            if spent >= 0:
                earlier.append(place)
                total += spent
                continue
            self._spent[place] = 0
            if -spent == total:
                for other in earlier:
                    self._spent[other] = 0
                total = 0
                continue
            own = [other for other in earlier if self._users[other] == self._users[place]]
            excess = self._take(-spent, own)
            total += spent + excess
            if excess:
                self._excess[place] = excess
                self._doubtful.update(other for other in earlier if self._spent[other])
                earlier, total = [], 0

    def _take(self, seconds: int, places: list[int]) -> int:
        """Subtract seconds from timelogs, the latest first; return the seconds left over."""
        for place in reversed(places):
            part = min(seconds, self._spent[place])
            self._spent[place] -= part
            seconds -= part
        return seconds
