"""Puts events in time: the fields that a schedule reads, and the moments around one run of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from converter.ir import Schedule
from harness.events.time import INGESTED

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AFTER = datetime(2026, 1, 15, 12, tzinfo=UTC)
_OTHER_TIME = timedelta(seconds=40)
"""By how much `@timestamp` precedes a primary time that is another field."""

TICK = timedelta(milliseconds=1)
"""The shortest time that every platform keeps."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One run of a schedule that the events are arranged around."""

    schedule: Schedule

    @property
    def end(self) -> datetime:
        """Return when the run ends."""
        steps = -((_EPOCH - _AFTER) // self.schedule.interval)
        return _EPOCH + steps * self.schedule.interval

    @property
    def start(self) -> datetime:
        """Return where the run's window starts."""
        return self.end - self.schedule.lookback

    def times(self, time: datetime, visible: datetime | None = None) -> dict[str, object]:
        """Return the time fields of an event; it arrives at its primary time unless told otherwise."""
        primary = self.schedule.timestamp
        if primary == "@timestamp":
            return {"@timestamp": written(time), INGESTED: written(visible or time)}
        fields: dict[str, object] = {"@timestamp": written(time - _OTHER_TIME)}
        if primary != INGESTED:
            fields[INGESTED] = written(visible or time)
        fields[primary] = written(time)
        return fields


def written(moment: datetime) -> str:
    """Write a moment as logs do, in milliseconds."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
