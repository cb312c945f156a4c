"""When an event happened for a rule, and from when on a run can see it.

Instants are whole microseconds since the epoch, UTC: they order, subtract and divide exactly.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from converter.ir import Schedule, Value

from .errors import UndatedEvent, UnseenEvent
from .event import Document, values_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INGESTED = "event.ingested"
_FALLBACK = "@timestamp"
_EARLIEST = -62_135_596_800_000_000
_LATEST = 253_402_300_799_999_999


class EventTimes(NamedTuple):
    """Both times of an event, in microseconds since the epoch."""

    time: int
    """Primary time: the schedule's field, else `@timestamp` where the schedule allows it."""
    visible: int
    """`event.ingested`, else the primary time."""


def instant(value: str | float) -> int | None:
    """Read ISO 8601 text or epoch milliseconds as microseconds since the epoch.

    Text of digits only is epoch milliseconds, text without an offset is UTC, digits behind the
    microseconds are cut off. None for anything else and outside the years 1 to 9999.
    """
    if not isinstance(value, str):
        return _in_range(round(value * 1000))
    if value.isdecimal() and value.isascii():
        return _in_range(int(value) * 1000)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    # As in `microseconds`, without a call: streams read an instant for every matching event.
    delta = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def microseconds(moment: datetime) -> int:
    """Return a moment as microseconds since the epoch; UTC where it has no offset."""
    delta = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def length(span: timedelta) -> int:
    """Return a span in microseconds."""
    return span // timedelta(microseconds=1)


def moment_of(time: int) -> datetime:
    """Return an instant as aware UTC."""
    return EPOCH + timedelta(0, 0, time)


def times_of(document: Document, schedule: Schedule) -> EventTimes:
    """Return both times of an event; of several values of a field the first counts.

    A field that is present but unreadable is an error, it does not fall back. Raises UndatedEvent.
    """
    fields = [schedule.timestamp]
    if schedule.has_fallback and schedule.timestamp != _FALLBACK:
        fields.append(_FALLBACK)
    for field in fields:
        for value in values_of(document, field):
            time = _readable(field, value)
            for ingested in values_of(document, INGESTED):
                return EventTimes(time, _readable(INGESTED, ingested))
            return EventTimes(time, time)
    message = f"event has no {' and no '.join(fields)}; add the time or drop the event"
    if _FALLBACK not in fields and values_of(document, _FALLBACK):
        raise UnseenEvent(message)
    raise UndatedEvent(message)


def _readable(field: str, value: Value) -> int:
    time = None if isinstance(value, bool) else instant(value)
    if time is None:
        raise UndatedEvent(
            f"{field} {value!r} is no time; write ISO 8601 such as 2026-06-01T00:00:00Z"
            " or epoch milliseconds"
        )
    return time


def _in_range(time: int) -> int | None:
    return time if _EARLIEST <= time <= _LATEST else None
