"""Which runs an event concerns, by its time.

Time is counted in runs of the schedule's grid: run `n` ends at `n` intervals since the epoch.
"""

from __future__ import annotations

from converter.ir import Schedule
from harness.events.time import instant, length

Runs = tuple[int, int, int, int]
"""An instant, the first run that ends at or after it, and the last whose window and whose history has it.

The window's start is left out: a term that is first seen there is not new.
"""

_MINUTE = 60_000_000
_UTC = ("Z", "+00:00")
_MINUTES = 1 << 12
_ENDINGS = 1 << 16


class RunClock:
    """Reads times as runs. `read` is exact for every text; it remembers parts of those that it read.

    Where the schedule is made of whole minutes, all instants strictly inside a minute concern the same
    runs, so that a text such as 2026-06-01T00:01:30.5Z needs two look-ups: `2026-06-01T00:01:` gives the
    runs, `30.5Z` the rest of the instant. Both memories are bounded, together by some 12 MB.
    """

    def __init__(self, schedule: Schedule, history: int) -> None:
        lookback = length(schedule.lookback)
        self._interval = length(schedule.interval)
        self._history = history
        self._reach = min(lookback - 1, history)
        self._has_whole_minutes = not any(
            span % _MINUTE for span in (self._interval, lookback, history)
        )
        self._minutes: dict[str, Runs] = {}
        self._endings: dict[str, int] = {}

    def runs_of(self, time: int) -> Runs:
        """Return the runs that an instant concerns."""
        interval = self._interval
        return (
            time,
            -(-time // interval),
            (time + self._reach) // interval,
            (time + self._history) // interval,
        )

    def read(self, text: str) -> Runs | None:
        """Read ISO 8601 text or epoch milliseconds; None where it is neither."""
        minute, ending = self._minutes.get(text[:17]), self._endings.get(text[17:])
        if minute is not None and ending is not None:
            start, first, last, until = minute
            return start + ending, first, last, until
        time = instant(text)
        if time is None:
            return None
        runs = self.runs_of(time)
        if self._has_whole_minutes:
            self._remember(text, runs)
        return runs

    def _remember(self, text: str, runs: Runs) -> None:
        minute, ending = text[:17], text[17:]
        time, first, last, until = runs
        inside = time % _MINUTE
        # Exactly on a minute other runs may begin and end; with an offset the parts do not add up.
        if not inside or text[13:17:3] != "::" or not ending.endswith(_UTC):
            return
        if len(self._minutes) == _MINUTES:
            self._minutes.clear()
        self._minutes[minute] = (time - inside, first, last, until)
        if len(self._endings) < _ENDINGS:
            self._endings[ending] = inside
