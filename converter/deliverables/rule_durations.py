"""Durations as Microsoft's rule files write them: `5m` and .NET's form in YAML, ISO 8601 in JSON."""

from __future__ import annotations

import re
from datetime import timedelta

from converter.errors import InputError

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_SHORT = re.compile(r"(\d+)([mhd])")
_CLOCK = re.compile(r"(?:(\d+)\.)?(\d{2}):(\d{2}):(\d{2})")
_ISO = re.compile(r"P(?=\d|T\d)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def duration(value: object) -> timedelta:
    """Read `5m`, `1h`, `14d` or `1.00:00:00`; ISO durations belong to ARM templates and raise."""
    text = str(value)
    if short := _SHORT.fullmatch(text):
        return timedelta(**{_UNITS[short[2]]: int(short[1])})
    if clock := _CLOCK.fullmatch(text):
        return _length(clock)
    raise InputError(f"duration {text!r} is not valid; write it as 5m, 1h or 14d")


def iso_duration(value: object) -> timedelta:
    """Read an ISO 8601 duration of days, hours, minutes and seconds."""
    text = str(value)
    if iso := _ISO.fullmatch(text):
        return _length(iso)
    raise InputError(f"duration {text!r} is not valid; write it as PT5M, PT1H or P14D")


def short_text(length: timedelta) -> str:
    """Write a duration for YAML, in the largest unit that divides it."""
    minutes = int(length.total_seconds()) // 60
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


def iso_text(length: timedelta) -> str:
    """Write a duration in ISO 8601, in the largest unit that divides it."""
    text = short_text(length).upper()
    return f"P{text}" if text.endswith("D") else f"PT{text}"


def _length(found: re.Match[str]) -> timedelta:
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
