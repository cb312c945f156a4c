"""Events that may be new and wait until no earlier event can come any more."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

from harness.events.event import Document

from .execution import Term

NEVER = 1 << 62
"""An instant behind all others."""


@dataclass(slots=True, eq=False)
class Candidate:
    """One term of one event that may raise an alert."""

    time: int
    first: int
    """The first run that can see the event."""
    last: int
    """The last run whose window holds it."""
    until: int
    """The last run whose history holds it, or an event that was folded into this one."""
    key: str
    term: Term
    id: str
    document: Document
    has_left: bool = False

    def closes(self, other: Candidate) -> bool:
        """Say whether the other, later event cannot be new because of this one."""
        return self.time < other.time and self.first <= other.first and other.last <= self.until


class Waiting:
    """Candidates by time. Holds one document for each term, more only where events tie or come late.

    A candidate that one of the same term closes is folded into that: the runs it closes itself follow
    on those, and no event between the two has a run that only the later one closes.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Candidate]] = []
        self._by_key: dict[str, list[Candidate]] = {}
        self._count = 0
        self.oldest = NEVER
        """Time of the first candidate, `NEVER` when none waits."""

    def add(self, candidate: Candidate) -> None:
        """Let a candidate wait, or fold it into one that closes it."""
        others = self._by_key.get(candidate.key)
        if others is None:
            self._by_key[candidate.key] = [candidate]
        else:
            for other in others:
                if other.closes(candidate):
                    other.until = max(other.until, candidate.until)
                    return
            others.append(candidate)
        self._count += 1
        heappush(self._heap, (candidate.time, self._count, candidate))
        self.oldest = self._heap[0][0]

    def leave(self) -> list[Candidate]:
        """Remove the oldest candidate, and those of its term and time; call it while one waits."""
        oldest = heappop(self._heap)[2]
        ties = others = self._by_key.pop(oldest.key)
        if len(others) > 1:
            ties = [other for other in others if other.time == oldest.time]
            if len(ties) < len(others):
                self._by_key[oldest.key] = [one for one in others if one.time != oldest.time]
            for candidate in ties:
                candidate.has_left = True
        while self._heap and self._heap[0][2].has_left:
            heappop(self._heap)
        self.oldest = self._heap[0][0] if self._heap else NEVER
        return ties
