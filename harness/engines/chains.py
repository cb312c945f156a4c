"""How far the events of a group follow a list of rules in order (`converter.ir.RulesInOrder`).

For each rule one time is enough: the latest at which a chain can have started that an event of the rule
ends, as a later start fits into every window that an earlier one fits into.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta


class Chains:
    """The chains of one group, as time passes."""

    def __init__(self, count: int) -> None:
        self._started: list[datetime | None] = [None] * count
        """Latest start of a chain that ended with the rule before the newest instant."""
        self._instant: datetime | None = None
        self._now: set[int] = set()
        """Rules with an event at the newest instant."""

    def add(self, time: datetime, rules: Iterable[int]) -> None:
        """Take an event, not earlier than the last, and the places of the rules that it satisfies."""
        if time != self._instant:
            self._fold()
            self._instant = time
        self._now.update(rules)

    def is_complete(self, timespan: timedelta) -> bool:
        """Say whether all rules follow one another within the time up to the newest instant."""
        last = len(self._started) - 1
        starts = [self._started[last], self._start_of(last) if last in self._now else None]
        oldest = None if self._instant is None else self._instant - timespan
        return oldest is not None and any(one is not None and one >= oldest for one in starts)

    def _start_of(self, place: int) -> datetime | None:
        """Return the latest start of a chain that an event of the newest instant continues to a rule."""
        return self._started[place - 1] if place else self._instant

    def _fold(self) -> None:
        """Let the newest instant become the past, the last rule first, as one instant is one step."""
        for place in sorted(self._now, reverse=True):
            start, known = self._start_of(place), self._started[place]
            if start is not None and (known is None or start > known):
                self._started[place] = start
        self._now.clear()
