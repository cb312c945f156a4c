"""When a rule runs and which span of time each run sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Schedule:
    """A run at `end` sees the window [end - lookback, end], both ends included.

    `timestamp` names the primary time field; an event that lacks it is judged by `@timestamp`,
    unless `has_fallback` is false.
    """

    interval: timedelta = timedelta(minutes=5)
    lookback: timedelta = timedelta(minutes=6)
    timestamp: str = "@timestamp"
    has_fallback: bool = True
