"""Windows of runs.

A run at `end` sees [end - lookback, end] and its history [end - history, end], both ends included, as
Elastic's executor has them. A term is new when first seen strictly after the window's start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from converter.ir import Schedule

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a rule; all times aware UTC."""

    end: datetime
    start: datetime
    """`from`: the window's start."""


def runs_over(schedule: Schedule, first: datetime, last: datetime) -> list[Run]:
    """Return every run whose window touches [first, last], in order.

    Ends are the multiples of the interval since the epoch, so that the grid depends on nothing else.
    """
    number = -((EPOCH - first) // schedule.interval)
    runs: list[Run] = []
    while True:
        end = EPOCH + number * schedule.interval
        if end - schedule.lookback > last:
            return runs
        runs.append(Run(end, end - schedule.lookback))
        number += 1
