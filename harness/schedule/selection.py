"""Which runs are executed when a schedule has more of them than is worth executing.

The choice depends on the events, the schedule and the reference's alerts, never on the query that is
judged, so that the accused cannot hide in a run that nobody looks at.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from harness.events.event import Event

from .window import Run


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen runs, in order, of how many there are."""

    runs: tuple[Run, ...]
    total: int


def select_runs(
    runs: Sequence[Run],
    events: Sequence[Event],
    alert_ends: Iterable[datetime],
    history: timedelta,
    limit: int,
) -> Selection:
    """Choose at most `limit` runs: boundaries and alerts first, then runs that cover every event.

    A boundary run has an event exactly on its window's start or end or on its history's start. Each
    run that alerts comes with the run before and after it. When the limit is reached, the covering
    runs are thinned evenly.
    """
    if len(runs) <= limit:
        return Selection(tuple(runs), len(runs))
    ends = {run.end: number for number, run in enumerate(runs)}
    chosen: set[int] = set()
    for end in alert_ends:
        number = ends[end]
        chosen.update({max(number - 1, 0), number, min(number + 1, len(runs) - 1)})
    chosen |= _boundaries(runs, ends, events, history)
    covering = sorted(_covering(runs, events) - chosen)
    room = max(limit - len(chosen), 0)
    if len(covering) > room:
        covering = [covering[index * len(covering) // room] for index in range(room)]
    return Selection(tuple(runs[index] for index in sorted(chosen.union(covering))), len(runs))


def _boundaries(
    runs: Sequence[Run], ends: dict[datetime, int], events: Sequence[Event], history: timedelta
) -> set[int]:
    lookback = runs[0].end - runs[0].start
    offsets = (timedelta(0), lookback, history)
    candidates = (event.time + offset for event in events for offset in offsets)
    return {ends[end] for end in candidates if end in ends}


def _covering(runs: Sequence[Run], events: Sequence[Event]) -> set[int]:
    """Choose few runs such that every event is inside the window of one that sees it."""
    chosen: set[int] = set()
    newest = -1
    for event in sorted(events, key=lambda event: event.time):
        first = bisect_left(runs, max(event.time, event.visible), key=lambda run: run.end)
        last = bisect_right(runs, event.time, key=lambda run: run.start) - 1
        if first <= last and not first <= newest <= last:
            newest = last
            chosen.add(last)
    return chosen
