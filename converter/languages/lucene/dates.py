"""Dates of a query as the span of time that they name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_DATE = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:T(?:(?P<hour>[0-9]{2})(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})"
    r"(?:[.,](?P<fraction>[0-9]{1,9}))?)?)?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?)?"
)
_STEPS = {
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
    "fraction": timedelta(milliseconds=1),
}


def is_date_math(text: str) -> bool:
    """Say whether the text is relative to the clock or rounds by `||`."""
    return text.startswith("now") or "||" in text


def date_range(text: str) -> tuple[int, int] | None:
    """Return the first millisecond that a date names and the first one behind it.

    `2024-01-02` names a whole day in UTC, and so do `2024-01` and `2024`: their first day (LUCENE-13).
    Digits alone are epoch milliseconds unless they are a year; None for what is no date.
    """
    if re.fullmatch(r"-?[0-9]+", text) and len(text) != 4:
        return int(text), int(text) + 1
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        start = _start(found)
        return _milliseconds(start), _milliseconds(_behind(start, found))
    except (ValueError, OverflowError):
        return None


def _start(found: re.Match[str]) -> datetime:
    def part(name: str, default: int) -> int:
        return int(found[name]) if found[name] else default

    fraction = (found["fraction"] or "").ljust(3, "0")[:3]
    moment = datetime(
        part("year", 1),
        part("month", 1),
        part("day", 1),
        part("hour", 0),
        part("minute", 0),
        part("second", 0),
        int(fraction) * 1000,
    )
    zone = found["zone"]
    if zone in (None, "Z"):
        return moment.replace(tzinfo=UTC)
    return datetime.fromisoformat(f"{moment.isoformat()}{zone}").astimezone(UTC)


def _behind(start: datetime, found: re.Match[str]) -> datetime:
    """Return the moment behind the named unit; a missing month or day is the first, a unit never."""
    unit = next((name for name in reversed(_STEPS) if found[name]), "day")
    return start + _STEPS[unit]


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
